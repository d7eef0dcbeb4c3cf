"""Any file to a table of rows: which kind it is, its encoding, its delimiter."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _

from cohorts.roster import workbook
from cohorts.roster.columns import Line, Table, Unreadable, recognised, table

__all__ = ["LARGEST_FILE", "Unreadable", "glance", "read"]

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 50_000
DELIMITERS = ",;\t|"
_END = "\x1aend of the file\x1a"  # stands behind the last row while it is read

_ZIP = b"PK\x03\x04"
_OLD_OR_LOCKED_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OLD_ONES = ("cp1252", "mac_roman")
# What text never holds, but for a sign or two that somebody pasted.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read(content: bytes) -> Table:
    """The table in `content`, whatever its clothes.

    Rows come one by one. Raises Unreadable, at once or while the rows are read, with a sentence
    that says what to do.
    """
    found = workbook.read(content) if recognise_kind(content) == "xlsx" else _delimited(content)
    found.lines = _few_enough(found.lines)
    return found


def glance(content: bytes) -> None:
    """Raise Unreadable for what can be seen at once, so that the form itself can say so.

    A workbook is only unpacked by a worker: here no more than its directory is looked at.
    """
    if recognise_kind(content) == "csv":
        next(_delimited(content).lines)


def recognise_kind(content: bytes) -> str:
    """Whether `content` is "xlsx" or "csv", by its first bytes. Raises Unreadable for others."""
    if len(content) > LARGEST_FILE:
        raise Unreadable(
            _("The file is larger than 10 MB. Split it and import the parts one after the other")
        )
    if not content.strip():
        raise Unreadable(_("The file is empty. Choose one with a row for each person"))
    if content.startswith(_OLD_OR_LOCKED_EXCEL):
        raise Unreadable(
            _(
                "This Excel file is of an older kind or has a password. Save it as an Excel "
                "workbook (.xlsx) without a password and choose that file"
            )
        )
    if content.startswith(_ZIP):
        workbook.inspect(content)
        return "xlsx"
    return "csv"


def _few_enough(lines: Iterator[Line]) -> Iterator[Line]:
    """Stop at a number of rows that no programme has."""
    for count, line in enumerate(lines):
        if count == MOST_ROWS:
            raise Unreadable(
                _("The file has more than 50,000 rows. Split it and import the parts one by one")
            )
        yield line


def _delimited(content: bytes) -> Table:
    """The table in a text file."""
    text = _decoded(content)
    first, _line_end, rest = text.partition("\n")
    announced = re.fullmatch(r"sep=(.)\r?", first)
    if announced:
        # Excel's own way to name the delimiter; it shows the line to nobody and counts without it.
        lines, total = _records(rest, announced[1])
        return table(lines, total=total)
    delimiter = max(DELIMITERS, key=lambda sign: _names_found(text, sign))
    lines, total = _records(text, delimiter)
    return table(lines, total=total)


def _decoded(content: bytes) -> str:
    """The text of `content`. Raises Unreadable for what is not text."""
    text = _in_its_encoding(content)
    if text is None or "\x00" in text or 20 * len(_NOT_TEXT.findall(text)) > len(text):
        raise Unreadable(
            _(
                "This is not a spreadsheet. Save it as CSV or as an Excel workbook (.xlsx) and "
                "choose that file"
            )
        )
    return text


def _in_its_encoding(content: bytes) -> str | None:
    """Decode by byte-order mark, then as UTF-8, then as UTF-16, then the old ways."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode(content, encoding)
    text = _decode(content, "utf-8")
    if text is not None and "\x00" not in text:
        return text
    sample = content[:2000]
    for encoding, blank in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if blank.count(0) > len(blank) * 0.6:
            return _decode(content, encoding)
    return max(
        (text for encoding in _OLD_ONES if (text := _decode(content, encoding)) is not None),
        key=_likeness,
    )


def _likeness(text: str) -> int:
    """How much this looks like names: how many accents and apostrophes stand where they may.

    Windows-1252 and Mac Roman each decode nearly anything. Libraries that guess from the letters'
    frequency take one for the other when accents are as rare as they are in a staff list.
    """
    fitting = 0
    for found in islice(re.finditer(r"[^\x00-\x7f]", text), 2000):
        start, end = found.span()
        sign, before, after = found[0], text[max(0, start - 1) : start], text[end : end + 1]
        if sign == "’":
            fitting += 2 * (before.isalpha() and (after.isupper() or after == "s"))
        elif sign.islower():
            fitting += before.isalpha()
        elif sign.isupper():
            fitting += not before.isalpha() or (before.isupper() and not after.islower())
    return fitting


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _names_found(text: str, delimiter: str) -> int:
    """How many of our columns the likeliest header names, when cells end at `delimiter`."""
    reader = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=delimiter)
    try:
        return max((recognised(cells) for cells in islice(reader, 20)), default=0)
    except csv.Error:
        return 0


def _records(text: str, delimiter: str) -> tuple[Iterator[Line], int]:
    """The records of `text` with their numbers, and about how many there are."""
    whole = f"{text}{_END}" if text.endswith(("\n", "\r")) else f"{text}\n{_END}"
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    return _lines(reader), max(text.count("\n"), text.count("\r"))


def _lines(reader: Iterator[list[str]]) -> Iterator[Line]:
    """What `reader` reads. A quotation mark that is left open would swallow all that follows."""
    number = 0
    sentence = _("Row %(row)s cannot be read. Look for a quotation mark that is not closed")
    try:
        for number, cells in enumerate(reader, 1):
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise Unreadable(sentence % {"row": number})
            yield Line(number, cells)
    except csv.Error as error:
        raise Unreadable(sentence % {"row": number + 1}) from error
