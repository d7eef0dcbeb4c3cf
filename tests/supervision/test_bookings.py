"""Booking, moving and cancelling sessions; what the database refuses."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from supervision import actions
from supervision.actions import NotBooked, NotSupervised
from supervision.models import Attendance, Session
from supervision.slots import Slot, SlotTaken
from tests import programme
from tests.supervision.conftest import LONDON, Team, at


def book(team: Team, starts_at: datetime, **slot: object) -> Session:
    return actions.book_session(
        Slot(starts_at, **slot), workers=[team.blessing], by=team.supervisor, form_key=uuid4()
    )


def logged(team: Team, **facts: object) -> Session:
    """A session row written past every action."""
    facts = {
        "organisation": team.organisation,
        "supervisor": team.supervisor,
        "held_on": date(2026, 11, 20),
        "outcome": Session.Outcome.HELD,
        "logged_at": timezone.now(),
        "logged_by": team.supervisor,
        **facts,
    }
    return Session.objects.create(**facts)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2026, 3, 28), 10),
        (date(2026, 3, 29), 9),
        (date(2026, 10, 24), 9),
        (date(2026, 10, 25), 10),
    ],
)
def test_ten_o_clock_is_ten_o_clock_on_both_sides_of_a_clock_change(
    team: Team, day: date, utc_hour: int
) -> None:
    session = book(team, at(day.year, day.month, day.day))

    session.refresh_from_db()
    assert session.held_on == day
    assert session.starts_at.hour == utc_hour
    assert session.starts_at.astimezone(LONDON).hour == 10


def test_a_session_just_after_midnight_belongs_to_the_local_day(team: Team) -> None:
    session = book(team, at(2026, 7, 1, 0, 30))

    assert session.held_on == date(2026, 7, 1)


def test_the_same_booking_form_twice_is_one_session(team: Team) -> None:
    key = uuid4()

    first, second = (
        actions.book_session(
            Slot(at(2026, 12, 1)), workers=[team.blessing], by=team.supervisor, form_key=key
        )
        for _ in range(2)
    )

    assert first == second
    assert Session.objects.count() == 1


def test_a_session_can_be_booked_before_supervision_begins(team: Team) -> None:
    worker = programme.psw(team.organisation)
    membership = programme.member(worker, team.cohort, joined_on=date(2026, 12, 1))
    programme.supervised(membership, team.supervisor)

    session = actions.book_session(
        Slot(at(2026, 12, 2)), workers=[worker], by=team.supervisor, form_key=uuid4()
    )

    assert Session.objects.next_for(worker) == session


def test_a_session_with_somebody_elses_supervisee_is_refused(team: Team) -> None:
    colleague = programme.supervisor(team.organisation)

    with pytest.raises(NotSupervised):
        actions.book_session(
            Slot(at(2026, 12, 1)), workers=[team.blessing], by=colleague, form_key=uuid4()
        )

    assert not Session.objects.exists()


def test_a_rearranged_session_stays_in_the_record(team: Team) -> None:
    old = book(team, at(2026, 12, 1))

    new = actions.rearrange_session(
        old, Slot(at(2026, 12, 1, 10, 10)), by=team.supervisor, form_key=uuid4()
    )

    old.refresh_from_db()
    assert old.outcome == Session.Outcome.REARRANGED
    assert Session.objects.booked().get() == new
    assert old.rearranged_to == new
    assert [each.worker for each in new.attendances.all()] == [team.blessing]


def test_moving_twice_with_one_form_moves_once(team: Team) -> None:
    old = book(team, at(2026, 12, 1))
    key = uuid4()

    first, second = (
        actions.rearrange_session(old, Slot(at(2026, 12, 2)), by=team.supervisor, form_key=key)
        for _ in range(2)
    )

    assert first == second
    assert Session.objects.count() == 2


def test_a_session_cancelled_meanwhile_cannot_be_moved(team: Team) -> None:
    old = book(team, at(2026, 12, 1))
    actions.cancel_session(old, by=team.supervisor)

    with pytest.raises(NotBooked):
        actions.rearrange_session(old, Slot(at(2026, 12, 2)), by=team.supervisor, form_key=uuid4())

    assert not Session.objects.booked().exists()


def test_moving_onto_another_session_leaves_both_as_they_were(team: Team) -> None:
    old, other = book(team, at(2026, 12, 1)), book(team, at(2026, 12, 2))

    with pytest.raises(SlotTaken) as refusal:
        actions.rearrange_session(
            old, Slot(at(2026, 12, 2, 10, 10)), by=team.supervisor, form_key=uuid4()
        )

    assert refusal.value.session == other
    assert set(Session.objects.booked()) == {old, other}


def test_moving_a_group_session_leaves_out_those_supervised_by_others_now(team: Team) -> None:
    old = actions.book_session(
        Slot(at(2026, 12, 1)),
        workers=[team.blessing, team.rhys],
        by=team.supervisor,
        form_key=uuid4(),
        group=True,
    )
    team.rhys.supervised_in.update(ends_on=date(2026, 11, 23), next_due_on=None)

    new = actions.rearrange_session(
        old, Slot(at(2026, 12, 2)), by=team.supervisor, form_key=uuid4()
    )

    assert [each.worker for each in new.attendances.all()] == [team.blessing]


def test_only_what_is_still_booked_is_cancelled(team: Team) -> None:
    session = book(team, at(2026, 12, 1))

    first = actions.cancel_session(session, by=team.supervisor)
    second = actions.cancel_session(session, by=team.head)

    session.refresh_from_db()
    assert (first, second) == (True, False)
    assert session.cancelled_by == team.supervisor


def test_a_cancelled_session_gives_its_time_back(team: Team) -> None:
    actions.cancel_session(book(team, at(2026, 12, 1)), by=team.supervisor)

    assert book(team, at(2026, 12, 1)).is_booked


def test_who_supervises_no_more_is_not_who_one_meets_next(team: Team) -> None:
    session = book(team, at(2026, 12, 1))

    before = Session.objects.next_for(team.blessing)
    team.blessing.supervised_in.update(ends_on=date(2026, 11, 23), next_due_on=None)

    assert before == session
    assert Session.objects.next_for(team.blessing) is None


START = at(2026, 12, 1)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (
            "session_no_two_at_once_for_a_supervisor",
            {
                "starts_at": START + timedelta(minutes=10),
                "ends_at": START + timedelta(minutes=30),
            },
        ),
        ("session_ends_after_it_starts", {"starts_at": START, "ends_at": START}),
        ("session_ends_after_it_starts", {"starts_at": at(2026, 12, 2)}),
        ("session_lasts_between_five_minutes_and_four_hours", {"minutes": 4}),
        ("session_lasts_between_five_minutes_and_four_hours", {"minutes": 241}),
        ("session_note_of_2000_characters_at_most", {"shared_note": "x" * 2001}),
        ("session_logged_by_someone_when_it_has_an_outcome", {"logged_by": None}),
        ("session_logged_by_someone_when_it_has_an_outcome", {"outcome": ""}),
        ("session_themes_from_the_closed_list", {"themes": ["workload", "Mrs Jones"]}),
        ("session_booked_by_someone_at_some_time", {"booked_at": START}),
        ("session_cancelled_by_someone_at_some_time", {"cancelled_at": START}),
    ],
)
def test_the_database_refuses(team: Team, name: str, facts: dict[str, object]) -> None:
    book(team, START)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        logged(team, **facts)


def test_the_database_saves_a_form_once(team: Team) -> None:
    key = uuid4()
    logged(team, form_key=key)

    with pytest.raises(IntegrityError, match="session_once_for_each_form"), transaction.atomic():
        logged(team, form_key=key)


def test_nobody_is_twice_at_one_session(team: Team) -> None:
    session = book(team, START)

    with pytest.raises(IntegrityError, match="attendance_once_per_session"), transaction.atomic():
        Attendance.objects.create(
            organisation=team.organisation, session=session, worker=team.blessing
        )


@pytest.mark.parametrize("who", ["supervisor", "logged_by"])
def test_nobody_of_another_organisation_gets_into_a_session(team: Team, who: str) -> None:
    stranger = programme.supervisor(programme.organisation())
    logged(team, **{who: stranger})

    with pytest.raises(IntegrityError, match=f"session_{who}_same_organisation"):
        connection.check_constraints()


def test_one_who_is_booked_already_is_said_to_be(team: Team) -> None:
    slot = Slot(at(2026, 11, 26, 16))
    booked = actions.book_session(
        slot, workers=[team.blessing], by=team.supervisor, form_key=uuid4()
    )
    client = Client()
    client.force_login(team.supervisor)

    page = client.get(f"/supervision/sessions/new/?with={team.blessing.pk}").content.decode()
    other = client.get(f"/supervision/sessions/new/?with={team.rhys.pk}").content.decode()

    assert "You have a session booked for Thursday 26 November, 16:00." in page
    assert f"/supervision/sessions/{booked.pk}/rearrange/" in page
    assert "You have a session booked" not in other


def test_a_psw_sees_every_session_that_is_booked(team: Team) -> None:
    for day in (26, 30):
        actions.book_session(
            Slot(at(2026, 11, day, 16)),
            workers=[team.blessing],
            by=team.supervisor,
            form_key=uuid4(),
        )
    client = Client()
    client.force_login(team.blessing)

    page = client.get("/supervision/mine/").content.decode()

    assert "Thursday 26 November, 16:00" in page
    assert "Monday 30 November, 16:00" in page
