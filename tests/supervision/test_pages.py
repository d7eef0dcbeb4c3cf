"""The caseload, logging a session, one session, and a PSW's own supervision."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import RecordRead, Role, User
from supervision import actions
from supervision.models import AgreedAction, Session
from supervision.slots import Slot
from tests import programme

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/London"))
CASELOAD = "/supervision/"


@pytest.fixture(autouse=True)
def _a_monday_morning(time_machine: object) -> None:
    time_machine.move_to(MONDAY, tick=False)  # type: ignore[attr-defined]


@pytest.fixture
def supervisor() -> User:
    return programme.supervisor(programme.organisation())


@pytest.fixture
def worker(supervisor: User) -> User:
    cohort = programme.cohort(supervisor.organisation, starts_on=date(2026, 8, 3))
    return programme.supervised_psw(supervisor, cohort, given_name="Blessing")


def _page(client: Client, user: User, url: str = CASELOAD) -> str:
    client.force_login(user)
    return client.get(url).content.decode()


def _log_url(worker: User) -> str:
    return f"{reverse('supervision:log')}?with={worker.pk}"


def _answers(**changes: object) -> dict[str, object]:
    return {
        "form_key": str(uuid4()),
        "outcome": "held",
        "held_on": "Today, 23 November",
        "minutes": "20",
        "mode": "in_person",
        "next_on": "Monday 21 December",
        **changes,
    }


def _assignment(worker: User) -> SupervisorAssignment:
    return SupervisorAssignment.objects.get(worker=worker)


def test_the_usual_session_is_logged_with_the_answers_that_are_there_already(
    client: Client, supervisor: User, worker: User
) -> None:
    form = _page(client, supervisor, _log_url(worker))
    [key] = re.findall(r'name="form_key" value="([^"]+)"', form)

    answer = client.post(_log_url(worker), _answers(form_key=key))

    assert answer["Location"] == CASELOAD
    session = Session.objects.get()
    assert (session.outcome, session.held_on, session.minutes) == ("held", date(2026, 11, 23), 20)
    assert _assignment(worker).last_held_on == date(2026, 11, 23)
    assert _assignment(worker).next_due_on == date(2026, 12, 21)
    assert 'value="Today, 23 November"' in form
    assert 'value="Monday 21 December"' in form


def test_a_form_sent_twice_is_one_session(client: Client, supervisor: User, worker: User) -> None:
    client.force_login(supervisor)
    answers = _answers(next_time="10:00")

    for _ in range(2):
        assert client.post(_log_url(worker), answers).status_code == 302

    assert sorted(Session.objects.values_list("outcome", flat=True)) == ["", "held"]


def test_a_time_books_the_next_session(client: Client, supervisor: User, worker: User) -> None:
    client.force_login(supervisor)

    client.post(_log_url(worker), _answers(next_time="10:00"))

    booked = Session.objects.booked().get()
    assert timezone.localtime(booked.starts_at).strftime("%d %H:%M") == "21 10:00"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"held_on": "24 November 2026"}, "Enter today or a day before it"),
        ({"held_on": "31/02/2026"}, "There is no such day"),
        ({"held_on": "last week"}, "Enter the day, like 23 November 2026"),
        ({"held_on": ""}, "Enter the day it was on"),
        ({"held_on": "2 August 2026"}, "Blessing joined on 3 August 2026"),
        ({"held_on": "1/1/2020"}, "Enter a day within the last year"),
        ({"minutes": "4"}, "Enter a length between 5 minutes and 4 hours"),
        ({"minutes": "241 minutes"}, "Enter a length between 5 minutes and 4 hours"),
        ({"minutes": "a while"}, "Enter how many minutes, like 20"),
        ({"minutes": ""}, "Enter how many minutes, like 20"),
        ({"mode": "by pigeon"}, "Choose how you met"),
        ({"themes": ["team", "Mrs Jones"]}, "Choose themes from the list"),
        ({"next_on": "1 December 2026"}, "Enter the time as well, or take the day away"),
        ({"next_time": "2"}, "Say which half of the day: 2am, or 14:00"),
        ({"outcome": ""}, "Choose whether it was held"),
        ({"next_on": "1 November 2026", "next_time": "10:00"}, "still to come"),
        ({"next_on": "", "next_time": "10:00"}, "Enter the day as well"),
        ({"next_time": "25:00"}, "Enter the time, like 10:00"),
        ({"next_on": "28 March 2027", "next_time": "01:30"}, "The clocks go forward"),
        ({"agreed": "x" * 201}, "Use 200 characters or fewer"),
        ({"shared_note": "Rang 07700 900123 about it"}, "holds a phone number"),
        ({"shared_note": "Patient 943 476 5919"}, "holds an NHS number"),
        ({"shared_note": "Born 4/5/1981"}, "holds a date of birth"),
    ],
)
def test_a_bad_answer_gets_a_sentence_and_nothing_typed_is_lost(
    client: Client, supervisor: User, worker: User, change: dict[str, str], sentence: str
) -> None:
    client.force_login(supervisor)
    typed = _answers(agreed="Look up nights", themes=["team"])

    page = client.post(_log_url(worker), {**typed, **change}).content.decode()

    assert sentence in page
    assert "<title>Error: " in page
    assert re.search(r'value="team"[^>]*checked', page)
    kept = change.get("agreed", "Look up nights")
    assert kept in page
    assert not Session.objects.exists()


def test_a_note_read_again_is_saved(client: Client, supervisor: User, worker: User) -> None:
    client.force_login(supervisor)

    client.post(
        _log_url(worker), _answers(shared_note="Our room is booked on 07700 900123", sure="on")
    )

    assert Session.objects.get().shared_note == "Our room is booked on 07700 900123"


def test_an_overlapping_next_session_is_named_and_the_form_kept(
    client: Client, supervisor: User, worker: User
) -> None:
    other = programme.supervised_psw(supervisor, programme.cohort(supervisor.organisation))
    at = datetime(2026, 12, 21, 10, 0, tzinfo=ZoneInfo("Europe/London"))
    actions.book_session(Slot(at), workers=[other], by=supervisor, form_key=uuid4())
    client.force_login(supervisor)

    page = client.post(
        _log_url(worker), _answers(next_time="10:10", shared_note="Kept words")
    ).content.decode()

    assert "You already have a session from 10:00 to 10:20 on Monday 21 December" in page
    assert "Kept words" in page
    assert Session.objects.count() == 1


def test_a_second_session_on_one_day_is_asked_about(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    client.post(_log_url(worker), _answers())

    page = client.post(_log_url(worker), _answers()).content.decode()
    client.post(_log_url(worker), _answers(another="on"))

    assert "is logged already. Tick if this was another one" in page
    assert Session.objects.count() == 2


def test_a_group_is_one_entry_with_an_attendance_a_person(
    client: Client, supervisor: User, worker: User
) -> None:
    cohort = programme.cohort(supervisor.organisation, starts_on=date(2026, 8, 3))
    second, absent = (programme.supervised_psw(supervisor, cohort) for _ in range(2))
    client.force_login(supervisor)

    client.post(
        f"{reverse('supervision:log')}?group=1",
        _answers(workers=[worker.pk, second.pk], next_on=""),
    )

    session = Session.objects.get()
    assert session.kind == "group"
    assert sorted(session.attendances.values_list("worker", flat=True)) == [worker.pk, second.pk]
    assert _assignment(second).last_held_on == date(2026, 11, 23)
    assert _assignment(absent).last_held_on is None


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "9" * 30, "١٢"])
def test_nobody_is_logged_by_an_address_that_names_nobody(
    client: Client, supervisor: User, number: str
) -> None:
    client.force_login(supervisor)

    assert client.get(reverse("supervision:log"), {"with": number}).status_code == 404


def test_only_ones_own_people_are_logged(client: Client, worker: User) -> None:
    where = worker.organisation
    others = [
        programme.supervisor(where),
        programme.head(where),
        worker,
        programme.supervisor(programme.organisation()),
    ]

    for user in others:
        client.force_login(user)
        assert client.post(_log_url(worker), _answers()).status_code == 404

    assert not Session.objects.exists()


def test_the_caseload_says_in_words_what_is_next(client: Client, supervisor: User) -> None:
    cohort = programme.cohort(supervisor.organisation, starts_on=date(2026, 1, 5))
    for due_on in (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 29), date(2026, 12, 18)):
        member = programme.member(programme.psw(supervisor.organisation), cohort)
        programme.supervised(member, supervisor, next_due_on=due_on)
    paused = programme.member(programme.psw(supervisor.organisation), cohort, stage="paused")
    programme.supervised(paused, supervisor, next_due_on=date(2026, 12, 30))

    page = _page(client, supervisor)

    tags = re.findall(r'<strong class="nhsuk-tag[^>]*>\s*(.*?)\s*</strong>', page)
    assert tags == ["Due now", "Due today", "Due this week", "Due 18 December", "Paused"]
    assert "5 people." in page
    assert "3 are due this week" in page


def test_the_caseload_shows_nobody_elses_people(
    client: Client, supervisor: User, worker: User
) -> None:
    other = programme.supervisor(supervisor.organisation)
    cohort = programme.cohort(supervisor.organisation)
    programme.supervised_psw(other, cohort, given_name="Notmine")

    page = _page(client, supervisor)

    assert "Blessing" in page
    assert "Notmine" not in page


def test_a_former_supervisor_loses_sight_the_moment_it_ends(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    client.post(_log_url(worker), _answers(shared_note="Between us"))
    url = Session.objects.get().get_absolute_url()
    before = client.get(url).content.decode()

    SupervisorAssignment.objects.filter(worker=worker).update(
        ends_on=date(2026, 11, 23), next_due_on=None
    )

    assert "Between us" in before
    assert client.get(url).status_code == 404
    assert "Blessing" not in client.get(CASELOAD).content.decode()


def test_a_later_supervisor_sees_that_they_met_and_not_the_words(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    client.post(_log_url(worker), _answers(shared_note="Between us", themes=["team"]))
    later = programme.supervisor(supervisor.organisation)
    assignment = _assignment(worker)
    SupervisorAssignment.objects.filter(pk=assignment.pk).update(
        ends_on=date(2026, 11, 23), next_due_on=None
    )
    programme.supervised(assignment.membership, later, starts_on=date(2026, 11, 23))

    page = _page(client, later, Session.objects.get().get_absolute_url())

    assert "20 minutes" in page
    assert "Between us" not in page
    assert "The team" not in page


def test_the_psw_reads_it_at_once_and_only_others_readings_are_noted(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    client.post(_log_url(worker), _answers(shared_note="Between us"))
    url = Session.objects.get().get_absolute_url()

    assert "Between us" in _page(client, worker, url)
    assert RecordRead.objects.count() == 0
    _page(client, supervisor, url)
    assert [(r.reader, r.subject) for r in RecordRead.objects.all()] == [(supervisor, worker)]
    head = _page(client, programme.head(supervisor.organisation), url)
    assert "Between us" not in head
    assert RecordRead.objects.count() == 1


def test_what_was_agreed_is_done_by_its_owner(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    client.post(_log_url(worker), _answers(agreed="Ask about Fridays"))
    action = AgreedAction.objects.get()
    url = reverse("supervision:action-done", args=[action.pk])

    assert client.post(url).status_code == 404
    client.force_login(worker)
    client.post(url)

    action.refresh_from_db()
    assert action.done_by == worker
    assert "Ask about Fridays" not in _page(client, worker, reverse("supervision:my-supervision"))


def test_a_session_is_booked_moved_and_cancelled(
    client: Client, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    book = f"{reverse('supervision:session-new')}?with={worker.pk}"
    when = {"minutes": "20", "mode": "video"}

    client.post(book, {**when, "form_key": str(uuid4()), "day": "1 December", "clock": "10:00"})
    session = Session.objects.get()
    client.post(
        reverse("supervision:session-rearrange", args=[session.pk]),
        {**when, "form_key": str(uuid4()), "day": "2/12/2026", "clock": "2.30pm"},
    )
    moved = Session.objects.booked().get()
    way_on = client.get(session.get_absolute_url()).content.decode()
    cancel = reverse("supervision:session-cancel", args=[moved.pk])
    client.post(cancel)
    again = client.post(cancel, follow=True).content.decode()

    session.refresh_from_db()
    moved.refresh_from_db()
    assert session.outcome == "rearranged"
    assert timezone.localtime(moved.starts_at).strftime("%d %B %H:%M") == "02 December 14:30"
    assert moved.cancelled_by == supervisor
    assert f'It was moved to <a href="{moved.get_absolute_url()}">Wednesday 2 December' in way_on
    assert "This session was not booked any more" in again


@pytest.mark.parametrize(("day", "utc"), [("26 March 2027", "10:00"), ("29 March 2027", "09:00")])
def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change(
    client: Client, supervisor: User, worker: User, day: str, utc: str
) -> None:
    client.force_login(supervisor)

    client.post(
        f"{reverse('supervision:session-new')}?with={worker.pk}",
        {"form_key": str(uuid4()), "day": day, "clock": "10:00", "minutes": "20", "mode": "phone"},
    )

    starts_at = Session.objects.get().starts_at
    assert starts_at is not None
    assert starts_at.astimezone(ZoneInfo("UTC")).strftime("%H:%M") == utc


def test_the_heads_lists_hold_what_the_figures_count(client: Client, supervisor: User) -> None:
    where = supervisor.organisation
    head = programme.head(where)
    cohort = programme.cohort(where, starts_on=date(2026, 8, 3))
    due = programme.supervised_psw(supervisor, cohort)
    held = programme.supervised_psw(supervisor, cohort)
    programme.member(programme.psw(where, given_name="Alone"), cohort)
    client.force_login(supervisor)
    client.post(_log_url(held), _answers())

    lists = {
        show: _page(client, head, f"{CASELOAD}?show={show}")
        for show in ("due", "on-schedule", "held")
    }
    alone = _page(client, head, reverse("supervision:unsupervised"))

    assert due.name in lists["due"]
    assert held.name not in lists["due"]
    assert held.name in lists["on-schedule"]
    assert "1 session." in lists["held"]
    assert "1 person in a cohort is supervised by nobody" in alone
    assert "Alone" in alone


def test_a_head_who_supervises_sees_their_own_and_a_way_to_the_rest(client: Client) -> None:
    where = programme.organisation()
    both = programme.person(where, Role.HEAD, Role.SUPERVISOR)
    cohort = programme.cohort(where)
    programme.supervised_psw(both, cohort, given_name="Mine")
    programme.supervised_psw(programme.supervisor(where), cohort, given_name="Theirs")

    own, whole = _page(client, both), _page(client, both, f"{CASELOAD}?show=all")

    assert ("Mine" in own, "Theirs" in own) == (True, False)
    assert "The whole programme" in own
    assert "Theirs" in whole


def test_the_log_form_is_light(client: Client, supervisor: User, worker: User) -> None:
    assert len(_page(client, supervisor, _log_url(worker)).encode()) < 100_000


def test_people_without_anything_to_do_with_it_find_nothing(client: Client) -> None:
    where = programme.organisation()

    for user in (programme.psw(where), programme.ig_auditor(where)):
        client.force_login(user)
        assert client.get(CASELOAD).status_code == 404
        assert client.get(reverse("supervision:log")).status_code == 404
        assert client.get(reverse("supervision:session-new")).status_code == 404
        assert client.get(reverse("supervision:unsupervised")).status_code == 404


def test_a_week_away_is_named_by_its_weekday_and_a_year_away_by_its_year(
    client: Client, supervisor: User, worker: User
) -> None:
    member = _assignment(worker)
    SupervisorAssignment.objects.filter(pk=member.pk).update(
        next_due_on=MONDAY.date() + timedelta(days=60)
    )

    assert "Due 22 January 2027" in _page(client, supervisor)
