"""Placing many people at once: whom, where, with whom, and what has to be decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cohorts import figures
from cohorts.forms import YEAR, DayField, supervisor_choices, within
from cohorts.models import Cohort, Person
from cohorts.obstacles import (
    AlreadyInACohort,
    Ground,
    NotASupervisor,
    NotPlaced,
    OwnLineManager,
    Placement,
    SupervisesThemself,
    no_room,
)
from peersupport.accounts.models import Organisation, User


class PlacingForm(forms.Form):
    """The cohort, the supervisor and the first day for everybody who is ticked."""

    cohort = forms.TypedChoiceField(
        label=_("Which cohort?"),
        coerce=int,
        error_messages={
            "required": _("Choose a cohort"),
            "invalid_choice": _("Choose a cohort from the list"),
        },
    )
    supervisor = forms.TypedChoiceField(
        label=_("Which supervisor?"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose a supervisor from the list")},
    )
    on = DayField(label=_("From which day?"))

    def __init__(self, data: Any = None, *, user: User, chosen: Iterable[int] = ()) -> None:
        super().__init__(data, prefix="to")
        self.chosen = list(chosen)
        running = Cohort.objects.manageable_by(user).taking_people()
        self.cohorts = {
            cohort.pk: cohort
            for cohort in figures.with_members(running).order_by("-starts_on", "name")
        }
        self.supervisors = {each.pk: each for each in figures.supervisors_of(user)}
        self.fields["cohort"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a cohort")),
            *((pk, self._places(cohort)) for pk, cohort in self.cohorts.items()),
        ]
        self.fields["supervisor"].choices = [  # type: ignore[attr-defined]
            ("", _("No supervisor yet")),
            *supervisor_choices(list(self.supervisors.values())),
        ]
        self.fields["on"].initial = timezone.localdate()

    def _places(self, cohort: Cohort) -> str:
        left = max(0, cohort.capacity - cohort.members)  # type: ignore[attr-defined]
        return ngettext(
            "%(cohort)s (%(left)s place left)", "%(cohort)s (%(left)s places left)", left
        ) % {"cohort": cohort.name, "left": left}

    def clean_cohort(self) -> Cohort:
        return self.cohorts[self.cleaned_data["cohort"]]

    def clean_supervisor(self) -> User | None:
        return self.supervisors.get(self.cleaned_data["supervisor"])

    def clean_on(self) -> date:
        today = timezone.localdate()
        return within(self.cleaned_data["on"], today - 2 * YEAR, today + YEAR)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.chosen:
            raise forms.ValidationError(_("Tick at least one person to place"))
        return cleaned


@dataclass
class Candidate:
    """Somebody to place, what stands in the way, and what has been decided about it."""

    worker: Person
    placement: Placement
    obstacles: list[NotPlaced]
    moves: bool
    supervisors: list[tuple[int | str, str | Promise]]
    may_accept: bool

    @property
    def asks_to_move(self) -> bool:
        return self.moves

    @property
    def asks_for_supervisor(self) -> bool:
        kinds = (OwnLineManager, NotASupervisor, SupervisesThemself)
        return any(isinstance(obstacle, kinds) for obstacle in self.obstacles)

    @property
    def is_ready(self) -> bool:
        return not self.obstacles

    @property
    def is_left_out(self) -> bool:
        """Whether the only thing undecided is a move, so that they simply stay where they are."""
        return bool(self.obstacles) and all(
            isinstance(obstacle, AlreadyInACohort) for obstacle in self.obstacles
        )


class Check:
    """Everybody chosen, checked against the same rules that the action keeps."""

    def __init__(self, form: PlacingForm, people: Iterable[Person], data: Any) -> None:
        self.form, self.data = form, data
        self.cohort: Cohort = form.cleaned_data["cohort"]
        self.on: date = form.cleaned_data["on"]
        self.confirmed = "confirm" in data
        people = list(people)
        placements = [self._placement(worker) for worker in people]
        ground = Ground(placements, cohort=self.cohort, on=self.on)
        undecided = Ground(placements, cohort=self.cohort, on=self.on)
        self.candidates = [
            self._candidate(worker, placement, ground, undecided)
            for worker, placement in zip(people, placements, strict=True)
        ]

    def _placement(self, worker: Person) -> Placement:
        """`worker` with what was decided on the page, else as chosen for everybody."""
        supervisor = self.form.cleaned_data["supervisor"]
        own = self.data.get(f"supervisor-{worker.pk}")
        if own is not None:
            supervisor = self.form.supervisors.get(int(own)) if own.isdecimal() else None
        return Placement(
            worker,
            supervisor,
            move=f"move-{worker.pk}" in self.data,
            line_manager_accepted=f"accept-{worker.pk}" in self.data,
        )

    def _candidate(
        self, worker: Person, placement: Placement, ground: Ground, undecided: Ground
    ) -> Candidate:
        unmoved = Placement(worker, placement.supervisor)
        moves = any(
            isinstance(obstacle, AlreadyInACohort) for obstacle in undecided.obstacles(unmoved)
        )
        others = [each for each in self.form.supervisors.values() if each.pk != worker.pk]
        rule = worker.organisation.line_manager_rule
        return Candidate(
            worker=worker,
            placement=placement,
            obstacles=list(ground.obstacles(placement)),
            moves=moves,
            supervisors=[("", _("No supervisor yet")), *supervisor_choices(others)],
            may_accept=rule == Organisation.LineManagerRule.WARN,
        )

    @property
    def ready(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_ready]

    @property
    def to_decide(self) -> list[Candidate]:
        """Those for whom a decision is needed, or was made on this page."""
        return [each for each in self.candidates if not each.is_ready or each.asks_to_move]

    @property
    def ready_as_they_are(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_ready and not each.asks_to_move]

    @property
    def can_be_placed(self) -> bool:
        """Whether a second press places people: nobody has an obstacle but an undecided move."""
        open_ones = [each for each in self.candidates if not each.is_ready]
        return bool(self.ready) and all(each.is_left_out for each in open_ones)

    @property
    def full(self) -> NotPlaced | None:
        return no_room(self.cohort, len(self.ready))

    @property
    def heavy_load(self) -> int | None:
        """How many people the supervisor would have, when that is a lot for one."""
        supervisor = self.form.cleaned_data["supervisor"]
        if supervisor is None:
            return None
        people = supervisor.people + sum(
            each.placement.supervisor == supervisor for each in self.ready
        )
        return people if people > figures.MOST_PEOPLE else None
