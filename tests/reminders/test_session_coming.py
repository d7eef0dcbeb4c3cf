"""A session is coming: who is told, and when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Nation, Organisation, User
from peersupport.reminders import outbox
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import booked, told

pytestmark = pytest.mark.usefixtures("monday_morning")

WEDNESDAY = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@pytest.fixture
def supervisor(riverside: Organisation) -> User:
    return programme.supervisor(riverside)


@pytest.fixture
def worker(supervisor: User) -> User:
    return programme.supervised_psw(supervisor, programme.cohort(supervisor.organisation))


def test_both_are_told_two_working_days_ahead(supervisor: User, worker: User) -> None:
    session = booked(supervisor, worker, at=WEDNESDAY)

    planned = outbox.plan()

    start = int(WEDNESDAY.timestamp())
    assert planned["session_coming"] == 2
    assert {
        (one.key, one.recipient, one.due_at, one.expires_at)
        for one in Reminder.objects.filter(kind="session_coming")
    } == {
        (f"session-coming:{session.pk}:{start}:{one.pk}", one, timezone.now(), WEDNESDAY)
        for one in (supervisor, worker)
    }


def test_planning_again_plans_nothing(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=WEDNESDAY)
    outbox.plan()

    again = outbox.plan()

    assert again["session_coming"] == 0
    assert Reminder.objects.filter(kind="session_coming").count() == 2


def test_a_session_three_working_days_ahead_waits(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=WEDNESDAY + timedelta(days=1))

    outbox.plan()

    assert told("session_coming") == set()


def test_a_weekend_does_not_count_as_days_ahead(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))

    outbox.plan(datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    on_thursday = told("session_coming")
    outbox.plan(datetime(2026, 11, 27, 9, 0, tzinfo=UTC))

    assert on_thursday == set()
    assert told("session_coming") == {supervisor, worker}


def test_a_bank_holiday_counts_only_in_its_nation(supervisor: User, worker: User) -> None:
    scotland = programme.organisation("Clyde", nation=Nation.SCOTLAND)
    north = programme.supervisor(scotland)
    scot = programme.supervised_psw(north, programme.cohort(scotland))
    on_wednesday = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    booked(supervisor, worker, at=on_wednesday)
    booked(north, scot, at=on_wednesday)

    outbox.plan(datetime(2026, 11, 27, 9, 0, tzinfo=UTC))  # St Andrew's Day is Monday

    assert told("session_coming") == {north, scot}


def test_one_booked_for_later_today_is_told_at_once(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=timezone.now() + timedelta(hours=2))

    outbox.plan()

    assert told("session_coming") == {supervisor, worker}


def test_what_is_planned_at_night_is_due_when_the_office_opens(
    supervisor: User, worker: User
) -> None:
    booked(supervisor, worker, at=WEDNESDAY)

    outbox.plan(datetime(2026, 11, 23, 19, 0, tzinfo=UTC))

    due = set(Reminder.objects.values_list("due_at", flat=True))
    assert due == {datetime(2026, 11, 24, 8, 0, tzinfo=UTC)}


def test_a_rearranged_session_owes_a_new_one(supervisor: User, worker: User) -> None:
    session = booked(supervisor, worker, at=WEDNESDAY)
    outbox.plan()
    session.starts_at = WEDNESDAY + timedelta(hours=1)
    session.ends_at = session.starts_at + timedelta(minutes=20)
    session.save(update_fields=["starts_at", "ends_at"])

    planned = outbox.plan()

    assert planned["session_coming"] == 2


@pytest.mark.parametrize(
    ("stage", "left_on"),
    [
        (Membership.Stage.PAUSED, None),
        (Membership.Stage.STEPPED_DOWN, date(2026, 11, 20)),
        (Membership.Stage.ACTIVE, date(2026, 11, 25)),
    ],
)
def test_nobody_is_told_of_somebody_paused_or_gone(
    supervisor: User, worker: User, stage: str, left_on: date | None
) -> None:
    worker.memberships.update(stage=stage, left_on=left_on)
    SupervisorAssignment.objects.filter(worker=worker).update(ends_on=left_on)
    booked(supervisor, worker, at=WEDNESDAY)

    outbox.plan()

    assert told("session_coming") == set()


def test_a_group_is_told_without_those_who_paused(supervisor: User, worker: User) -> None:
    paused = programme.supervised_psw(supervisor, worker.memberships.get().cohort)
    paused.memberships.update(stage=Membership.Stage.PAUSED)
    booked(supervisor, worker, paused, at=WEDNESDAY)

    outbox.plan()

    assert told("session_coming") == {supervisor, worker}


def test_a_former_supervisor_is_not_told(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=WEDNESDAY)
    SupervisorAssignment.objects.update(ends_on=date(2026, 11, 24), next_due_on=None)

    outbox.plan()

    assert told("session_coming") == set()


def test_those_who_cannot_sign_in_are_not_told(supervisor: User, worker: User) -> None:
    booked(supervisor, worker, at=WEDNESDAY)
    User.objects.filter(pk=worker.pk).update(is_active=False)

    outbox.plan()

    assert told("session_coming") == {supervisor}


def test_a_cancelled_session_owes_nothing(supervisor: User, worker: User) -> None:
    session = booked(supervisor, worker, at=WEDNESDAY)
    session.cancelled_at, session.cancelled_by = timezone.now(), supervisor
    session.save()

    outbox.plan()

    assert told("session_coming") == set()


@pytest.mark.parametrize("hour", [0, 23])
@pytest.mark.django_db
def test_the_local_day_counts_where_it_is_not_that_of_greenwich(hour: int) -> None:
    azores = programme.organisation("Azores", time_zone="Atlantic/Azores")
    supervisor = programme.supervisor(azores)
    worker = programme.supervised_psw(supervisor, programme.cohort(azores))
    booked(supervisor, worker, at=datetime(2026, 11, 25, hour, 30, tzinfo=azores.zone))

    outbox.plan(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))

    assert told("session_coming") == {supervisor, worker}


def test_days_after_the_clocks_go_forward_end_an_hour_earlier_in_greenwich(
    supervisor: User, worker: User
) -> None:
    tuesday = datetime(2027, 3, 30, 7, 0, tzinfo=UTC)
    late_on_thursday = datetime(2027, 4, 1, 22, 30, tzinfo=UTC)
    friday = booked(supervisor, worker, at=late_on_thursday + timedelta(hours=1))
    thursday = booked(supervisor, worker, at=late_on_thursday)

    outbox.plan(tuesday)

    coming = Reminder.objects.filter(kind="session_coming")
    assert {one["session"] for one in coming.values_list("about", flat=True)} == {thursday.pk}
    assert friday.held_on == date(2027, 4, 2)
