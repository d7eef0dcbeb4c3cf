"""Leave on the pages: entered, changed, called off, and seen by those who may."""

from datetime import date

import pytest
from django.test import Client

from cohorts.models import Leave, Membership, SupervisorAssignment
from peersupport.accounts.models import Role, User
from supervision import leave
from supervision.leave import enter
from supervision.models import Session
from tests import programme
from tests.reminders.programme import booked
from tests.supervision.conftest import Team, at

TODAY = date(2026, 11, 23)


def december(day: int) -> date:
    return date(2026, 12, day)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(user: User, url: str) -> str:
    """The words of a page, each gap as one space."""
    answer = signed_in(user).get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def post(user: User, url: str, first: str = "", last: str = "", **more: str) -> str:
    facts = {"starts_on": first, "ends_on": last, **more}
    return " ".join(signed_in(user).post(url, facts, follow=True).content.decode().split())


def dates() -> list[tuple[User, date, date]]:
    leaves = Leave.objects.order_by("starts_on")
    return [(leave.person, leave.starts_on, leave.ends_on) for leave in leaves]


@pytest.mark.parametrize("who", ["blessing", "supervisor", "head"])
def test_everybody_enters_their_own_leave(team: Team, who: str) -> None:
    person = getattr(team, who)

    page = post(person, "/me/leave/new/", "7 December", "18 December 2026")

    assert "Leave saved" in page
    assert "7 December – 18 December" in page
    assert dates() == [(person, december(7), december(18))]
    assert Leave.objects.get().entered_by == person


def test_a_head_enters_it_for_anybody(team: Team) -> None:
    page = post(
        team.head, f"/cohorts/people/{team.supervisor.pk}/leave/new/", "7 December", "7 December"
    )

    assert "Leave of Anwen Haddad" in page
    assert dates() == [(team.supervisor, december(7), december(7))]
    assert Leave.objects.get().entered_by == team.head


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("", "", "Enter the first day away"),
        ("1 December", "", "Enter the last day away"),
        ("some day", "1 December", "Enter the day, like 23 November 2026"),
        ("9 December", "8 December", "The last day must not be before the first day"),
        ("1 December 2026", "2 December 2027", "Enter a year at most, and the rest as more leave"),
        ("1 December", "3 December", "There is leave on some of these days already"),
        ("1 November", "20 November", "Enter a date from 23 November to"),
        ("1 November 2020", "1 December", "Enter a date from 22 November 2025 to"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_is_saved(
    team: Team, first: str, last: str, sentence: str
) -> None:
    taken = programme.leave(team.blessing, december(3), december(4))

    page = post(team.blessing, "/me/leave/new/", first, last)

    assert sentence in page
    assert "Error: " in page
    assert list(Leave.objects.all()) == [taken]


def test_a_booked_session_is_shown_before_it_is_saved_and_stands_in_nobody_s_way(
    team: Team,
) -> None:
    booked(team.supervisor, team.blessing, at=at(2026, 12, 10, 14))
    days = ("7 December", "18 December")

    first = signed_in(team.blessing).post(
        "/me/leave/new/", {"starts_on": days[0], "ends_on": days[1]}
    )
    shown, saved = first.content.decode(), Leave.objects.exists()
    post(team.blessing, "/me/leave/new/", *days, seen=first.context["form"].data["seen"])

    assert "Thursday 10 December, 14:00, with Anwen Haddad" in shown
    assert f"/supervision/sessions/{Session.objects.get().pk}/" in shown
    assert not saved
    assert dates() == [(team.blessing, december(7), december(18))]


def test_a_supervisor_is_led_to_rearrange_each(team: Team) -> None:
    session = booked(team.supervisor, team.blessing, at=at(2026, 12, 10, 14))

    page = post(team.supervisor, "/me/leave/new/", "7 December", "18 December")

    assert "Rearrange Thursday 10 December, 14:00" in page
    assert f"/supervision/sessions/{session.pk}/rearrange/" in page


def test_a_session_booked_meanwhile_is_shown_too(team: Team) -> None:
    seen = booked(team.supervisor, team.blessing, at=at(2026, 12, 10, 14))
    booked(team.supervisor, team.blessing, at=at(2026, 12, 11, 14))

    page = post(team.blessing, "/me/leave/new/", "7 December", "18 December", seen=str(seen.pk))

    assert "Friday 11 December, 14:00" in page
    assert not Leave.objects.exists()


def test_dates_are_changed(team: Team) -> None:
    leave = programme.leave(team.blessing, december(7), december(18))

    for user in (team.blessing, team.head):
        form = text(user, f"/leave/{leave.pk}/")
        assert 'value="7 December 2026"' in form
    post(team.head, f"/leave/{leave.pk}/", "8 December 2026", "9 December 2026")

    assert dates() == [(team.blessing, december(8), december(9))]


def test_it_is_called_off_or_ended_after_asking(team: Team) -> None:
    coming = programme.leave(team.blessing, december(7), december(18))
    now = programme.leave(team.rhys, date(2026, 11, 20), december(1))

    asked = [text(each.person, f"/leave/{each.pk}/end/") for each in (coming, now)]
    untouched = Leave.objects.count()
    said = [post(each.person, f"/leave/{each.pk}/end/") for each in (coming, now)]

    assert untouched == 2
    assert ("Call it off" in asked[0], "I am back" in asked[1]) == (True, True)
    assert ("called off" in said[0], "Welcome back" in said[1]) == (True, True)
    assert dates() == [(team.rhys, date(2026, 11, 20), date(2026, 11, 22))]


def test_dates_of_leave_that_is_called_off_at_that_moment_say_so(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = programme.leave(team.blessing, december(7), december(18))
    change = leave.change

    def too_late(one: Leave, **days: date) -> None:
        leave.end(entered)
        change(one, **days)

    monkeypatch.setattr(leave, "change", too_late)

    page = post(team.head, f"/leave/{entered.pk}/", "8 December 2026", "9 December 2026")

    assert "Somebody has called this leave off meanwhile" in page
    assert not Leave.objects.exists()


def test_past_leave_stays_as_it_was_and_is_read_by_its_person_alone(team: Team) -> None:
    past = programme.leave(team.blessing, date(2026, 10, 5), date(2026, 10, 9))
    programme.leave(team.rhys, date(2026, 9, 7), date(2026, 9, 9))
    programme.leave(team.rhys, december(7), december(9))

    mine = text(team.blessing, "/me/leave/")
    a_head_s = text(team.head, f"/cohorts/people/{team.blessing.pk}/leave/")
    codes = {
        signed_in(team.blessing).get(f"/leave/{past.pk}/{end}").status_code for end in ("", "end/")
    }

    assert "5 October – 9 October" in mine
    assert "7 September" not in mine
    assert "7 December" not in mine + a_head_s
    assert "5 October" not in a_head_s
    assert codes == {404}


def test_past_leave_has_pages(team: Team) -> None:
    for month in range(1, 11):
        for day in (1, 3, 5):
            programme.leave(team.blessing, date(2026, month, day), date(2026, month, day))

    assert "3 March" not in text(team.blessing, "/me/leave/").split("Past")[1]
    assert "3 January" in text(team.blessing, "/me/leave/?page=2")


def test_a_supervisor_sees_on_the_caseload_and_the_page_who_is_away(team: Team) -> None:
    enter(team.blessing, starts_on=TODAY, ends_on=december(6), by=team.blessing)
    SupervisorAssignment.objects.filter(worker=team.blessing).update(next_due_on=december(14))

    caseload = text(team.supervisor, "/supervision/")
    page = text(team.supervisor, f"/cohorts/people/{team.blessing.pk}/")

    assert "On leave" in caseload
    assert "Back 7 December, due 14 December" in caseload
    assert "Away until 6 December" in page


@pytest.mark.parametrize(
    ("due_on", "line"),
    [(december(7), "Back 7 December, due 7 December"), (date(2026, 11, 20), "Back 7 December<")],
)
def test_what_was_due_before_somebody_went_is_not_held_against_them(
    team: Team, due_on: date, line: str
) -> None:
    programme.leave(team.blessing, TODAY, december(6))
    SupervisorAssignment.objects.filter(worker=team.blessing).update(next_due_on=due_on)

    assert line in text(team.supervisor, "/supervision/")


def test_a_session_booked_for_after_it_is_said(team: Team) -> None:
    programme.leave(team.blessing, TODAY, december(6))
    booked(team.supervisor, team.blessing, at=at(2026, 12, 8))

    assert "Back 7 December, booked for 8 December" in text(team.supervisor, "/supervision/")


def test_whoever_is_away_comes_last_and_is_not_counted_as_due(team: Team) -> None:
    SupervisorAssignment.objects.update(next_due_on=TODAY)
    before = text(team.supervisor, "/supervision/")
    programme.leave(team.blessing, TODAY, december(6))

    page = text(team.supervisor, "/supervision/")

    assert "2 are due this week" in before
    assert "1 is due this week" in page
    assert page.index("Rhys Kowalska") < page.index("Blessing Adeyemi")


def test_a_worker_reads_until_when_their_supervisor_is_away(team: Team) -> None:
    words = "Anwen Haddad is away until 6 December."
    urls = ("/", "/supervision/mine/")
    before = [words in text(team.blessing, url) for url in urls]

    programme.leave(team.supervisor, TODAY, december(6))

    assert before == [False, False]
    assert [words in text(team.blessing, url) for url in urls] == [True, True]


def test_a_head_sees_which_supervisors_are_away(team: Team) -> None:
    programme.leave(team.supervisor, TODAY, december(6))

    page = text(team.head, "/supervision/?show=all")

    assert page.count("Away until 6 December") == 2


def test_who_is_away_reads_so_at_home_and_can_be_back(team: Team) -> None:
    for person in (team.blessing, team.supervisor, team.head):
        leave = programme.leave(person, TODAY, december(6))

        home = text(person, "/")

        assert "You are away until 6 December." in home
        assert f"/leave/{leave.pk}/end/" in home


def test_leave_that_is_still_to_come_is_read_by_those_who_plan(team: Team) -> None:
    programme.leave(team.blessing, december(7), december(18))
    programme.leave(team.blessing, december(22), december(22))
    page = f"/cohorts/people/{team.blessing.pk}/"

    for reader in (team.supervisor, team.head, team.blessing):
        assert "Away from 7 December to 18 December<br>Away on 22 December" in text(reader, page)
    assert "You are away" not in text(team.blessing, "/")


def test_after_leave_is_what_the_forms_propose(team: Team) -> None:
    programme.leave(team.blessing, december(14), december(25))

    log = text(team.supervisor, f"/supervision/log/?with={team.blessing.pk}")

    assert "Due by 26 December" in log
    assert 'value="Tuesday 29 December"' in log


def test_no_day_is_proposed_on_which_either_is_away(team: Team) -> None:
    SupervisorAssignment.objects.filter(worker=team.blessing).update(next_due_on=december(12))
    programme.leave(team.supervisor, december(7), december(11))

    page = text(team.supervisor, f"/supervision/sessions/new/?with={team.blessing.pk}")

    assert 'value="Monday 14 December"' in page


def test_nobody_else_finds_anything(team: Team) -> None:
    leave = programme.leave(team.blessing, TODAY, december(6))
    outsider = programme.person(programme.organisation("Elsewhere"), *Role)
    former = programme.supervisor(team.organisation)
    programme.supervised(
        Membership.objects.get(worker=team.rhys),
        former,
        purpose=SupervisorAssignment.Purpose.REFLECTIVE,
        ends_on=TODAY,
        next_due_on=None,
    )

    for user in (team.rhys, team.supervisor, former, outsider):
        for url in (f"/leave/{leave.pk}/", f"/leave/{leave.pk}/end/"):
            assert signed_in(user).get(url).status_code == 404
            assert signed_in(user).post(url).status_code == 404
    assert "6 December" not in text(team.rhys, "/")
    assert "6 December" not in text(outsider, "/supervision/?show=all")
    assert Leave.objects.get() == leave
