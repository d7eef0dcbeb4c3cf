"""Mail servers that refuse, delay, drop, are slow or are not there."""

from collections import Counter
from pathlib import Path

import pytest

from peersupport.reminders.models import Reminder
from tests.faults import ledger, mail_server
from tests.faults.ledger import Count
from tests.reminders import children
from tests.reminders.sink import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

WITHIN = 60  # seconds in which one sender does what can be done


def send(port: int) -> None:
    """What cron does, once."""
    child = children.start("manage.py", "send_reminders", "--drain", mail_port=port)
    said, _ = child.communicate(timeout=WITHIN)
    assert child.returncode == 0, said


def states() -> dict[str, int]:
    return dict(Counter(Reminder.objects.values_list("state", flat=True)))


def sent_to(manner: str, number: int, file: Path) -> Count:
    """Owe so many, and send once to a server of this manner."""
    ledger.owe(number)
    with mail_server.running(file, manner) as server:
        send(server.port)
        return ledger.count(server)


def test_with_nobody_listening_everything_waits_and_then_goes(tmp_path: Path) -> None:
    ledger.owe(20)
    port = free_port()

    send(port)
    meanwhile = states()
    ledger.let_waits_end()
    with mail_server.running(tmp_path / "arrived", port=port) as server:
        send(port)
        counted = ledger.count(server)

    assert meanwhile == {"retry": 20}
    ledger.assert_sound(counted)
    assert counted.sent == 20


def test_with_a_server_that_never_answers_everything_waits(tmp_path: Path) -> None:
    counted = sent_to("silent", 20, tmp_path / "arrived")

    ledger.assert_sound(counted)
    assert states() == {"retry": 20}


def test_greylisted_they_come_again_later(tmp_path: Path) -> None:
    ledger.owe(20)

    with mail_server.running(tmp_path / "arrived", "greylists") as server:
        send(server.port)
        meanwhile = states()
        ledger.let_waits_end()
        send(server.port)
        counted = ledger.count(server)

    assert meanwhile == {"retry": 20}
    ledger.assert_sound(counted)
    assert counted.sent == 20


def test_those_refused_are_shown_and_delay_nobody(tmp_path: Path) -> None:
    counted = sent_to("refuses some", 30, tmp_path / "arrived")

    refused = Reminder.objects.filter(state="failed")
    assert {(one.reason, one.reply) for one in refused} == {
        ("refused", "550 5.1.1 no such mailbox")
    }
    ledger.assert_sound(counted)
    assert counted.failed >= 5
    assert counted.sent == 30 - counted.failed


def test_dropped_after_the_message_they_are_held_and_not_sent_again(tmp_path: Path) -> None:
    counted = sent_to("drops after data", 10, tmp_path / "arrived")

    ledger.assert_sound(counted, kills=10)
    assert counted.uncertain == 10
    assert {one.reason for one in Reminder.objects.all()} == {"no_answer"}


def test_too_slow_after_the_message_it_is_held_and_not_sent_again(tmp_path: Path) -> None:
    counted = sent_to("slow", 2, tmp_path / "arrived")

    ledger.assert_sound(counted, kills=2)
    assert counted.uncertain == 2
