"""Placing many people at once: whom, where, with whom, and what has to be decided."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cohorts import figures
from cohorts.fields import YEAR, DayField, within
from cohorts.forms import supervisor_choices
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
from cohorts.templatetags.days import in_words
from peersupport.accounts.models import Organisation, User

MOST_AT_ONCE = 300

ABOUT_SUPERVISORS = (OwnLineManager, NotASupervisor, SupervisesThemself)
SETTLED_HERE = (AlreadyInACohort, *ABOUT_SUPERVISORS)


def is_number(text: str) -> bool:
    """Whether `text` can be an id."""
    return text.isascii() and text.isdigit() and len(text) < 19


class PlacingForm(forms.Form):
    """The cohort, the supervisor and the first day for everybody who is ticked."""

    cohort = forms.TypedChoiceField(
        label=_("Cohort"),
        coerce=int,
        error_messages={
            "required": _("Choose a cohort"),
            "invalid_choice": _("Choose a cohort from the list"),
        },
    )
    supervisor = forms.TypedChoiceField(
        label=_("Supervisor"),
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("Choose a supervisor from the list")},
    )
    on = DayField(label=_("First day"))

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        chosen: Iterable[int] = (),
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix="to", initial=initial)
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

    def clean(self) -> None:
        cohort, on = self.cleaned_data.get("cohort"), self.cleaned_data.get("on")
        if cohort and on:
            self._check_day(cohort, on)
        if not self.chosen:
            raise forms.ValidationError(_("Tick at least one person to place"))
        if len(self.chosen) > MOST_AT_ONCE:
            raise forms.ValidationError(
                _("Tick at most %(most)s people at once"), params={"most": MOST_AT_ONCE}
            )

    def _check_day(self, cohort: Cohort, on: date) -> None:
        words = {"cohort": cohort.name}
        if on < cohort.starts_on:
            words["day"] = in_words(cohort.starts_on)
            sentence = gettext("%(cohort)s starts on %(day)s. Enter that day or a later one")
            self.add_error("on", sentence % words)
        elif cohort.ends_on and on > cohort.ends_on:
            words["day"] = in_words(cohort.ends_on)
            sentence = gettext("%(cohort)s ends on %(day)s. Enter that day or an earlier one")
            self.add_error("on", sentence % words)


@dataclass
class Candidate:
    """Somebody to place: what stood in the way at first, and what still does."""

    worker: Person
    placement: Placement
    asked: list[NotPlaced]
    left: list[NotPlaced]
    leaves: bool
    others: list[tuple[int | str, str | Promise]]

    @property
    def sentences(self) -> list[str]:
        """Each obstacle once: those there were, then those a decision brought."""
        return list(dict.fromkeys(str(obstacle) for obstacle in [*self.asked, *self.left]))

    @property
    def asks_to_move(self) -> bool:
        return any(isinstance(obstacle, AlreadyInACohort) for obstacle in self.asked)

    @property
    def asks_for_supervisor(self) -> bool:
        return any(isinstance(obstacle, ABOUT_SUPERVISORS) for obstacle in self.asked + self.left)

    @property
    def asks_to_accept(self) -> bool:
        """Whether the head may let a line manager supervise."""
        rule = self.worker.organisation.line_manager_rule
        return rule == Organisation.LineManagerRule.WARN and any(
            isinstance(obstacle, OwnLineManager) for obstacle in self.asked + self.left
        )

    @property
    def is_ready(self) -> bool:
        return not self.left and not self.leaves

    @property
    def needs_decision(self) -> bool:
        """Whether a decision about them is needed, or was made on this page."""
        return not self.is_stuck and (bool(self.asked or self.left) or self.leaves)

    @property
    def is_stuck(self) -> bool:
        """Whether something stands in the way that nothing on this page settles."""
        return not all(isinstance(obstacle, SETTLED_HERE) for obstacle in self.left)

    @property
    def holds_up(self) -> bool:
        """Whether nobody is placed before this is settled; an undecided move just stays."""
        return (
            self.needs_decision
            and not self.leaves
            and any(isinstance(obstacle, ABOUT_SUPERVISORS) for obstacle in self.left)
        )


class Check:
    """Everybody chosen, checked against the same rules that the action keeps."""

    def __init__(self, form: PlacingForm, people: Iterable[Person], data: QueryDict) -> None:
        self.form, self.data = form, data
        self.cohort: Cohort = form.cleaned_data["cohort"]
        self.on: date = form.cleaned_data["on"]
        asked = [Placement(worker, form.cleaned_data["supervisor"]) for worker in people]
        at_first = self._obstacles(asked)
        decided = [self._decided(each, at_first[each.worker.pk]) for each in asked]
        at_last = self._obstacles(decided)
        self.candidates = [
            Candidate(
                worker=placement.worker,  # type: ignore[arg-type]
                placement=placement,
                asked=at_first[placement.worker.pk],
                left=at_last[placement.worker.pk],
                leaves=f"leave-{placement.worker.pk}" in data,
                others=self._others(placement.worker),
            )
            for placement in decided
        ]

    def _obstacles(self, placements: list[Placement]) -> dict[int, list[NotPlaced]]:
        ground = Ground(placements, cohort=self.cohort, on=self.on)
        return {each.worker.pk: list(ground.obstacles(each)) for each in placements}

    def _decided(self, asked: Placement, obstacles: list[NotPlaced]) -> Placement:
        """What was decided on the page about one person; on first sight, the likeliest."""
        worker, supervisor = asked.worker, asked.supervisor
        own = self.data.get(f"supervisor-{worker.pk}")
        if own is not None:
            supervisor = self.form.supervisors.get(int(own)) if is_number(own) else None
        elif "confirm" not in self.data and any(
            isinstance(obstacle, ABOUT_SUPERVISORS) for obstacle in obstacles
        ):
            supervisor = self._likeliest(worker, instead_of=supervisor)
        return Placement(
            worker,
            supervisor,
            move=f"move-{worker.pk}" in self.data,
            line_manager_accepted=f"accept-{worker.pk}" in self.data,
        )

    def _likeliest(self, worker: User, *, instead_of: User | None) -> User | None:
        """The other supervisor with the fewest people; the same where the head may accept."""
        if worker.organisation.line_manager_rule == Organisation.LineManagerRule.WARN:
            return instead_of
        others = [
            each for each in self.form.supervisors.values() if each not in (worker, instead_of)
        ]
        return min(others, key=lambda each: each.people, default=None)  # type: ignore[attr-defined]

    def _others(self, worker: User) -> list[tuple[int | str, str | Promise]]:
        others = [each for each in self.form.supervisors.values() if each.pk != worker.pk]
        return [("", _("No supervisor yet")), *supervisor_choices(others)]

    @property
    def ready(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_ready]

    @property
    def ready_as_they_are(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_ready and not each.needs_decision]

    @property
    def to_decide(self) -> list[Candidate]:
        return [each for each in self.candidates if each.needs_decision]

    @property
    def stuck(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_stuck]

    @property
    def undecided(self) -> bool:
        """Whether somebody stays where they are because no move is ticked."""
        return any(each.left and not each.leaves for each in self.to_decide)

    @property
    def full(self) -> NotPlaced | None:
        return no_room(self.cohort, len(self.ready), self.on)

    @property
    def has_changed(self) -> bool:
        """Whether somebody whom the page called ready is not ready any more."""
        ready = {str(each.worker.pk) for each in self.ready}
        return not ready.issuperset(self.data.getlist("ready"))

    @property
    def can_be_placed(self) -> bool:
        return (
            bool(self.ready)
            and not self.full
            and not any(candidate.holds_up for candidate in self.candidates)
        )

    @property
    def heavy_loads(self) -> list[tuple[str, int]]:
        """Supervisors who would then have a lot of people, and how many."""
        coming = Counter(each.placement.supervisor for each in self.ready)
        loads = [
            (supervisor.name, supervisor.people + number)  # type: ignore[attr-defined]
            for supervisor, number in coming.items()
            if supervisor is not None
        ]
        return [(name, people) for name, people in loads if people > figures.MOST_PEOPLE]
