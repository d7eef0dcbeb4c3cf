"""Leave: what the database refuses, who may change it, and the first day after it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from cohorts.leave import LONGEST, after_leave, away_until
from cohorts.models import Leave
from peersupport.accounts.models import User
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside
from tests.cohorts.test_constraints import broken, every

DAY = timedelta(days=1)


def december(day: int) -> date:
    return date(2026, 12, day)


@pytest.fixture
def ruth(riverside: Riverside) -> User:
    return riverside.psw("Ruth")


@pytest.mark.parametrize(("first", "last"), [(4, 6), (7, 8), (1, 3), (1, 20), (5, 5)])
def test_nobody_is_away_twice_on_one_day(ruth: User, first: int, last: int) -> None:
    programme.leave(ruth, december(3), december(7))

    assert broken(lambda: programme.leave(ruth, december(first), december(last))) == (
        "leave_no_two_at_once_for_a_person"
    )


def test_leaves_may_adjoin_and_others_be_away_on_the_same_days(
    riverside: Riverside, ruth: User
) -> None:
    programme.leave(ruth, december(3), december(7))
    programme.leave(ruth, december(8), december(9))
    programme.leave(ruth, december(1), december(2))
    programme.leave(riverside.leila, december(3), december(7))


def test_leave_ends_on_its_first_day_at_the_earliest(ruth: User) -> None:
    programme.leave(ruth, december(3), december(3))

    assert broken(every(Leave, ends_on=december(2))) == "leave_ends_on_or_after_it_starts"


def test_leave_is_of_a_year_at_most(ruth: User) -> None:
    programme.leave(ruth, MONDAY, MONDAY + LONGEST - DAY)

    assert broken(every(Leave, ends_on=MONDAY + LONGEST)) == "leave_of_a_year_at_most"


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (MONDAY, MONDAY, "There is leave on some of these days already"),
        (december(9), december(8), "The last day must not be before the first day"),
        (december(9), december(9) + LONGEST, "Enter a year at most, and the rest as more leave"),
    ],
)
def test_each_refusal_has_a_sentence(ruth: User, first: date, last: date, sentence: str) -> None:
    programme.leave(ruth, MONDAY, MONDAY)
    leave = Leave(organisation=ruth.organisation, person=ruth, entered_by=ruth)
    leave.starts_on, leave.ends_on = first, last

    with pytest.raises(ValidationError) as refusal:
        leave.full_clean()

    assert refusal.value.messages == [sentence]


@pytest.mark.parametrize("column", ["person", "entered_by"])
def test_leave_stays_in_its_organisation(ruth: User, column: str) -> None:
    programme.leave(ruth, MONDAY, MONDAY)
    stranger = programme.psw(programme.organisation("Elsewhere"))

    name = f"cohorts_leave_{column}_same_organisation"

    assert broken(every(Leave, **{column: stranger}), check=name) == name


def test_one_s_own_leave_is_theirs_to_change_and_everybody_s_a_head_s(
    riverside: Riverside, ruth: User
) -> None:
    mine = programme.leave(ruth, MONDAY, MONDAY)
    hers = programme.leave(riverside.leila, MONDAY, MONDAY)
    outsider = programme.head(programme.organisation("Elsewhere"))

    def may_change(user: User) -> set[Leave]:
        return set(Leave.objects.manageable_by(user))

    assert may_change(ruth) == {mine}
    assert may_change(riverside.leila) == {hers}
    assert may_change(riverside.head) == {mine, hers}
    assert may_change(outsider) == set()


Days = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("worker", "supervisor", "due_on", "moved_to"),
    [
        ([], [], 10, 10),
        ([(11, 12)], [], 10, 10),
        ([(8, 9)], [], 10, 10),
        ([(10, 10)], [], 10, 11),
        ([(8, 14)], [], 10, 15),
        ([], [(8, 14)], 10, 15),
        ([(8, 14)], [(12, 20)], 10, 21),
        ([(8, 14)], [(15, 20)], 10, 21),
        ([(8, 14)], [(16, 20)], 10, 15),
        ([(8, 14), (15, 16)], [], 10, 17),
        ([(8, 10), (14, 16)], [(11, 13), (17, 18)], 9, 19),
        ([(8, 20)], [(10, 12)], 11, 21),
        ([(1, 5)], [(6, 9)], 10, 10),
    ],
)
def test_a_day_in_leave_moves_to_the_first_day_on_which_both_are_here(
    riverside: Riverside, ruth: User, worker: Days, supervisor: Days, due_on: int, moved_to: int
) -> None:
    for person, leaves in ((ruth, worker), (riverside.leila, supervisor)):
        for first, last in leaves:
            programme.leave(person, december(first), december(last))
    programme.leave(riverside.head, december(1), december(31))

    moved = after_leave([(december(due_on), ruth.pk, riverside.leila.pk)])

    assert moved == [december(moved_to)]


def test_many_days_are_answered_in_the_order_asked(riverside: Riverside, ruth: User) -> None:
    programme.leave(ruth, december(8), december(14))

    asked = [(december(day), person, person) for day in (10, 1) for person in (1, ruth.pk)]

    assert after_leave(asked) == [december(day) for day in (10, 15, 1, 1)]
    assert after_leave([]) == []


def test_away_until_the_last_of_leaves_that_adjoin(riverside: Riverside, ruth: User) -> None:
    programme.leave(ruth, MONDAY - DAY, MONDAY)
    programme.leave(ruth, MONDAY + DAY, MONDAY + 2 * DAY)
    programme.leave(riverside.leila, MONDAY + DAY, MONDAY + DAY)

    assert away_until(ruth) == MONDAY + 2 * DAY
    assert away_until(riverside.leila) is None
