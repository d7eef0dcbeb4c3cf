"""What an instrument is, and how the answers to one make a score."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from django.utils.translation import get_language

DEFAULT_LANGUAGE = "en-gb"
HUNDREDTH = Decimal("0.01")


class ImpossibleAnswers(ValueError):
    """The instrument cannot have been answered like this; the message says why."""


@dataclass(frozen=True)
class Band:
    """A name for a stretch of scores. The first whose bound holds is the one."""

    name: str
    at_most: Decimal | None = None
    below: Decimal | None = None
    at_least: Decimal | None = None

    def holds(self, score: Decimal) -> bool:
        return (
            (self.at_most is None or score <= self.at_most)
            and (self.below is None or score < self.below)
            and (self.at_least is None or score >= self.at_least)
        )


def band_of(score: Decimal, bands: tuple[Band, ...]) -> str | None:
    """The name of the first band that holds, or None where the publisher names none."""
    return next((band.name for band in bands if band.holds(score)), None)


def shown(score: Decimal) -> int:
    """A score as pages show it: whole, halves upwards."""
    return int(score.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class Response:
    """The answers one may give: whole numbers from `lowest` to `highest`, `step` apart."""

    lowest: int
    highest: int
    step: int = 1

    @property
    def values(self) -> range:
        return range(self.lowest, self.highest + 1, self.step)

    def reverse(self, answer: int) -> int:
        return self.lowest + self.highest - answer


@dataclass(frozen=True)
class Item:
    """One question's part in the score. `bands` are for instruments read item by item."""

    key: str
    is_reversed: bool = False
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Question:
    """One item in words, and what the two ends of its scale mean."""

    words: str
    low: str
    high: str


@dataclass(frozen=True)
class Rule:
    """How a score is made of answers, once reversed items are turned round.

    `table` turns each possible sum, from the lowest up, into the published score.
    """

    kind: Literal["sum", "mean", "none"]
    multiplier: Decimal = Decimal(1)
    minimum_answered: int = 0
    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(0)
    table: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Turned:
    """The same score published the other way round, with its own bands."""

    name: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Result:
    """What a set of answers comes to. Without a score too few were answered, or none exists."""

    score: Decimal | None
    band: str | None = None
    turned: "Result | None" = None
    item_bands: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Instrument:
    """A set of questions with a published scoring rule."""

    key: str
    name: str
    version: int
    higher_is: Literal["better", "worse"]
    interval_days: int
    source: str
    licence: str
    response: Response
    rule: Rule
    items: tuple[Item, ...]
    bands: tuple[Band, ...] = ()
    turned: Turned | None = None
    meaningful_change: Decimal | None = None
    wording: Mapping[str, Mapping[str, Question]] | None = None

    def question(self, key: str) -> Question:
        """The item `key` in the reader's language, else in English. Only with a wording."""
        assert self.wording is not None
        languages = self.wording
        return languages.get(get_language() or "", languages[DEFAULT_LANGUAGE])[key]

    def score(self, answers: Mapping[str, int]) -> Result:
        """Score `answers`, by item key; a question that was skipped is left out.

        Scores have two decimals, halves rounded up. Raises ImpossibleAnswers.
        """
        self._check(answers)
        score = self._score(answers)
        return Result(
            score=score,
            band=None if score is None else band_of(score, self.bands),
            turned=None if score is None else self._turn(score),
            item_bands={
                item.key: band_of(Decimal(answers[item.key]), item.bands)
                for item in self.items
                if item.bands and item.key in answers
            },
        )

    def _turn(self, score: Decimal) -> Result | None:
        if self.turned is None:
            return None
        turned = self.rule.lowest + self.rule.highest - score
        return Result(turned, band_of(turned, self.turned.bands))

    def _check(self, answers: Mapping[str, int]) -> None:
        for key in answers.keys() - {item.key for item in self.items}:
            raise ImpossibleAnswers(f"{self.name} has no item {key!r}")
        for answer in answers.values():
            if isinstance(answer, bool) or answer not in self.response.values:
                raise ImpossibleAnswers(f"{answer} is not one of {self.possible_answers}")

    def _score(self, answers: Mapping[str, int]) -> Decimal | None:
        rule, response = self.rule, self.response
        if rule.kind == "none" or not answers or len(answers) < rule.minimum_answered:
            return None
        turned = [
            response.reverse(answers[item.key]) if item.is_reversed else answers[item.key]
            for item in self.items
            if item.key in answers
        ]
        total = sum(turned)
        if rule.table:
            return rule.table[(total - len(turned) * response.lowest) // response.step]
        value = Decimal(total) if rule.kind == "sum" else Decimal(total) / len(turned)
        return (value * rule.multiplier).quantize(HUNDREDTH, ROUND_HALF_UP)

    @property
    def possible_answers(self) -> str:
        """The answers in words: "0 to 10", or "0, 25, 50, 75, 100"."""
        if self.response.step == 1:
            return f"{self.response.lowest} to {self.response.highest}"
        return ", ".join(str(value) for value in self.response.values)

    @property
    def rule_in_words(self) -> str:
        """The rule as one line for people."""
        rule, items = self.rule, len(self.items)
        if rule.kind == "none":
            return "each item by itself, no score"
        steps = [
            rule.kind + (f" × {rule.multiplier}" if rule.multiplier != 1 else ""),
            *(["then the published table"] if rule.table else []),
            f"{rule.minimum_answered} of {items} answers needed",
            f"{rule.lowest} to {rule.highest}, higher is {self.higher_is}",
        ]
        return "; ".join(steps)
