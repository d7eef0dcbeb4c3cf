"""Senders that are stopped, politely and otherwise, in the middle of a message."""

import signal

import pytest
from django.utils import timezone

from peersupport.accounts.models import Organisation
from peersupport.reminders import sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders import children
from tests.reminders.programme import asked_to_talk, message_id
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def reminders() -> list[Reminder]:
    where: Organisation = programme.organisation()
    return [asked_to_talk(programme.supervisor(where)) for _ in range(3)]


def test_killed_between_the_message_and_its_answer_it_is_uncertain_and_not_doubled(
    reminders: list[Reminder], sink: Sink
) -> None:
    sink.gate.clear()
    child = children.start("manage.py", "send_reminders", mail_port=sink.port)
    assert sink.arrived.wait(20)
    child.kill()
    child.communicate()
    sink.gate.set()
    Reminder.objects.filter(state__in=["claimed", "sending"]).update(claimed_until=timezone.now())

    tally = sender.run()

    assert tally == {"uncertain": 1, "sent": 2}
    assert Reminder.objects.get(state="uncertain").reason == "cut_off"
    assert sorted(sink.ids) == [message_id(one) for one in reminders]


def test_asked_to_stop_it_finishes_the_message_and_gives_back_the_rest(
    reminders: list[Reminder], sink: Sink
) -> None:
    sink.gate.clear()
    child = children.start("manage.py", "send_reminders", "--drain", mail_port=sink.port)
    assert sink.arrived.wait(20)
    child.send_signal(signal.SIGTERM)
    sink.gate.set()
    said, _ = child.communicate(timeout=10)

    assert child.returncode == 0, said
    assert sink.ids == [message_id(reminders[0])]
    states = Reminder.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "due", "due"]
