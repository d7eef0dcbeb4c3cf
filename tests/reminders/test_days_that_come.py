"""A session that is over and not logged; something agreed whose day has come."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from supervision.models import AgreedAction, Session
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, booked, owed
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

FRIDAY = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
TODAY = MONDAY_MORNING.date()
LATER = TODAY + timedelta(days=40)


@pytest.fixture
def supervisor(riverside: Organisation) -> User:
    return programme.supervisor(riverside, family_name="Supervisorname")


@pytest.fixture
def worker(riverside: Organisation, supervisor: User) -> User:
    worker = programme.psw(riverside, given_name="Workergiven", family_name="Workername")
    cohort = programme.cohort(riverside)
    programme.supervised(programme.member(worker, cohort), supervisor, next_due_on=LATER)
    return worker


@pytest.fixture
def session(supervisor: User, worker: User) -> Session:
    """Booked for last Friday, and not logged."""
    return booked(supervisor, worker, at=FRIDAY)


def agreed(owner: User, session: Session, due_on: object) -> AgreedAction:
    return AgreedAction.objects.create(
        organisation=owner.organisation,
        session=session,
        owner=owner,
        words="Actionwords",
        due_on=due_on,
    )


def why_not(kind: str) -> list[str]:
    """Why the reminders of this kind were not sent."""
    return [one.reason for one in Reminder.objects.filter(kind=kind)]


def test_on_the_working_day_after_its_supervisor_is_asked_once(
    session: Session, supervisor: User, monday_morning: time_machine.Traveller
) -> None:
    outbox.plan()
    outbox.plan()
    monday_morning.move_to(MONDAY_MORNING + timedelta(days=1))
    outbox.plan()

    assert owed("session_passed") == {(f"session-passed:{session.pk}", supervisor)}


@pytest.mark.parametrize("at", [MONDAY_MORNING, FRIDAY - timedelta(days=7)], ids=["today", "old"])
def test_todays_session_and_one_older_than_a_week_are_not_asked_about(
    supervisor: User, worker: User, at: datetime
) -> None:
    booked(supervisor, worker, at=at)

    outbox.plan()

    assert owed("session_passed") == set()


def test_the_message_leads_to_one_press(session: Session, sink: Sink) -> None:
    outbox.plan()
    Reminder.objects.exclude(kind="session_passed").delete()

    sender.run()

    text = sink.messages[0].get_body(("plain",)).get_content()
    assert sink.messages[0]["Subject"] == "A session to log"
    assert "Your session on Friday 20 November at 14:00 is not logged yet." in text
    assert f"/supervision/sessions/{session.pk}/held/" in text
    assert "Workergiven" not in text


def log(session: Session) -> None:
    facts = {"logged_at": timezone.now(), "logged_by": session.supervisor}
    Session.objects.update(outcome=Session.Outcome.NOT_HELD, **facts)


def cancel(session: Session) -> None:
    Session.objects.update(cancelled_at=timezone.now(), cancelled_by=session.supervisor)


def reassign(session: Session) -> None:
    SupervisorAssignment.objects.update(ends_on=TODAY, next_due_on=None)


@pytest.mark.parametrize(
    ("change", "reason"), [(log, "done"), (cancel, "called_off"), (reassign, "reassigned")]
)
def test_what_is_settled_meanwhile_is_not_asked_about(
    session: Session, sink: Sink, change: object, reason: str
) -> None:
    outbox.plan()
    change(session)

    sender.run()

    assert why_not("session_passed") == [reason]


def test_a_get_logs_nothing_and_a_press_logs_it_as_planned(
    client: Client, session: Session, supervisor: User, worker: User
) -> None:
    client.force_login(supervisor)
    address = f"/supervision/sessions/{session.pk}/held/"

    page = client.get(address)
    nothing_yet = Session.objects.get().outcome
    form_key = uuid4()
    client.post(address, {"form_key": form_key})
    again = client.post(address, {"form_key": form_key}, follow=True)

    session.refresh_from_db()
    assert "Workergiven Workername" in page.content.decode()
    assert nothing_yet == ""
    assert (session.outcome, session.minutes, session.mode) == ("held", 20, "in_person")
    assert session.held_on == FRIDAY.date()
    assert [one.worker for one in session.attendances.filter(attended=True)] == [worker]
    assert "This session does not wait to be logged" in again.content.decode()
    assert SupervisorAssignment.objects.get().last_held_on == FRIDAY.date()


def test_a_group_is_held_with_everybody_who_is_still_theirs(
    client: Client, supervisor: User, worker: User, riverside: Organisation
) -> None:
    other = programme.psw(riverside)
    programme.supervised(programme.member(other, worker.memberships.get().cohort), supervisor)
    session = booked(supervisor, worker, other, at=FRIDAY)
    Session.objects.update(kind=Session.Kind.GROUP)
    client.force_login(supervisor)

    client.post(f"/supervision/sessions/{session.pk}/held/", {"form_key": uuid4()})

    assert session.attendances.filter(attended=True).count() == 2
    assert Session.objects.get().outcome == "held"


def test_what_was_agreed_is_recalled_on_its_day_to_its_owner_alone(
    worker: User, session: Session, sink: Sink
) -> None:
    action = agreed(worker, session, TODAY)
    outbox.plan()
    Reminder.objects.exclude(kind="action_due").delete()

    sender.run()

    (message,) = sink.messages
    text = message.get_body(("plain",)).get_content()
    assert owed("action_due") == {(f"action-due:{action.pk}", worker)}
    assert message["To"] == worker.email
    assert "Something you agreed to do in supervision is due today." in text
    assert "Actionwords" not in text
    assert f"/supervision/sessions/{session.pk}/" in text


def test_a_weekends_is_recalled_on_monday_and_says_since_when(
    worker: User, session: Session, sink: Sink
) -> None:
    agreed(worker, session, TODAY - timedelta(days=2))
    outbox.plan()
    Reminder.objects.exclude(kind="action_due").delete()

    sender.run()

    assert "due since Saturday 21 November." in sink.messages[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize("days", [1, -7, None])
def test_not_before_its_day_nor_a_week_after_nor_without_one(
    worker: User, session: Session, days: int | None
) -> None:
    agreed(worker, session, None if days is None else TODAY + timedelta(days=days))

    outbox.plan()

    assert owed("action_due") == set()


def test_what_is_done_or_whose_owner_is_paused_is_not_recalled(
    worker: User, supervisor: User, session: Session, sink: Sink
) -> None:
    done = agreed(supervisor, session, TODAY)
    agreed(worker, session, TODAY)
    outbox.plan()
    AgreedAction.objects.filter(pk=done.pk).update(done_at=timezone.now(), done_by=supervisor)
    Membership.objects.update(stage=Membership.Stage.PAUSED)

    sender.run()

    assert sorted(why_not("action_due")) == ["done", "paused"]
