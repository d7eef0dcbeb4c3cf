"""Changing a cohort changes what follows from it, in the same transaction."""

from datetime import date, timedelta

import pytest

from cohorts import actions
from cohorts.models import Membership, SupervisorAssignment
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside


def test_a_new_cadence_moves_every_due_date_of_the_cohort_and_of_no_other(
    riverside: Riverside,
) -> None:
    for cohort in (riverside.winter, riverside.autumn):
        for _ in range(2):
            membership = programme.member(riverside.psw(), cohort)
            programme.supervised(membership, riverside.anwen, last_held_on=MONDAY)
    ended = SupervisorAssignment.objects.filter(membership__cohort=riverside.winter)[0]
    SupervisorAssignment.objects.filter(pk=ended.pk).update(ends_on=MONDAY, next_due_on=None)
    riverside.winter.days_at_first = 14

    actions.change_cohort(riverside.winter)

    due = SupervisorAssignment.objects.order_by("pk").values_list("next_due_on", flat=True)
    settled = MONDAY + timedelta(days=42)
    assert list(due) == [None, MONDAY + timedelta(days=14), settled, settled]


def test_a_new_name_moves_no_due_date(riverside: Riverside) -> None:
    programme.supervised(programme.member(riverside.psw(), riverside.winter), riverside.anwen)
    SupervisorAssignment.objects.update(next_due_on=date(2030, 1, 1))
    riverside.winter.name = "Winter"

    actions.change_cohort(riverside.winter)

    assert SupervisorAssignment.objects.get().next_due_on == date(2030, 1, 1)


def test_when_training_is_over_those_in_training_are_active_and_the_paused_stay_paused(
    riverside: Riverside,
) -> None:
    training = programme.cohort(riverside.organisation, stage="training")
    for stage in ("in_training", "paused"):
        programme.member(riverside.psw(), training, stage=stage)
    elsewhere = programme.cohort(riverside.organisation, stage="training")
    programme.member(riverside.psw(), elsewhere, stage="in_training")
    training.stage = "active"

    actions.change_cohort(training)

    stages = Membership.objects.order_by("pk").values_list("stage", flat=True)
    assert list(stages) == ["active", "paused", "in_training"]


def test_a_cohort_keeps_a_place_for_each_member(riverside: Riverside) -> None:
    for _ in range(2):
        programme.member(riverside.psw(), riverside.winter)
    programme.member(riverside.psw(), riverside.winter, left_on=date(2026, 12, 1))
    riverside.winter.capacity = 2

    with pytest.raises(actions.PlacesTaken, match=r"^3 people have a place\. Enter 3 or more\.$"):
        actions.change_cohort(riverside.winter)
    riverside.winter.capacity = 3
    actions.change_cohort(riverside.winter)

    riverside.winter.refresh_from_db()
    assert riverside.winter.capacity == 3
