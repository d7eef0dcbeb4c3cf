"""Changing supervisors, ending a time in a cohort, and ending roles."""

from datetime import date, timedelta

import pytest

from cohorts import actions, obstacles
from cohorts.models import Membership, SupervisorAssignment
from cohorts.obstacles import NotPlaced
from peersupport.accounts.actions import LastHead
from peersupport.accounts.models import Organisation, Role, RoleGrant, User
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside

FORTNIGHT_AGO = MONDAY - timedelta(days=14)


@pytest.fixture
def ruth(riverside: Riverside) -> Membership:
    """Ruth's time in Autumn 2025, supervised by Leila, who last saw her a fortnight ago."""
    membership = programme.member(riverside.psw("Ruth"), riverside.autumn)
    programme.supervised(membership, riverside.leila, last_held_on=FORTNIGHT_AGO)
    return membership


def refused(
    membership: Membership, supervisor: User | None, by: User, on: date = MONDAY
) -> tuple[type[NotPlaced], str]:
    """What kind of refusal the change met, and its sentence."""
    with pytest.raises(NotPlaced) as refusal:
        actions.assign_supervisor(membership, supervisor=supervisor, on=on, by=by)
    return refusal.type, str(refusal.value)


def test_one_supervisor_follows_another_on_the_day(riverside: Riverside, ruth: Membership) -> None:
    assignment = actions.assign_supervisor(
        ruth, supervisor=riverside.anwen, on=MONDAY, by=riverside.head
    )

    earlier = ruth.assignments.get(supervisor=riverside.leila)
    assert (earlier.ends_on, earlier.next_due_on) == (MONDAY, None)
    assert assignment is not None
    assert (assignment.starts_on, assignment.ends_on) == (MONDAY, None)
    assert assignment.last_held_on == FORTNIGHT_AGO
    assert assignment.next_due_on == FORTNIGHT_AGO + timedelta(days=42)


def test_supervision_for_another_purpose_goes_on_beside_it(
    riverside: Riverside, ruth: Membership
) -> None:
    assignment = actions.assign_supervisor(
        ruth, supervisor=riverside.anwen, on=MONDAY, by=riverside.head, purpose="reflective"
    )

    assert ruth.assignments.current().count() == 2
    assert assignment is not None
    assert assignment.last_held_on is None


def test_with_nobody_to_follow_the_worker_has_no_supervisor(
    riverside: Riverside, ruth: Membership
) -> None:
    actions.assign_supervisor(ruth, supervisor=None, on=MONDAY, by=riverside.head)

    assert list(Membership.objects.unsupervised()) == [ruth]


def test_who_leaves_on_a_known_day_has_nothing_due(riverside: Riverside, ruth: Membership) -> None:
    ruth.left_on = date(2026, 12, 18)
    ruth.save(update_fields=["left_on"])

    assignment = actions.assign_supervisor(
        ruth, supervisor=riverside.anwen, on=MONDAY, by=riverside.head
    )

    assert assignment is not None
    assert (assignment.ends_on, assignment.next_due_on) == (date(2026, 12, 18), None)


def test_a_line_manager_is_refused_as_the_roster_knows_them_now(
    riverside: Riverside, ruth: Membership
) -> None:
    programme.roster_entry(ruth.worker, line_manager_email=riverside.anwen.email.title())

    assert refused(ruth, riverside.anwen, riverside.head) == (
        obstacles.OwnLineManager,
        "Anwen is Ruth’s line manager. Choose another supervisor.",
    )


def test_a_line_manager_is_refused_as_they_were_known_when_placed(
    riverside: Riverside, ruth: Membership
) -> None:
    Membership.objects.update(line_manager_email=riverside.anwen.email)

    assert refused(ruth, riverside.anwen, riverside.head)[0] is obstacles.OwnLineManager
    Organisation.objects.update(line_manager_rule="warn")
    actions.assign_supervisor(
        ruth,
        supervisor=riverside.anwen,
        on=MONDAY,
        by=riverside.head,
        line_manager_accepted=True,
    )
    assert ruth.assignments.current().get().supervisor == riverside.anwen


def test_supervision_keeps_within_the_time_in_the_cohort(
    riverside: Riverside, ruth: Membership
) -> None:
    early = refused(ruth, riverside.anwen, riverside.head, on=date(2025, 9, 30))
    Membership.objects.update(left_on=MONDAY)
    SupervisorAssignment.objects.end(MONDAY)
    late = refused(ruth, riverside.anwen, riverside.head, on=MONDAY)

    assert early == (
        obstacles.StartsTooEarly,
        "Ruth joined Autumn 2025 on 1 October 2025. Choose that day or a later one.",
    )
    assert late == (
        obstacles.NotPlaced,
        "The last day of Ruth in Autumn 2025 is 22 November. Choose an earlier day.",
    )


def test_supervision_that_has_been_is_not_written_over(
    riverside: Riverside, ruth: Membership
) -> None:
    last_week = MONDAY - timedelta(days=7)
    actions.assign_supervisor(ruth, supervisor=riverside.anwen, on=last_week, by=riverside.head)

    too_early = refused(ruth, riverside.leila, riverside.head, on=last_week - timedelta(days=1))
    actions.assign_supervisor(ruth, supervisor=None, on=MONDAY, by=riverside.head)
    after_its_end = refused(ruth, riverside.leila, riverside.head, on=last_week)

    assert [str(sentence) for _refusal, sentence in (too_early, after_its_end)] == [
        "Anwen has supervised since 16 November. Choose that day or a later one.",
        "Anwen supervised until 22 November. Choose a later day.",
    ]


def test_the_same_supervisor_again_changes_nothing(riverside: Riverside, ruth: Membership) -> None:
    assert refused(ruth, riverside.leila, riverside.head) == (
        obstacles.AlreadySupervised,
        "Leila is the supervisor already.",
    )
    assert ruth.assignments.get().ends_on is None


def test_heads_elsewhere_change_nothing(ruth: Membership) -> None:
    stranger = programme.head(programme.organisation("Elsewhere"))

    assert refused(ruth, None, stranger)[0] is obstacles.InAnotherOrganisation
    assert ruth.assignments.get().ends_on is None


def test_leaving_ends_supervision_too(riverside: Riverside, ruth: Membership) -> None:
    actions.end_membership(ruth, left_on=MONDAY, stage="stepped_down", by=riverside.head)

    ruth.refresh_from_db()
    assert (ruth.left_on, ruth.stage) == (MONDAY, "stepped_down")
    assert ruth.assignments.get().ends_on == MONDAY
    assert Membership.objects.current().count() == 0


def test_a_last_day_is_fixed_once_and_not_before_the_first(
    riverside: Riverside, ruth: Membership
) -> None:
    with pytest.raises(actions.NotEnded, match=r"^Ruth joined Autumn 2025 on 1 October 2025\."):
        actions.end_membership(ruth, left_on=date(2025, 9, 30), stage="alumni", by=riverside.head)
    actions.end_membership(ruth, left_on=date(2026, 12, 1), stage="alumni", by=riverside.head)
    with pytest.raises(
        actions.NotEnded,
        match=r"^The last day of Ruth in Autumn 2025 is already fixed: 30 November\.$",
    ):
        actions.end_membership(ruth, left_on=MONDAY, stage="alumni", by=riverside.head)


def test_a_pause_lasts_until_the_worker_resumes(riverside: Riverside, ruth: Membership) -> None:
    ruth.pause()
    paused = Membership.objects.get().stage
    ruth.resume()

    assert (paused, Membership.objects.get().stage) == ("paused", "active")


def test_who_paused_in_training_resumes_where_the_cohort_is(riverside: Riverside) -> None:
    training = programme.cohort(riverside.organisation, stage="training")
    membership = programme.member(riverside.psw(), training, stage="paused")

    membership.resume()

    assert Membership.objects.get().stage == "in_training"


def test_pausing_is_for_oneself_and_for_heads(riverside: Riverside, ruth: Membership) -> None:
    stranger = programme.head(programme.organisation("Elsewhere"))

    seen = {
        who: Membership.objects.pausable_by(user).count()
        for who, user in {
            "head": riverside.head,
            "self": ruth.worker,
            "supervisor": riverside.leila,
            "stranger": stranger,
        }.items()
    }

    assert seen == {"head": 1, "self": 1, "supervisor": 0, "stranger": 0}


def test_a_supervisor_of_somebody_stays_one(riverside: Riverside, ruth: Membership) -> None:
    with pytest.raises(
        actions.NotEnded,
        match=r"^Leila supervises people\. Give each of them another supervisor first\.$",
    ):
        actions.end_role(riverside.leila, Role.SUPERVISOR, by=riverside.head)
    actions.end_role(riverside.anwen, Role.SUPERVISOR, by=riverside.head)

    assert list(User.objects.holding(Role.SUPERVISOR)) == [riverside.leila]


def test_a_worker_in_a_cohort_stays_one(riverside: Riverside, ruth: Membership) -> None:
    with pytest.raises(actions.NotEnded, match=r"^Ruth is in a cohort\. End that first\.$"):
        actions.end_role(ruth.worker, Role.PSW, by=riverside.head)
    actions.end_membership(ruth, left_on=MONDAY, stage="alumni", by=riverside.head)
    actions.end_role(ruth.worker, Role.PSW, by=riverside.head)

    grant = RoleGrant.objects.get(person=ruth.worker)
    assert grant.ended_by == riverside.head


def test_there_is_always_a_head(riverside: Riverside) -> None:
    with pytest.raises(LastHead):
        actions.end_role(riverside.head, Role.HEAD, by=riverside.head)
    programme.head(riverside.organisation)
    actions.end_role(riverside.head, Role.HEAD, by=riverside.head)

    assert User.objects.holding(Role.HEAD).filter(pk=riverside.head.pk).count() == 0
