"""The page on which sessions are logged: what it suggests, what it fills in, what it costs."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import User
from supervision import actions
from supervision.models import AgreedAction, Session
from supervision.slots import Slot
from tests import programme
from tests.supervision.conftest import Team, at, make_team

LOG = "/supervision/log/"
CASELOAD = "/supervision/"


def answers(**changes: object) -> dict[str, object]:
    """What the form sends when nothing is changed in it."""
    usual = {
        "form_key": str(uuid4()),
        "booked": "",
        "outcome": "held",
        "held_on": "Today, 23 November",
        "minutes": "20 minutes",
        "mode": "in_person",
        "next_on": "",
        "next_time": "",
    }
    return {**usual, **changes}


def book(team: Team, starts_at: datetime, *workers: User, **how: object) -> Session:
    return actions.book_session(
        Slot(starts_at, **how),
        workers=workers or [team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
        group=len(workers) > 1,
    )


def value(page: str, name: str) -> str:
    """What stands in the box `name`."""
    [box] = re.findall(rf'<input[^>]* name="{name}"[^>]*>', page)
    found = re.search(r' value="([^"]*)"', box)
    return found[1] if found else ""


def signed_in(team: Team) -> Client:
    client = Client()
    client.force_login(team.supervisor)
    return client


def test_the_day_suggested_is_the_last_working_day_by_which_the_next_is_due(
    team: Team, monday_morning: object
) -> None:
    """In 28 days it is Friday 25 December, after Christmas Eve."""
    monday_morning.move_to(at(2026, 11, 27, 9), tick=False)  # type: ignore[attr-defined]

    page = signed_in(team).get(LOG, {"with": team.blessing.pk}).content.decode()

    assert value(page, "next_on") == "Thursday 24 December"
    assert value(page, "next_time") == ""
    assert "Due by 25 December: every 4 weeks in the first 6 months." in page


def test_the_time_suggested_is_that_of_the_last_booking(team: Team) -> None:
    book(team, at(2026, 11, 2, 14, 30))

    page = signed_in(team).get(LOG, {"with": team.blessing.pk, "other": 1}).content.decode()

    assert value(page, "next_on") == "Monday 21 December"
    assert value(page, "next_time") == "14:30"


def test_a_day_on_which_that_time_is_taken_gives_way_to_the_one_before(team: Team) -> None:
    book(team, at(2026, 11, 2, 14, 30))
    book(team, at(2026, 12, 21, 14, 20), team.rhys)

    page = signed_in(team).get(LOG, {"with": team.blessing.pk, "other": 1}).content.decode()

    assert value(page, "next_on") == "Friday 18 December"
    assert value(page, "next_time") == "14:30"


def test_what_is_suggested_is_still_to_come_however_late_a_session_is_logged(team: Team) -> None:
    book(team, at(2026, 9, 1))

    page = signed_in(team).get(LOG, {"with": team.blessing.pk}, follow=True).content.decode()

    assert value(page, "held_on") == "Tuesday 1 September"
    assert value(page, "next_on") == "Tuesday 24 November"


@pytest.mark.parametrize(
    ("due_on", "suggested"),
    [
        (date(2026, 10, 28), "Tuesday 24 November"),
        (date(2026, 11, 29), "Friday 27 November"),
        (date(2026, 12, 28), "Thursday 24 December"),
        (date(2027, 1, 5), "Tuesday 5 January 2027"),
    ],
)
def test_a_booking_is_suggested_for_the_last_working_day_before_it_is_due(
    team: Team, due_on: date, suggested: str
) -> None:
    SupervisorAssignment.objects.filter(worker=team.blessing).update(next_due_on=due_on)

    url = reverse("supervision:session-new")
    page = signed_in(team).get(url, {"with": team.blessing.pk}).content.decode()

    assert value(page, "day") == suggested


def test_pressing_save_at_once_books_nothing_that_was_not_there(team: Team) -> None:
    client = signed_in(team)
    page = client.get(LOG, {"with": team.blessing.pk}).content.decode()
    typed = {name: value(page, name) for name in ("form_key", "held_on", "minutes", "next_on")}

    answer = client.post(f"{LOG}?with={team.blessing.pk}", answers(**typed))

    assert answer["Location"] == CASELOAD
    session = Session.objects.get()
    assert (session.outcome, session.held_on, session.minutes) == ("held", date(2026, 11, 23), 20)


def test_logging_from_the_caseload_fills_in_what_was_booked(team: Team) -> None:
    booked = book(team, at(2026, 11, 20, 14), minutes=30, mode="video")
    client = signed_in(team)

    way = client.get(LOG, {"with": team.blessing.pk}, follow=True)
    page = way.content.decode()
    typed = {name: value(page, name) for name in ("form_key", "booked", "held_on", "minutes")}
    client.post(way.redirect_chain[-1][0], answers(**typed, mode="video"))

    assert "This is the session booked for Friday 20 November, 14:00." in page
    assert typed["minutes"] == "30 minutes"
    booked.refresh_from_db()
    assert (booked.outcome, booked.held_on) == ("held", date(2026, 11, 20))
    assert Session.objects.count() == 1


def test_a_session_other_than_the_one_booked_can_be_logged(team: Team) -> None:
    booked = book(team, at(2026, 11, 20, 14))
    client = signed_in(team)

    page = client.get(LOG, {"with": team.blessing.pk, "other": 1}).content.decode()
    client.post(f"{LOG}?with={team.blessing.pk}&other=1", answers())

    assert value(page, "booked") == ""
    booked.refresh_from_db()
    assert booked.is_booked
    assert Session.objects.held().get().held_on == date(2026, 11, 23)


def test_a_booking_settled_meanwhile_is_let_go_and_the_words_are_kept(team: Team) -> None:
    booked = book(team, at(2026, 11, 20, 14))
    client, url = signed_in(team), f"{LOG}?with={team.blessing.pk}&session={booked.pk}"
    actions.cancel_session(booked, by=team.supervisor)

    page = client.post(url, answers(booked=booked.pk, shared_note="Kept words")).content.decode()

    assert "This booking was logged, moved or cancelled meanwhile" in page
    assert "Kept words" in page
    assert value(page, "booked") == ""
    assert not Session.objects.held().exists()


def test_a_booking_with_somebody_else_is_never_filled_in(team: Team) -> None:
    booked = book(team, at(2026, 11, 20, 14), team.rhys)

    page = signed_in(team).post(f"{LOG}?with={team.blessing.pk}", answers(booked=booked.pk))

    assert page.status_code == 200
    booked.refresh_from_db()
    assert booked.is_booked


def test_a_group_that_was_booked_is_logged_with_those_who_came(team: Team) -> None:
    booked = book(team, at(2026, 11, 23, 8), team.blessing, team.rhys)
    client = signed_in(team)

    way = client.get(LOG, {"session": booked.pk}, follow=True)
    page = way.content.decode()
    typed = answers(booked=booked.pk, workers=[team.rhys.pk])
    client.post(way.redirect_chain[-1][0], typed)

    ticked = re.findall(r'name="workers"[^>]* value="(\d+)"[^>]* checked', page)
    assert {int(pk) for pk in ticked} == {team.blessing.pk, team.rhys.pk}
    there = dict(booked.attendances.values_list("worker", "attended"))
    assert there == {team.blessing.pk: False, team.rhys.pk: True}
    assert Session.objects.count() == 1


def test_somebody_who_was_not_in_the_group_does_not_read_its_words(team: Team) -> None:
    booked = book(team, at(2026, 11, 23, 8), team.blessing, team.rhys)
    typed = answers(booked=booked.pk, workers=[team.rhys.pk], shared_note="Between us")
    signed_in(team).post(f"{LOG}?group=1", typed)
    pages = {}

    for worker in (team.blessing, team.rhys):
        client = Client()
        client.force_login(worker)
        pages[worker] = client.get(booked.get_absolute_url()).content.decode()

    assert "Between us" in pages[team.rhys]
    assert "Between us" not in pages[team.blessing]
    assert "was not there" in pages[team.blessing]
    assert "Rhys" not in pages[team.blessing]


def test_a_next_session_that_is_booked_already_is_not_booked_again(team: Team) -> None:
    upcoming = book(team, at(2026, 12, 1))

    page = signed_in(team).get(LOG, {"with": team.blessing.pk}).content.decode()

    assert "Booked for Tuesday 1 December, 10:00." in page
    assert reverse("supervision:session-rearrange", args=[upcoming.pk]) in page
    assert 'name="next_time"' not in page


def test_nobody_in_a_group_is_logged_before_they_joined(team: Team) -> None:
    joined_on = date(2026, 11, 20)
    Membership.objects.filter(worker=team.rhys).update(joined_on=joined_on)
    SupervisorAssignment.objects.filter(worker=team.rhys).update(starts_on=joined_on)
    everybody = [team.blessing.pk, team.rhys.pk]
    client = signed_in(team)

    page = client.post(f"{LOG}?group=1", answers(workers=everybody, held_on="19 November"))
    client.post(f"{LOG}?group=1", answers(workers=everybody[:1], held_on="19 November"))

    assert "Rhys joined on 20 November 2026" in page.content.decode()
    assert [a.worker for a in Session.objects.get().attendances.all()] == [team.blessing]


def test_logging_takes_twelve_queries_with_everything_filled_in(
    team: Team, django_assert_num_queries: Callable[..., object]
) -> None:
    client = signed_in(team)
    everything = answers(
        themes=["workload", "strength"],
        agreed="Ask about protected time",
        shared_note="Fridays are hard",
        next_on="21 December",
        next_time="10:00",
    )

    with django_assert_num_queries(12):  # type: ignore[attr-defined]
        client.post(f"{LOG}?with={team.blessing.pk}", everything)

    assert Session.objects.count() == 2
    assert AgreedAction.objects.count() == 1


def test_filling_in_what_was_booked_takes_twelve_queries(
    team: Team, django_assert_num_queries: Callable[..., object]
) -> None:
    booked = book(team, at(2026, 11, 23, 8))
    client, url = signed_in(team), f"{LOG}?with={team.blessing.pk}&session={booked.pk}"

    with django_assert_num_queries(12):  # type: ignore[attr-defined]
        client.post(url, answers(booked=booked.pk, next_on="21 December", next_time="10:00"))

    assert Session.objects.count() == 2


def test_the_page_stays_light_with_150_people(team: Team) -> None:
    cohort = programme.cohort(team.organisation, capacity=400)
    for _ in range(150):
        programme.supervised_psw(team.supervisor, cohort)
    client = signed_in(team)

    alone = client.get(LOG, {"with": team.blessing.pk}).content
    group = client.get(LOG, {"group": 1}).content

    assert len(alone) < 20_000
    assert len(group) < 100_000


@pytest.mark.django_db(transaction=True)
def test_a_form_pressed_twice_at_once_is_one_session(monday_morning: object) -> None:
    team, typed = make_team(), answers(next_on="21 December", next_time="10:00", agreed="Ask")

    def press(client: Client) -> int:
        try:
            return client.post(f"{LOG}?with={team.blessing.pk}", typed).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(press, [signed_in(team) for _ in range(4)]))

    assert codes == [302] * 4
    assert sorted(Session.objects.values_list("outcome", flat=True)) == ["", "held"]
    assert AgreedAction.objects.count() == 1


def test_a_supervisee_given_to_somebody_else_meanwhile_is_not_logged(team: Team) -> None:
    client = signed_in(team)
    page = client.get(LOG, {"with": team.blessing.pk}).content.decode()
    SupervisorAssignment.objects.filter(worker=team.blessing).update(
        ends_on=date(2026, 11, 23), next_due_on=None
    )

    answer = client.post(
        f"{LOG}?with={team.blessing.pk}", answers(form_key=value(page, "form_key"))
    )

    assert answer.status_code == 404
    assert not Session.objects.exists()
