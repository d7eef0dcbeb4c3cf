"""Excel workbooks (.xlsx) to tables of rows, and protection from those made to do harm."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from cohorts.roster.columns import HEADER_WITHIN, Line, Table, Unreadable, recognised, table

MOST_UNPACKED = 64 * 1024 * 1024
MOST_PARTS = 1_000
MOST_COLUMNS = 100
MOST_ROWS_ANNOUNCED = 50_000
_TOGETHER = 500


class Formula(str):
    """A cell that Excel computes: what it says depends on where it is opened."""


def inspect(content: bytes) -> None:
    """Refuse, before anything is unpacked, what is no workbook or unpacks to far too much.

    The sizes in a ZIP directory bind: no part is ever unpacked beyond what it announces.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            declared = any(
                b"<!DOCTYPE" in packed.open(part).read(1000)
                for part in parts[:MOST_PARTS]
                if part.filename.endswith((".xml", ".rels"))
            )
    except Exception as error:  # a damaged archive raises almost anything
        raise damaged() from error
    if "xl/workbook.xml" not in names:
        raise Unreadable(
            _(
                "This is not a spreadsheet we can read. Save it as CSV or as an Excel workbook "
                "(.xlsx) and choose that file"
            )
        )
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise Unreadable(
            _(
                "This Excel file unpacks to more than 64 MB. Copy the roster alone to a new "
                "workbook and choose that file"
            )
        )
    if declared:
        raise damaged()


def damaged() -> Unreadable:
    return Unreadable(
        _("This Excel file is damaged. Open it in Excel, save it again and choose the new file")
    )


def read(content: bytes) -> Table:
    """The table on the first sheet that has a header, else what is wrong with the first sheet."""
    with _quietly():
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
            sheets = book.worksheets
            likeliest = max(sheets, key=_names_found, default=None)
            announced = likeliest.max_row if likeliest else None
        except Exception as error:  # openpyxl raises almost anything for a damaged file
            raise damaged() from error
    if likeliest is None:
        raise Unreadable(_("The file is empty. Choose one with a row for each person"))
    total = announced if announced and announced <= MOST_ROWS_ANNOUNCED else None
    found = table(_lines(likeliest), total=total)
    found.epoch = book.epoch
    return found


def _quietly() -> warnings.catch_warnings:
    """Openpyxl warns about much that does not matter to a roster."""
    return warnings.catch_warnings(action="ignore")


def _names_found(sheet: Any) -> int:
    first = sheet.iter_rows(max_row=HEADER_WITHIN, max_col=MOST_COLUMNS, values_only=True)
    return max((recognised(str(cell) for cell in cells if cell) for cells in first), default=0)


def _lines(sheet: Any) -> Iterator[Line]:
    """The rows of `sheet`. Its announced size is not believed, and no row is widened to it."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1)
    while True:
        with _quietly():
            try:
                together = [
                    Line(number, _texts(cells)) for number, cells in islice(rows, _TOGETHER)
                ]
            except Exception as error:  # as above, now in the middle of the sheet
                raise damaged() from error
        if not together:
            return
        yield from together


def _texts(cells: tuple[Any, ...]) -> list[str]:
    """What the cells say, without the empty ones at the end of the row."""
    texts = [_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """What one cell says: dates as ISO dates, whole numbers without a decimal point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return Formula(value) if cell.data_type == "f" else value
    if cell.data_type == "f":
        return Formula(getattr(value, "text", None) or "=")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and re.fullmatch("0+", cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    return str(value)
