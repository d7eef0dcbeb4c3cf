"""Roster files for tests, in the clothes people really bring."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook

from cohorts import roster
from cohorts.roster.columns import COLUMNS
from peersupport.accounts.models import Organisation, User

Row = dict[str, Any]


def person(number: int = 0, **facts: Any) -> Row:
    """One row of a roster, which can be read as it stands; each number is somebody else."""
    return {
        "employee_number": str(20000000 + number),
        "first_name": "Ada",
        "last_name": f"Okoro{number}",
        "email": f"ada.okoro{number}@trust.example",
        "role": "psw",
        "staff_group": "Nursing and Midwifery Registered",
        "band": "5",
        "site": "Riverside Hospital",
        "team": "Community Nursing",
        "line_manager_email": "omar.reid@trust.example",
        "availability": "Mon Tue Fri",
        "started_on": "2025-10-24",
        **facts,
    }


def people(number: int) -> list[Row]:
    return [person(each) for each in range(number)]


def as_csv(
    rows: Iterable[Row],
    *,
    columns: Iterable[str] = COLUMNS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """The rows as a CSV file, its header naming `columns` in that order."""
    columns = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Row], *, columns: Iterable[str] = COLUMNS) -> bytes:
    """The rows as an Excel workbook; numbers and dates stay numbers and dates."""
    columns = list(columns)
    book = Workbook()
    sheet = book.active
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusals(content: bytes, where: Organisation) -> list[tuple[int, str, str, str]]:
    """What is refused when `content` is compared: row, column, what is there, what to do."""
    return [
        (decision.line.number, refusal.column, refusal.value, refusal.advice)
        for decisions in roster.plan(roster.read(content), where)
        for decision in decisions
        for refusal in decision.refusals
    ]


def would_do(content: bytes, where: Organisation) -> Counter[str]:
    """How many rows would come out how."""
    return _counted(roster.plan(roster.read(content), where))


def import_(content: bytes, where: Organisation, *, by: User | None = None) -> Counter[str]:
    """Import `content`; how many rows came out how."""
    return _counted(roster.apply(roster.plan(roster.read(content), where), by=by))


def _counted(chunks: Iterable[list[roster.Decision]]) -> Counter[str]:
    return Counter(str(decision.outcome) for decisions in chunks for decision in decisions)
