"""The columns of a roster, what people call them, and finding them in a file."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

REQUIRED = ("employee_number", "first_name", "last_name", "email", "role")
OPTIONAL = (
    "staff_group",
    "band",
    "site",
    "team",
    "line_manager_email",
    "availability",
    "started_on",
)
COLUMNS = REQUIRED + OPTIONAL
REASON = "reason"

# What to enter in each, with an example: the page that takes a roster shows them.
EXPLAINED = (
    ("employee_number", _lazy("The number payroll knows them by; it never changes"), "20000417"),
    ("first_name", _lazy("First name"), "Leila"),
    ("last_name", _lazy("Last name"), "Pugh"),
    ("email", _lazy("Work e-mail address; they sign in with it"), "leila.pugh@trust.example"),
    ("role", _lazy("psw, supervisor or head; several with a space between"), "psw supervisor"),
    ("staff_group", _lazy("Staff group"), _lazy("Allied Health Professionals")),
    ("band", _lazy("Pay band"), "5"),
    ("site", _lazy("Where they work"), _lazy("Riverside Hospital")),
    ("team", _lazy("Team"), _lazy("Community Nursing")),
    (
        "line_manager_email",
        _lazy("Their line manager's e-mail address; the manager gets no account"),
        "omar.reid@trust.example",
    ),
    ("availability", _lazy("Days they usually work"), "Mon Tue Thu"),
    ("started_on", _lazy("First day in the organisation, day first"), "24/10/2025"),
)

HEADER_WITHIN = 10  # a title and a date often stand above the header

# Other names people give the columns, without spaces, capitals and signs.
_ALIASES = {
    "employee_number": "employeeno employeenum employeeid staffnumber staffno staffid "
    "payrollnumber payrollno personnelnumber",
    "first_name": "forename givenname",
    "last_name": "surname familyname",
    "email": "emailaddress workemail workemailaddress mail emails",
    "role": "roles programmerole peersupportrole",
    "staff_group": "staffgroups professionalgroup",
    "band": "payband grade afcband",
    "site": "location base workplace",
    "team": "department ward",
    "line_manager_email": "linemanagersemail linemanageremailaddress linemanagersemailaddress "
    "manageremail managersemail linemanager",
    "availability": "available availabledays daysavailable workingdays days",
    "started_on": "startdate started datestarted startedat",
}
_NAMES = {column.replace("_", ""): column for column in COLUMNS} | {
    alias: column for column, aliases in _ALIASES.items() for alias in aliases.split()
}


class Unreadable(Exception):
    """The file as a whole cannot be read; the words say what to do about it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file, with its number as the person sees it in their spreadsheet."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """A roster file: its header, which of its columns are ours, and its rows, one by one."""

    header: list[str]
    positions: dict[str, int]
    lines: Iterator[Line]
    total: int | None = None
    epoch: datetime = datetime(1899, 12, 30)  # noqa: DTZ001  what Excel counts days from

    def cell(self, line: Line, column: str) -> str:
        """What stands in `column`, empty where the row is too short or the column is not there."""
        position = self.positions.get(column)
        if position is None or position >= len(line.cells):
            return ""
        return line.cells[position]

    @property
    def columns_missing(self) -> list[str]:
        return [column for column in COLUMNS if column not in self.positions]


def recognise(cell: str) -> str | None:
    """Which of our columns a header cell means."""
    return _NAMES.get(_plain(cell))


def _plain(cell: str) -> str:
    """A header cell without its capitals, spaces and signs."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", cell).casefold())


def recognised(cells: Iterable[str]) -> int:
    """How many different columns of ours these header cells name."""
    return len({column for cell in cells if (column := recognise(cell))})


def table(lines: Iterator[Line], *, total: int | None = None) -> Table:
    """Find the header among the first rows and give the rest as rows of people.

    Raises Unreadable when there is no header, or it lacks a column we cannot do without.
    """
    filled = (line for line in lines if any(cell.strip() for cell in line.cells))
    first = list(islice(filled, HEADER_WITHIN))
    if not first:
        raise Unreadable(_("The file is empty. Choose one with a row for each person"))
    header = max(first, key=lambda line: recognised(line.cells))
    if recognised(header.cells) < 2:
        raise Unreadable(
            _("Row %(row)s does not name the columns. Put these names in it: %(names)s")
            % {"row": first[0].number, "names": ", ".join(REQUIRED)}
        )
    found = Table(header=header.cells, positions=_positions(header.cells), lines=iter(()))
    following = [line for line in first if line.number > header.number]
    found.lines = _chain(following, filled)
    found.total = None if total is None else max(0, total - header.number)
    return found


def _chain(first: list[Line], rest: Iterator[Line]) -> Iterator[Line]:
    """The rows, or Unreadable when there is none."""
    following = chain(first, rest)
    line = next(following, None)
    if line is None:
        raise Unreadable(
            _("The file names its columns but has no people. Add a row for each person")
        )
    yield line
    yield from following


def _positions(header: list[str]) -> dict[str, int]:
    """Where each of our columns stands. Raises Unreadable when one is missing or there twice.

    Our own name for a column wins over another name for it, such as "site" over "location".
    """
    named = [(recognise(cell), _plain(cell), position) for position, cell in enumerate(header)]
    ours = {plain for _column, plain, _position in named}
    positions: dict[str, int] = {}
    for column, plain, position in named:
        own_name = column and column.replace("_", "")
        if column is None or (plain != own_name and own_name in ours):
            continue
        if column in positions:
            raise Unreadable(
                _("Two columns are named %(column)s. Keep one of them and choose the file again")
                % {"column": column}
            )
        positions[column] = position
    missing = [column for column in REQUIRED if column not in positions]
    if missing:
        raise Unreadable(
            ngettext(
                "There is no column named %(names)s. Add it and choose the file again",
                "There are no columns named %(names)s. Add them and choose the file again",
                len(missing),
            )
            % {"names": get_text_list(missing, _("and"))}
        )
    return positions
