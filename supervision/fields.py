"""Times and lengths as people write them."""

import re
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

_TIME = re.compile(r"^(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm)?$")

_WRITE_A_TIME = _("Enter the time, like 10:00 or 2.30pm")
_LENGTH = re.compile(r"^(\d{1,3})\s*(?:m|min|mins|minute|minutes)?\.?$")
_HOURS = re.compile(r"^(\d)(?:\.(5))?\s*(?:h|hour|hours)$")


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
