"""A session goes into people's calendars, moves there, and is taken out again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from icalendar import Calendar, Event

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from supervision import actions
from supervision.models import Session
from supervision.slots import Slot
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, booked, owed
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

WEDNESDAY = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
THURSDAY = WEDNESDAY + timedelta(days=1)


@pytest.fixture
def supervisor(riverside: Organisation) -> User:
    return programme.supervisor(riverside, family_name="Supervisorname")


@pytest.fixture
def worker(riverside: Organisation, supervisor: User) -> User:
    worker = programme.psw(riverside, family_name="Workername", email="iris@trust.example")
    programme.supervised(
        programme.member(worker, programme.cohort(riverside)),
        supervisor,
        next_due_on=WEDNESDAY.date() + timedelta(days=60),
    )
    return worker


@pytest.fixture
def session(supervisor: User, worker: User) -> Session:
    """Booked for Wednesday; nobody has been told yet."""
    return booked(supervisor, worker, at=WEDNESDAY)


def tell() -> None:
    """Plan and send all about sessions."""
    outbox.plan()
    Reminder.objects.filter(state="due").exclude(kind__startswith="session_c").delete()
    sender.run()


def move(session: Session, to: datetime) -> Session:
    return actions.rearrange_session(session, Slot(to), by=session.supervisor, form_key=uuid4())


def events(sink: Sink, to: User) -> list[tuple[str, Event]]:
    """The calendar files that this person got, in order: the method and the event of each."""
    files = [
        Calendar.from_ical(part.get_content())
        for message in sink.messages
        if message["To"] == to.email
        for part in message.iter_attachments()
    ]
    return [(str(file["method"]), file.walk("VEVENT")[0]) for file in files]


def in_short(sink: Sink, to: User) -> list[tuple[str, int, datetime]]:
    return [(method, event["sequence"], event["dtstart"].dt) for method, event in events(sink, to)]


def test_a_session_that_is_coming_is_an_event_and_names_nobody_else(
    session: Session, worker: User, supervisor: User, sink: Sink
) -> None:
    tell()

    ((method, event),) = events(sink, worker)
    (part,) = next(m for m in sink.messages if m["To"] == worker.email).iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == method == "REQUEST"
    assert (event["dtstart"].dt, event["dtend"].dt) == (session.starts_at, session.ends_at)
    assert str(event["attendee"]) == "mailto:iris@trust.example"
    assert str(event["organizer"]) == "mailto:peer-support@trust.example"
    assert f"/supervision/sessions/{session.pk}/" in str(event["url"])
    assert "Supervisorname" not in part.get_content()
    assert supervisor.email not in part.get_content()


def test_one_that_is_moved_moves_in_the_calendar(
    session: Session, worker: User, supervisor: User, sink: Sink
) -> None:
    tell()
    move(session, THURSDAY)
    tell()

    for person in (worker, supervisor):
        assert in_short(sink, person) == [
            ("REQUEST", 0, WEDNESDAY),
            ("REQUEST", 1, THURSDAY),
        ]
        uids = {str(event["uid"]) for _method, event in events(sink, person)}
        assert len(uids) == 1
    text = sink.messages[-1].get_body(("plain",)).get_content()
    assert "moved to Thursday 26 November at 14:00: 20 minutes, in person." in " ".join(
        text.split()
    )


def test_one_that_is_called_off_is_taken_out(
    session: Session, worker: User, supervisor: User, sink: Sink
) -> None:
    tell()
    actions.cancel_session(session, by=supervisor)
    tell()
    tell()

    assert in_short(sink, worker) == [("REQUEST", 0, WEDNESDAY), ("CANCEL", 1, WEDNESDAY)]
    assert "on Wednesday 25 November at 14:00 is called off" in " ".join(
        sink.messages[-1].get_body(("plain",)).get_content().split()
    )


def test_moved_and_then_called_off_is_said_both_times(
    session: Session, worker: User, supervisor: User, sink: Sink
) -> None:
    tell()
    moved = move(session, WEDNESDAY + timedelta(days=14))
    tell()
    actions.cancel_session(moved, by=supervisor)
    tell()

    assert [(method, sequence) for method, sequence, _at in in_short(sink, worker)] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]


def test_moved_twice_before_anything_goes_out_says_where_it_is_now(
    session: Session, worker: User, sink: Sink
) -> None:
    tell()
    move(move(session, THURSDAY), THURSDAY + timedelta(days=1))
    tell()

    assert in_short(sink, worker)[1:] == [("REQUEST", 2, THURSDAY + timedelta(days=1))]


def test_who_was_not_told_is_told_of_no_change(session: Session, worker: User) -> None:
    move(session, THURSDAY)

    outbox.plan()

    assert owed("session_changed") == set()


def test_who_does_not_come_to_the_new_one_has_it_taken_out(
    session: Session, worker: User, supervisor: User, riverside: Organisation, sink: Sink
) -> None:
    other = programme.psw(riverside)
    programme.supervised(programme.member(other, worker.memberships.get().cohort), supervisor)
    session.attendances.create(organisation=riverside, worker=other)
    Session.objects.update(kind=Session.Kind.GROUP)
    tell()
    SupervisorAssignment.objects.filter(worker=other).update(
        ends_on=MONDAY_MORNING.date(), next_due_on=None
    )
    move(session, THURSDAY)
    tell()

    assert [method for method, *_ in in_short(sink, other)] == ["REQUEST", "CANCEL"]
    assert [method for method, *_ in in_short(sink, worker)] == ["REQUEST", "REQUEST"]


def test_a_change_comes_besides_the_message_of_the_day_and_in_office_hours(
    session: Session, worker: User, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    tell()
    monday_morning.move_to(MONDAY_MORNING + timedelta(hours=10))
    move(session, THURSDAY + timedelta(days=14))
    tell()
    in_the_evening = len(in_short(sink, worker))
    monday_morning.move_to(MONDAY_MORNING + timedelta(days=1))
    tell()

    assert in_the_evening == 1
    assert len(in_short(sink, worker)) == 2


def test_one_that_is_over_is_not_told_of(
    session: Session,
    worker: User,
    supervisor: User,
    sink: Sink,
    monday_morning: time_machine.Traveller,
) -> None:
    tell()
    monday_morning.move_to(WEDNESDAY + timedelta(hours=1))
    actions.cancel_session(session, by=supervisor)
    tell()

    assert len(in_short(sink, worker)) == 1


def test_logged_as_rearranged_with_a_new_time_it_is_the_same_event(
    session: Session, worker: User, supervisor: User, monday_morning: time_machine.Traveller
) -> None:
    monday_morning.move_to(WEDNESDAY + timedelta(hours=1))
    record = actions.Record(
        held_on=WEDNESDAY.date(), outcome=Session.Outcome.REARRANGED, next_at=THURSDAY
    )

    actions.log_session(
        record, workers=[worker], by=supervisor, form_key=uuid4(), booked_pk=session.pk
    )

    session.refresh_from_db()
    new = Session.objects.booked().get()
    assert (new.rearranged_from, new.calendar_sequence) == (session, 1)
    assert new.calendar_uid == session.calendar_uid


def test_every_session_has_an_event_of_its_own(supervisor: User, worker: User) -> None:
    for hour in range(3):
        booked(supervisor, worker, at=WEDNESDAY + timedelta(hours=hour))

    assert Session.objects.values("calendar_uid").distinct().count() == 3
