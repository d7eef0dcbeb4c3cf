"""The form with which leave is entered and changed."""

from collections.abc import Iterable
from datetime import date
from typing import TypedDict, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.fields import YEAR, DayField, within
from supervision.models import Session


class LeaveDays(TypedDict):
    """The first and the last day of a leave."""

    starts_on: date
    ends_on: date


class LeaveForm(forms.Form):
    """The first and the last day away, and nothing else.

    `seen` holds the sessions booked on these days that have been shown: they stand in nobody's way,
    and nobody is to find out later.
    """

    starts_on = DayField(
        label=_("What is the first day away?"),
        help_text=_("For example, 1 December or tomorrow"),
        error_messages={"required": _("Enter the first day away")},
    )
    ends_on = DayField(
        label=_("What is the last day away?"),
        help_text=_("The day before coming back"),
        error_messages={"required": _("Enter the last day away")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_starts_on(self) -> date:
        today = timezone.localdate()
        return within(self.cleaned_data["starts_on"], today - YEAR, today + 2 * YEAR)

    def clean_ends_on(self) -> date:
        today = timezone.localdate()
        return within(self.cleaned_data["ends_on"], today, today + 3 * YEAR)

    def days(self) -> LeaveDays:
        """What the form says, for the actions."""
        return {
            "starts_on": self.cleaned_data["starts_on"],
            "ends_on": self.cleaned_data["ends_on"],
        }

    def asks_about(self, booked: Iterable[Session]) -> bool:
        """Whether any of these sessions has not been shown yet; from now on all have."""
        shown = {str(session.pk) for session in booked}
        if shown <= set(self.cleaned_data["seen"].split()):
            return False
        typed = cast(QueryDict, self.data).copy()
        typed["seen"] = " ".join(sorted(shown))
        self.data = typed
        return True
