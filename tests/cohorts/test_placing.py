"""Placing people: what it makes, what it ends, and what stands in its way."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cohorts import actions, obstacles
from cohorts.models import Cohort, Membership, Placing, SupervisorAssignment
from cohorts.obstacles import CohortFull, NotPlaced, Placement
from peersupport.accounts.models import Organisation, Role
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside


def test_a_worker_is_placed_with_a_supervisor_and_due_by_the_cohorts_cadence(
    riverside: Riverside,
) -> None:
    ruth = riverside.psw()

    membership = actions.place(
        ruth, cohort=riverside.winter, on=MONDAY, by=riverside.head, supervisor=riverside.anwen
    )

    assert (membership.cohort, membership.joined_on, membership.left_on) == (
        riverside.winter,
        MONDAY,
        None,
    )
    assert membership.placed_by == riverside.head
    assignment = membership.assignments.get()
    assert (assignment.supervisor, assignment.starts_on) == (riverside.anwen, MONDAY)
    assert assignment.next_due_on == MONDAY + timedelta(days=28)


def test_without_a_supervisor_nobody_supervises(riverside: Riverside) -> None:
    actions.place(riverside.psw(), cohort=riverside.winter, on=MONDAY, by=riverside.head)

    assert SupervisorAssignment.objects.count() == 0
    assert Membership.objects.unsupervised().count() == 1


@pytest.mark.parametrize(
    ("cohort_stage", "stage"),
    [("planned", "in_training"), ("training", "in_training"), ("active", "active")],
)
def test_a_new_member_is_in_training_until_the_cohort_is_active(
    riverside: Riverside, cohort_stage: str, stage: str
) -> None:
    Cohort.objects.filter(pk=riverside.winter.pk).update(stage=cohort_stage)

    membership = actions.place(
        riverside.psw(), cohort=riverside.winter, on=MONDAY, by=riverside.head
    )

    assert membership.stage == stage


def test_the_line_managers_address_is_copied_from_the_roster(riverside: Riverside) -> None:
    ruth = riverside.psw()
    programme.roster_entry(ruth, line_manager_email="boss@trust.example")

    membership = actions.place(ruth, cohort=riverside.winter, on=MONDAY, by=riverside.head)

    assert membership.line_manager_email == "boss@trust.example"


def test_moving_ends_the_earlier_time_and_its_supervision_on_that_day(
    riverside: Riverside,
) -> None:
    ruth = riverside.psw()
    earlier = programme.member(ruth, riverside.autumn)
    supervision = programme.supervised(earlier, riverside.leila)

    actions.place(
        ruth,
        cohort=riverside.winter,
        on=MONDAY,
        by=riverside.head,
        supervisor=riverside.anwen,
        move=True,
    )

    earlier.refresh_from_db()
    supervision.refresh_from_db()
    assert (earlier.left_on, earlier.last_day_on) == (MONDAY, date(2026, 11, 22))
    assert (supervision.ends_on, supervision.next_due_on) == (MONDAY, None)
    assert [each.supervisor for each in ruth.supervised_in.current()] == [riverside.anwen]


def test_moving_does_not_stretch_the_gap_since_the_last_session(riverside: Riverside) -> None:
    ruth = riverside.psw()
    earlier = programme.member(ruth, riverside.autumn, joined_on=date(2026, 9, 1))
    programme.supervised(earlier, riverside.leila, last_held_on=date(2026, 11, 13))

    membership = actions.place(
        ruth,
        cohort=riverside.winter,
        on=MONDAY,
        by=riverside.head,
        supervisor=riverside.anwen,
        move=True,
    )

    assignment = membership.assignments.get()
    assert assignment.last_held_on == date(2026, 11, 13)
    assert assignment.next_due_on == date(2026, 11, 13) + timedelta(days=28)


def test_moving_does_not_begin_the_months_in_the_role_anew(riverside: Riverside) -> None:
    ruth = riverside.psw()
    earlier = programme.member(ruth, riverside.autumn, joined_on=date(2026, 1, 5))
    programme.supervised(earlier, riverside.leila, last_held_on=date(2026, 11, 13))

    for cohort in (riverside.winter, riverside.autumn):
        moved = actions.place(
            ruth,
            cohort=cohort,
            on=MONDAY + timedelta(days=cohort == riverside.autumn),
            by=riverside.head,
            supervisor=riverside.anwen,
            move=True,
        )

    assert moved.role_began_on == date(2026, 1, 5)
    assert moved.assignments.get().next_due_on == date(2026, 11, 13) + timedelta(days=42)


def test_until_the_day_of_a_move_supervision_falls_due_as_before(riverside: Riverside) -> None:
    ruth, mei = riverside.psw(), riverside.psw()
    for worker, due_on in ((ruth, date(2026, 12, 1)), (mei, date(2026, 12, 14))):
        earlier = programme.member(worker, riverside.autumn)
        programme.supervised(earlier, riverside.leila, next_due_on=due_on)

    actions.place_many(
        [Placement(ruth, move=True), Placement(mei, move=True)],
        cohort=riverside.winter,
        on=date(2026, 12, 14),
        by=riverside.head,
    )

    before = SupervisorAssignment.objects.filter(supervisor=riverside.leila)
    assert dict(before.values_list("worker", "next_due_on")) == {
        ruth.pk: date(2026, 12, 1),
        mei.pk: None,
    }


def test_a_leavers_place_is_free_from_the_day_they_leave(riverside: Riverside) -> None:
    Cohort.objects.filter(pk=riverside.winter.pk).update(capacity=1)
    programme.member(riverside.psw(), riverside.winter, left_on=date(2026, 12, 14))
    ruth = riverside.psw()

    with pytest.raises(CohortFull):
        actions.place(ruth, cohort=riverside.winter, on=date(2026, 12, 13), by=riverside.head)
    actions.place(ruth, cohort=riverside.winter, on=date(2026, 12, 14), by=riverside.head)

    assert riverside.winter.memberships.count() == 2


def test_who_is_trained_or_paused_stays_so_when_moved(riverside: Riverside) -> None:
    Cohort.objects.filter(pk=riverside.winter.pk).update(stage="training")
    ruth, mei = riverside.psw("Ruth"), riverside.psw("Mei")
    programme.member(ruth, riverside.autumn, stage="active")
    programme.member(mei, riverside.autumn, stage="paused")

    actions.place_many(
        [Placement(ruth, move=True), Placement(mei, move=True)],
        cohort=riverside.winter,
        on=MONDAY,
        by=riverside.head,
    )

    assert ruth.memberships.get(cohort=riverside.winter).stage == "active"
    assert mei.memberships.get(cohort=riverside.winter).stage == "paused"


def test_an_earlier_placing_that_has_not_begun_never_holds(riverside: Riverside) -> None:
    ruth = riverside.psw()
    later = actions.place(ruth, cohort=riverside.autumn, on=date(2026, 12, 1), by=riverside.head)

    actions.place(ruth, cohort=riverside.winter, on=MONDAY, by=riverside.head, move=True)

    later.refresh_from_db()
    assert later.left_on == later.joined_on
    assert [each.cohort for each in ruth.memberships.current()] == [riverside.winter]


def placed(
    riverside: Riverside, placement: Placement, on: date = MONDAY
) -> tuple[type[NotPlaced], str]:
    """What kind of refusal the placing met, and its sentence."""
    with pytest.raises(NotPlaced) as refusal:
        actions.place_many([placement], cohort=riverside.winter, on=on, by=riverside.head)
    return refusal.type, str(refusal.value)


def test_nobody_is_moved_without_a_decision(riverside: Riverside) -> None:
    ruth = riverside.psw()
    programme.member(ruth, riverside.autumn)

    assert placed(riverside, Placement(ruth)) == (
        obstacles.AlreadyInACohort,
        "Already in Autumn 2025. Placing Ruth here ends that on 22 November.",
    )
    assert ruth.memberships.get().left_on is None


def test_nobody_is_placed_where_they_are(riverside: Riverside) -> None:
    ruth = riverside.psw()
    programme.member(ruth, riverside.winter)

    assert placed(riverside, Placement(ruth, move=True)) == (
        obstacles.AlreadyHere,
        "Ruth is already in Winter 2026.",
    )


def test_history_is_not_written_over(riverside: Riverside) -> None:
    ruth, mei = riverside.psw("Ruth"), riverside.psw("Mei")
    programme.member(ruth, riverside.autumn, left_on=date(2026, 11, 2))
    programme.member(mei, riverside.autumn, joined_on=date(2026, 10, 20))

    assert placed(riverside, Placement(ruth, move=True), on=date(2026, 10, 30)) == (
        obstacles.StartsTooEarly,
        "Ruth was in Autumn 2025 until 1 November. Choose a later first day.",
    )
    assert placed(riverside, Placement(mei, move=True), on=date(2026, 10, 19)) == (
        obstacles.StartsTooEarly,
        "Mei joined Autumn 2025 on 20 October. Choose a later first day.",
    )


def test_the_day_they_left_is_early_enough(riverside: Riverside) -> None:
    ruth = riverside.psw()
    programme.member(ruth, riverside.autumn, left_on=date(2026, 11, 2))

    actions.place(ruth, cohort=riverside.winter, on=date(2026, 11, 2), by=riverside.head)

    assert ruth.memberships.count() == 2


@pytest.mark.parametrize("on_the_roster", ["anwen@trust.example", "ANWEN@TRUST.EXAMPLE"])
@pytest.mark.parametrize("of_the_account", ["anwen@trust.example", "Anwen@Trust.example"])
def test_a_line_manager_is_refused_whatever_the_capitals(
    riverside: Riverside, on_the_roster: str, of_the_account: str
) -> None:
    riverside.anwen.email = of_the_account
    riverside.anwen.save()
    tariq = riverside.psw("Tariq")
    programme.roster_entry(tariq, line_manager_email=on_the_roster)

    for accepted in (False, True):
        placement = Placement(tariq, riverside.anwen, line_manager_accepted=accepted)
        assert placed(riverside, placement) == (
            obstacles.OwnLineManager,
            "Anwen is Tariq’s line manager. Choose another supervisor.",
        )
    assert Membership.objects.count() == 0


def test_where_the_organisation_only_warns_the_head_may_accept_a_line_manager(
    riverside: Riverside,
) -> None:
    Organisation.objects.update(line_manager_rule="warn")
    tariq = riverside.psw("Tariq")
    tariq.refresh_from_db()
    programme.roster_entry(tariq, line_manager_email=riverside.anwen.email)

    assert placed(riverside, Placement(tariq, riverside.anwen)) == (
        obstacles.OwnLineManager,
        "Anwen is Tariq’s line manager.",
    )
    actions.place_many(
        [Placement(tariq, riverside.anwen, line_manager_accepted=True)],
        cohort=riverside.winter,
        on=MONDAY,
        by=riverside.head,
    )
    assert tariq.supervised_in.get().supervisor == riverside.anwen


def test_only_peer_support_workers_are_placed(riverside: Riverside) -> None:
    nobody = programme.person(riverside.organisation, given_name="Sam", family_name="Lee")
    gone = riverside.psw("Mei", family_name="Walker", is_active=False)

    assert placed(riverside, Placement(nobody)) == (
        obstacles.NotAPeerSupportWorker,
        "Sam Lee does not have the role of peer support worker.",
    )
    assert placed(riverside, Placement(gone))[0] is obstacles.NotAPeerSupportWorker


def test_only_supervisors_supervise(riverside: Riverside) -> None:
    ruth, mei = riverside.psw("Ruth"), riverside.psw("Mei")
    riverside.leila.role_grants.update(
        ended_at="2026-11-20T12:00:00Z", granted_at="2026-01-01T00:00Z"
    )

    assert placed(riverside, Placement(ruth, mei)) == (
        obstacles.NotASupervisor,
        "Mei is not a supervisor. Choose another one.",
    )
    assert placed(riverside, Placement(ruth, riverside.leila))[0] is obstacles.NotASupervisor


def test_nobody_is_their_own_supervisor(riverside: Riverside) -> None:
    both = programme.person(riverside.organisation, Role.PSW, Role.SUPERVISOR)

    assert placed(riverside, Placement(both, both)) == (
        obstacles.SupervisesThemself,
        "Nobody can supervise themself. Choose another supervisor.",
    )


def test_nothing_crosses_from_one_organisation_into_another(riverside: Riverside) -> None:
    elsewhere = programme.organisation("Elsewhere")
    stranger, boss = programme.psw(elsewhere), programme.head(elsewhere)
    their_supervisor = programme.supervisor(elsewhere)
    ruth = riverside.psw()

    assert placed(riverside, Placement(stranger))[0] is obstacles.InAnotherOrganisation
    assert placed(riverside, Placement(ruth, their_supervisor))[0] is (
        obstacles.InAnotherOrganisation
    )
    with pytest.raises(obstacles.InAnotherOrganisation):
        actions.place(ruth, cohort=riverside.winter, on=MONDAY, by=boss)
    assert Membership.objects.count() == 0


def test_a_cohort_takes_no_more_than_its_places(riverside: Riverside) -> None:
    for _ in range(3):
        programme.member(riverside.psw(), riverside.winter)
    two = [Placement(riverside.psw()), Placement(riverside.psw())]

    with pytest.raises(
        obstacles.CohortFull,
        match=r"^Winter 2026 has 1 place left, and you have chosen 2 people\.$",
    ):
        actions.place_many(two, cohort=riverside.winter, on=MONDAY, by=riverside.head)
    actions.place_many(two[:1], cohort=riverside.winter, on=MONDAY, by=riverside.head)
    with pytest.raises(obstacles.CohortFull, match=r"^Winter 2026 has no place left\.$"):
        actions.place_many(two[1:], cohort=riverside.winter, on=MONDAY, by=riverside.head)


def test_one_obstacle_places_nobody(riverside: Riverside) -> None:
    ready, settled = riverside.psw(), riverside.psw()
    programme.member(settled, riverside.autumn)

    with pytest.raises(obstacles.AlreadyInACohort):
        actions.place_many(
            [Placement(ready), Placement(settled)],
            cohort=riverside.winter,
            on=MONDAY,
            by=riverside.head,
        )

    assert Placing.objects.count() == 0
    assert ready.memberships.count() == 0


def test_to_place_nobody_is_a_sentence(riverside: Riverside) -> None:
    with pytest.raises(obstacles.NobodyChosen, match=r"^Choose at least one person\.$"):
        actions.place_many([], cohort=riverside.winter, on=MONDAY, by=riverside.head)


@pytest.mark.parametrize("people", [3, 240])
def test_many_are_placed_with_as_many_queries_as_few(riverside: Riverside, people: int) -> None:
    Cohort.objects.filter(organisation=riverside.organisation).update(capacity=people)
    workers = [riverside.psw() for _ in range(people)]
    for worker in workers[::2]:
        programme.supervised(programme.member(worker, riverside.autumn), riverside.leila)
    placements = [Placement(worker, riverside.anwen, move=True) for worker in workers]

    with CaptureQueriesContext(connection) as queries:
        actions.place_many(placements, cohort=riverside.winter, on=MONDAY, by=riverside.head)

    assert riverside.anwen.supervises_in.current().count() == people
    assert len(queries) == 15
