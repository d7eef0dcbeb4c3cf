"""Forms about cohorts and the people in them."""

from datetime import date, timedelta
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import ButtonHolder, Field, Layout, Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from cohorts.fields import YEAR, DayField, within
from cohorts.figures import supervisors_of
from cohorts.models import Cohort, Membership
from cohorts.obstacles import NotPlaced, StartsTooEarly
from peersupport.accounts.models import Organisation, Role, User


def supervisor_choices(supervisors: list[User]) -> list[tuple[int, str]]:
    """Supervisors with the number of people each has now."""
    return [
        (
            supervisor.pk,
            ngettext("%(name)s (%(people)s person)", "%(name)s (%(people)s people)", people)
            % {"name": supervisor.name, "people": people},
        )
        for supervisor in supervisors
        for people in [supervisor.people]  # type: ignore[attr-defined]
    ]


class CohortForm(forms.ModelForm):
    """What a cohort is called, when it runs, how many it takes and how often they are seen."""

    starts_on = DayField(label=_("When does it start?"))
    ends_on = DayField(label=_("When does it end? (optional)"), required=False)

    ERRORS: ClassVar[dict[str, Any]] = {
        "name": _("Enter a name"),
        "stage": _("Choose where it is now"),
        "capacity": _("Enter a number of places from 1 to 500"),
        "first_months": _("Enter a number of months from 0 to 24"),
        "days_at_first": _("Enter a number of days from 7 to 182"),
        "days_after": _("Enter a number of days from 7 to 182"),
    }

    class Meta:
        model = Cohort
        fields = [
            "organisation",
            "name",
            "stage",
            "starts_on",
            "ends_on",
            "capacity",
            "first_months",
            "days_at_first",
            "days_after",
        ]
        labels = {
            "name": _("What is the cohort called?"),
            "stage": _("Where is it now?"),
            "capacity": _("How many places does it have?"),
            "first_months": _("For how many months closer together?"),
            "days_at_first": _("Days between sessions in these months"),
            "days_after": _("Days between sessions after that"),
        }

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        kwargs["instance"] = kwargs.get("instance") or Cohort(organisation=organisation)
        super().__init__(*args, **kwargs)
        # On the form so that its constraints are checked too; what is posted for it is ignored.
        self.fields["organisation"] = forms.ModelChoiceField(
            Organisation.objects.filter(pk=organisation.pk),
            disabled=True,
            widget=forms.HiddenInput,
        )
        self.fields["stage"].help_text = _("When it becomes active, so do its members in training.")
        for name, words in self.ERRORS.items():
            for code in ("required", "invalid", "invalid_choice", "min_value", "max_value"):
                self.fields[name].error_messages[code] = words
        for name in ("capacity", "first_months", "days_at_first", "days_after"):
            self.fields[name].widget.attrs["class"] = "nhsuk-input--width-4"

    def clean_starts_on(self) -> date:
        today = timezone.localdate()
        return within(self.cleaned_data["starts_on"], today - 20 * YEAR, today + 5 * YEAR)

    def clean_ends_on(self) -> date | None:
        day, today = self.cleaned_data["ends_on"], timezone.localdate()
        return day and within(day, today - 20 * YEAR, today + 20 * YEAR)


class SupervisorForm(forms.Form):
    """Who supervises somebody from now on."""

    supervisor = forms.TypedChoiceField(
        label=_("Who supervises them?"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose a supervisor from the list")},
    )
    on = DayField(label=_("From which day?"))
    line_manager_accepted = forms.BooleanField(
        label=_("They may supervise although they are the line manager"), required=False
    )

    def __init__(self, *args: Any, membership: Membership, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = supervisors_of(by).exclude(pk=membership.worker_id)
        self._supervisors = {each.pk: each for each in everybody}
        self.fields["supervisor"].choices = [  # type: ignore[attr-defined]
            ("", pgettext_lazy("supervisor", "Nobody for now")),
            *supervisor_choices(list(self._supervisors.values())),
        ]
        rule = membership.worker.organisation.line_manager_rule
        if rule == Organisation.LineManagerRule.REFUSE:
            del self.fields["line_manager_accepted"]
        self.fields["on"].initial = max(timezone.localdate(), membership.joined_on)
        self.helper = FormHelper()
        self.helper.layout = Layout(*self.fields, ButtonHolder(Submit("save", _("Save"))))

    def clean_supervisor(self) -> User | None:
        return self._supervisors.get(self.cleaned_data["supervisor"])

    def clean_on(self) -> date:
        today = timezone.localdate()
        return within(self.cleaned_data["on"], today - 2 * YEAR, today + YEAR)

    def field_of(self, obstacle: NotPlaced) -> str:
        """The question that settles `obstacle`."""
        about_the_day = isinstance(obstacle, StartsTooEarly) or type(obstacle) is NotPlaced
        return "on" if about_the_day else "supervisor"


class EndForm(forms.Form):
    """How and when somebody's time in a cohort ends."""

    stage = forms.ChoiceField(
        label=_("What happens?"),
        choices=[
            (Membership.Stage.ALUMNI, _("They have finished")),
            (Membership.Stage.STEPPED_DOWN, _("They step down")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what happens"),
            "invalid_choice": _("Choose what happens"),
        },
    )
    last_day_on = DayField(
        label=_("What is their last day?"),
        help_text=_("Today or an earlier day. Until then they take part as before."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        self.fields["last_day_on"].initial = max(timezone.localdate(), membership.joined_on)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "stage", "last_day_on", ButtonHolder(Submit("end", _("End their time in the cohort")))
        )

    def clean_last_day_on(self) -> date:
        latest = max(timezone.localdate(), self.membership.joined_on)
        return within(self.cleaned_data["last_day_on"], self.membership.joined_on, latest)

    def first_day_without(self) -> date:
        """The day after the last one."""
        last_day: date = self.cleaned_data["last_day_on"]
        return last_day + timedelta(days=1)


class RolesForm(forms.Form):
    """Which roles somebody holds."""

    roles = forms.MultipleChoiceField(
        label=_("Which roles do they have?"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose roles from the list")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(Field("roles"), ButtonHolder(Submit("save", _("Save roles"))))
