"""Taking a placing back: as if it had never been, for a day, unless something stands on it."""

from datetime import date, timedelta

import pytest
import time_machine

from cohorts import actions
from cohorts.models import Cohort, Membership, Placing, SupervisorAssignment
from cohorts.obstacles import Placement
from cohorts.undo import NotUndone, undo
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside


@pytest.fixture
def moved(riverside: Riverside) -> Placing:
    """Ruth, moved from Autumn 2025 and Leila to Winter 2026 and Anwen; and Mei, placed anew."""
    ruth, mei = riverside.psw("Ruth", family_name="Clarke"), riverside.psw("Mei")
    earlier = programme.member(ruth, riverside.autumn)
    programme.supervised(earlier, riverside.leila, last_held_on=date(2026, 11, 13))
    return actions.place_many(
        [Placement(ruth, riverside.anwen, move=True), Placement(mei, riverside.anwen)],
        cohort=riverside.winter,
        on=MONDAY,
        by=riverside.head,
    )


def refusal(placing: Placing, riverside: Riverside) -> str:
    """The sentence with which taking `placing` back is refused."""
    with pytest.raises(NotUndone) as refused:
        undo(placing, by=riverside.head)
    return str(refused.value)


def test_what_was_ended_holds_again_and_what_was_made_never_held(
    riverside: Riverside, moved: Placing
) -> None:
    undo(moved, by=riverside.head)

    assert list(Membership.objects.current().values_list("cohort__name", "left_on")) == [
        ("Autumn 2025", None)
    ]
    supervision = SupervisorAssignment.objects.current().get()
    assert (supervision.supervisor, supervision.ends_on) == (riverside.leila, None)
    assert supervision.next_due_on == date(2026, 11, 13) + timedelta(days=42)
    assert Membership.objects.real().count() == 1
    assert SupervisorAssignment.objects.real().count() == 1
    moved.refresh_from_db()
    assert moved.undone_by == riverside.head


def test_a_leaving_date_that_was_fixed_before_comes_back(riverside: Riverside) -> None:
    ruth = riverside.psw()
    christmas = date(2026, 12, 25)
    earlier = programme.member(ruth, riverside.autumn, left_on=christmas)
    programme.supervised(earlier, riverside.leila, ends_on=christmas)
    place = Placement(ruth, riverside.anwen, move=True)
    placing = actions.place_many([place], cohort=riverside.winter, on=MONDAY, by=riverside.head)

    undo(placing, by=riverside.head)

    earlier.refresh_from_db()
    assert earlier.left_on == christmas
    assert earlier.assignments.get().ends_on == christmas


def test_a_placing_that_has_not_begun_leaves_nobody_behind(riverside: Riverside) -> None:
    place = Placement(riverside.psw(), riverside.anwen)
    placing = actions.place_many(
        [place], cohort=riverside.winter, on=date(2026, 12, 1), by=riverside.head
    )

    undo(placing, by=riverside.head)

    assert Membership.objects.current().count() == 0
    assert SupervisorAssignment.objects.current().count() == 0


def test_after_a_day_or_a_second_time_it_is_too_late(
    riverside: Riverside, moved: Placing, monday_morning: time_machine.Traveller
) -> None:
    monday_morning.shift(timedelta(hours=24))
    late = refusal(moved, riverside)
    monday_morning.shift(timedelta(seconds=-1))
    undo(moved, by=riverside.head)
    again = refusal(moved, riverside)

    assert late == again == "This can no longer be undone: a day has passed, or it is undone."


def test_nobody_takes_back_what_another_organisation_placed(
    riverside: Riverside, moved: Placing
) -> None:
    stranger = programme.head(programme.organisation("Elsewhere"))

    with pytest.raises(NotUndone):
        undo(moved, by=stranger)

    assert Membership.objects.current().filter(cohort=riverside.winter).count() == 2


def test_a_session_logged_since_stands_in_the_way(riverside: Riverside, moved: Placing) -> None:
    moved.assignments.filter(worker__given_name="Ruth").update(last_held_on=MONDAY)

    assert refusal(moved, riverside) == "A session with Ruth Clarke has been logged since."


def test_another_supervisor_since_stands_in_the_way(riverside: Riverside, moved: Placing) -> None:
    membership = moved.memberships.get(worker__given_name="Ruth")
    actions.assign_supervisor(membership, supervisor=riverside.leila, on=MONDAY, by=riverside.head)

    assert refusal(moved, riverside) == "The supervisor of Ruth Clarke has changed since."


def test_a_last_day_or_a_pause_since_stands_in_the_way(
    riverside: Riverside, moved: Placing
) -> None:
    membership = moved.memberships.get(worker__given_name="Ruth")
    membership.pause()
    paused = refusal(moved, riverside)
    membership.resume()
    actions.end_membership(
        membership, left_on=MONDAY + timedelta(days=1), stage="stepped_down", by=riverside.head
    )
    left = refusal(moved, riverside)

    assert paused == "Ruth Clarke has paused since."
    assert left == "Ruth Clarke has been given a last day in Winter 2026 since."


def test_a_later_placing_of_the_same_person_stands_in_the_way(
    riverside: Riverside, moved: Placing, monday_morning: time_machine.Traveller
) -> None:
    monday_morning.shift(timedelta(hours=1))
    ruth = moved.memberships.get(worker__given_name="Ruth").worker
    place = Placement(ruth, move=True)
    later = actions.place_many([place], cohort=riverside.autumn, on=MONDAY, by=riverside.head)

    assert refusal(moved, riverside) == "Ruth Clarke has been placed again since."
    undo(later, by=riverside.head)
    assert [each.cohort for each in ruth.memberships.current()] == [riverside.winter]


def test_there_is_no_way_back_into_a_cohort_that_is_full_by_now(
    riverside: Riverside, moved: Placing
) -> None:
    Cohort.objects.filter(pk=riverside.autumn.pk).update(capacity=1)
    programme.member(riverside.psw(), riverside.autumn)

    assert refusal(moved, riverside) == ("Autumn 2025 has no place left for those who were in it.")


def test_nobody_is_given_back_to_one_who_no_longer_supervises(
    riverside: Riverside, moved: Placing
) -> None:
    actions.end_role(riverside.leila, "supervisor", by=riverside.head)

    assert refusal(moved, riverside) == (
        "Leila Pugh, who was somebody’s supervisor, no longer supervises."
    )
    assert Membership.objects.current().filter(cohort=riverside.winter).count() == 2
