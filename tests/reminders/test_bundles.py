"""One message a day a person: what falls together goes together, and the rest waits."""

from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event, Thread

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import claims, sender
from peersupport.reminders.models import Reminder
from peersupport.reminders.post import Outcome
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, alone, asked_to_talk, booked, message_id
from tests.reminders.sink import Sink

_number = count(1)

WEDNESDAY = MONDAY_MORNING + timedelta(days=2, hours=5)
TUESDAY_AT_EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def worker(riverside: Organisation) -> User:
    return member(riverside, "iris")


def member(where: Organisation, mailbox: str) -> User:
    """An active PSW with a supervisor."""
    worker = programme.psw(where, email=f"{mailbox}@trust.example")
    programme.supervised(
        programme.member(worker, programme.cohort(where)), programme.supervisor(where)
    )
    return worker


def owe(worker: User, kind: str = "checkin_invitation", **facts: object) -> Reminder:
    now = timezone.now()
    return Reminder.objects.create(
        organisation=worker.organisation,
        recipient=worker,
        kind=kind,
        key=f"test:{next(_number)}",
        due_at=now,
        try_at=now,
        **facts,
    )


def owe_session(worker: User) -> Reminder:
    """A reminder of a session on Wednesday."""
    supervisor = worker.memberships.get().assignments.get().supervisor
    session = booked(supervisor, worker, at=WEDNESDAY)
    about = {"session": session.pk, "starts": int(WEDNESDAY.timestamp())}
    return owe(worker, "session_coming", about=about, expires_at=WEDNESDAY)


def became(*reminders: Reminder) -> list[tuple[str, int | None]]:
    """The state of each, and the number of the message that it went in."""
    rows = Reminder.objects.in_bulk([reminder.pk for reminder in reminders])
    return [(rows[one.pk].state, rows[one.pk].bundled_with_id) for one in reminders]


@pytest.mark.usefixtures("monday_morning")
class TestOnOneDay:
    """With a clock that stands still."""

    def test_what_falls_together_goes_in_one_message(self, worker: User, sink: Sink) -> None:
        first, second = owe(worker), owe_session(worker)

        tally = sender.run()

        (message,) = sink.messages
        text = message.get_body(("plain",)).get_content()
        assert message["Subject"] == "From the peer support programme"
        assert message["Message-ID"] == message_id(first)
        assert message["X-Reminders"] == f"{first.pk} {second.pk}"
        assert text.index("It is time to check in") < text.index("Your next supervision session")
        assert (
            text.count("See or change the session: You get this up to two working days before") == 1
        )
        assert "Check in: Every active peer support worker gets this" in text
        assert became(first, second) == [("sent", None), ("sent", first.pk)]
        assert tally["sent"] == 2

    def test_one_thing_has_its_own_subject(self, worker: User, sink: Sink) -> None:
        owe_session(worker)

        sender.run()

        assert sink.messages[0]["Subject"] == "Your next session"

    def test_nobody_gets_what_another_person_is_owed(
        self, riverside: Organisation, worker: User, sink: Sink
    ) -> None:
        other = member(riverside, "other")
        for each in (worker, other, worker, other):
            owe(each)

        sender.run()

        assert sorted(sink.recipients) == [worker.email, other.email]

    def test_what_comes_at_once_comes_besides(self, worker: User, sink: Sink) -> None:
        owe(worker)
        sender.run()
        asked_to_talk(worker)

        sender.run()

        assert len(sink.messages) == 2

    def test_what_no_longer_holds_is_left_out(self, worker: User, sink: Sink) -> None:
        gone, owed = owe_session(worker), owe(worker)
        Reminder.objects.filter(pk=gone.pk).update(
            about={"session": gone.about["session"], "starts": 1}
        )

        sender.run()

        assert sink.ids == [message_id(owed)]
        assert became(gone, owed) == [("cancelled", None), ("sent", None)]

    @pytest.mark.parametrize(
        ("mailbox", "state"), [("later", "retry"), ("refused", "failed"), ("vanish", "uncertain")]
    )
    def test_what_becomes_of_the_message_becomes_of_all_in_it(
        self, riverside: Organisation, sink: Sink, mailbox: str, state: str
    ) -> None:
        worker = member(riverside, mailbox)
        first, second = owe(worker), owe_session(worker)

        sender.run()

        assert became(first, second) == [(state, None), (state, first.pk)]
        assert Reminder.objects.get(pk=first.pk).told_on == (
            MONDAY_MORNING.date() if state == "uncertain" else None
        )

    def test_one_decision_is_about_the_whole_message(
        self, riverside: Organisation, sink: Sink
    ) -> None:
        worker = member(riverside, "vanish")
        first, second = owe(worker), owe_session(worker)
        sender.run()

        decided = Reminder.objects.get(pk=second.pk).take_as_arrived(by=programme.head(riverside))

        assert decided
        assert became(first, second) == [("sent", None), ("sent", first.pk)]

    def test_a_head_decides_once_about_a_message(
        self, riverside: Organisation, sink: Sink, client: Client
    ) -> None:
        worker = member(riverside, "vanish")
        first, second = owe(worker), owe_session(worker)
        sender.run()
        head = programme.head(riverside)
        client.force_login(head)

        before = client.get("/reminders/").content.decode()
        client.post(f"/reminders/{first.pk}/settle/", {"choice": "arrived"})
        after = client.get("/reminders/").content.decode()

        assert "1 needs a decision" in before
        assert "In the same e-mail: Your next session" in before
        assert "needs a decision" not in after
        assert became(first, second) == [("sent", None), ("sent", first.pk)]

    def test_what_may_have_arrived_goes_again_as_it_was(
        self, riverside: Organisation, sink: Sink
    ) -> None:
        worker = member(riverside, "vanish")
        first, second = owe(worker), owe_session(worker)
        sender.run()
        Reminder.objects.get(pk=first.pk).send_again(by=programme.head(riverside))
        newer = owe(worker)
        User.objects.filter(pk=worker.pk).update(email="mended@trust.example")

        sender.run()

        again = sink.messages[-1]
        assert again["Message-ID"] == message_id(first)
        assert again["X-Reminders"] == f"{first.pk} {second.pk}"
        assert became(first, second, newer) == [("sent", None), ("sent", first.pk), ("due", None)]


def test_what_falls_due_later_in_the_day_waits_for_the_next(
    worker: User, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    owe(worker)
    sender.run()
    later = owe_session(worker)

    sender.run()
    that_day = len(sink.messages)
    monday_morning.move_to(TUESDAY_AT_EIGHT)
    sender.run()

    assert that_day == 1
    assert sink.ids[-1] == message_id(later)
    assert became(later) == [("sent", None)]


def test_after_friday_comes_monday(
    worker: User, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    monday_morning.move_to(MONDAY_MORNING + timedelta(days=4))
    owe(worker)
    sender.run()
    later = owe(worker)

    sender.run()

    later.refresh_from_db()
    assert later.try_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.mark.usefixtures("monday_morning")
def test_what_would_be_too_late_the_next_day_is_not_sent(worker: User, sink: Sink) -> None:
    owe(worker)
    sender.run()
    late = owe(worker, expires_at=TUESDAY_AT_EIGHT)

    sender.run()

    late.refresh_from_db()
    assert (late.state, late.reason, len(sink.messages)) == ("cancelled", "expired", 1)


def test_the_day_is_that_of_the_organisation(
    worker: User, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    Organisation.objects.update(time_zone="Pacific/Auckland")
    monday_morning.move_to(datetime(2026, 11, 23, 21, 0, tzinfo=UTC))
    owe(worker)

    sender.run()

    assert str(Reminder.objects.get().told_on) == "2026-11-24"


@pytest.mark.usefixtures("monday_morning")
def test_where_the_policy_is_to_resend_what_may_have_arrived_goes_again_as_it_was(
    riverside: Organisation, sink: Sink, settings: object, monday_morning: time_machine.Traveller
) -> None:
    settings.UNCERTAIN_POLICY = "resend"
    worker = member(riverside, "vanish")
    first, second = owe(worker), owe_session(worker)
    sender.run()
    meanwhile = became(first, second)
    newer = owe(worker)
    monday_morning.move_to(MONDAY_MORNING + timedelta(minutes=5))

    sender.run()

    assert meanwhile == [("retry", None), ("retry", first.pk)]
    assert sink.ids == [message_id(first)] * 2
    assert sink.messages[-1]["X-Reminders"] == f"{first.pk} {second.pk}"
    assert became(newer) == [("due", None)]


@pytest.mark.usefixtures("monday_morning")
def test_where_the_policy_is_to_resend_what_a_dead_sender_left_goes_again(
    worker: User, sink: Sink, settings: object
) -> None:
    settings.UNCERTAIN_POLICY = "resend"
    reminder = owe(worker)
    (claimed,) = claims.claim(1, timezone.now())
    claims.begin(alone(claimed))
    Reminder.objects.update(claimed_until=timezone.now())

    sender.run()

    assert sink.ids == [message_id(reminder)]
    assert became(reminder) == [("sent", None)]


def test_the_database_refuses_a_second_message_of_the_day(worker: User) -> None:
    day = MONDAY_MORNING.date()
    owe(worker, told_on=day)

    with pytest.raises(IntegrityError, match="reminder_one_message_a_person_a_day"):
        owe(worker, told_on=day)


def test_the_database_refuses_a_day_on_what_another_carries(worker: User) -> None:
    first = owe(worker)

    with pytest.raises(IntegrityError, match="reminder_bundled_with_the_one_that_has_the_day"):
        owe(worker, bundled_with=first, told_on=MONDAY_MORNING.date())


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_database_refuses_one_message_to_two_people(worker: User, where: str) -> None:
    organisation = programme.organisation("Elsewhere") if where == "elsewhere" else None
    first = owe(member(organisation or worker.organisation, "other"))
    second = owe(worker)

    with pytest.raises(IntegrityError) as refused:
        Reminder.objects.filter(pk=second.pk).update(bundled_with=first)

    name = refused.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert name == "reminder_bundled_to_the_same_person"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("monday_morning")
def test_of_two_senders_at_the_same_moment_one_waits_for_the_next_day(worker: User) -> None:
    """And what the slower one had in hand is settled all the same."""
    before = owe(member(worker.organisation, "before"))
    claims.begin(alone(claims.claim(1, timezone.now())[0]))
    before.refresh_from_db()
    owe(worker)
    (theirs,) = claims.claim(1, timezone.now())
    owe(worker)
    (ours,) = claims.claim(1, timezone.now())
    begun = Event()

    def sender_of_theirs() -> None:
        with transaction.atomic():
            claims.begin(alone(theirs))
            begun.set()
            wait_until_somebody_waits()
        connection.close()

    other = Thread(target=sender_of_theirs)
    other.start()
    begun.wait(10)
    outcome = claims.settle_and_begin(alone(before), Outcome("sent"), alone(ours))
    other.join()

    ours.refresh_from_db()
    assert outcome == ("sent", False)
    assert became(before, theirs) == [("sent", None), ("sending", None)]
    assert (ours.state, ours.try_at) == ("due", TUESDAY_AT_EIGHT)


def wait_until_somebody_waits() -> None:
    """Until another transaction waits for this one."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(
                "SELECT pg_sleep(0.01), EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"
            )
            if cursor.fetchone()[1]:
                return
    raise AssertionError("nobody waits")
