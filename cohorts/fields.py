"""Days as people write them."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.templatetags.days import in_words, on_day

YEAR = timedelta(days=366)
HALF_A_YEAR = timedelta(days=182)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BEFORE = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b[\s,]*"
)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_NUMBERS = re.compile(r"^(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?$")
_WORDS = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?$")

_WRITE_A_DAY = _("Enter the day, like 23 November 2026 or 23/11/2026")


class NotADay(Exception):
    """No day can be read from it."""


def read_day(words: str, *, coming: bool | None = None) -> date:
    """The day `words` say. Without a year it is the nearest one, past or to come.

    With `coming` it is one to come; without, rather one past. Raises NotADay with a sentence.
    """
    today = timezone.localdate()
    text = re.sub(r"\s+", " ", words.strip().lower())
    named = {gettext("today"): 0, gettext("yesterday"): -1, gettext("tomorrow"): 1}
    for name, days in named.items():
        if text == name or text.startswith(f"{name},"):
            text = text.removeprefix(name).strip(" ,")
            if not text:
                return today + timedelta(days=days)
    text = _BEFORE.sub("", text)
    if found := _ISO.match(text):
        year, month, day = (int(part) for part in found.groups())
        return _real(year, month, day)
    if found := _NUMBERS.match(text):
        return _with_year(found[1], int(found[2]), found[3], coming=coming)
    if (found := _WORDS.match(text)) and found[2][:3] in _MONTHS:
        return _with_year(found[1], _MONTHS.index(found[2][:3]) + 1, found[3], coming=coming)
    raise NotADay(_WRITE_A_DAY)


def _with_year(day: str, month: int, year: str | None, *, coming: bool | None) -> date:
    if year is not None:
        return _real(int(year) + (2000 if len(year) == 2 else 0), month, int(day))
    today = timezone.localdate()
    this_year = _real(today.year, month, int(day))
    if coming and this_year < today:
        return _real(today.year + 1, month, int(day))
    if not coming and this_year > today + HALF_A_YEAR:
        return _real(today.year - 1, month, int(day))
    if coming is None and this_year < today - HALF_A_YEAR:
        return _real(today.year + 1, month, int(day))
    return this_year


def _real(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(_("There is no such day. Check the day and the month")) from error


class DayField(forms.CharField):
    """A day in one box.

    Not the browser's own box for a date: one that is half filled in arrives here as if it were
    empty. Where the day is one to `come`, or is past, it is shown as Monday 21 December, or as
    Today, 23 November; else with its year.
    """

    def __init__(self, *, coming: bool | None = None, **kwargs: Any) -> None:
        box = {"class": "nhsuk-input--width-20", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=box))
        kwargs.setdefault("error_messages", {"required": _("Enter the date")})
        super().__init__(**kwargs)
        self.coming = coming

    def to_python(self, value: Any) -> Any:
        if isinstance(value, date):
            return value
        words = super().to_python(value)
        if not words:
            return None
        try:
            return read_day(words, coming=self.coming)
        except NotADay as error:
            raise forms.ValidationError(error.args[0]) from error

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """The length of a day is not that of its words."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, date):
            return value
        if self.coming is None:
            return date_format(value, "j F Y")
        if value == timezone.localdate():
            return gettext("Today, %(day)s") % {"day": in_words(value)}
        return on_day(value)


def within(day: date, earliest: date, latest: date) -> date:
    """`day`, unless it lies outside: then a ValidationError says which days are meant."""
    if not earliest <= day <= latest:
        raise ValidationError(
            _("Enter a date from %(earliest)s to %(latest)s"),
            params={"earliest": in_words(earliest), "latest": in_words(latest)},
        )
    return day
