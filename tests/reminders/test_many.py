"""Ten thousand reminders take as many statements as ten."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts.models import Cohort, Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds, outbox
from peersupport.reminders.models import Reminder
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


def owed_to_many(where: Organisation, number: int) -> None:
    """`number` PSWs to invite to check in today, each due supervision from one of their own."""
    cohort: Cohort = programme.cohort(where, capacity=number)
    workers, supervisors = people(where, number), people(where, number)
    memberships = Membership.objects.bulk_create(
        Membership(
            organisation=where,
            cohort=cohort,
            worker=worker,
            stage=Membership.Stage.ACTIVE,
            joined_on=TODAY - timedelta(days=28),
            placed_by=worker,
        )
        for worker in workers
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


@pytest.mark.parametrize("number", [3, 300])
def test_planning_is_one_statement_a_kind(riverside: Organisation, number: int) -> None:
    owed_to_many(riverside, number)

    with CaptureQueriesContext(connection) as queries:
        planned = outbox.plan()

    assert sum(planned.values()) == 2 * number
    assert len(queries) == 1 + sum(bool(kind.owed) for kind in kinds.every())


def test_ten_thousand_are_planned_in_seconds(riverside: Organisation) -> None:
    owed_to_many(riverside, 5000)
    started = time.perf_counter()

    planned = outbox.plan()

    assert sum(planned.values()) == Reminder.objects.count() == 10_000
    assert time.perf_counter() - started < 30


@pytest.mark.django_db(transaction=True)
def test_one_kind_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    owed_to_many(programme.organisation(), 3)
    monkeypatch.setattr(kinds.named("supervision_due"), "owed", "SELECT 1 / 0")

    with pytest.raises(outbox.NotPlanned, match="supervision_due"):
        outbox.plan()

    assert set(Reminder.objects.values_list("kind", flat=True)) == {"checkin_invitation"}
