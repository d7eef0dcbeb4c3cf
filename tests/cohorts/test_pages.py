"""The pages of cohorts, people and placing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from cohorts.models import Cohort, Membership, Placing, SupervisorAssignment
from peersupport.accounts.models import Organisation, Role, User
from tests import programme

pytestmark = pytest.mark.django_db

AssertQueries = Callable[[int], AbstractContextManager[object]]

PLACE, CHECK = "/cohorts/place/", "/cohorts/place/check/"


@pytest.fixture
def head() -> User:
    return programme.head(programme.organisation())


def _into(cohort: Cohort, *workers: User, **more: object) -> dict[str, object]:
    return {
        "worker": [worker.pk for worker in workers],
        "to-cohort": cohort.pk,
        "to-supervisor": "",
        "to-on": programme.today().isoformat(),
        **more,
    }


def _signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_those_without_a_conflict_are_placed_by_the_second_press(
    client: Client, head: User
) -> None:
    where = head.organisation
    cohort, supervisor = programme.cohort(where), programme.supervisor(where)
    workers = [programme.psw(where) for _ in range(3)]
    answers = _into(cohort, *workers, **{"to-supervisor": supervisor.pk})
    _signed_in(client, head)

    check = client.post(CHECK, answers).content.decode()
    nobody_yet = Membership.objects.count()
    done = client.post(CHECK, {**answers, "confirm": "1"})

    assert "3 are ready" in check
    assert nobody_yet == 0
    assert done["Location"] == cohort.get_absolute_url()
    assert set(cohort.memberships.values_list("worker", flat=True)) == {w.pk for w in workers}
    assert SupervisorAssignment.objects.filter(supervisor=supervisor).count() == 3


def test_a_line_manager_is_named_beside_the_control_that_settles_it(
    client: Client, head: User
) -> None:
    where = head.organisation
    cohort = programme.cohort(where)
    manager, other = programme.supervisor(where), programme.supervisor(where)
    worker, ready = programme.psw(where), programme.psw(where)
    programme.roster_entry(worker, line_manager_email=manager.email.upper())
    answers = _into(cohort, worker, ready, **{"to-supervisor": manager.pk})
    _signed_in(client, head)

    check = client.post(CHECK, answers).content.decode()
    refused = client.post(CHECK, {**answers, "confirm": "1"})
    client.post(CHECK, {**answers, "confirm": "1", f"supervisor-{worker.pk}": other.pk})

    assert "line manager. Choose another supervisor." in check
    assert f'name="supervisor-{worker.pk}"' in check
    assert refused.status_code == 200
    supervisors = dict(SupervisorAssignment.objects.values_list("worker", "supervisor"))
    assert supervisors == {worker.pk: other.pk, ready.pk: manager.pk}


def test_an_organisation_may_let_a_head_decide_about_line_managers(
    client: Client, head: User
) -> None:
    where = head.organisation
    Organisation.objects.filter(pk=where.pk).update(line_manager_rule="warn")
    cohort, manager, worker = (
        programme.cohort(where),
        programme.supervisor(where),
        programme.psw(where),
    )
    programme.roster_entry(worker, line_manager_email=manager.email)
    answers = _into(cohort, worker, **{"to-supervisor": manager.pk, "confirm": "1"})
    _signed_in(client, head)

    first = client.post(CHECK, answers)
    client.post(
        CHECK, {**answers, f"supervisor-{worker.pk}": manager.pk, f"accept-{worker.pk}": "on"}
    )

    assert first.status_code == 200
    assert SupervisorAssignment.objects.get().supervisor == manager


def test_somebody_in_another_cohort_moves_only_when_that_is_ticked(
    client: Client, head: User
) -> None:
    where = head.organisation
    old, new = programme.cohort(where, name="Autumn"), programme.cohort(where)
    stays, moves = programme.psw(where), programme.psw(where)
    for worker in (stays, moves):
        programme.member(worker, old)
    answers = _into(new, stays, moves)
    _signed_in(client, head)

    check = client.post(CHECK, answers).content.decode()
    client.post(CHECK, {**answers, "confirm": "1", f"move-{moves.pk}": "on"})

    yesterday = programme.today() - timedelta(days=1)
    assert "Already in Autumn." in check
    assert f"ends that on {yesterday.day} " in check
    assert [m.worker for m in old.memberships.current()] == [stays]
    assert [m.worker for m in new.memberships.current()] == [moves]


def test_too_many_for_the_cohort_says_how_many_places_are_left(client: Client, head: User) -> None:
    cohort = programme.cohort(head.organisation, capacity=1, name="Small")
    workers = [programme.psw(head.organisation) for _ in range(2)]
    _signed_in(client, head)

    page = client.post(CHECK, {**_into(cohort, *workers), "confirm": "1"}).content.decode()

    assert "Small has 1 place left, and you have chosen 2 people." in page
    assert not Membership.objects.exists()


def test_a_placing_is_undone(client: Client, head: User) -> None:
    cohort, worker = programme.cohort(head.organisation), programme.psw(head.organisation)
    _signed_in(client, head)
    client.post(CHECK, {**_into(cohort, worker), "confirm": "1"})
    page = client.get(cohort.get_absolute_url()).content.decode()

    client.post(reverse("cohorts:placing-undo", args=[Placing.objects.get().pk]))

    assert "1 person placed" in page
    assert not cohort.memberships.current().exists()
    assert "1 person has no cohort." in client.get(PLACE).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"worker": []}, "Tick at least one person to place"),
        ({"to-cohort": ""}, "Choose a cohort"),
        ({"to-cohort": "999999"}, "Choose a cohort from the list"),
        ({"to-supervisor": "x"}, "Choose a supervisor from the list"),
        ({"to-on": ""}, "Enter the date"),
        ({"to-on": "31/02/2026"}, "There is no such day"),
        ({"to-on": "1999-01-01"}, "Enter a date from"),
    ],
)
def test_a_bad_placing_gets_a_sentence_and_keeps_the_ticks(
    client: Client, head: User, change: dict[str, object], sentence: str
) -> None:
    cohort, worker = programme.cohort(head.organisation), programme.psw(head.organisation)
    _signed_in(client, head)

    page = client.post(CHECK, {**_into(cohort, worker), **change}).content.decode()

    assert sentence in page
    assert (f'value="{worker.pk}" checked' in page) == ("worker" not in change)


def test_everybody_shown_is_ticked_in_one_press(client: Client, head: User) -> None:
    here, elsewhere = (programme.psw(head.organisation) for _ in range(2))
    programme.roster_entry(here, site="Riverside")
    programme.roster_entry(elsewhere, site="Castle Hill")
    _signed_in(client, head)

    page = client.post(reverse("cohorts:place"), {"site": "Riverside", "tick": "shown"})

    ticked = BeautifulSoup(page.content, "html.parser").select("input[name=worker][checked]")
    assert [each["value"] for each in ticked] == [str(here.pk)]


def test_filtering_keeps_what_is_ticked_and_not_shown(client: Client, head: User) -> None:
    near, far = programme.psw(head.organisation), programme.psw(head.organisation)
    programme.roster_entry(near, site="Near")
    programme.roster_entry(far, site="Far")
    _signed_in(client, head)

    page = client.post(PLACE, {"worker": [far.pk], "site": "Near"}).content.decode()

    assert near.name in page
    assert f"<strong>{far.name}</strong>" not in page
    assert f'<input type="hidden" name="worker" value="{far.pk}">' in page


def test_people_of_another_organisation_cannot_be_placed(client: Client, head: User) -> None:
    cohort = programme.cohort(head.organisation)
    stranger = programme.psw(programme.organisation())
    _signed_in(client, head)

    client.post(CHECK, {**_into(cohort, stranger), "confirm": "1"})

    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    ("url", "queries"),
    [("/cohorts/", 9), ("/cohorts/people/", 10), (PLACE, 9), (f"{PLACE}?cohort=any", 10)],
)
def test_a_list_takes_as_many_queries_for_300_as_for_3(
    client: Client, head: User, url: str, queries: int, django_assert_num_queries: AssertQueries
) -> None:
    _signed_in(client, head)
    supervisor = programme.supervisor(head.organisation)

    for number in (3, 297):
        _grow(head, supervisor, number)
        with django_assert_num_queries(queries):
            client.get(url)


def test_a_cohort_takes_as_many_queries_for_300_as_for_3(
    client: Client, head: User, django_assert_num_queries: AssertQueries
) -> None:
    _signed_in(client, head)
    supervisor = programme.supervisor(head.organisation)

    for number in (6, 300):
        cohort = _grow(head, supervisor, number)
        with django_assert_num_queries(9):
            client.get(cohort.get_absolute_url())


def _grow(head: User, supervisor: User, number: int) -> Cohort:
    """Add a cohort and `number` people, half of them members with a supervisor."""
    cohort = programme.cohort(head.organisation, capacity=400)
    for n in range(number):
        worker = programme.psw(head.organisation)
        programme.roster_entry(worker, site=f"Site {n % 5}")
        if n % 2:
            programme.supervised(programme.member(worker, cohort), supervisor)
    return cohort


def test_people_are_found_and_counted(client: Client, head: User) -> None:
    where = head.organisation
    found = programme.psw(where, given_name="Łukasz", family_name="Nowak")
    programme.roster_entry(found, employee_number="20001234")
    programme.psw(where, given_name="Zoë")
    programme.psw(programme.organisation(), given_name="Łukasz", family_name="Stranger")
    _signed_in(client, head)

    for words in ("łukasz", "nowak łuk", "20001234", found.email):
        page = client.get("/cohorts/people/", {"q": words}).content.decode()
        assert "1 person" in page
        assert "Nowak" in page
        assert "Stranger" not in page
    assert "Nobody fits" in client.get("/cohorts/people/", {"q": "%' OR 1=1"}).content.decode()


def test_a_head_gives_another_supervisor_from_a_persons_page(client: Client, head: User) -> None:
    where = head.organisation
    first, second = programme.supervisor(where), programme.supervisor(where)
    worker = programme.supervised_psw(first, programme.cohort(where))
    url = reverse("cohorts:person-supervisor", args=[worker.pk])
    _signed_in(client, head)

    client.post(url, {"supervisor": second.pk, "on": programme.today().isoformat()})

    current = SupervisorAssignment.objects.current().get(worker=worker)
    assert current.supervisor == second
    client.force_login(first)
    assert client.get(reverse("cohorts:person-detail", args=[worker.pk])).status_code == 404


def test_a_membership_ends_after_its_last_day(client: Client, head: User) -> None:
    where = head.organisation
    worker = programme.supervised_psw(programme.supervisor(where), programme.cohort(where))
    today = programme.today()
    _signed_in(client, head)

    client.post(
        reverse("cohorts:person-end", args=[worker.pk]),
        {"stage": "stepped_down", "last_day_on": today.isoformat()},
    )

    membership = Membership.objects.get(worker=worker)
    assert membership.left_on == today + timedelta(days=1)
    assert SupervisorAssignment.objects.get().ends_on == today + timedelta(days=1)
    assert not SupervisorAssignment.objects.expected().exists()


def test_a_last_day_that_has_not_come_is_not_taken(client: Client, head: User) -> None:
    where = head.organisation
    worker = programme.supervised_psw(programme.supervisor(where), programme.cohort(where))
    _signed_in(client, head)

    answer = client.post(
        reverse("cohorts:person-end", args=[worker.pk]),
        {
            "stage": "stepped_down",
            "last_day_on": (programme.today() + timedelta(days=1)).isoformat(),
        },
    )

    assert "Error: " in answer.content.decode()
    assert Membership.objects.get(worker=worker).left_on is None


def test_a_psw_pauses_their_own_role_and_nobody_elses(client: Client, head: User) -> None:
    where = head.organisation
    cohort = programme.cohort(where)
    worker, other = programme.psw(where), programme.psw(where)
    for each in (worker, other):
        programme.member(each, cohort)
    _signed_in(client, worker)

    client.post(reverse("cohorts:person-pause", args=[worker.pk]), {"choice": "pause"})
    refused = client.post(reverse("cohorts:person-pause", args=[other.pk]), {"choice": "pause"})

    assert refused.status_code == 404
    stages = dict(Membership.objects.values_list("worker", "stage"))
    assert stages == {worker.pk: "paused", other.pk: "active"}


def test_roles_are_granted_and_ended_and_one_head_stays(client: Client, head: User) -> None:
    worker = programme.psw(head.organisation)
    _signed_in(client, head)

    client.post(reverse("cohorts:person-roles", args=[worker.pk]), {"roles": ["supervisor"]})
    page = client.post(reverse("cohorts:person-roles", args=[head.pk]), {}).content.decode()

    assert User.objects.get(pk=worker.pk).roles == {Role.SUPERVISOR}
    assert "Make somebody else head of wellbeing first" in page
    assert User.objects.get(pk=head.pk).is_head


def test_a_cohort_is_started_and_changed(client: Client, head: User) -> None:
    _signed_in(client, head)
    answers = {
        "name": "Spring",
        "stage": "active",
        "starts_on": "2026-06-01",
        "capacity": "12",
        "first_months": "6",
        "days_at_first": "28",
        "days_after": "42",
    }
    client.post("/cohorts/new/", answers)
    cohort = Cohort.objects.get()
    worker = programme.psw(head.organisation)
    programme.supervised(programme.member(worker, cohort), programme.supervisor(head.organisation))

    client.post(f"/cohorts/{cohort.pk}/edit/", {**answers, "days_at_first": "14"})

    assert cohort.organisation == head.organisation
    assert SupervisorAssignment.objects.get().next_due_on == date(2026, 6, 15)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "Taken"}, "Another cohort has this name"),
        ({"capacity": "0"}, "Enter a number of places from 1 to 500"),
        ({"capacity": "many"}, "Enter a number of places from 1 to 500"),
        ({"days_after": "3"}, "Enter a number of days from 7 to 182"),
        ({"ends_on": "2026-05-01"}, "The end date must not be before the start date"),
        ({"starts_on": "soon"}, "Enter the day, like 23 November 2026"),
        ({"ends_on": "12/"}, "Enter the day, like 23 November 2026"),
    ],
)
def test_a_bad_cohort_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, head: User, change: dict[str, str], sentence: str
) -> None:
    programme.cohort(head.organisation, name="Taken")
    _signed_in(client, head)
    answers = {
        "name": "Spring",
        "stage": "planned",
        "starts_on": "2026-06-01",
        "capacity": "12",
        "first_months": "6",
        "days_at_first": "28",
        "days_after": "41",
    }

    page = client.post("/cohorts/new/", {**answers, **change}).content.decode()

    assert sentence in page
    assert 'value="28"' in page
    assert Cohort.objects.count() == 1


def test_a_psw_sees_the_names_of_their_cohort_and_nothing_else(client: Client, head: User) -> None:
    where = head.organisation
    cohort, supervisor = programme.cohort(where), programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, cohort)
    other = programme.member(programme.psw(where), cohort, stage="paused").worker
    elsewhere = programme.member(programme.psw(where), programme.cohort(where)).worker
    _signed_in(client, worker)

    page = client.get("/cohorts/mine/").content.decode()

    assert other.name in page
    assert "Paused" not in page
    assert elsewhere.name not in page
    assert client.get(cohort.get_absolute_url()).status_code == 404
