"""What is logged of an error: what kind, which rule and where. Never the words of a person.

PostgreSQL quotes the whole row in what it says about one, so what it says is left out.
"""

import copy
import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

import psycopg2
from django.db.utils import Error

_DATABASE_ERRORS = (Error, psycopg2.Error)


class Formatter(logging.Formatter):
    """Lines as ever, but of a database error only its class, its code and its constraint."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # another handler may have written it down with every word
        errors = _database_errors(record)
        record.msg, record.args = _without_words(record.getMessage(), errors), None
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return "".join(_lines(ei[1], set())).rstrip("\n") if ei[1] else ""


def write_uncaught(
    kind: type[BaseException], error: BaseException, came_by: TracebackType | None
) -> None:
    """What a command says when it dies: a `sys.excepthook`."""
    sys.stderr.write(Formatter().formatException((kind, error, came_by)) + "\n")


def _lines(error: BaseException, written: set[int]) -> Iterator[str]:
    """A traceback, after those of the errors that led to it."""
    written.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in written:
        yield from _lines(before, written)
        yield "\nThis led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    if isinstance(error, _DATABASE_ERRORS):
        yield f"{_name(error)}\n"
    else:
        words = "".join(traceback.format_exception_only(error))
        yield _without_words(words, [one for one in _family(error) if one is not error])


def _name(error: BaseException) -> str:
    """`IntegrityError (23514, check_in_has_a_score)`; why, where there is no server to say it."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    said = error if isinstance(error, psycopg2.Error) else error.__cause__
    if not isinstance(said, psycopg2.Error):
        return name
    if said.pgcode is None and isinstance(said, psycopg2.OperationalError):
        return f"{name}: {str(said).partition(chr(10))[0]}"
    facts = [fact for fact in (said.pgcode, said.diag.constraint_name) if fact]
    return f"{name} ({', '.join(facts)})" if facts else name


def _database_errors(record: logging.LogRecord) -> list[BaseException]:
    """Those that a record is about, or mentions."""
    about = [record.exc_info[1]] if record.exc_info else []
    args = record.args.values() if isinstance(record.args, dict) else record.args or ()
    mentioned = [arg for arg in args if isinstance(arg, BaseException)]
    return [one for error in [*about, *mentioned] if error for one in _family(error)]


def _family(error: BaseException) -> list[BaseException]:
    """The error, and all those that it came from or came after, however well hidden."""
    found: dict[int, BaseException] = {}
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in found:
            found[id(one)] = one
            waiting += [one.__cause__, one.__context__]
    return list(found.values())


def _without_words(text: str, errors: list[BaseException]) -> str:
    """`text`, in which others may have put what a database error says."""
    for error in errors:
        if isinstance(error, _DATABASE_ERRORS):
            for words in (repr(error), str(error), str(error).strip()):
                text = text.replace(words, _name(error)) if words else text
    return text
