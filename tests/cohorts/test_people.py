"""The pages about one person, and about one's own cohort."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.models import Membership, Organisation, RosterEntry, SupervisorAssignment
from cohorts.obstacles import Placement
from peersupport.accounts.models import Invitation, User
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside


@pytest.fixture
def ruth(riverside: Riverside) -> Membership:
    """Ruth Clarke's time in Autumn 2025, supervised by Leila."""
    worker = riverside.psw("Ruth", family_name="Clarke")
    programme.roster_entry(
        worker,
        employee_number="20000042",
        site="Castle Hill",
        team="Theatres",
        line_manager_email="boss@trust.example",
    )
    membership = programme.member(worker, riverside.autumn)
    programme.supervised(membership, riverside.leila)
    return membership


def page(client: Client, user: User, name: str, pk: int, **answers: object) -> str:
    """What `user` reads at the address; after posting `answers` when there are any."""
    client.force_login(user)
    url = reverse(f"cohorts:{name}", args=[pk])
    response = client.post(url, answers, follow=True) if answers else client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_head_reads_the_roster_and_the_history(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    actions.assign_supervisor(ruth, supervisor=riverside.anwen, on=MONDAY, by=riverside.head)

    shown = page(client, riverside.head, "person-detail", ruth.worker_id)

    for words in ("20000042", "Castle Hill, Theatres", "boss@trust.example"):
        assert words in shown
    assert "1 October 2025 – 22 November" in shown
    assert "Light-touch, since 23 November" in shown


def test_a_supervisor_reads_what_supervision_needs(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    shown = page(client, riverside.leila, "person-detail", ruth.worker_id)

    assert "Castle Hill, Theatres" in shown
    for words in ("boss@trust.example", "20000042", "Supervisors so far", "Pause", "Change"):
        assert words not in shown


def test_whoever_has_never_signed_in_is_shown_as_far_as_they_have_come(
    client: Client, riverside: Riverside
) -> None:
    now = timezone.now()
    waiting, late, nobody = (riverside.psw() for _ in range(3))
    for person, expires_at in ((waiting, now + timedelta(days=1)), (late, now)):
        Invitation.objects.create(
            organisation=riverside.organisation,
            email=person.email,
            given_name="Sam",
            family_name="Lee",
            role="psw",
            expires_at=expires_at,
        )

    words = [
        page(client, riverside.head, "person-detail", person.pk).count(state)
        for person, state in (
            (waiting, "Invited"),
            (late, "Invitation out of date"),
            (nobody, "Not invited yet"),
        )
    ]

    assert words == [1, 1, 1]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"supervisor": "x", "on": "2026-11-23"}, "Choose a supervisor from the list"),
        ({"supervisor": "9" * 30, "on": "2026-11-23"}, "Choose a supervisor from the list"),
        ({"supervisor": "", "on": ""}, "Enter the date"),
        ({"supervisor": "", "on": "0001-01-01"}, "Enter a date from"),
        ({"supervisor": "", "on": "9999-12-31"}, "Enter a date from"),
        ({"supervisor": "", "on": "one day"}, "Enter the day, like 23 November 2026"),
        ({"supervisor": "", "on": "2025-09-01"}, "Choose that day or a later one."),
    ],
)
def test_a_bad_change_of_supervisor_gets_a_sentence(
    client: Client, riverside: Riverside, ruth: Membership, answers: dict[str, str], sentence: str
) -> None:
    shown = page(client, riverside.head, "person-supervisor", ruth.worker_id, **answers)

    assert shown.count(sentence) == 2  # above, and beside the question
    assert SupervisorAssignment.objects.get().ends_on is None


def test_a_line_manager_is_refused_beside_the_question(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    RosterEntry.objects.update(line_manager_email=riverside.anwen.email)
    answers = {"supervisor": riverside.anwen.pk, "on": MONDAY.isoformat()}

    refused = page(client, riverside.head, "person-supervisor", ruth.worker_id, **answers)
    Organisation.objects.update(line_manager_rule="warn")
    accepted = {**answers, "line_manager_accepted": "on"}
    warned = page(client, riverside.head, "person-supervisor", ruth.worker_id, **answers)
    done = page(client, riverside.head, "person-supervisor", ruth.worker_id, **accepted)

    assert "Anwen is Ruth’s line manager. Choose another supervisor." in refused
    assert "although they are the line manager" not in refused
    assert "although they are the line manager" in warned
    assert "Anwen is Ruth’s line manager." in warned
    assert "Saved" in done
    assert ruth.assignments.current().get().supervisor == riverside.anwen


def test_supervisors_of_elsewhere_are_not_offered(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    stranger = programme.supervisor(programme.organisation("Elsewhere"))

    shown = page(
        client,
        riverside.head,
        "person-supervisor",
        ruth.worker_id,
        supervisor=stranger.pk,
        on=MONDAY.isoformat(),
    )

    assert "Choose a supervisor from the list" in shown
    assert stranger.name not in shown


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"stage": "alumni", "last_day_on": "2025-09-30"}, "Enter a date from 1 October 2025"),
        ({"stage": "alumni", "last_day_on": "2031-01-01"}, "Enter a date from 1 October 2025"),
        ({"stage": "active", "last_day_on": "2026-11-23"}, "Choose what happens"),
        ({"stage": "", "last_day_on": "2026-11-23"}, "Choose what happens"),
        ({"stage": "alumni", "last_day_on": ""}, "Enter the date"),
    ],
)
def test_a_bad_end_gets_a_sentence(
    client: Client, riverside: Riverside, ruth: Membership, answers: dict[str, str], sentence: str
) -> None:
    shown = page(client, riverside.head, "person-end", ruth.worker_id, **answers)

    assert shown.count(sentence) == 2
    assert Membership.objects.get().left_on is None


def test_a_pause_is_one_press_each_way(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    paused = page(client, ruth.worker, "person-pause", ruth.worker_id, choice="pause")
    stage = Membership.objects.get().stage
    page(client, riverside.head, "person-pause", ruth.worker_id, choice="resume")

    assert "Paused. No reminders go out meanwhile" in paused
    assert "My cohort" in paused
    assert (stage, Membership.objects.get().stage) == ("paused", "active")


def test_to_resume_what_was_not_paused_changes_nothing(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    Membership.objects.update(stage="in_training")

    page(client, riverside.head, "person-pause", ruth.worker_id, choice="resume")

    assert Membership.objects.get().stage == "in_training"


def test_who_is_about_to_move_pauses_both_before_and_after(
    client: Client, riverside: Riverside, ruth: Membership
) -> None:
    move = Placement(ruth.worker, move=True)
    later = MONDAY + timedelta(days=7)
    actions.place_many([move], cohort=riverside.winter, on=later, by=riverside.head)

    page(client, ruth.worker, "person-pause", ruth.worker_id, choice="pause")

    assert set(Membership.objects.values_list("stage", flat=True)) == {"paused"}


def test_my_cohort_before_one_is_placed_says_what_happens_next(
    client: Client, riverside: Riverside
) -> None:
    client.force_login(riverside.psw())

    shown = client.get("/cohorts/mine/").content.decode()

    assert "Your head of wellbeing will place you in one." in shown


@pytest.mark.parametrize(
    "name", ["person-detail", "person-supervisor", "person-end", "person-roles", "cohort-detail"]
)
@pytest.mark.parametrize("pk", [0, 999_999_999, 10**30])
def test_an_address_that_names_nobody_is_not_found(
    client: Client, riverside: Riverside, name: str, pk: int
) -> None:
    client.force_login(riverside.head)

    assert client.get(reverse(f"cohorts:{name}", args=[pk])).status_code == 404


def test_undoing_too_late_says_so(client: Client, riverside: Riverside) -> None:
    placing = actions.place_many(
        [Placement(riverside.psw())], cohort=riverside.winter, on=MONDAY, by=riverside.head
    )
    first = page(client, riverside.head, "placing-undo", placing.pk, press="1")
    second = page(client, riverside.head, "placing-undo", placing.pk, press="1")

    assert "Undone. Everybody is where they were before" in first
    assert "This can no longer be undone: a day has passed, or it is undone." in second


def test_those_without_a_supervisor_stand_first(client: Client, riverside: Riverside) -> None:
    programme.supervised_psw(riverside.anwen, riverside.autumn)
    programme.member(riverside.psw("Ruth", family_name="Zhang"), riverside.autumn)

    shown = page(client, riverside.head, "cohort-detail", riverside.autumn.pk)

    assert shown.index("No supervisor yet") < shown.index("Ruth Zhang")
    assert shown.index("Ruth Zhang") < shown.index("With Anwen Haddad")
