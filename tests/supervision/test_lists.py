"""Lists cost the same however long they are, and a list is as long as its figure says."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision import actions, caseload, programme
from supervision.models import Session
from supervision.slots import Slot
from tests import programme as builders
from tests.supervision.conftest import Team, at

OWN = ["/supervision/", "/supervision/log/", "/supervision/sessions/new/"]
PROGRAMME = [
    "/supervision/?show=all",
    "/supervision/?show=due",
    "/supervision/?show=on-schedule",
    "/supervision/?show=held",
    "/supervision/?show=x' OR 1=1",
    "/supervision/unsupervised/",
]
MOST_QUERIES = 10


def more_people(team: Team, number: int) -> None:
    """So many more, each with a session held, one waiting to be logged, and one to come."""
    cohort = builders.cohort(team.organisation, capacity=500)
    others = builders.cohort(team.organisation, capacity=500)
    for minutes in range(number):
        worker = builders.supervised_psw(team.supervisor, cohort)
        builders.member(builders.psw(team.organisation), others)
        if minutes < 40:
            some_sessions(team, worker, minutes)


def some_sessions(team: Team, worker: User, minutes: int) -> None:
    taken = Session.objects.booked().count() * 5
    for day in (20, 27):
        starts_at = at(2026, 11, day, 7 + taken // 60, taken % 60)
        slot = Slot(starts_at, minutes=5)
        actions.book_session(slot, workers=[worker], by=team.supervisor, form_key=uuid4())
    actions.log_session(
        actions.Record(held_on=at(2026, 11, 16).date()),
        workers=[worker],
        by=team.supervisor,
        form_key=uuid4(),
    )


def queries(user: User, urls: list[str]) -> dict[str, int]:
    client = Client()
    client.force_login(user)
    counts = {}
    for url in urls:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts[url] = len(captured)
    return counts


def test_a_list_takes_as_many_queries_for_300_people_as_for_3(team: Team) -> None:
    more_people(team, 3)
    few = queries(team.supervisor, OWN) | queries(team.head, PROGRAMME)

    more_people(team, 297)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself, a minute after
    many = queries(team.supervisor, OWN) | queries(team.head, PROGRAMME)

    assert many == few
    assert max(many.values()) <= MOST_QUERIES, many


def rows(client: Client, url: str) -> int:
    page = client.get(url).content.decode()
    return len(re.findall(r'<tr class="nhsuk-table__row"|<li class="app-list__row"', page))


def test_each_figure_is_the_length_of_its_list(team: Team) -> None:
    more_people(team, 4)
    paused = builders.psw(team.organisation)
    membership = builders.member(paused, team.cohort, stage="paused")
    builders.supervised(membership, team.supervisor)
    builders.supervised_psw(
        builders.supervisor(elsewhere := builders.organisation()), builders.cohort(elsewhere)
    )
    booked = builders.supervised_psw(team.supervisor, team.cohort)
    slot = Slot(at(2026, 11, 26, 16))
    actions.book_session(slot, workers=[booked], by=team.supervisor, form_key=uuid4())
    client = Client()
    client.force_login(team.head)

    figures = programme.figures(team.head)
    whole = programme.supervisions(team.head).expected().count()

    assert figures.due == rows(client, "/supervision/?show=due") == 2
    assert figures.unsupervised == rows(client, "/supervision/unsupervised/") == 4
    assert figures.held_this_month == rows(client, "/supervision/?show=held") == 4
    on_schedule = rows(client, "/supervision/?show=on-schedule")
    assert figures.on_schedule == programme.percent(on_schedule, whole) == 57
    assert rows(client, "/supervision/?show=all") == 8


def test_the_caseload_goes_by_what_is_next_and_those_away_come_last(team: Team) -> None:
    cohort, names = team.cohort, {"Ana": 30, "Bea": 27, "Cem": 26, "Dov": 24}
    for name, day in names.items():
        worker = builders.psw(team.organisation, given_name=name)
        stage = "paused" if name == "Dov" else "active"
        membership = builders.member(worker, cohort, stage=stage)
        builders.supervised(membership, team.supervisor, next_due_on=at(2026, 11, day).date())
        if name == "Ana":
            slot = Slot(at(2026, 11, 24))
            actions.book_session(slot, workers=[worker], by=team.supervisor, form_key=uuid4())
    team.blessing.supervised_in.update(next_due_on=at(2026, 11, 25).date())
    team.rhys.supervised_in.update(next_due_on=None, ends_on=at(2026, 11, 24).date())

    rows = caseload.next_first(caseload.of(team.supervisor))

    assert [row.worker.given_name for row in rows] == [
        *("Ana", "Blessing", "Cem", "Bea"),
        *("Dov", "Rhys"),
    ]


def test_the_caseload_counts_who_is_due_and_who_is_booked_but_nobody_away(team: Team) -> None:
    due = {"Ana": 25, "Bea": 27, "Cem": 30, "Dov": 24, "Eve": 24}
    booked, paused = {"Ana": 10, "Dov": 14}, {"Dov", "Eve"}
    for name, day in due.items():
        worker = builders.supervised_psw(team.supervisor, team.cohort, given_name=name)
        worker.supervised_in.update(next_due_on=at(2026, 11, day).date())
        if name in booked:
            slot = Slot(at(2026, 11, 26, booked[name]))
            actions.book_session(slot, workers=[worker], by=team.supervisor, form_key=uuid4())
        if name in paused:
            worker.memberships.update(stage="paused")
    team.blessing.supervised_in.update(next_due_on=at(2026, 11, 25).date())
    team.rhys.supervised_in.update(next_due_on=at(2026, 12, 9).date())

    counted = caseload.figures(caseload.next_first(caseload.of(team.supervisor)))

    assert counted == caseload.Figures(people=7, due=2, booked=1)


def test_somebody_supervised_for_two_purposes_is_one_person(team: Team) -> None:
    membership = SupervisorAssignment.objects.get(worker=team.blessing).membership
    builders.supervised(membership, team.supervisor, purpose="reflective")

    assert caseload.figures(caseload.next_first(caseload.of(team.supervisor))).people == 2


def test_nobody_but_a_head_has_figures(team: Team) -> None:
    more_people(team, 1)

    for user in (team.supervisor, team.blessing, builders.head(builders.organisation())):
        assert programme.figures(user) == programme.Figures(None, 0, 0, 0)
        assert programme.on_schedule_by_cohort(user) == {}


def test_a_cohort_in_which_nothing_falls_due_has_no_share(team: Team) -> None:
    later = builders.cohort(team.organisation)
    membership = builders.member(
        builders.psw(team.organisation), later, joined_on=at(2026, 12, 1).date()
    )
    builders.supervised(membership, team.supervisor)

    assert programme.on_schedule_by_cohort(team.head) == {team.cohort.pk: 0}


def test_held_sessions_are_counted_by_the_month_they_were_on(team: Team) -> None:
    for day in (at(2026, 11, 1), at(2026, 10, 31), at(2026, 6, 1), at(2026, 5, 31)):
        actions.log_session(
            actions.Record(held_on=day.date()),
            workers=[team.blessing],
            by=team.supervisor,
            form_key=uuid4(),
        )

    counted = Session.objects.held_by_month(team.organisation)

    assert [(month.month, number) for month, number in counted] == [
        (6, 1),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 1),
        (11, 1),
    ]


@pytest.mark.parametrize("url", ["/supervision/?page=2", "/supervision/?show=all&page=2"])
def test_long_lists_have_pages(team: Team, url: str) -> None:
    more_people(team, 55)
    user = team.head if "show" in url else team.supervisor
    client = Client()
    client.force_login(user)

    assert "Page 1 of 2" in client.get(url).content.decode()


def test_those_whom_a_roster_gave_their_supervisor_as_line_manager_are_named(team: Team) -> None:
    builders.roster_entry(team.blessing, line_manager_email=team.supervisor.email.upper())
    client = Client()
    client.force_login(team.head)

    page = client.get("/supervision/?show=line-manager").content.decode()
    refused = [each.worker for each in programme.line_managed(team.head)]

    team.organisation.line_manager_rule = "warn"
    team.organisation.save(update_fields=["line_manager_rule"])
    team.head.organisation.refresh_from_db()

    assert refused == [team.blessing]
    assert "Supervised by their line manager" in page
    assert rows(client, "/supervision/?show=line-manager") == 0
    assert not programme.line_managed(team.head).exists()
