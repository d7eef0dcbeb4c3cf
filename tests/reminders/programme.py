"""Sessions and reminders for these tests."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from checkins.models import TalkRequest
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import letters
from peersupport.reminders.bundles import Bundle
from peersupport.reminders.models import Reminder, Wording
from peersupport.reminders.outbox import owe
from supervision.models import Attendance, Session
from tests import programme

MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = "See you on {day} at {time}, for {minutes} minutes ({mode})."


def booked(supervisor: User, *workers: User, at: datetime) -> Session:
    """A session of twenty minutes, booked."""
    session = Session.objects.create(
        organisation=supervisor.organisation,
        supervisor=supervisor,
        held_on=timezone.localdate(at, supervisor.organisation.zone),
        starts_at=at,
        ends_at=at + timedelta(minutes=20),
        booked_at=timezone.now(),
        booked_by=supervisor,
    )
    for worker in workers:
        Attendance.objects.create(
            organisation=supervisor.organisation, session=session, worker=worker
        )
    return session


def owed(kind: str) -> set[tuple[str, User]]:
    """Keys and recipients of all reminders of this kind."""
    return {(one.key, one.recipient) for one in Reminder.objects.filter(kind=kind)}


def told(kind: str) -> set[User]:
    """Who has a reminder of this kind that is not cancelled."""
    reminders = Reminder.objects.filter(kind=kind).exclude(state=Reminder.State.CANCELLED)
    return {one.recipient for one in reminders}


def states() -> dict[str, str]:
    """The state of each reminder, by its key."""
    return dict(Reminder.objects.values_list("key", "state"))


def asked_to_talk(recipient: User) -> Reminder:
    """Somebody would like to talk with `recipient`: a reminder sent at once, whatever the hour."""
    worker = programme.psw(recipient.organisation)
    request = TalkRequest.objects.create(
        organisation=recipient.organisation, worker=worker, asked=recipient
    )
    key = f"talk-request:{request.pk}"
    owe(kind="talk_request", key=key, recipient=recipient, about={"talk_request": request.pk})
    return Reminder.objects.get(key=key)


def message_id(reminder: Reminder) -> str:
    return f"<reminder-{reminder.pk}@trust.example>"


def alone(reminder: Reminder) -> Bundle:
    """The message in which `reminder` goes by itself."""
    return Bundle(reminder.pk, (reminder,))


def letter_of(reminder: Reminder) -> letters.Letter:
    """A letter that says what there is to say of `reminder`, and leads nowhere."""
    part = letters.said(reminder, {"link": "https://x.example/"})
    return letters.write(alone(reminder), [part])


def session_in(where: Organisation, **cohort: object) -> User:
    """The PSW of a session in two days, who is told of it today."""
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where, **cohort))
    booked(supervisor, worker, at=MONDAY_MORNING + timedelta(days=2))
    return worker


def word(
    by: User,
    kind: str = "session_coming",
    subject: str = "Our talk",
    words: str = WORDS,
    **facts: object,
) -> Wording:
    """A wording that is sent, without asking whether it could be written on the page."""
    return Wording.objects.create(
        organisation=by.organisation,
        kind=kind,
        subject=subject,
        words=words,
        written_by=by,
        **facts,
    )
