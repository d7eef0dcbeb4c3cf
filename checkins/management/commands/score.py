"""Prints the published score of a set of answers."""

import json
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checkins import instruments
from checkins.instruments import NoSuchInstrument
from checkins.scoring import ImpossibleAnswers, Instrument, Result


def answered(instrument: Instrument, words: list[str]) -> dict[str, int]:
    """The answers by item, in the instrument's order; "-" is a question that was skipped."""
    if len(words) != len(instrument.items):
        raise ImpossibleAnswers(
            f"{instrument.name} has {len(instrument.items)} items, but {len(words)} were answered"
        )
    try:
        return {
            item.key: int(word)
            for item, word in zip(instrument.items, words, strict=True)
            if word != "-"
        }
    except ValueError as problem:
        raise ImpossibleAnswers(f"Answers are numbers, {instrument.possible_answers}") from problem


def as_facts(instrument: Instrument, result: Result) -> dict[str, Any]:
    """The result as JSON holds it."""
    facts: dict[str, Any] = {
        "instrument": instrument.key,
        "version": instrument.version,
        "score": _number(result.score),
        "band": result.band,
        "rule": instrument.rule_in_words,
    }
    if instrument.turned is not None and result.turned is not None:
        facts[instrument.turned.name.lower()] = {
            "score": _number(result.turned.score),
            "band": result.turned.band,
        }
    if result.item_bands:
        facts["items"] = dict(result.item_bands)
    return facts


def _number(score: Decimal | None) -> float | None:
    return None if score is None else float(score)


class Command(BaseCommand):
    """manage.py score INSTRUMENT ANSWER… [--json]"""

    requires_system_checks: list[str] = []
    help = "Scores answers in the published coding. Write - for a question that was skipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("instrument", metavar="INSTRUMENT")
        parser.add_argument("answers", metavar="ANSWER", nargs="+")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            instrument = instruments.get(options["instrument"])
            result = instrument.score(answered(instrument, options["answers"]))
        except (NoSuchInstrument, ImpossibleAnswers) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        facts = as_facts(instrument, result)
        self.stdout.write(
            json.dumps(facts, ensure_ascii=False) if options["json"] else lines(facts)
        )


def lines(facts: dict[str, Any]) -> str:
    """The result for people, one fact a line."""
    return "\n".join(f"{name}: {_words(value)}" for name, value in facts.items())


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    return "none" if value is None else str(value)
