"""Sessions are due and none is booked: supervisors are told, in one message, without nagging."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from cohorts.models import Cohort, Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import outbox
from peersupport.reminders.models import Reminder
from supervision.programme import due_this_week
from tests import programme
from tests.reminders.programme import booked, owed, told

pytestmark = pytest.mark.usefixtures("monday_morning")

MONDAY = date(2026, 11, 23)
SUNDAY = date(2026, 11, 29)


@pytest.fixture
def cohort(riverside: Organisation) -> Cohort:
    return programme.cohort(riverside)


@pytest.fixture
def supervisor(riverside: Organisation) -> User:
    return programme.supervisor(riverside)


def due(supervisor: User, cohort: Cohort, on: date, **facts: object) -> SupervisorAssignment:
    """A PSW whose next session is due on this day."""
    member = programme.member(programme.psw(cohort.organisation), cohort, **facts)
    return programme.supervised(member, supervisor, next_due_on=on)


def plan_on(day: date) -> None:
    outbox.plan(datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC))


def test_all_that_is_due_by_sunday_makes_one_message(supervisor: User, cohort: Cohort) -> None:
    for on in (MONDAY - timedelta(days=9), MONDAY, SUNDAY):
        due(supervisor, cohort, on)

    plan_on(MONDAY)

    assert owed("supervision_due") == {(f"supervision-due:{supervisor.pk}:2026-11-23", supervisor)}


def test_what_is_due_after_sunday_waits_for_its_week(supervisor: User, cohort: Cohort) -> None:
    due(supervisor, cohort, SUNDAY + timedelta(days=1))

    plan_on(MONDAY)
    this_week = told("supervision_due")
    plan_on(MONDAY + timedelta(days=7))

    assert this_week == set()
    assert told("supervision_due") == {supervisor}


def test_nothing_more_is_said_in_the_week_and_once_more_in_the_next(
    supervisor: User, cohort: Cohort
) -> None:
    due(supervisor, cohort, MONDAY)

    for day in range(12):
        plan_on(MONDAY + timedelta(days=day))

    assert {key for key, _recipient in owed("supervision_due")} == {
        f"supervision-due:{supervisor.pk}:2026-11-23",
        f"supervision-due:{supervisor.pk}:2026-11-30",
    }


def test_somebody_new_on_the_list_is_worth_another_message(
    supervisor: User, cohort: Cohort
) -> None:
    due(supervisor, cohort, MONDAY)
    plan_on(MONDAY)
    due(supervisor, cohort, SUNDAY)

    plan_on(MONDAY + timedelta(days=2))

    assert {key for key, _recipient in owed("supervision_due")} == {
        f"supervision-due:{supervisor.pk}:2026-11-23",
        f"supervision-due:{supervisor.pk}:2026-11-25",
    }


def test_but_never_twice_on_one_day(supervisor: User, cohort: Cohort) -> None:
    due(supervisor, cohort, MONDAY)
    plan_on(MONDAY)
    due(supervisor, cohort, MONDAY)

    plan_on(MONDAY)

    assert Reminder.objects.filter(kind="supervision_due").count() == 1


def test_one_whose_message_came_too_late_is_told_the_next_day(
    supervisor: User, cohort: Cohort
) -> None:
    due(supervisor, cohort, MONDAY)
    plan_on(MONDAY)
    Reminder.objects.update(state="cancelled", settled_at=datetime.now(UTC), reason="expired")

    plan_on(MONDAY + timedelta(days=1))

    assert Reminder.objects.filter(state="due").count() == 1


def test_nobody_is_told_of_a_session_that_is_booked(supervisor: User, cohort: Cohort) -> None:
    assignment = due(supervisor, cohort, MONDAY)
    booked(supervisor, assignment.worker, at=datetime(2026, 12, 9, 10, 0, tzinfo=UTC))

    plan_on(MONDAY)

    assert told("supervision_due") == set()


def test_a_session_booked_with_somebody_else_is_none(supervisor: User, cohort: Cohort) -> None:
    assignment = due(supervisor, cohort, MONDAY)
    other = programme.supervisor(cohort.organisation)
    booked(other, assignment.worker, at=datetime(2026, 12, 9, 10, 0, tzinfo=UTC))

    plan_on(MONDAY)

    assert told("supervision_due") == {supervisor}


@pytest.mark.parametrize(
    ("stage", "left_on"),
    [
        (Membership.Stage.PAUSED, None),
        (Membership.Stage.ALUMNI, MONDAY),
        (Membership.Stage.ACTIVE, MONDAY),
    ],
)
def test_nobody_is_told_of_somebody_paused_or_gone(
    supervisor: User, cohort: Cohort, stage: str, left_on: date | None
) -> None:
    due(supervisor, cohort, MONDAY, stage=stage, left_on=left_on)
    if left_on:
        SupervisorAssignment.objects.update(ends_on=left_on, next_due_on=None)

    plan_on(MONDAY)

    assert told("supervision_due") == set()


def test_one_who_leaves_later_is_still_due_before(supervisor: User, cohort: Cohort) -> None:
    due(supervisor, cohort, MONDAY, left_on=SUNDAY)
    SupervisorAssignment.objects.update(ends_on=SUNDAY)

    plan_on(MONDAY)

    assert told("supervision_due") == {supervisor}
    assert [each.supervisor for each in due_this_week(SupervisorAssignment.objects.all())] == [
        supervisor
    ]


def test_a_former_supervisor_is_not_told(supervisor: User, cohort: Cohort) -> None:
    due(supervisor, cohort, MONDAY)
    SupervisorAssignment.objects.update(ends_on=MONDAY + timedelta(days=1), next_due_on=None)

    plan_on(MONDAY)

    assert told("supervision_due") == set()


def test_each_organisation_is_told_in_its_own_hours(supervisor: User, cohort: Cohort) -> None:
    azores = programme.organisation("Azores", time_zone="Atlantic/Azores")
    there = programme.supervisor(azores)
    due(there, programme.cohort(azores), MONDAY)
    due(supervisor, cohort, MONDAY)

    outbox.plan(datetime(2026, 11, 23, 8, 30, tzinfo=UTC))

    assert dict(Reminder.objects.values_list("recipient", "due_at")) == {
        supervisor.pk: datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
        there.pk: datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    }


@pytest.mark.parametrize("days", range(-3, 12))
def test_the_plan_and_the_pages_agree_on_who_is_due(
    supervisor: User, cohort: Cohort, days: int
) -> None:
    due(supervisor, cohort, MONDAY + timedelta(days=days))
    wednesday = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

    with time_machine.travel(wednesday, tick=False):
        outbox.plan()
        listed = due_this_week(SupervisorAssignment.objects.all()).count()

    assert Reminder.objects.filter(kind="supervision_due").count() == listed
