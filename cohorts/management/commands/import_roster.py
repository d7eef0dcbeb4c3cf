"""Import a roster from the command line."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cohorts import roster
from cohorts.roster import Outcome
from peersupport.accounts.models import Organisation

COUNTED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REFUSED)


class Command(BaseCommand):
    """Create and update people from a CSV or Excel file; refuse rows that cannot be read.

    Exit 0 when every row was taken, 1 when any was refused, 2 when nothing could be done at all.
    """

    help = "Create and update people from a staff roster (CSV or .xlsx)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the roster, CSV or .xlsx")
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be, write nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="write nothing when any row is refused"
        )

    def handle(self, *, file: Path, organisation: str, **options: Any) -> None:
        where = _organisation(organisation)
        try:
            with timezone.override(where.zone):
                outcome = _import(roster.plan(roster.read(_content(file)), where), **options)
        except roster.Unreadable as unreadable:
            raise CommandError(f"{file.name}: {unreadable}.", returncode=2) from unreadable
        self.stdout.write(json.dumps(outcome, indent=2) if options["json"] else _in_words(outcome))
        if outcome["refused"]:
            sys.exit(1)


def _organisation(slug: str) -> Organisation:
    try:
        return Organisation.objects.get(slug=slug)
    except Organisation.DoesNotExist as error:
        known = ", ".join(Organisation.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(
            f"There is no organisation {slug}. There is: {known or 'none yet'}.", returncode=2
        ) from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be opened: {error.strerror}.", returncode=2) from error


def _import(
    plan: roster.Plan, *, dry_run: bool, all_or_nothing: bool, **_options: Any
) -> dict[str, Any]:
    """What came of the file, or would come of it; written unless told otherwise."""
    if dry_run:
        return {**_outcome(plan, plan), "written": False}
    if not all_or_nothing:
        return {**_outcome(plan, roster.apply(plan, by=None)), "written": True}
    with transaction.atomic():
        outcome = _outcome(plan, roster.apply(plan, by=None))
        written = not outcome["refused"]
        transaction.set_rollback(not written)
    return {**outcome, "written": written}


def _outcome(plan: roster.Plan, chunks: Iterable[list[roster.Decision]]) -> dict[str, Any]:
    """Counts and refusals, once every row has been decided."""
    counts: Counter[str] = Counter()
    refusals = []
    for decisions in chunks:
        counts.update(decision.outcome for decision in decisions)
        refusals += [
            {
                "row": decision.line.number,
                "column": refusal.column,
                "value": refusal.value,
                "what_to_do": refusal.advice,
            }
            for decision in decisions
            for refusal in decision.refusals
        ]
    return {
        **{outcome.value: counts[outcome] for outcome in COUNTED},
        "missing": len(plan.missing()),
        "refusals": refusals,
    }


def _in_words(outcome: dict[str, Any]) -> str:
    lines = [f"{counted}: {outcome[counted]}" for counted in COUNTED]
    lines += [
        f'Row {refusal["row"]}, {refusal["column"] or "whole row"}, "{refusal["value"]}": '
        f"{refusal['what_to_do']}"
        for refusal in outcome["refusals"]
    ]
    if outcome["missing"]:
        lines.append(f"In the programme but not in the file, and not changed: {outcome['missing']}")
    if not outcome["written"]:
        lines.append("Nothing has been written.")
    return "\n".join(lines)
