"""Days and times as people write them."""

import re
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cohorts.templatetags.days import in_words
from supervision.templatetags.moments import on_day

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BEFORE = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\b[\s,]*"
)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_NUMBERS = re.compile(r"^(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?$")
_WORDS = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?$")
_TIME = re.compile(r"^(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm)?$")

_WRITE_A_DAY = _("Enter the day, like 23 November 2026 or 23/11/2026")
_WRITE_A_TIME = _("Enter the time, like 10:00 or 2.30pm")
_LENGTH = re.compile(r"^(\d{1,3})\s*(?:m|min|mins|minute|minutes)?\.?$")
_HOURS = re.compile(r"^(\d)(?:\.(5))?\s*(?:h|hour|hours)$")


class NotADay(Exception):
    """No day can be read from it."""


def read_day(words: str, *, coming: bool) -> date:
    """The day `words` say. Without a year it is the nearest one past, or to come when `coming`.

    Raises NotADay with a sentence.
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


def _with_year(day: str, month: int, year: str | None, *, coming: bool) -> date:
    if year is not None:
        return _real(int(year) + (2000 if len(year) == 2 else 0), month, int(day))
    today = timezone.localdate()
    this_year = _real(today.year, month, int(day))
    if coming and this_year < today:
        return _real(today.year + 1, month, int(day))
    if not coming and this_year > today + timedelta(days=182):
        return _real(today.year - 1, month, int(day))
    return this_year


def _real(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(_("There is no such day. Check the day and the month")) from error


class DayField(forms.CharField):
    """A day in one box. Shown as Monday 21 December, or as Today, 23 November."""

    def __init__(self, *, coming: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
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
        if value == timezone.localdate():
            return gettext("Today, %(day)s") % {"day": in_words(value)}
        return on_day(value)


class ClockField(forms.CharField):
    """A time of day in one box."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"class": "nhsuk-input--width-5", "autocomplete": "off"}),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, time):
            return value
        words = super().to_python(value)
        if not words:
            return None
        found = _TIME.match(words.strip().lower())
        if not found:
            raise forms.ValidationError(_WRITE_A_TIME)
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if half and not 1 <= hour <= 12:
            raise forms.ValidationError(_WRITE_A_TIME)
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour > 23 or minute > 59:
            raise forms.ValidationError(_WRITE_A_TIME)
        if not half and len(found[1]) == 1 and 1 <= hour <= 6:
            early = {"hour": hour, "afternoon": f"{hour + 12}:{minute:02}"}
            raise forms.ValidationError(
                _("Say which half of the day: %(hour)sam, or %(afternoon)s") % early
            )
        return time(hour, minute)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """The length of a time is not that of its words."""

    def prepare_value(self, value: Any) -> Any:
        return value.strftime("%H:%M") if isinstance(value, time) else value


class LengthField(forms.CharField):
    """How many minutes, in one box. Shown as 20 minutes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"class": "nhsuk-input--width-10", "autocomplete": "off"}),
        )
        kwargs.setdefault("error_messages", {"required": _("Enter how many minutes, like 20")})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int):
            return value
        words = (super().to_python(value) or "").lower()
        if not words:
            return None
        if found := _HOURS.match(words):
            minutes = int(found[1]) * 60 + (30 if found[2] else 0)
        elif found := _LENGTH.match(words):
            minutes = int(found[1])
        else:
            raise forms.ValidationError(self.error_messages["required"])
        if not 5 <= minutes <= 240:
            raise forms.ValidationError(_("Enter a length between 5 minutes and 4 hours"))
        return minutes

    def validate(self, value: Any) -> None:
        if value is None:
            raise forms.ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """The length of a length is not that of its words."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return ngettext("%(number)s minute", "%(number)s minutes", value) % {"number": value}
