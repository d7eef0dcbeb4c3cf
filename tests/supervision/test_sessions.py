"""One session's page, and who may read, move and cancel it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import RecordRead, Role, RoleGrant, User
from supervision import actions
from supervision.actions import Record
from supervision.models import AgreedAction, Session
from supervision.slots import Slot
from tests import programme
from tests.supervision.conftest import Team, at

WORDS = Record(
    held_on=at(2026, 11, 20).date(),
    themes=["team"],
    agreed="Ask about Fridays",
    shared_note="Between us",
)


def log(team: Team, *workers: User, record: Record = WORDS) -> Session:
    return actions.log_session(
        record,
        workers=workers or [team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
        group=len(workers) > 1,
    )


def book(team: Team, *workers: User) -> Session:
    return actions.book_session(
        Slot(at(2026, 12, 1)),
        workers=workers or [team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
        group=len(workers) > 1,
    )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, session: Session) -> str:
    return client_of(user).get(session.get_absolute_url()).content.decode()


def booking(**changes: object) -> dict[str, object]:
    return {
        "form_key": str(uuid4()),
        "day": "2 December",
        "clock": "10:00",
        "minutes": "20 minutes",
        "mode": "phone",
        **changes,
    }


def test_words_are_between_two_people_and_a_head_is_told_between_whom(team: Team) -> None:
    session = log(team)

    seen = page(team.head, session)

    assert "What was talked about and agreed is between Blessing Adeyemi and Anwen Haddad." in seen
    for word in ("Between us", "Ask about Fridays", "The team"):
        assert word not in seen
        assert word in page(team.blessing, session)
        assert word in page(team.supervisor, session)


@pytest.mark.parametrize("address", ["session-detail", "session-rearrange", "session-cancel"])
def test_outsiders_find_no_session(team: Team, address: str) -> None:
    membership = SupervisorAssignment.objects.get(worker=team.blessing).membership
    former = programme.supervisor(team.organisation)
    programme.supervised(membership, former, ends_on=at(2026, 11, 23).date(), purpose="reflective")
    outsiders = [
        team.rhys,
        former,
        programme.supervisor(team.organisation),
        programme.ig_auditor(team.organisation),
        programme.head(programme.organisation()),
        programme.supervisor(programme.organisation()),
    ]
    url = reverse(f"supervision:{address}", args=[book(team).pk])

    codes = [client_of(user).get(url).status_code for user in outsiders]

    assert codes == [404] * len(outsiders)


@pytest.mark.parametrize("address", ["session-rearrange", "session-cancel"])
@pytest.mark.parametrize("who", ["blessing", "head"])
def test_only_who_gives_a_session_moves_or_cancels_it(team: Team, address: str, who: str) -> None:
    session, user = book(team), getattr(team, who)

    answer = client_of(user).post(reverse(f"supervision:{address}", args=[session.pk]), booking())

    assert answer.status_code == 404
    assert Session.objects.booked().get() == session


def test_a_head_who_supervised_once_sees_that_they_met_and_not_the_words(team: Team) -> None:
    RoleGrant.objects.create(organisation=team.organisation, person=team.supervisor, role=Role.HEAD)
    session = log(team)
    team.blessing.supervised_in.update(ends_on=at(2026, 11, 23).date(), next_due_on=None)

    seen = page(team.supervisor, session)

    assert "Friday 20 November, 20 minutes" in seen
    assert "Between us" not in seen


def test_opening_words_is_noted_for_each_who_was_there(team: Team) -> None:
    session = log(team, team.blessing, team.rhys)

    page(team.supervisor, session)
    page(team.blessing, session)
    page(team.head, session)

    noted = {(read.reader, read.subject, read.record_on) for read in RecordRead.objects.all()}
    day = WORDS.held_on
    assert noted == {(team.supervisor, team.blessing, day), (team.supervisor, team.rhys, day)}


def test_opening_a_session_without_words_is_no_reading(team: Team) -> None:
    session = log(team, record=Record(held_on=WORDS.held_on))

    assert "No more was written down." in page(team.supervisor, session)
    assert not RecordRead.objects.exists()


def test_a_former_group_member_who_changed_supervisor_is_not_named(team: Team) -> None:
    session = log(team, team.blessing, team.rhys)
    team.rhys.supervised_in.update(ends_on=at(2026, 11, 23).date(), next_due_on=None)

    seen = page(team.supervisor, session)

    assert "Blessing" in seen
    assert "Rhys" not in seen


def test_what_a_supervisor_promised_is_theirs_to_mark_done(team: Team) -> None:
    session = log(team, team.blessing, team.rhys)
    action = AgreedAction.objects.get()
    url = reverse("supervision:action-done", args=[action.pk])

    refused = client_of(team.blessing).post(url)
    done = client_of(team.supervisor).post(url)

    assert refused.status_code == 404
    assert done["Location"] == session.get_absolute_url()
    action.refresh_from_db()
    assert action.done_by == team.supervisor
    mine = client_of(team.blessing).get(reverse("supervision:my-supervision"))
    assert "Ask about Fridays" not in mine.content.decode()


def test_done_twice_is_done_once(team: Team) -> None:
    log(team)
    action = AgreedAction.objects.get()

    first = actions.finish_action(action, by=team.blessing)
    second = actions.finish_action(action, by=team.supervisor)

    action.refresh_from_db()
    assert (first, second, action.done_by) == (True, False, team.blessing)


def test_a_form_that_moves_a_session_can_be_pressed_twice(team: Team) -> None:
    session = book(team)
    client, typed = client_of(team.supervisor), booking()
    url = reverse("supervision:session-rearrange", args=[session.pk])

    codes = [client.post(url, typed).status_code for _ in range(2)]

    assert codes == [302, 302]
    assert Session.objects.booked().get().starts_at == at(2026, 12, 2)


def test_a_session_cancelled_meanwhile_is_not_moved_and_says_so(team: Team) -> None:
    session = book(team)
    actions.cancel_session(session, by=team.supervisor)

    answer = client_of(team.supervisor).post(
        reverse("supervision:session-rearrange", args=[session.pk]), booking()
    )

    assert "This session was logged, moved or cancelled meanwhile" in answer.content.decode()
    assert not Session.objects.booked().exists()


def test_a_group_is_booked_with_those_chosen(team: Team) -> None:
    third = programme.supervised_psw(team.supervisor, team.cohort)
    url = reverse("supervision:session-new") + "?group=1"

    client_of(team.supervisor).post(url, booking(workers=[team.blessing.pk, third.pk]))

    session = Session.objects.booked().get()
    assert session.is_group
    assert {each.worker for each in session.attendances.all()} == {team.blessing, third}


def test_nobody_elses_supervisee_is_asked_to_a_group(team: Team) -> None:
    theirs = programme.supervised_psw(programme.supervisor(team.organisation), team.cohort)
    url = reverse("supervision:session-new") + "?group=1"

    answer = client_of(team.supervisor).post(url, booking(workers=[team.blessing.pk, theirs.pk]))

    assert "Choose who is to come" in answer.content.decode()
    assert theirs.name not in answer.content.decode()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": ""}, "Enter the day you will meet"),
        ({"day": "1 November 2026"}, "Enter a day and time that are still to come"),
        ({"day": "1 December 2027"}, "Enter a day within the next year"),
        ({"clock": ""}, "Enter the time you will meet"),
        ({"clock": "late"}, "Enter the time, like 10:00"),
        ({"day": "28 March 2027", "clock": "01:30"}, "The clocks go forward over this time"),
        ({"minutes": "300"}, "Enter a length between 5 minutes and 4 hours"),
        ({"mode": "smoke"}, "Choose how you will meet"),
        ({"day": "1 December", "clock": "10:15"}, "from 10:00 to 10:20 on Tuesday 1 December"),
    ],
)
def test_a_bad_booking_gets_a_sentence_and_keeps_what_was_typed(
    team: Team, changes: dict[str, str], sentence: str
) -> None:
    book(team, team.rhys)
    typed = booking(**changes)

    url = f"{reverse('supervision:session-new')}?with={team.blessing.pk}"
    answer = client_of(team.supervisor).post(url, typed).content.decode()

    assert sentence in answer
    assert "<title>Error: Book a session with Blessing Adeyemi" in answer
    for name in ("day", "clock", "minutes"):
        assert not typed[name] or f'value="{typed[name]}"' in answer
    assert Session.objects.count() == 1


def test_a_session_held_on_another_day_than_booked_shows_the_day_it_was_held(team: Team) -> None:
    booked = actions.book_session(
        Slot(at(2026, 11, 19)), workers=[team.blessing], by=team.supervisor, form_key=uuid4()
    )
    actions.log_session(
        WORDS,
        workers=[team.blessing],
        by=team.supervisor,
        form_key=uuid4(),
        booked_pk=booked.pk,
    )

    seen = page(team.blessing, booked)

    assert "Friday 20 November, 20 minutes" in seen
    assert "19 November" not in seen


def test_a_page_takes_as_many_queries_for_a_large_group_as_for_two(team: Team) -> None:
    others = [programme.supervised_psw(team.supervisor, team.cohort) for _ in range(12)]
    few, many = log(team, team.blessing, team.rhys), log(team, *others)
    counts = []

    for session in (few, many):
        client = client_of(team.supervisor)
        with CaptureQueriesContext(connection) as captured:
            client.get(session.get_absolute_url())
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 12


def test_my_supervision_takes_as_many_queries_for_many_sessions_as_for_one(
    team: Team, django_assert_num_queries: Callable[..., object]
) -> None:
    log(team)
    client, url = client_of(team.blessing), reverse("supervision:my-supervision")
    with CaptureQueriesContext(connection) as once:
        client.get(url)

    for day in range(1, 16):
        held_on = at(2026, 10, day).date()
        log(team, record=Record(held_on=held_on, agreed=f"Action {day}"))

    with django_assert_num_queries(len(once)):  # type: ignore[attr-defined]
        client.get(url)
    assert len(once) <= 10
