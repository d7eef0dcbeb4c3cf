"""Rosters to take away: the empty template, and refused rows with their reasons."""

import re
from collections.abc import Iterable

import tablib
from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cohorts.roster.columns import COLUMNS, REASON
from cohorts.roster_models import RosterImport, RosterImportRow

LARGEST_WORKBOOK = 5_000  # rows that are written to .xlsx within a second; CSV holds any number

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NOT_IN_A_WORKBOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def template(kind: str) -> HttpResponse:
    """A roster with its header and nobody in it."""
    return _file(tablib.Dataset(headers=COLUMNS), kind, "roster-template")


def refused(roster_import: RosterImport, kind: str) -> HttpResponse:
    """The rows that were refused, as they stand in the file, each with its reasons at the end.

    The reasons are ignored when the mended file is imported.
    """
    if kind == "xlsx" and roster_import.refused > LARGEST_WORKBOOK:
        raise Http404
    header = [cell for cell in roster_import.header if cell.strip().casefold() != REASON]
    kept = [
        position
        for position, cell in enumerate(roster_import.header)
        if cell.strip().casefold() != REASON
    ]
    table = tablib.Dataset(headers=[harmless(cell) for cell in header] + [REASON])
    rows = roster_import.rows.filter(outcome=RosterImportRow.Outcome.REFUSED).order_by("number")
    for row in rows.iterator():
        cells = [row.cells[place] if place < len(row.cells) else "" for place in kept]
        table.append([harmless(cell) for cell in [*cells, _reasons(row.details)]])
    stem = slugify(roster_import.file_name.rpartition(".")[0]) or "roster"
    return _file(table, kind, f"{stem}-to-mend")


def harmless(cell: str) -> str:
    """The cell as text: what a spreadsheet would compute is given an apostrophe in front."""
    text = _NOT_IN_A_WORKBOOK.sub(" ", cell)
    return f"'{text}" if len(text) > 1 and text.lstrip()[:1] in tuple("=+-@") else text


def _reasons(details: Iterable[tuple[str, str, str]]) -> str:
    return "; ".join(
        f"{column}: {advice}" if column else advice for column, _value, advice in details
    )


def _file(table: tablib.Dataset, kind: str, stem: str) -> HttpResponse:
    """`table` as a download; CSV begins with the mark that tells Excel it is UTF-8."""
    if kind not in _TYPES:
        raise Http404
    if kind == "csv":
        body = b"\xef\xbb\xbf" + table.export("csv").encode()
    else:
        table.title = _("Roster")
        body = table.export("xlsx")
    response = HttpResponse(body, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    return response
