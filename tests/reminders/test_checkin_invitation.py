"""Check-in invitations: the same schedule for everybody."""

from datetime import UTC, date, datetime, timedelta

import pytest

from checkins.models import CheckIn
from cohorts.models import Cohort, Membership
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import outbox
from tests import programme
from tests.reminders.programme import owed, told

pytestmark = pytest.mark.usefixtures("monday_morning")

MONDAY = date(2026, 11, 23)


@pytest.fixture
def cohort(riverside: Organisation) -> Cohort:
    return programme.cohort(riverside, starts_on=date(2026, 1, 5))


def joined(cohort: Cohort, on: date, **facts: object) -> User:
    worker = programme.psw(cohort.organisation)
    programme.member(worker, cohort, joined_on=on, **facts)
    return worker


def plan_days(first: date, number: int) -> None:
    """Plan at 09:00 on each of these days."""
    for day in range(number):
        on = first + timedelta(days=day)
        outbox.plan(datetime(on.year, on.month, on.day, 9, 0, tzinfo=UTC))


def test_every_two_weeks_for_six_months_then_every_four(cohort: Cohort) -> None:
    worker = joined(cohort, date(2026, 6, 1))

    plan_days(date(2026, 6, 1), 300)

    days = sorted(date.fromisoformat(key.split(":")[2]) for key, _ in owed("checkin_invitation"))
    assert [(day - date(2026, 6, 1)).days for day in days] == [
        *range(14, 183, 14),
        *range(196, 300, 28),
    ]
    assert told("checkin_invitation") == {worker}


def test_one_that_falls_on_a_weekend_comes_on_monday_once(cohort: Cohort) -> None:
    worker = joined(cohort, date(2026, 11, 7))

    plan_days(date(2026, 11, 20), 7)

    assert owed("checkin_invitation") == {(f"check-in-invitation:{worker.pk}:2026-11-21", worker)}


def test_it_does_not_matter_whether_somebody_checked_in(cohort: Cohort) -> None:
    one, other = (joined(cohort, MONDAY - timedelta(days=14)) for _ in range(2))
    CheckIn.objects.create(
        organisation=cohort.organisation,
        worker=one,
        instrument="pulse",
        answered_on=MONDAY,
        answers={"mood": 7},
    )

    plan_days(MONDAY, 1)

    assert told("checkin_invitation") == {one, other}


@pytest.mark.parametrize(
    ("stage", "left_on"),
    [
        (Membership.Stage.PAUSED, None),
        (Membership.Stage.IN_TRAINING, None),
        (Membership.Stage.STEPPED_DOWN, MONDAY),
        (Membership.Stage.ACTIVE, MONDAY),
    ],
)
def test_only_those_active_are_invited(cohort: Cohort, stage: str, left_on: date | None) -> None:
    joined(cohort, MONDAY - timedelta(days=14), stage=stage, left_on=left_on)

    plan_days(MONDAY, 1)

    assert told("checkin_invitation") == set()


def test_nobody_is_invited_on_the_day_of_joining(cohort: Cohort) -> None:
    joined(cohort, MONDAY)

    plan_days(MONDAY, 1)

    assert told("checkin_invitation") == set()


def test_a_beat_that_was_dead_for_days_is_made_good_once(cohort: Cohort) -> None:
    worker = joined(cohort, MONDAY - timedelta(days=14))

    plan_days(MONDAY + timedelta(days=3), 2)

    assert owed("checkin_invitation") == {(f"check-in-invitation:{worker.pk}:2026-11-23", worker)}


def test_after_a_week_the_next_day_of_the_schedule_is_waited_for(cohort: Cohort) -> None:
    joined(cohort, MONDAY - timedelta(days=14))

    plan_days(MONDAY + timedelta(days=7), 1)

    assert told("checkin_invitation") == set()
