"""When the next session is due: kept by the actions, and the same when worked out again."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from time_machine import TimeMachineFixture, travel

from cohorts import actions as cohort_actions
from cohorts.actions import NotEnded
from cohorts.models import Cadence, Cohort, Leave, Membership, SupervisorAssignment
from cohorts.obstacles import NotPlaced
from cohorts.undo import NotUndone, undo
from peersupport.accounts.models import Organisation, User
from supervision import actions, due, leave
from supervision.actions import AlreadyLogged, NotBooked, NotSupervised, Record
from supervision.models import Session
from supervision.slots import Slot, SlotTaken
from tests import programme
from tests.supervision.conftest import Team, at

START = at(2026, 11, 23, 9)


@given(
    joined_on=st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    after=st.integers(0, 800),
    first_months=st.integers(0, 24),
    days_at_first=st.integers(7, 182),
    days_after=st.integers(7, 182),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_statement_and_the_cadence_agree_on_every_day(
    team: Team,
    joined_on: date,
    after: int,
    first_months: int,
    days_at_first: int,
    days_after: int,
) -> None:
    Cohort.objects.filter(pk=team.cohort.pk).update(
        first_months=first_months, days_at_first=days_at_first, days_after=days_after
    )
    counted_from = joined_on + timedelta(days=after)
    Membership.objects.filter(worker=team.blessing).update(joined_on=joined_on)
    mine = SupervisorAssignment.objects.filter(worker=team.blessing)
    mine.update(starts_on=counted_from, last_held_on=None)

    due.recompute()

    cadence = Cadence(first_months, days_at_first, days_after)
    expected = cadence.next_due_on(in_role_since=joined_on, counted_from=counted_from)
    assert mine.get().next_due_on == expected


def test_check_counts_and_mends_nothing(team: Team) -> None:
    mine = SupervisorAssignment.objects.filter(worker=team.blessing)
    right = mine.get().next_due_on
    mine.update(next_due_on=date(2026, 1, 1))
    said = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("recompute_due", "--check", stdout=said)

    assert (end.value.code, said.getvalue()) == (1, "1 differences\n")
    assert mine.get().next_due_on == date(2026, 1, 1) != right


def test_recomputing_mends_each_organisation_and_then_finds_nothing(team: Team) -> None:
    other = programme.organisation()
    programme.supervised_psw(programme.supervisor(other), programme.cohort(other))
    right = list(SupervisorAssignment.objects.order_by("pk").values_list("next_due_on", flat=True))
    SupervisorAssignment.objects.update(last_held_on=date(2026, 1, 1), next_due_on=date(2026, 1, 1))
    said = StringIO()

    call_command("recompute_due", stdout=said)
    call_command("recompute_due", "--check", stdout=said)

    assert said.getvalue() == "3 mended\n0 differences\n"
    kept = SupervisorAssignment.objects.order_by("pk")
    assert list(kept.values_list("next_due_on", flat=True)) == right
    assert set(kept.values_list("last_held_on", flat=True)) == {None}


@pytest.mark.parametrize(
    ("ends_on", "due_on"), [(date(2026, 12, 21), None), (date(2026, 12, 22), date(2026, 12, 21))]
)
def test_what_falls_due_before_a_fixed_end_still_does(
    team: Team, ends_on: date, due_on: date | None
) -> None:
    mine = SupervisorAssignment.objects.get(worker=team.blessing)
    mine.ends_on, mine.next_due_on = ends_on, None
    mine.save()

    actions.log_session(
        Record(held_on=date(2026, 11, 23)),
        workers=[team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
    )

    mine.refresh_from_db()
    assert (mine.last_held_on, mine.next_due_on) == (date(2026, 11, 23), due_on)
    assert due.differences() == 0


def test_a_new_supervisor_counts_from_the_last_session_with_the_old_one(team: Team) -> None:
    actions.log_session(
        Record(held_on=date(2026, 11, 9)),
        workers=[team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
    )
    colleague = programme.supervisor(team.organisation)
    membership = Membership.objects.get(worker=team.blessing)

    new = cohort_actions.assign_supervisor(
        membership, supervisor=colleague, on=date(2026, 11, 23), by=team.head
    )

    assert new is not None
    assert (new.last_held_on, new.next_due_on) == (date(2026, 11, 9), date(2026, 12, 7))
    assert due.differences() == 0


class Story:
    """A small programme to which anything may happen."""

    def __init__(self) -> None:
        self.where: Organisation = programme.organisation()
        self.head = programme.head(self.where)
        self.supervisors = [programme.supervisor(self.where) for _ in range(2)]
        self.workers = [programme.psw(self.where) for _ in range(2)]
        self.cohorts = [programme.cohort(self.where) for _ in range(2)]

    def place(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        cohort_actions.place(
            worker,
            cohort=cohort,
            on=timezone.localdate() - timedelta(days=days - 20),
            by=self.head,
            supervisor=supervisor,
            move=True,
        )

    def hand_over(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        cohort_actions.assign_supervisor(
            membership_of(worker),
            supervisor=supervisor,
            on=timezone.localdate() + timedelta(days=days % 3),
            by=self.head,
        )

    def also_reflect(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        cohort_actions.assign_supervisor(
            membership_of(worker),
            supervisor=supervisor,
            on=timezone.localdate(),
            by=self.head,
            purpose=SupervisorAssignment.Purpose.REFLECTIVE,
        )

    def end(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        cohort_actions.end_membership(
            membership_of(worker),
            left_on=timezone.localdate() + timedelta(days=days),
            stage=Membership.Stage.STEPPED_DOWN,
            by=self.head,
        )

    def change_cadence(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        cohort.days_at_first, cohort.days_after = 7 + days, 60 - days
        cohort_actions.change_cohort(cohort)

    def book(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        slot = Slot(timezone.now() + timedelta(days=days))
        actions.book_session(slot, workers=[worker], by=supervisor, form_key=uuid4())

    def cancel(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        for session in Session.objects.booked().filter(supervisor=supervisor)[:1]:
            actions.cancel_session(session, by=supervisor)

    def log(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        actions.log_session(
            Record(
                held_on=timezone.localdate() - timedelta(days=days),
                outcome=Session.Outcome.values[days % 3 if days % 2 else 0],
            ),
            workers=[worker],
            by=supervisor,
            form_key=uuid4(),
        )

    def log_booked(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        booked = Session.objects.booked().filter(supervisor=supervisor, attendances__worker=worker)
        actions.log_session(
            Record(held_on=timezone.localdate() - timedelta(days=days)),
            workers=[worker],
            by=supervisor,
            form_key=uuid4(),
            booked_pk=booked.values_list("pk", flat=True).first(),
        )

    def enter_leave(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        first = timezone.localdate() + timedelta(days=days - 10)
        person = (worker, supervisor)[days % 2]
        leave.enter(person, starts_on=first, ends_on=first + timedelta(days=days), by=self.head)

    def change_leave(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        person = (worker, supervisor)[days % 2]
        first = timezone.localdate() + timedelta(days=days)
        leave.change(
            Leave.objects.filter(person=person).latest("pk"), starts_on=first, ends_on=first
        )

    def end_leave(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        person = (worker, supervisor)[days % 2]
        leave.end(Leave.objects.filter(person=person).latest("pk"))

    def log_group(self, worker: User, supervisor: User, cohort: Cohort, days: int) -> None:
        actions.log_session(
            Record(held_on=timezone.localdate() - timedelta(days=days)),
            workers=self.workers,
            by=supervisor,
            form_key=uuid4(),
            group=True,
        )


def membership_of(worker: User) -> Membership:
    """The one of today, else the next; Membership.DoesNotExist when there is none."""
    return Membership.objects.current().filter(worker=worker).earliest("joined_on")


HAPPENINGS: Sequence[Callable[[Story, User, User, Cohort, int], None]] = [
    Story.place,
    Story.hand_over,
    Story.also_reflect,
    Story.end,
    Story.change_cadence,
    Story.book,
    Story.cancel,
    *[Story.log] * 3,
    Story.log_booked,
    Story.log_group,
    *[Story.enter_leave] * 3,
    Story.change_leave,
    Story.end_leave,
]

REFUSALS = (
    NotPlaced,
    NotEnded,
    NotSupervised,
    AlreadyLogged,
    NotBooked,
    SlotTaken,
    Membership.DoesNotExist,
    Leave.DoesNotExist,
    ValidationError,
)

step = st.tuples(
    st.sampled_from(HAPPENINGS),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 40),
)


@given(steps=st.lists(step, min_size=5, max_size=15))
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_what_is_kept_is_what_follows(
    db: None, steps: list[tuple[Callable[..., None], int, int, int, int]]
) -> None:
    with transaction.atomic(), travel(START, tick=True) as clock:
        story = Story()
        for worker, supervisor in zip(story.workers, story.supervisors, strict=True):
            story.place(worker, supervisor, story.cohorts[0], 60)

        for happening, worker, supervisor, cohort, days in steps:
            with suppress(*REFUSALS):
                happening(
                    story,
                    story.workers[worker],
                    story.supervisors[supervisor],
                    story.cohorts[cohort],
                    days,
                )
            clock.shift(timedelta(days=days % 7))

            assert due.differences() == 0, happening.__name__
        transaction.set_rollback(True)


def test_a_placing_cannot_be_undone_once_a_session_was_logged(
    team: Team, monday_morning: TimeMachineFixture
) -> None:
    winter = programme.cohort(team.organisation)
    colleague = programme.supervisor(team.organisation)
    placed = cohort_actions.place(
        team.blessing,
        cohort=winter,
        on=date(2026, 11, 23),
        by=team.head,
        supervisor=colleague,
        move=True,
    )
    actions.log_session(
        Record(held_on=date(2026, 11, 23)),
        workers=[team.blessing],
        by=colleague,
        form_key=uuid4(),
    )

    with pytest.raises(NotUndone):
        undo(placed.placing, by=team.head)

    assert due.differences() == 0


def test_a_placing_undone_leaves_the_due_date_as_it_was(team: Team) -> None:
    before = SupervisorAssignment.objects.get(worker=team.blessing).next_due_on
    placed = cohort_actions.place(
        team.blessing,
        cohort=programme.cohort(team.organisation),
        on=date(2026, 11, 23),
        by=team.head,
        supervisor=team.supervisor,
        move=True,
    )

    undo(placed.placing, by=team.head)

    kept = SupervisorAssignment.objects.get(worker=team.blessing, ends_on=None)
    assert kept.next_due_on == before
    assert due.differences() == 0
