"""Nothing ticks for three days. The rule: what is still of use comes in one message, once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk, booked
from tests.reminders.sink import Sink

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
THURSDAY_MORNING = MONDAY_MORNING + timedelta(days=3)


class Programme:
    """Planned on Monday, and then nothing ticked any more.

    The PSW was to be invited on Monday and told of a session on Tuesday; one on Friday is to come.
    """

    def __init__(self, where: Organisation) -> None:
        self.supervisor = programme.supervisor(where)
        self.worker = programme.psw(where)
        joined_on = MONDAY_MORNING.date() - timedelta(days=14)
        membership = programme.member(self.worker, programme.cohort(where), joined_on=joined_on)
        programme.supervised(membership, self.supervisor, next_due_on=MONDAY_MORNING.date())
        booked(self.supervisor, self.worker, at=TUESDAY)
        outbox.plan()
        booked(self.supervisor, self.worker, at=FRIDAY)


@pytest.fixture
def ours(riverside: Organisation, monday_morning: time_machine.Traveller) -> Programme:
    ours = Programme(riverside)
    monday_morning.move_to(THURSDAY_MORNING)
    return ours


def ticks(number: int) -> None:
    for _ in range(number):
        outbox.plan()
        sender.run()


def words(sink: Sink, to: User) -> str:
    (message,) = [message for message in sink.messages if message["To"] == to.email]
    return " ".join(message.get_body(("plain",)).get_content().split())


def test_everybody_gets_one_message_that_says_what_is_still_of_use(
    ours: Programme, sink: Sink
) -> None:
    ticks(3)

    psw, supervisor = words(sink, ours.worker), words(sink, ours.supervisor)
    assert len(sink.messages) == 2
    assert "It is time to check in" in psw
    assert "session is on Friday 27 November" in psw
    assert "24 November" not in psw
    assert "Your session on Tuesday 24 November at 14:00 is not logged yet" in supervisor


def test_what_was_of_use_on_monday_only_is_expired_and_not_sent(
    ours: Programme, sink: Sink
) -> None:
    ticks(1)

    told_of_tuesday = Reminder.objects.filter(key__startswith="session-coming", state="cancelled")
    assert {one.reason for one in told_of_tuesday} == {"expired"}
    assert len(told_of_tuesday) == 2


def test_a_wish_to_talk_still_comes(ours: Programme, sink: Sink) -> None:
    asked_to_talk(ours.supervisor)

    ticks(1)

    assert (
        Counter(message["Subject"] for message in sink.messages)["Someone would like to talk"] == 1
    )


def test_the_day_after_nothing_of_it_comes_again(
    ours: Programme, sink: Sink, monday_morning: time_machine.Traveller
) -> None:
    ticks(1)
    monday_morning.move_to(THURSDAY_MORNING + timedelta(days=1))

    ticks(2)

    assert len(sink.messages) == 2
