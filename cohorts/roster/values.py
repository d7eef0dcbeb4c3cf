"""One row's cells to values, or to what is wrong with each of them and what to do."""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cohorts.models import Day
from cohorts.roster.columns import OPTIONAL, Line, Table
from cohorts.roster.workbook import Formula
from peersupport.accounts.models import Role

EARLIEST = date(1940, 1, 1)
LATEST_AHEAD = timedelta(days=2 * 365)
LONGEST = {
    "employee_number": 32,
    "first_name": 150,
    "last_name": 150,
    "email": 254,
    "staff_group": 100,
    "band": 20,
    "site": 100,
    "team": 100,
    "line_manager_email": 254,
}
_SHOWN = 200  # characters of a refused cell

_ERRORS_OF_EXCEL = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
_ROLES: dict[str, str] = {
    "psw": Role.PSW.value,
    "peersupportworker": Role.PSW.value,
    "peersupporter": Role.PSW.value,
    "supervisor": Role.SUPERVISOR.value,
    "head": Role.HEAD.value,
    "headofwellbeing": Role.HEAD.value,
}
_IN_ORDER: list[str] = Role.values
_WEEK: list[str] = Day.values
_MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr, ("",) * 9 + ("Sept",))
    for number, name in enumerate(names)
    if name
}


_NO_ADDRESS = _lazy("Enter a whole e-mail address")
_NO_ADDRESS_OR_EMPTY = _lazy("Enter a whole e-mail address, or leave the cell empty")
_NO_ROLE = _lazy("Enter psw, supervisor or head; several with a space between them")
_NO_DAYS = _lazy("Enter days such as Mon Tue Fri")

Readers = dict[str, Callable[[str], Any]]


class Refused(Exception):
    """A value that cannot be used; the words say what to do."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which column of a row is refused, what is in the file, and what to do."""

    column: str
    value: str
    advice: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the file has them. `details` holds only the columns that the file has."""

    number: int
    employee_number: str
    first_name: str
    last_name: str
    email: str
    roles: tuple[str, ...]
    details: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def fingerprint(self) -> int:
        """The same for rows that say the same."""
        details = tuple(
            tuple(value) if isinstance(value, list) else value for value in self.details.values()
        )
        return hash((self.employee_number, self.name, self.email, self.roles, details))


def tidy(cell: str) -> str:
    """A cell without what nobody sees: spaces at its ends and doubled, marks of no width.

    A leading apostrophe before = + - or @ is how spreadsheets say "this is text"; so is ="…".
    """
    text = cell
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text)
        text = "".join(" " if _is_gap(sign) else sign for sign in text if not _is_nothing(sign))
    text = " ".join(text.split())
    as_text = re.fullmatch(r'="([^"]*)"', text)
    if as_text and not isinstance(cell, Formula):
        return as_text[1].strip()
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def _is_gap(sign: str) -> bool:
    return sign < " " or unicodedata.category(sign) in ("Cc", "Zl", "Zp")


def _is_nothing(sign: str) -> bool:
    return sign > "~" and unicodedata.category(sign) in ("Cf", "Cs")


def row(line: Line, table: Table, readers: Readers) -> Row | list[Refusal]:
    """Read one row, or say everything that is wrong with it."""
    refusals = []
    values: dict[str, Any] = {}
    for column, read in readers.items():
        cell = table.cell(line, column)
        try:
            values[column] = read(_whole(column, cell))
        except Refused as refused:
            refusals.append(Refusal(column, tidy(cell)[:_SHOWN], str(refused)))
    surplus = [tidy(cell) for cell in line.cells[len(table.header) :]]
    if any(surplus):
        advice = _("There are more cells than columns. Put quotation marks round the divided one")
        refusals.append(Refusal("", " ".join(surplus)[:_SHOWN], advice))
    if refusals:
        return refusals
    return Row(
        number=line.number,
        employee_number=values["employee_number"],
        first_name=values["first_name"],
        last_name=values["last_name"],
        email=values["email"],
        roles=values["role"],
        details={column: values[column] for column in OPTIONAL if column in values},
    )


def readers_of(table: Table, *, today: date) -> Readers:
    """How to read each of the columns this file has."""
    readers: Readers = {
        "employee_number": employee_number,
        "first_name": required(_("Enter the first name")),
        "last_name": required(_("Enter the last name")),
        "email": email,
        "role": roles,
        "line_manager_email": line_manager_email,
        "availability": availability,
        "started_on": lambda text: started_on(text, today=today, epoch=table.epoch),
    }
    return {column: readers.get(column, str) for column in table.positions}


def _whole(column: str, cell: str) -> str:
    """The tidy cell. Raises Refused for what a spreadsheet computes, and for what is too long."""
    text = tidy(cell)
    if isinstance(cell, Formula):
        raise Refused(_("Replace this formula with its value"))
    if text in _ERRORS_OF_EXCEL:
        raise Refused(_("Replace this error with a value"))
    if cell.count("\n") > 3:
        raise Refused(_("Close the quotation mark at the beginning of this cell"))
    longest = LONGEST.get(column, 1000)
    if len(text) > longest:
        raise Refused(_("Shorten this to %(longest)s characters") % {"longest": longest})
    return text


def required(advice: str) -> Callable[[str], str]:
    """A reader that refuses an empty cell with `advice`."""

    def read(text: str) -> str:
        if not text:
            raise Refused(advice)
        return text

    return read


def employee_number(text: str) -> str:
    if not text:
        raise Refused(_("Enter the employee number"))
    if re.fullmatch(r"\d([.,]\d+)?[eE]\+?\d+", text):
        raise Refused(_("The spreadsheet has shortened this. Enter the whole employee number"))
    return text


def email(text: str) -> str:
    if not text:
        raise Refused(_("Enter an e-mail address"))
    return _email(text, _NO_ADDRESS)


def line_manager_email(text: str) -> str:
    return text and _email(text, _NO_ADDRESS_OR_EMPTY)


def _email(text: str, advice: Promise) -> str:
    address = text.lower().removeprefix("mailto:").strip(" <>")
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(advice) from error
    return address


def roles(text: str) -> tuple[str, ...]:
    """Roles joined by spaces, commas or the like, by their short names or in words."""
    whole = _ROLES.get(re.sub(r"[\W_]", "", text.casefold()))
    found = []
    for word in [text] if whole else re.split(r"\s*[,;/&+|]\s*|\s+and\s+|\s+", text):
        role = _ROLES.get(re.sub(r"[\W_]", "", word.casefold()))
        if role is None:
            raise Refused(_NO_ROLE)
        found.append(role)
    return tuple(role for role in _IN_ORDER if role in found)


def availability(text: str) -> list[str]:
    """Days of the week, in the order of the week; "Mon-Thu" is all from Monday to Thursday."""
    found = set()
    text = re.sub(r"\s*[-–—]\s*|\s+to\s+", "-", text, flags=re.IGNORECASE)
    for part in re.split(r"[\s,;/&+|]+|\band\b", text, flags=re.IGNORECASE):
        ends = [_day(word) for word in part.split("-")] if part else []
        if len(ends) > 2 or (len(ends) == 2 and _WEEK.index(ends[0]) > _WEEK.index(ends[1])):
            raise Refused(_NO_DAYS)
        if ends:
            found.update(_WEEK[_WEEK.index(ends[0]) : _WEEK.index(ends[-1]) + 1])
    return [day for day in _WEEK if day in found]


def _day(word: str) -> str:
    """The day that `word` begins to name, from three letters up."""
    plain = word.casefold().rstrip(".").removesuffix("s") if len(word) > 4 else word.casefold()
    for day, name in zip(_WEEK, calendar.day_name, strict=True):
        if len(plain) >= 3 and name.casefold().startswith(plain):
            return day
    raise Refused(_NO_DAYS)


def started_on(text: str, *, today: date, epoch: datetime) -> date | None:
    """A date written the ISO way, day first, with the month in letters, or as Excel counts days."""
    if not text:
        return None
    found = _date(text, epoch)
    latest = today + LATEST_AHEAD
    if not EARLIEST <= found <= latest:
        raise Refused(
            _("Enter a date between %(earliest)s and %(latest)s")
            % {
                "earliest": date_format(EARLIEST, "j F Y"),
                "latest": date_format(latest, "j F Y"),
            }
        )
    return found


def _date(text: str, epoch: datetime) -> date:
    serial = re.fullmatch(r"(\d{4,6})(\.\d+)?", text)
    if serial:
        return (epoch + timedelta(days=int(serial[1]))).date()
    without_time = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", "", text)
    parts = [part for part in re.split(r"[\s./,_-]+", without_time) if part]
    if len(parts) == 4 and parts[0][:3].casefold() in [day.casefold() for day in _WEEK]:
        parts = parts[1:]
    if len(parts) != 3:
        raise Refused(_("Enter a date such as 24/10/2025"))
    day, month, year = reversed(parts) if re.fullmatch(r"\d{4}", parts[0]) else parts
    return _real_date(re.sub(r"(?<=\d)(st|nd|rd|th)$", "", day), month, year)


def _real_date(day: str, month: str, year: str) -> date:
    """The date, with the sentence that fits what is impossible about it."""
    if re.fullmatch(r"\d{2}", year) and day.isdecimal():
        raise Refused(_("Enter the year with four digits"))
    if not (re.fullmatch(r"\d{1,2}", day) and re.fullmatch(r"\d{4}", year)) or year == "0000":
        raise Refused(_("Enter a date such as 24/10/2025"))
    which = int(month) if re.fullmatch(r"\d{1,2}", month) else _MONTHS.get(month.casefold())
    if which is None:
        raise Refused(_("Enter a date such as 24/10/2025"))
    if which > 12 and 1 <= int(day) <= 12:
        raise Refused(_("There is no month %(month)s. Enter the day first") % {"month": which})
    if not 1 <= which <= 12:
        raise Refused(_("Enter a real date: months go from 1 to 12"))
    days = calendar.monthrange(int(year), which)[1]
    if not 1 <= int(day) <= days:
        name = date_format(date(int(year), which, 1), "F Y")
        raise Refused(
            _("Enter a real date: %(month)s has %(days)s days") % {"month": name, "days": days}
        )
    return date(int(year), which, int(day))
