"""The form with which a session is logged, and the one with which it is booked."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision.actions import Record
from supervision.discretion import looks_like
from supervision.fields import ClockField, DayField
from supervision.models import Session, Theme
from supervision.slots import Slot, SlotTaken

LENGTHS = [10, 15, 20, 25, 30, 45, 60, 75, 90, 120, 180, 240]
A_YEAR = timedelta(days=365)


class NoSuchTime(Exception):
    """The clocks go forward over it."""


def instant(day: date, clock: time) -> datetime:
    """`clock` on `day` where the organisation is. Raises NoSuchTime in the hour that is skipped."""
    moment = datetime.combine(day, clock, timezone.get_current_timezone())
    there = timezone.localtime(moment.astimezone(UTC))
    if there.time() != clock:
        raise NoSuchTime
    return moment


class LengthField(forms.TypedChoiceField):
    """How many minutes, from a list."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(length, _("%(number)s minutes") % {"number": length}) for length in LENGTHS]
        super().__init__(choices=choices, coerce=int, **kwargs)


class MeetingForm(forms.Form):
    """What booking and logging have in common: whom it is with, and a time to come."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, assignments: Sequence[SupervisorAssignment], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.assignments = assignments

    def to_come(self, day_field: str, time_field: str) -> datetime | None:
        """The instant both fields say; a sentence at the field that has to change."""
        day, clock = self.cleaned_data.get(day_field), self.cleaned_data.get(time_field)
        if clock and not day and day_field not in self.errors:
            self.add_error(day_field, _("Enter the day as well"))
        if not day or not clock:
            return None
        try:
            moment = instant(day, clock)
        except NoSuchTime:
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
        """Say which session is in the way."""
        if error.session is None or error.session.starts_at is None:
            self.add_error(field, _("You already have a session at this time"))
            return
        there = timezone.localtime(error.session.starts_at)
        self.add_error(
            field,
            _("You already have a session at %(time)s on %(day)s. Choose another time")
            % {"time": date_format(there, "H:i"), "day": date_format(there, "l j F")},
        )


class SupervisionForm(MeetingForm):
    """What became of a session, in seven inputs."""

    outcome = forms.ChoiceField(
        label=_("Was it held?"),
        choices=Session.Outcome.choices,
        initial=Session.Outcome.HELD,
        widget=forms.RadioSelect(attrs={"class": "nhsuk-radios--inline"}),
        error_messages={"required": _("Choose whether it was held")},
    )
    held_on = DayField(
        label=_("When was it?"), error_messages={"required": _("Enter the day it was on")}
    )
    minutes = LengthField(label=_("How long?"), initial=20)
    mode = forms.ChoiceField(
        label=_("How?"), choices=Session.Mode.choices, initial=Session.Mode.IN_PERSON
    )
    workers = forms.ModelMultipleChoiceField(
        label=_("Who was there?"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "app-columns"}),
        error_messages={"required": _("Choose who was there")},
    )
    themes = forms.MultipleChoiceField(
        label=_("What did you talk about? (optional)"),
        help_text=_("Choose any. Counted across the organisation, never for one person."),
        choices=Theme.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "app-columns"}),
    )
    agreed = forms.CharField(
        label=_("Anything you both agreed to do? (optional)"),
        help_text=_("For example: ask about protected time on Fridays"),
        max_length=200,
        required=False,
        error_messages={"max_length": _("Use 200 characters or fewer")},
    )
    next_on = DayField(label=_("When will you meet next? (optional)"), coming=True, required=False)
    next_time = ClockField(label=_("At what time?"), required=False)
    shared_note = forms.CharField(
        label=_("Shared note (optional)"),
        help_text=_("Name or describe nobody who was supported. No clinical notes."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Use 2,000 characters or fewer")},
    )
    sure = forms.BooleanField(
        label=_("I have read the note again: nobody supported can be known from it"),
        required=False,
    )
    another = forms.BooleanField(
        label=_("Yes, this was another session on the same day"), required=False
    )

    def __init__(self, *args: Any, group: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        if group:
            choices = [assignment.worker_id for assignment in self.assignments]
            self.fields["workers"].queryset = (  # type: ignore[attr-defined]
                User.objects.get_queryset()
                .filter(pk__in=choices)
                .order_by("given_name", "family_name", "pk")
            )
            self.fields["themes"].help_text = _("Choose any: for the group, never for one person.")
        else:
            del self.fields["workers"]
            self.fields["next_on"].help_text = self._due_by()

    def _due_by(self) -> str:
        """When the one after this is due, and why."""
        [assignment] = self.assignments
        cohort = assignment.membership.cohort
        today = timezone.localdate()
        due = cohort.cadence.next_due_on(
            joined_on=assignment.membership.joined_on, counted_from=today
        )
        return _("Due by %(day)s, %(days)s days on. Add a time to book it.") % {
            "day": date_format(due, "l j F"),
            "days": (due - today).days,
        }

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        today = timezone.localdate()
        if held_on > today:
            raise forms.ValidationError(_("Enter today or a day before it"))
        if held_on < today - A_YEAR:
            raise forms.ValidationError(_("Enter a day within the last year"))
        if not self.group and held_on < self.assignments[0].membership.joined_on:
            joined = date_format(self.assignments[0].membership.joined_on, "j F Y")
            raise forms.ValidationError(
                _("They joined on %(day)s. Enter that day or a later one") % {"day": joined}
            )
        return held_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["next_at"] = self.to_come("next_on", "next_time")
        self._ask_about_the_note(cleaned)
        return cleaned

    def _ask_about_the_note(self, cleaned: dict[str, Any]) -> None:
        found = looks_like(f"{cleaned.get('shared_note', '')} {cleaned.get('agreed', '')}")
        if found and not cleaned.get("sure"):
            self.add_error(
                "sure",
                _(
                    "This looks as if it holds %(what)s. Take out whatever could tell who was "
                    "supported, or tick that you have read it again"
                )
                % {"what": found},
            )

    @property
    def asks_whether_sure(self) -> bool:
        """Whether the question about the note is to be shown."""
        return bool(self.is_bound and ("sure" in self.errors or self.data.get("sure")))

    def people(self) -> list[User]:
        """Those who were there, or were to be."""
        if self.group:
            return list(self.cleaned_data["workers"])
        return [assignment.worker for assignment in self.assignments]

    def record(self) -> Record:
        """What the form says, for actions.log_session."""
        cleaned = self.cleaned_data
        return Record(
            held_on=cleaned["held_on"],
            minutes=cleaned["minutes"],
            mode=cleaned["mode"],
            outcome=cleaned["outcome"],
            themes=cleaned["themes"],
            agreed=cleaned["agreed"],
            shared_note=cleaned["shared_note"],
            next_at=cleaned["next_at"],
        )

    @property
    def asks_for_another(self) -> bool:
        """Whether the question about a second session on one day is to be shown."""
        return bool(self.is_bound and ("another" in self.errors or self.data.get("another")))

    def already_logged(self, session: Session) -> None:
        """Ask whether this is another session on the same day."""
        day = date_format(session.held_on, "l j F")
        self.add_error(
            "another",
            _("A session on %(day)s is logged already. Tick if this was another one")
            % {"day": day},
        )


class BookingForm(MeetingForm):
    """When to meet, for how long, and how."""

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
    minutes = LengthField(label=_("For how long?"), initial=20)
    mode = forms.ChoiceField(
        label=_("How will you meet?"),
        choices=Session.Mode.choices,
        initial=Session.Mode.IN_PERSON,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["starts_at"] = self.to_come("day", "clock")
        return cleaned

    def slot(self) -> Slot:
        cleaned = self.cleaned_data
        return Slot(cleaned["starts_at"], cleaned["minutes"], cleaned["mode"])
