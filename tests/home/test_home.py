"""Home by role, my record, health, and the pages that say how the service works."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkins.actions import ask_to_talk
from peersupport.accounts.models import RecordRead, Role, User
from supervision.models import Attendance, Session
from tests import programme

pytestmark = pytest.mark.django_db


def _page(client: Client, user: User, url: str = "/") -> str:
    client.force_login(user)
    return client.get(url).content.decode()


def test_each_role_finds_its_own_part(client: Client) -> None:
    where = programme.organisation()

    pages = {
        "head": _page(client, programme.head(where)),
        "supervisor": _page(client, programme.supervisor(where)),
        "psw": _page(client, programme.psw(where)),
        "auditor": _page(client, programme.ig_auditor(where)),
    }

    words = {
        "head": "Waiting for you",
        "supervisor": "The people you supervise",
        "psw": "How are you?",
        "auditor": "E-mails in the last seven days",
    }
    found = {role: [each for each in words if words[each] in page] for role, page in pages.items()}
    assert found == {role: [role] for role in words}


def test_a_person_with_two_roles_sees_both(client: Client) -> None:
    user = programme.person(programme.organisation(), Role.SUPERVISOR, Role.PSW)

    page = _page(client, user)

    assert "The people you supervise" in page
    assert "How are you?" in page
    assert page.count("<h1") == 1


def test_a_person_without_a_role_is_told_whom_to_ask(client: Client) -> None:
    page = _page(client, programme.person(programme.organisation()))

    assert "You have no role here at the moment" in page


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-23T11:59:00", "Good morning"),
        ("2026-11-23T12:00:00", "Good afternoon"),
        ("2026-11-23T18:00:00", "Good evening"),
        ("2026-07-01T11:30:00", "Good afternoon"),
    ],
    ids=["before noon", "noon", "six", "summer time is an hour ahead"],
)
def test_the_greeting_follows_the_organisations_clock(
    client: Client, time_machine: object, at: str, words: str
) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("UTC"))
    time_machine.move_to(moment, tick=False)  # type: ignore[attr-defined]

    page = _page(client, programme.head(programme.organisation()))

    assert f"{words}, Sam" in page


def test_what_waits_for_a_head_goes_away_when_it_is_done(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    worker = programme.psw(where, last_login=timezone.now())
    User.objects.filter(pk=head.pk).update(last_login=timezone.now())
    before = _page(client, head)

    supervisor = programme.supervisor(where, last_login=timezone.now())
    programme.supervised(programme.member(worker, programme.cohort(where)), supervisor)
    after = _page(client, head)

    assert "1 person to place" in before
    assert "1 person to place" not in after


def test_a_head_never_sees_another_organisation_at_home(client: Client) -> None:
    elsewhere = programme.organisation("Elsewhere")
    programme.supervised_psw(
        programme.supervisor(elsewhere), programme.cohort(elsewhere, name="Secret circle")
    )

    page = _page(client, programme.head(programme.organisation()))

    assert "Secret circle" not in page
    assert "0 peer support workers in 0 cohorts" in page


def test_home_takes_as_many_queries_for_many_people_as_for_few(
    client: Client, django_assert_max_num_queries: object
) -> None:
    where = programme.organisation()
    head = programme.head(where)
    supervisor = programme.supervisor(where)
    counts = []

    for number in (1, 7):
        for _ in range(number):
            programme.supervised_psw(supervisor, programme.cohort(where))
        for user in (head, supervisor):
            client.force_login(user)
            with django_assert_max_num_queries(40) as queries:  # type: ignore[operator]
                client.get("/")
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_a_wish_to_talk_stands_on_the_supervisors_home_without_answers(client: Client) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where))
    ask_to_talk(worker, asked=supervisor)

    assert f"{worker.name} would like to talk" in _page(client, supervisor)
    assert "would like to talk" not in _page(client, programme.supervisor(where))
    assert f"You asked {supervisor.name} to talk" in _page(client, worker)


def test_my_record_says_who_else_opened_it_and_how_often(client: Client) -> None:
    where = programme.organisation()
    supervisor, stranger = programme.supervisor(where), programme.psw(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where))
    session = Session.objects.create(
        organisation=where,
        supervisor=supervisor,
        held_on=programme.today() - timedelta(days=1),
        outcome="held",
        logged_at=timezone.now(),
        logged_by=supervisor,
    )
    Attendance.objects.create(organisation=where, session=session, worker=worker)
    for reader in (supervisor, supervisor, worker):
        RecordRead.note(reader, [worker], record=session, on=session.held_on)

    page = _page(client, worker, reverse("me"))

    assert f"<strong>{supervisor.name}</strong>" in page
    assert "2 times" in page
    assert "Nobody else" in page
    assert "Nobody but you" in _page(client, stranger, reverse("me"))


def test_health_is_told_without_signing_in(client: Client) -> None:
    facts = json.loads(client.get(reverse("healthz")).content)

    assert sorted(facts) == [
        *("database", "oldest_unsent_reminder_seconds", "redis"),
        *("seconds_since_sender", "seconds_since_tick"),
    ]
    assert facts["database"] == "ok"
    assert facts["oldest_unsent_reminder_seconds"] == 0


def test_redis_away_is_told_and_is_no_failure(client: Client, settings: object) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"  # type: ignore[attr-defined]

    answer = client.get(reverse("healthz"))

    assert answer.status_code == 200
    assert json.loads(answer.content)["redis"] == "down"


@pytest.mark.parametrize("name", ["who-sees-what", "accessibility", "privacy", "help-lines"])
def test_how_the_service_works_is_open_to_everybody(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


def test_an_address_that_does_not_exist_gets_a_page_with_a_way_back(client: Client) -> None:
    client.force_login(programme.psw(programme.organisation()))

    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_a_head_is_asked_about_those_supervised_by_their_line_manager(client: Client) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where))
    head = programme.head(where)

    before = _page(client, head)
    programme.roster_entry(worker, line_manager_email=supervisor.email)
    after = _page(client, head)

    assert "Give 1 person another supervisor" not in before
    assert "Give 1 person another supervisor" in after
    assert "/supervision/?show=line-manager" in after
