"""Senders killed with SIGKILL: at each step, and at random moments while two of them send.

The short form runs with all tests; `make faults` runs ten thousand reminders and a hundred kills.
"""

import os
import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db.models import F

from peersupport.reminders.models import Reminder
from tests.faults import ledger, mail_server
from tests.faults.dying_sender import STEPS
from tests.faults.mail_server import MailServer
from tests.reminders import children

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

FULL = os.environ.get("FAULTS") == "full"
REMINDERS, KILLS = (10_000, 100) if FULL else (300, 6)
SEND = ("manage.py", "send_reminders", "--drain")
SEND_AT_ANY_HOUR = ("-m", "tests.faults.at_any_hour")
MOST_SECONDS = 300  # for one sender to come to its end


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server.running(tmp_path / "arrived") as running:
        yield running


def start(*command: str, server: MailServer) -> "subprocess.Popen[str]":
    return children.start(*command, mail_port=server.port, log=subprocess.DEVNULL)


def finish(server: MailServer, send: Sequence[str] = SEND) -> None:
    """Leases end, and one sender does what is left."""
    ledger.let_leases_end()
    assert start(*send, server=server).wait(timeout=MOST_SECONDS) == 0


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_nothing_is_lost_or_doubled(step: str, server: MailServer) -> None:
    ledger.owe(20)
    may_be_uncertain = step in ("after sending", "after DATA", "after 250")

    times = "1" if step in ("before claim", "after claim", "after commit") else "7"
    child = start("-m", "tests.faults.dying_sender", step, times, server=server)
    killed = child.wait(timeout=60)
    finish(server)

    counted = ledger.count(server)
    assert killed == -9
    ledger.assert_sound(counted, kills=1)
    assert (counted.sent, counted.uncertain) == (20 - may_be_uncertain, int(may_be_uncertain))


def test_killed_at_random_nothing_is_lost_or_doubled(server: MailServer) -> None:
    ledger.owe(REMINDERS)

    kills = kill_at_random(SEND, server, KILLS)

    counted = ledger.count(server)
    ledger.assert_sound(counted, kills=kills)
    assert counted.to_come == 0
    assert kills >= KILLS // 2


def test_killed_at_random_a_message_of_two_stays_whole(server: MailServer) -> None:
    """What went in one message has one end, and no person gets a second one that day."""
    ledger.owe_together(REMINDERS)

    kills = kill_at_random(SEND_AT_ANY_HOUR, server, KILLS)

    counted = ledger.count(server)
    ledger.assert_sound(counted, kills=kills, together=2)
    assert counted.to_come == 0
    assert counted.uncertain % 2 == 0
    assert server.number() <= REMINDERS // 2
    apart = Reminder.objects.exclude(bundled_with=None).exclude(bundled_with__state=F("state"))
    assert not apart.exists()


def kill_at_random(send: Sequence[str], server: MailServer, most: int) -> int:
    """Let two of `send` send all there is, and kill one of them again and again; how often."""
    moments = random.Random()
    kills = 0
    senders = [start(*send, server=server) for _ in range(2)]
    while kills < most and Reminder.objects.filter(state__in=ledger.TO_COME).exists():
        before = server.number()
        children.wait_until(lambda before=before: _has_moved(server, before), MOST_SECONDS)
        time.sleep(moments.uniform(0, 0.15))
        victim = moments.randrange(2)
        senders[victim].kill()
        senders[victim].wait()
        kills += 1
        ledger.let_leases_end()
        senders[victim] = start(*send, server=server)
    for sender in senders:
        sender.wait(timeout=MOST_SECONDS)
    finish(server, send)
    return kills


def _has_moved(server: MailServer, before: int) -> bool:
    """Whether more has arrived, or nothing more will."""
    return (
        server.number() > before or not Reminder.objects.filter(state__in=ledger.TO_COME).exists()
    )
