"""The form with which a session is logged, and the one with which it is booked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cohorts.fields import DayField
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision import suggestions
from supervision.actions import Record
from supervision.discretion import looks_like
from supervision.fields import ClockField, LengthField
from supervision.models import Session, Theme
from supervision.slots import Slot, SlotTaken
from supervision.templatetags.moments import on_day

A_YEAR = timedelta(days=365)


def _whenever(sentence: Promise | str) -> dict[str, Any]:
    """The same sentence for a choice that is missing and for one that is not on the list."""
    return dict.fromkeys(("required", "invalid_choice", "invalid_pk_value"), sentence)


class MeetingForm(forms.Form):
    """What booking and logging have in common: whom it is with, and a time to come."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self,
        *args: Any,
        by: User,
        assignments: Sequence[SupervisorAssignment],
        group: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.assignments = assignments
        self.group = group
        if group:
            workers = self.fields["workers"]
            workers.queryset = (  # type: ignore[attr-defined]
                User.objects.get_queryset()
                .filter(pk__in=[assignment.worker_id for assignment in assignments])
                .order_by("given_name", "family_name", "pk")
            )
        else:
            self.fields.pop("workers", None)

    def people(self) -> list[User]:
        """Those who were there, or are to be."""
        if self.group:
            return list(self.cleaned_data["workers"])
        return [assignment.worker for assignment in self.assignments]

    def to_come(self, day_field: str, time_field: str) -> datetime | None:
        """The instant both fields say; a sentence at the field that has to change."""
        day, clock = self.cleaned_data.get(day_field), self.cleaned_data.get(time_field)
        if not day or not clock:
            return None
        try:
            moment = suggestions.instant(day, clock)
        except suggestions.NoSuchTime:
            self.add_error(
                time_field, _("The clocks go forward over this time. Choose an hour later")
            )
            return None
        if moment <= timezone.now():
            self.add_error(day_field, _("Enter a day and time that are still to come"))
        elif day > timezone.localdate() + A_YEAR:
            self.add_error(day_field, _("Enter a day within the next year"))
        return moment

    def taken(self, field: str, error: SlotTaken) -> None:
        """Say which time is in the way; not with whom."""
        other = error.session
        if other is None or other.starts_at is None or other.ends_at is None:
            self.add_error(field, _("You already have a session at this time"))
            return
        starts, ends = timezone.localtime(other.starts_at), timezone.localtime(other.ends_at)
        words = {
            "starts": date_format(starts, "H:i"),
            "ends": date_format(ends, "H:i"),
            "day": on_day(starts.date()),
        }
        sentence = _(
            "You already have a session from %(starts)s to %(ends)s on %(day)s. Enter another time"
        )
        self.add_error(field, sentence % words)


class SupervisionForm(MeetingForm):
    """What became of a session, in seven inputs.

    `booked` is the session it fills in. `sure` and `another` are asked only when there is reason.
    """

    booked = forms.IntegerField(widget=forms.HiddenInput, required=False)
    workers = forms.ModelMultipleChoiceField(
        label=_("Who was there?"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "app-columns"}),
        error_messages={
            name: _("Choose who was there")
            for name in ("required", "invalid_choice", "invalid_pk_value")
        },
    )
    outcome = forms.ChoiceField(
        label=_("Was it held?"),
        choices=Session.Outcome.choices,
        initial=Session.Outcome.HELD,
        widget=forms.RadioSelect(attrs={"class": "nhsuk-radios--inline"}),
        error_messages=_whenever(_("Choose whether it was held")),
    )
    held_on = DayField(
        label=_("When was it?"),
        coming=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the day it was on")},
    )
    minutes = LengthField(label=_("How long?"), initial=20)
    mode = forms.ChoiceField(
        label=_("How?"),
        choices=Session.Mode.choices,
        initial=Session.Mode.IN_PERSON,
        error_messages=_whenever(_("Choose how you met")),
    )
    themes = forms.MultipleChoiceField(
        label=_("What did you talk about?"),
        help_text=_("Choose any. Counted across the organisation, never for one person."),
        choices=Theme.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "app-columns"}),
        error_messages={"invalid_choice": _("Choose themes from the list")},
    )
    agreed = forms.CharField(
        label=_("Anything you agreed to do? (optional)"),
        help_text=_("For example: ask about protected time on Fridays"),
        max_length=200,
        required=False,
        error_messages={"max_length": _("Use 200 characters or fewer")},
    )
    next_on = DayField(
        label=_("When will you meet next?"),
        coming=True,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    next_time = ClockField(
        label=_("At what time?"), help_text=_("Left empty, nothing is booked."), required=False
    )
    shared_note = forms.CharField(
        label=_("Shared note (optional)"),
        help_text=_("Name or describe nobody who was supported. No clinical notes."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Use 2,000 characters or fewer")},
    )
    sure = forms.BooleanField(
        label=_("I have read it again: nobody supported can be known from it"), required=False
    )
    another = forms.BooleanField(
        label=_("Yes, this was another session on the same day"), required=False
    )

    def say_when_due(self) -> None:
        """Say below the next day by when it is due; for the page, not for what is posted."""
        if not self.group:
            day = self.get_initial_for_field(self.fields["held_on"], "held_on")
            words = suggestions.due_in_words(self.assignments[0], day or timezone.localdate())
            self["next_on"].help_text = words

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        today = timezone.localdate()
        if held_on > today:
            raise forms.ValidationError(
                _("Enter today or a day before it. What is still to come can be rearranged instead")
            )
        if held_on < today - A_YEAR:
            raise forms.ValidationError(_("Enter a day within the last year"))
        return held_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._refuse_before_joining()
        self._refuse_half_a_booking()
        cleaned["next_at"] = self.to_come("next_on", "next_time")
        found = looks_like(f"{cleaned.get('shared_note', '')} {cleaned.get('agreed', '')}")
        if found and not cleaned.get("sure"):
            sentence = _(
                "This looks as if it holds %(what)s. Take out whatever could tell who was "
                "supported, or tick that you have read it again"
            )
            self.add_error("sure", sentence % {"what": found})
        return cleaned

    def _refuse_before_joining(self) -> None:
        held_on, chosen = self.cleaned_data.get("held_on"), self.cleaned_data.get("workers")
        if held_on is None:
            return
        for assignment in self.assignments:
            joined_on = assignment.membership.joined_on
            there = not self.group or (chosen and assignment.worker in chosen)
            if there and held_on < joined_on:
                words = {
                    "name": assignment.worker.first_name,
                    "day": date_format(joined_on, "j F Y"),
                }
                sentence = _("%(name)s joined on %(day)s. Enter that day or a later one")
                self.add_error("held_on", sentence % words)
                return

    def _refuse_half_a_booking(self) -> None:
        """A day of one's own without a time books nothing, which would be a surprise."""
        day, clock = self.cleaned_data.get("next_on"), self.cleaned_data.get("next_time")
        if clock and not day and "next_on" not in self.errors:
            self.add_error("next_on", _("Enter the day as well"))
        if day and not clock and "next_time" not in self.errors and day not in self._suggested():
            self.add_error(
                "next_time", _("Enter the time as well, or take the day away to book nothing")
            )

    def _suggested(self) -> set[date]:
        """Days that stand in the form by themselves."""
        if self.group:
            return set()
        [assignment] = self.assignments
        days = suggestions.Days(assignment, self.by)
        today = timezone.localdate()
        held_on = self.cleaned_data.get("held_on") or today
        return {days.by(suggestions.due_after(assignment, day)) for day in (held_on, today)}

    @property
    def asks_whether_sure(self) -> bool:
        """Whether the question about the words is to be shown."""
        return bool(self.is_bound and ("sure" in self.errors or self.data.get("sure")))

    @property
    def asks_for_another(self) -> bool:
        """Whether the question about a second session on one day is to be shown."""
        return bool(self.is_bound and ("another" in self.errors or self.data.get("another")))

    def record(self) -> Record:
        """What the form says, for actions.log_session."""
        said = ("held_on", "minutes", "mode", "outcome", "themes", "agreed", "shared_note")
        cleaned = self.cleaned_data
        return Record(**{name: cleaned[name] for name in said}, next_at=cleaned["next_at"])

    def already_logged(self, session: Session) -> None:
        """Ask whether this is another session on the same day."""
        sentence = _("A session on %(day)s is logged already. Tick if this was another one")
        self.add_error("another", sentence % {"day": on_day(session.held_on)})

    def booking_gone(self) -> None:
        """Let go of a booking that was settled meanwhile; what was typed stays."""
        typed = cast(QueryDict, self.data).copy()
        typed["booked"] = ""
        self.data = typed
        self.add_error(
            None,
            _(
                "This booking was logged, moved or cancelled meanwhile. Save again if there was "
                "another session"
            ),
        )


class BookingForm(MeetingForm):
    """When to meet, for how long, and how; for a group, with whom."""

    workers = forms.ModelMultipleChoiceField(
        label=_("Who is to come?"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "app-columns"}),
        error_messages={
            name: _("Choose who is to come")
            for name in ("required", "invalid_choice", "invalid_pk_value")
        },
    )
    day = DayField(
        label=_("On which day?"),
        coming=True,
        help_text=_("For example, 1 December or tomorrow"),
        error_messages={"required": _("Enter the day you will meet")},
    )
    clock = ClockField(
        label=_("At what time?"),
        help_text=_("For example, 10:00"),
        error_messages={"required": _("Enter the time you will meet")},
    )
    minutes = LengthField(label=_("How long?"), initial=20)
    mode = forms.ChoiceField(
        label=_("How?"),
        choices=Session.Mode.choices,
        initial=Session.Mode.IN_PERSON,
        error_messages=_whenever(_("Choose how you will meet")),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["starts_at"] = self.to_come("day", "clock")
        return cleaned

    def slot(self) -> Slot:
        cleaned = self.cleaned_data
        return Slot(cleaned["starts_at"], cleaned["minutes"], cleaned["mode"])
