"""What becomes of each reminder, with a real mail server on the other side."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkins.models import TalkRequest
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import claims, sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk, letter_of, message_id
from tests.reminders.sink import Sink, free_port

pytestmark = pytest.mark.usefixtures("monday_morning")


def to(where: Organisation, mailbox: str) -> Reminder:
    """A reminder owed to somebody with this mailbox, now."""
    return asked_to_talk(programme.supervisor(where, email=f"{mailbox}@trust.example"))


def became(reminder: Reminder) -> tuple[str, str, int]:
    reminder.refresh_from_db()
    return reminder.state, reminder.reason, reminder.attempts


def test_what_is_due_is_sent_once(riverside: Organisation, sink: Sink) -> None:
    reminders = [to(riverside, f"mailbox{number}") for number in range(3)]

    first = sender.run()
    second = sender.run()

    assert sink.ids == [message_id(reminder) for reminder in reminders]
    assert sink.recipients == [reminder.recipient.email for reminder in reminders]
    assert (first["sent"], second["sent"]) == (3, 0)
    assert {became(reminder) for reminder in reminders} == {("sent", "", 1)}


def test_what_was_owed_by_something_that_is_undone_is_never_sent(
    riverside: Organisation, sink: Sink
) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        to(riverside, "mailbox")
        1 / 0  # noqa: B018

    sender.run()

    assert (sink.messages, Reminder.objects.count()) == ([], 0)


def test_many_go_over_one_connection(riverside: Organisation, sink: Sink) -> None:
    for number in range(sender.BATCH + 10):
        to(riverside, f"mailbox{number}")

    sender.run()

    assert (len(sink.messages), sink.connections) == (sender.BATCH + 10, 1)


def test_a_message_says_who_sent_it_and_is_plain_to_read(
    riverside: Organisation, sink: Sink
) -> None:
    reminder = to(riverside, "zoe")

    sender.run()

    message = sink.messages[0]
    text, html = (part.get_content() for part in message.iter_parts())
    assert message["From"] == "Peer support <peer-support@trust.example>"
    assert message["Subject"] == "Someone would like to talk"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Riverside and Castle Hill" in text
    assert "Sign in to see who it is" in text
    assert "Sign in to see who it is" in html
    assert TalkRequest.objects.get().worker.family_name not in text + html
    assert reminder.recipient.family_name not in text + html


@pytest.mark.parametrize(
    ("mailbox", "expected", "arrived"),
    [
        ("later", ("retry", "put_off", 1), 0),
        ("refused", ("failed", "refused", 1), 0),
        ("toolate", ("failed", "refused", 1), 0),
        ("vanish", ("uncertain", "no_answer", 1), 1),
        ("silent", ("uncertain", "no_answer", 1), 1),
    ],
)
def test_what_the_server_does_decides(
    riverside: Organisation, sink: Sink, mailbox: str, expected: tuple[str, str, int], arrived: int
) -> None:
    reminder = to(riverside, mailbox)

    sender.run()
    sender.run()

    assert became(reminder) == expected
    assert len(sink.messages) == arrived


def test_one_bad_address_holds_up_nobody(riverside: Organisation, sink: Sink) -> None:
    mailboxes = ["refused1", "later1", "vanish1", "silent1", "toolate1", "zoë", "a", "b"]
    reminders = [to(riverside, mailbox) for mailbox in mailboxes]

    sender.run()

    assert [became(reminder)[0] for reminder in reminders] == [
        *("failed", "retry", "uncertain", "uncertain", "failed", "failed", "sent", "sent")
    ]
    assert sink.recipients[-2:] == ["a@trust.example", "b@trust.example"]


def test_what_cannot_be_asked_about_holds_up_nobody(
    riverside: Organisation, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    poison, sound = to(riverside, "a"), to(riverside, "b")
    Reminder.objects.filter(pk=poison.pk).update(about={})

    sender.run()

    assert became(poison) == ("failed", "unwritable", 0)
    assert became(sound) == ("sent", "", 1)
    assert f"Reminder {poison.pk} cannot be written" in caplog.messages


def test_what_the_server_said_is_kept(riverside: Organisation, sink: Sink) -> None:
    reminder = to(riverside, "refused")

    sender.run()

    reminder.refresh_from_db()
    assert reminder.reply == "550 5.1.1 no such mailbox"


def test_a_greylisted_message_comes_later_once(
    riverside: Organisation, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    reminder = to(riverside, "greylist")
    sender.run()
    monday_morning.move_to(MONDAY_MORNING + timedelta(seconds=30))
    sender.run()
    too_early = len(sink.messages)
    monday_morning.move_to(MONDAY_MORNING + timedelta(seconds=90))

    sender.run()

    assert too_early == 0
    assert sink.ids == [message_id(reminder)]
    assert became(reminder) == ("sent", "", 2)


def test_each_try_waits_longer_and_a_day_of_them_is_enough(
    riverside: Organisation, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    reminder = to(riverside, "later")
    waits = []

    while became(reminder)[0] in ("due", "retry"):
        sender.run()
        reminder.refresh_from_db()
        waits.append(reminder.try_at - timezone.now())
        monday_morning.move_to(max(reminder.try_at, timezone.now()))

    minutes = [wait.total_seconds() / 60 for wait in waits[:-1]]
    assert became(reminder) == ("failed", "put_off", 29)
    assert timedelta(hours=18) < timezone.now() - MONDAY_MORNING < timedelta(hours=29)
    for planned, waited in zip([1, 2, 4, 8, 16, 32, *[60] * 22], minutes, strict=True):
        assert planned * 0.8 <= waited <= planned * 1.2


def test_nothing_is_lost_while_no_server_is_there(
    riverside: Organisation, sink: Sink, settings: Settings, monday_morning: time_machine.Traveller
) -> None:
    reminders = [to(riverside, f"mailbox{number}") for number in range(3)]
    settings.EMAIL_PORT = free_port()
    sender.run()
    meanwhile = {became(reminder) for reminder in reminders}
    settings.EMAIL_PORT = sink.port
    monday_morning.move_to(MONDAY_MORNING + timedelta(minutes=2))

    sender.run()

    assert meanwhile == {("retry", "unreachable", 1)}
    assert sorted(sink.ids) == [message_id(reminder) for reminder in reminders]
    assert {became(reminder) for reminder in reminders} == {("sent", "", 2)}


def test_a_connection_that_went_stale_is_opened_again(
    riverside: Organisation, sink: Sink, settings: Settings
) -> None:
    reminder = to(riverside, "mailbox")
    connection = sender.post()
    connection.open()
    connection.server.sock.close()  # type: ignore[attr-defined]

    outcome = connection.send(letter_of(reminder))

    connection.close()
    assert outcome.state == "sent"
    assert sink.ids == [message_id(reminder)]


def test_reminders_wait_for_the_office_to_open_and_talk_requests_do_not(
    riverside: Organisation, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    worker = programme.psw(riverside)
    programme.member(worker, programme.cohort(riverside))
    quiet = Reminder.objects.create(
        organisation=riverside,
        recipient=worker,
        kind="checkin_invitation",
        key="check-in-invitation:1",
        due_at=MONDAY_MORNING,
        try_at=MONDAY_MORNING,
    )
    monday_morning.move_to(datetime(2026, 11, 23, 18, 0, tzinfo=UTC))
    urgent = to(riverside, "a")
    sender.run()
    at_night = (became(quiet)[0], became(urgent)[0])
    monday_morning.move_to(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))

    sender.run()

    assert at_night == ("due", "sent")
    assert became(quiet)[0] == "sent"


def test_what_is_due_later_is_not_sent_now(riverside: Organisation, sink: Sink) -> None:
    reminder = to(riverside, "a")
    Reminder.objects.update(try_at=MONDAY_MORNING + timedelta(seconds=1))

    sender.run()

    assert became(reminder)[0] == "due"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"is_active": False}, "left"), ({"email": "b@trust.example"}, "")],
)
def test_what_holds_when_it_is_sent_counts(
    riverside: Organisation, sink: Sink, change: dict[str, object], reason: str
) -> None:
    reminder = to(riverside, "a")
    User.objects.filter(pk=reminder.recipient_id).update(**change)

    sender.run()

    assert became(reminder)[1] == reason
    assert sink.recipients == ([] if reason else ["b@trust.example"])


def test_what_came_too_late_is_cancelled(riverside: Organisation, sink: Sink) -> None:
    reminder = to(riverside, "a")
    Reminder.objects.update(expires_at=MONDAY_MORNING)

    sender.run()

    assert became(reminder) == ("cancelled", "expired", 0)
    assert sink.messages == []


def test_asked_to_stop_the_sender_gives_back_the_rest(riverside: Organisation, sink: Sink) -> None:
    reminders = [to(riverside, f"mailbox{number}") for number in range(3)]

    sender.run(stop=sink.arrived.is_set)

    assert [became(reminder) for reminder in reminders] == [
        ("sent", "", 1),
        ("due", "", 0),
        ("due", "", 0),
    ]


def test_what_a_slow_batch_has_little_time_for_is_claimed_anew(
    riverside: Organisation, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    first, second = to(riverside, "a"), to(riverside, "b")
    later = MONDAY_MORNING + claims.LEASE - sender.HANDING_OVER + timedelta(seconds=1)

    def the_first_took_long() -> bool:
        if sink.arrived.is_set():
            monday_morning.move_to(later)
        return False

    sender.run(stop=the_first_took_long)

    assert {became(first), became(second)} == {("sent", "", 1)}
    assert (first.claimed_at, second.claimed_at) == (MONDAY_MORNING, later)


def test_what_another_sender_has_taken_over_is_not_sent(
    riverside: Organisation, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    reminder = to(riverside, "a")

    def another_takes_over() -> bool:
        if Reminder.objects.filter(state="claimed", claimed_at=MONDAY_MORNING).exists():
            Reminder.objects.update(claimed_until=MONDAY_MORNING)
            claims.take_from_the_dead(MONDAY_MORNING)
            monday_morning.move_to(MONDAY_MORNING + timedelta(seconds=1))
            claims.claim(1, timezone.now())
        return False

    sender.run(stop=another_takes_over)

    assert sink.messages == []
    assert became(reminder) == ("claimed", "", 0)


def test_the_mail_folder_holds_one_file_a_message(
    riverside: Organisation, settings: Settings, tmp_path: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = f"{tmp_path}/mail"
    reminder = to(riverside, "a")

    sender.run()

    place = sender.post().path(reminder.pk)  # type: ignore[attr-defined]
    assert became(reminder)[0] == "sent"
    assert f"Message-ID: <reminder-{reminder.pk}@" in place.read_text()
