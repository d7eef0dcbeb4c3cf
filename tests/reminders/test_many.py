"""Ten thousand reminders take as many statements as ten."""

import time
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Cohort, Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds, outbox
from peersupport.reminders.models import Reminder
from supervision.models import Attendance, Session
from tests import programme
from tests.reminders.programme import MONDAY_MORNING

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TODAY = MONDAY_MORNING.date()


def people(where: Organisation, number: int) -> list[User]:
    before = User.objects.count()
    return User.objects.bulk_create(
        User(organisation=where, email=f"many{before + n}@trust.example", family_name="Many")
        for n in range(number)
    )


def owed_to_many(where: Organisation, number: int, *, is_booked: bool = False) -> None:
    """`number` PSWs to invite to check in today, each due supervision from one of their own.

    Or, where it `is_booked`, with a session tomorrow.
    """
    cohorts: list[Cohort] = [programme.cohort(where, capacity=500) for _ in range(0, number, 500)]
    workers, supervisors = people(where, number), people(where, number)
    memberships = Membership.objects.bulk_create(
        Membership(
            organisation=where,
            cohort=cohorts[place // 500],
            worker=worker,
            stage=Membership.Stage.ACTIVE,
            joined_on=TODAY - timedelta(days=28),
            placed_by=worker,
        )
        for place, worker in enumerate(workers)
    )
    SupervisorAssignment.objects.bulk_create(
        SupervisorAssignment(
            organisation=where,
            membership=membership,
            worker_id=membership.worker_id,
            supervisor=supervisor,
            starts_on=membership.joined_on,
            next_due_on=TODAY,
            assigned_by=supervisor,
        )
        for membership, supervisor in zip(memberships, supervisors, strict=True)
    )
    if is_booked:
        book_many(where, zip(workers, supervisors, strict=True))
    # As autovacuum does in time. Without it, foreign keys are checked as on the empty tables of
    # the tests before: by reading all of them, for each row.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def book_many(where: Organisation, pairs: Iterable[tuple[User, User]]) -> None:
    """A session tomorrow for each worker and supervisor."""
    at = MONDAY_MORNING + timedelta(days=1)
    workers, supervisors = zip(*pairs, strict=True)
    sessions = Session.objects.bulk_create(
        Session(
            organisation=where,
            supervisor=supervisor,
            held_on=at.date(),
            starts_at=at,
            ends_at=at + timedelta(minutes=20),
            booked_at=at,
            booked_by=supervisor,
        )
        for supervisor in supervisors
    )
    Attendance.objects.bulk_create(
        Attendance(organisation=where, session=session, worker=worker)
        for session, worker in zip(sessions, workers, strict=True)
    )


@pytest.mark.parametrize("number", [3, 300])
def test_planning_is_one_statement_a_kind(riverside: Organisation, number: int) -> None:
    owed_to_many(riverside, number)

    with CaptureQueriesContext(connection) as queries:
        planned = outbox.plan()

    assert planned == dict.fromkeys(planned, 0) | {
        "supervision_due": number,
        "checkin_invitation": number,
        "supervisor_week": number,
    }
    hours, heartbeat, counted_anew = 1, 1, number * 3 >= outbox.MANY
    each = sum(bool(kind.owed) for kind in kinds.every())
    assert len(queries) == hours + each + heartbeat + counted_anew


def test_the_database_learns_how_many_rows_there_are_before_senders_come(
    riverside: Organisation,
) -> None:
    owed_to_many(riverside, 300)

    outbox.plan()

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'reminders_reminder'")
        assert cursor.fetchone() == (900,)


@pytest.mark.parametrize(
    ("is_booked", "expected"),
    [
        (False, {"supervision_due": 5000}),
        (True, {"session_coming": 10_000}),
    ],
)
def test_thousands_are_planned_in_seconds(
    riverside: Organisation, is_booked: bool, expected: dict[str, int]
) -> None:
    owed_to_many(riverside, 5000, is_booked=is_booked)
    started = time.perf_counter()

    planned = outbox.plan()

    always = {"checkin_invitation": 5000, "supervisor_week": 5000}
    assert planned == dict.fromkeys(planned, 0) | always | expected
    assert time.perf_counter() - started < 30


@pytest.mark.django_db(transaction=True)
def test_one_kind_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    owed_to_many(programme.organisation(), 3)
    monkeypatch.setattr(kinds.named("supervision_due"), "owed", "SELECT 1 / 0")

    with pytest.raises(outbox.NotPlanned, match="supervision_due"):
        outbox.plan()

    planned = set(Reminder.objects.values_list("kind", flat=True))
    assert planned == {"checkin_invitation", "supervisor_week"}
