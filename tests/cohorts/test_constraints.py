"""The database itself refuses what the pages would: each constraint, broken, by its name."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from cohorts.models import Cohort, Membership, Placing, RosterEntry, SupervisorAssignment
from peersupport.accounts.models import User
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def broken(by: Callable[[], Any], check: str = "ALL") -> str:
    """The name of the constraint that `by` breaks."""

    def at_the_end_of_a_transaction() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            by()
            cursor.execute(f"SET CONSTRAINTS {check} IMMEDIATE")

    with pytest.raises(IntegrityError) as refusal:
        at_the_end_of_a_transaction()
    assert refusal.value.__cause__ is not None
    return str(refusal.value.__cause__.diag.constraint_name)  # type: ignore[attr-defined]


@pytest.fixture
def ruth(riverside: Riverside) -> Membership:
    return programme.member(riverside.psw("Ruth"), riverside.autumn)


@pytest.fixture
def supervised(riverside: Riverside, ruth: Membership) -> SupervisorAssignment:
    return programme.supervised(ruth, riverside.leila)


def every(model: type, **facts: object) -> Callable[[], Any]:
    """What writes `facts` straight into every row, past all forms."""
    return lambda: model.objects.update(**facts)  # type: ignore[attr-defined]


def test_one_cohort_at_a_time(riverside: Riverside, ruth: Membership) -> None:
    assert broken(lambda: programme.member(ruth.worker, riverside.winter)) == (
        "membership_one_current_per_worker"
    )
    Membership.objects.update(left_on=MONDAY)
    programme.member(ruth.worker, riverside.winter)


def test_no_overlap_with_a_time_that_has_ended(riverside: Riverside, ruth: Membership) -> None:
    Membership.objects.update(left_on=MONDAY)

    def earlier() -> None:
        programme.member(ruth.worker, riverside.winter, joined_on=JUNE, left_on=JULY)

    assert broken(earlier) == "membership_one_current_per_worker"


def test_the_dates_of_a_membership_are_in_order(ruth: Membership) -> None:
    left_before = every(Membership, left_on=date(2025, 9, 30))

    assert broken(left_before) == "membership_left_on_or_after_joining"


@pytest.mark.parametrize("stage", ["stepped_down", "alumni"])
def test_who_has_finished_has_left(ruth: Membership, stage: str) -> None:
    assert broken(every(Membership, stage=stage)) == (
        "membership_stepped_down_or_finished_has_a_leaving_date"
    )


def test_what_a_placing_ended_has_an_end(
    riverside: Riverside, supervised: SupervisorAssignment
) -> None:
    placing = Placing.objects.create(
        organisation=riverside.organisation, cohort=riverside.winter, placed_by=riverside.head
    )

    assert broken(every(Membership, ended_by_placing=placing)) == (
        "membership_ended_by_a_placing_has_a_leaving_date"
    )
    assert broken(every(SupervisorAssignment, ended_by_placing=placing)) == (
        "assignment_ended_by_a_placing_has_an_end"
    )
    assert broken(every(Placing, undone_by=riverside.head)) == (
        "placing_undone_by_someone_at_some_time"
    )


def test_bulk_writes_take_no_place_that_is_not_there(riverside: Riverside) -> None:
    many = [
        Membership(
            organisation=riverside.organisation,
            cohort=riverside.winter,
            worker=riverside.psw(),
            joined_on=MONDAY,
            placed_by=riverside.head,
        )
        for _ in range(riverside.winter.capacity + 1)
    ]

    assert broken(lambda: Membership.objects.bulk_create(many)) == (
        "cohort_has_a_place_for_each_member"
    )
    Membership.objects.bulk_create(many[1:])


def test_coming_back_takes_no_place_that_is_not_there(riverside: Riverside) -> None:
    Cohort.objects.filter(pk=riverside.winter.pk).update(capacity=1)
    programme.member(riverside.psw(), riverside.winter, left_on=MONDAY)
    programme.member(riverside.psw(), riverside.winter)

    assert broken(every(Membership, left_on=None)) == "cohort_has_a_place_for_each_member"


def test_places_are_not_taken_from_under_members(riverside: Riverside) -> None:
    for _ in range(2):
        programme.member(riverside.psw(), riverside.winter)

    assert broken(every(Cohort, capacity=1)) == "cohort_has_a_place_for_each_member"
    Cohort.objects.filter(pk=riverside.winter.pk).update(capacity=2)


def test_nobody_supervises_themself(ruth: Membership) -> None:
    assert broken(lambda: programme.supervised(ruth, ruth.worker)) == (
        "assignment_nobody_supervises_themself"
    )


def test_one_supervisor_at_a_time_for_each_purpose(
    riverside: Riverside, supervised: SupervisorAssignment
) -> None:
    membership = supervised.membership

    assert broken(lambda: programme.supervised(membership, riverside.anwen)) == (
        "assignment_one_supervisor_at_a_time_per_purpose"
    )
    programme.supervised(membership, riverside.anwen, purpose="reflective")


def test_the_dates_of_an_assignment_are_in_order(supervised: SupervisorAssignment) -> None:
    ended_before = every(SupervisorAssignment, ends_on=date(2025, 9, 30), next_due_on=None)

    assert broken(ended_before) == "assignment_ends_on_or_after_it_starts"


@pytest.mark.parametrize(
    "facts",
    [{"joined_on": date(2026, 1, 5)}, {"left_on": date(2026, 1, 5)}],
    ids=["before joining", "after leaving"],
)
def test_supervision_lies_within_the_membership(
    supervised: SupervisorAssignment, facts: dict[str, date]
) -> None:
    assert broken(every(Membership, **facts)) == "assignment_within_its_membership"


def test_something_is_due_unless_it_ends_before(supervised: SupervisorAssignment) -> None:
    name = "assignment_falls_due_until_it_ends"

    assert broken(every(SupervisorAssignment, next_due_on=None)) == name
    assert broken(every(SupervisorAssignment, ends_on=F("next_due_on"))) == name


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"ends_on": date(2025, 1, 1)}, "cohort_ends_on_or_after_it_starts"),
        ({"capacity": 0}, "cohort_has_one_to_500_places"),
        ({"capacity": 501}, "cohort_has_one_to_500_places"),
        ({"first_months": 25}, "cohort_is_closer_together_for_two_years_at_most"),
        ({"days_at_first": 6}, "cohort_cadence_between_a_week_and_half_a_year"),
        ({"days_after": 183}, "cohort_cadence_between_a_week_and_half_a_year"),
        ({"name": "The same"}, "cohort_name_once_in_an_organisation"),
    ],
)
def test_a_cohort_makes_sense(riverside: Riverside, facts: dict[str, Any], name: str) -> None:
    assert broken(every(Cohort, **facts)) == name


def test_a_cohorts_name_is_the_same_in_capitals(riverside: Riverside) -> None:
    programme.cohort(riverside.organisation, name="WINTER")

    with pytest.raises(IntegrityError, match="cohort_name_once_in_an_organisation"):
        programme.cohort(riverside.organisation, name="Winter")


def test_an_employee_number_belongs_to_one_person(riverside: Riverside) -> None:
    programme.roster_entry(riverside.psw(), employee_number="20000007")
    programme.roster_entry(riverside.psw())

    assert broken(every(RosterEntry, employee_number="20000007")) == (
        "roster_employee_number_once_in_an_organisation"
    )


def _with_a_placing(riverside: Riverside, supervised: SupervisorAssignment) -> None:
    """Point every placing column somewhere in Riverside."""
    placing = Placing.objects.create(
        organisation=riverside.organisation,
        cohort=riverside.winter,
        placed_by=riverside.head,
        undone_by=riverside.head,
        undone_at="2026-11-23T09:00Z",
    )
    programme.roster_entry(supervised.worker)
    ended = {"ended_by_placing": placing, "placing": placing}
    Membership.objects.update(left_on=MONDAY, **ended)
    SupervisorAssignment.objects.update(ends_on=MONDAY, next_due_on=None, **ended)


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (RosterEntry, "person"),
        (Membership, "cohort"),
        (Membership, "worker"),
        (Membership, "placed_by"),
        (Membership, "placing"),
        (Membership, "ended_by_placing"),
        (SupervisorAssignment, "membership"),
        (SupervisorAssignment, "supervisor"),
        (SupervisorAssignment, "assigned_by"),
        (SupervisorAssignment, "placing"),
        (SupervisorAssignment, "ended_by_placing"),
        (Placing, "cohort"),
        (Placing, "placed_by"),
        (Placing, "undone_by"),
    ],
)
def test_nothing_points_into_another_organisation(
    riverside: Riverside, supervised: SupervisorAssignment, model: type, column: str
) -> None:
    _with_a_placing(riverside, supervised)
    elsewhere = programme.organisation("Elsewhere")
    stranger = programme.psw(elsewhere)
    their_cohort = programme.cohort(elsewhere)
    theirs: dict[type, object] = {
        User: programme.psw(elsewhere),
        Cohort: their_cohort,
        Membership: programme.member(stranger, their_cohort),
        Placing: Placing.objects.create(
            organisation=elsewhere, cohort=their_cohort, placed_by=stranger
        ),
    }
    target = model._meta.get_field(column).related_model  # type: ignore[attr-defined]
    ours = model.objects.filter(organisation=riverside.organisation)  # type: ignore[attr-defined]

    name = f"{model._meta.db_table}_{column}_same_organisation"  # type: ignore[attr-defined]

    assert broken(lambda: ours.update(**{column: theirs[target]}), check=name) == name


def test_an_assignment_is_of_the_member_it_names(
    riverside: Riverside, supervised: SupervisorAssignment
) -> None:
    assert broken(every(SupervisorAssignment, worker=riverside.psw())) == (
        "cohorts_supervisorassignment_membership_same_organisation"
    )
