"""The instruments there are, each read from a TOML file in `checkins/instruments/`.

A definition is checked as a whole when it is read, so that one which contradicts itself never
scores anybody. Adding one takes no code.
"""

import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from checkins.scoring import (
    DEFAULT_LANGUAGE,
    Band,
    Instrument,
    Item,
    Question,
    Response,
    Rule,
    Turned,
)

FOLDER = Path(__file__).parent / "instruments"
Table = Mapping[str, Any]
# What the column that keeps scores can hold.
LEAST, MOST = Decimal(0), Decimal(100)


class DefinitionError(ValueError):
    """A definition that cannot be used; the message says where and why."""


class NoSuchInstrument(LookupError):
    """No definition has this name."""


@cache
def names() -> tuple[str, ...]:
    """The names of all instruments, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def get(key: str) -> Instrument:
    """The instrument `key`. Raises NoSuchInstrument, or DefinitionError when its file is wrong."""
    if key not in names():
        raise NoSuchInstrument(f"There is no instrument {key!r}; there are {', '.join(names())}")
    return read(FOLDER / f"{key}.toml")


def read(path: Path) -> Instrument:
    """Read and check one definition. Raises DefinitionError with the file's name in front."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return _instrument(path.stem, table)
    except tomllib.TOMLDecodeError as problem:
        raise DefinitionError(f"{path.name}: is not TOML: {problem}") from problem
    except DefinitionError as problem:
        raise DefinitionError(f"{path.name}: {problem}") from problem


def _instrument(key: str, table: Table) -> Instrument:
    _only(
        table,
        {"name", "version", "higher_is", "interval_days", "meaningful_change", "source", "licence"}
        | {"response", "score", "items", "bands", "turned", "wording"},
        "the definition",
    )
    response = _response(_part(table, "response"))
    items = tuple(_item(item) for item in _rows(table, "items"))
    _check_items(items)
    rule = _rule(_part(table, "score"), response=response, items=len(items))
    change = table.get("meaningful_change")
    return Instrument(
        key=key,
        name=_words(table, "name", "the definition"),
        version=_whole(table, "version", "the definition", least=1),
        higher_is=_one_of(table, "higher_is", ("better", "worse"), "the definition"),
        interval_days=_whole(table, "interval_days", "the definition", least=1),
        source=_words(table, "source", "the definition"),
        licence=_words(table, "licence", "the definition"),
        response=response,
        rule=rule,
        items=items,
        bands=_bands(table.get("bands", []), "bands"),
        turned=_turned(table["turned"]) if "turned" in table else None,
        meaningful_change=None if change is None else Decimal(change),
        wording=_wording(table["wording"], items) if "wording" in table else None,
    )


def _response(table: Table) -> Response:
    _only(table, {"lowest", "highest", "step"}, "response")
    lowest = _whole(table, "lowest", "response")
    highest = _whole(table, "highest", "response")
    step = _whole({"step": 1, **table}, "step", "response", least=1)
    if lowest >= highest:
        raise DefinitionError("response: lowest must be below highest")
    if (highest - lowest) % step:
        raise DefinitionError(f"response: steps of {step} do not lead from {lowest} to {highest}")
    return Response(lowest, highest, step)


def _item(table: Table) -> Item:
    key = _words(table, "key", "items")
    _only(table, {"key", "reversed", "bands"}, f"item {key}")
    is_reversed = table.get("reversed", False)
    if not isinstance(is_reversed, bool):
        raise DefinitionError(f"item {key}: reversed must be true or false")
    return Item(key, is_reversed, _bands(table.get("bands", []), f"item {key}"))


def _check_items(items: tuple[Item, ...]) -> None:
    if not items:
        raise DefinitionError("items: there must be at least one")
    keys = [item.key for item in items]
    for key in keys:
        if keys.count(key) > 1:
            raise DefinitionError(f"item {key}: appears more than once")


def _rule(table: Table, *, response: Response, items: int) -> Rule:
    _only(table, {"rule", "multiplier", "minimum_answered", "lowest", "highest", "table"}, "score")
    kind = _one_of(table, "rule", ("sum", "mean", "none"), "score")
    if kind == "none":
        if len(table) > 1:
            raise DefinitionError("score: a rule of none takes nothing else")
        return Rule("none")
    rule = Rule(
        kind,
        multiplier=_number({"multiplier": 1, **table}, "multiplier"),
        minimum_answered=_whole(table, "minimum_answered", "score", least=1),
        lowest=_number(table, "lowest"),
        highest=_number(table, "highest"),
        table=tuple(Decimal(value) for value in table.get("table", [])),
    )
    _check_rule(rule, response=response, items=items)
    return rule


def _check_rule(rule: Rule, *, response: Response, items: int) -> None:
    """The rule must reach exactly the range that the definition promises."""
    if rule.minimum_answered > items:
        raise DefinitionError(f"score: minimum_answered is more than the {items} items")
    if rule.kind == "sum" and rule.minimum_answered != items:
        raise DefinitionError("score: a sum needs every item answered")
    if not LEAST <= rule.lowest < rule.highest <= MOST:
        raise DefinitionError(f"score: lowest to highest must lie within {LEAST} to {MOST}")
    if rule.table:
        _check_table(rule, response=response, items=items)
        return
    times = rule.multiplier * (items if rule.kind == "sum" else 1)
    for name, promised, reached in (
        ("lowest", rule.lowest, response.lowest * times),
        ("highest", rule.highest, response.highest * times),
    ):
        if promised != reached:
            raise DefinitionError(f"score: {name} is {promised}, but the answers reach {reached}")


def _check_table(rule: Rule, *, response: Response, items: int) -> None:
    sums = items * (response.highest - response.lowest) // response.step + 1
    if rule.kind != "sum" or rule.multiplier != 1:
        raise DefinitionError("score: a table goes with a sum and no multiplier")
    if len(rule.table) != sums:
        raise DefinitionError(f"score: the table has {len(rule.table)} values for {sums} sums")
    if list(rule.table) != sorted(set(rule.table)):
        raise DefinitionError("score: the table's values must rise")
    if (rule.table[0], rule.table[-1]) != (rule.lowest, rule.highest):
        raise DefinitionError("score: the table must run from lowest to highest")


def _bands(rows: Any, where: str) -> tuple[Band, ...]:
    bands = tuple(_band(row, where) for row in rows)
    uppers = [bound for band in bands if (bound := band.at_most or band.below) is not None]
    if uppers != sorted(set(uppers)):
        raise DefinitionError(f"{where}: the bounds must rise")
    for band in bands[:-1]:
        if band.at_most is None and band.below is None:
            raise DefinitionError(f"{where}: {band.name} hides the bands after it")
    return bands


def _band(table: Table, where: str) -> Band:
    name = _words(table, "name", where)
    _only(table, {"name", "at_most", "below", "at_least"}, f"{where}: {name}")
    bounds = {key: Decimal(value) for key, value in table.items() if key != "name"}
    if len(bounds) > 1:
        raise DefinitionError(f"{where}: {name} needs one bound, not {len(bounds)}")
    return Band(name, **bounds)


def _turned(table: Table) -> Turned:
    _only(table, {"name", "bands"}, "turned")
    return Turned(_words(table, "name", "turned"), _bands(table.get("bands", []), "turned"))


def _wording(table: Table, items: tuple[Item, ...]) -> Mapping[str, Mapping[str, Question]]:
    if DEFAULT_LANGUAGE not in table:
        raise DefinitionError(f"wording: there is none in {DEFAULT_LANGUAGE}")
    wanted = {item.key for item in items}
    for language, questions in table.items():
        if questions.keys() != wanted:
            raise DefinitionError(f"wording: {language} must word each item once")
    return {
        language: {
            key: _question(question, f"wording of {key}") for key, question in questions.items()
        }
        for language, questions in table.items()
    }


def _question(table: Table, where: str) -> Question:
    _only(table, {"question", "low", "high"}, where)
    return Question(
        _words(table, "question", where), _words(table, "low", where), _words(table, "high", where)
    )


def _only(table: Table, known: Collection[str], where: str) -> None:
    for name in table:
        if name not in known:
            raise DefinitionError(f"{where}: {name} is not known here")


def _part(table: Table, name: str) -> Table:
    part = table.get(name)
    if not isinstance(part, dict):
        raise DefinitionError(f"{name}: is missing")
    return part


def _rows(table: Table, name: str) -> list[Table]:
    rows = table.get(name)
    if not isinstance(rows, list):
        raise DefinitionError(f"{name}: is missing")
    return rows


def _words(table: Table, name: str, where: str) -> str:
    words = table.get(name)
    if not isinstance(words, str) or not words.strip():
        raise DefinitionError(f"{where}: {name} must be words")
    return words


def _whole(table: Table, name: str, where: str, *, least: int | None = None) -> int:
    number = table.get(name)
    if not isinstance(number, int) or isinstance(number, bool):
        raise DefinitionError(f"{where}: {name} must be a whole number")
    if least is not None and number < least:
        raise DefinitionError(f"{where}: {name} must be {least} or more")
    return number


def _number(table: Table, name: str) -> Decimal:
    number = table.get(name)
    if not isinstance(number, int | Decimal) or isinstance(number, bool):
        raise DefinitionError(f"score: {name} must be a number")
    return Decimal(number)


def _one_of(table: Table, name: str, choices: Collection[str], where: str) -> Any:
    if (choice := table.get(name)) not in choices:
        raise DefinitionError(f"{where}: {name} must be one of {', '.join(choices)}")
    return choice
