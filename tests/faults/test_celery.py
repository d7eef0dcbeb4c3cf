"""The whole way: real Celery workers and beats, a real Redis, PostgreSQL and mail server.

Two of everything, because there may be: no reminder is sent twice, and none is forgotten.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from cohorts.models import Membership, SupervisorAssignment
from peersupport.reminders.models import Reminder
from tests import programme
from tests.faults.conftest import Start
from tests.reminders.children import wait_until
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk, booked, message_id
from tests.reminders.sink import Sink, free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

CELERY = ("-m", "celery", "--quiet", "-A", "tests.faults.on_monday")
WORKER = (*CELERY, "worker", "--concurrency=2", "--loglevel=INFO")
BEAT = (*CELERY, "beat", "--pidfile=", "--loglevel=WARNING")

TODAY = MONDAY_MORNING.date()


def a_monday_of_the_programme() -> None:
    """Twelve PSWs: eight to invite, one session to come, three to book, and four paused or gone."""
    where = programme.organisation()
    cohort = programme.cohort(where, starts_on=TODAY - timedelta(days=28))
    supervisors = [programme.supervisor(where) for _ in range(2)]
    workers = [programme.supervised_psw(supervisors[n % 2], cohort) for n in range(12)]
    SupervisorAssignment.objects.update(next_due_on=date(2026, 12, 25))
    due = SupervisorAssignment.objects.filter(worker__in=[*workers[4:7], *workers[8:]])
    due.update(next_due_on=TODAY)
    booked(supervisors[0], workers[0], at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    away = Membership.objects.filter(worker__in=workers[8:])
    away.update(stage=Membership.Stage.PAUSED)
    asked_to_talk(supervisors[1])


def all_settled() -> bool:
    in_hand = ["due", "claimed", "sending", "retry"]
    return Reminder.objects.exists() and not Reminder.objects.filter(state__in=in_hand).exists()


def test_each_reminder_owed_arrives_once_and_a_second_tick_sends_nothing(
    broker: str, mail_server: Sink, start: Start, tmp_path: Path
) -> None:
    shift = (MONDAY_MORNING - datetime.now(UTC)).total_seconds()
    surroundings = {"REDIS_URL": broker, "CLOCK_SHIFT": str(shift)}
    with time_machine.travel(MONDAY_MORNING):
        a_monday_of_the_programme()

    for number in (1, 2):
        start(*WORKER, f"--hostname=worker{number}", mail_port=mail_server.port, **surroundings)
        schedule = f"--schedule={tmp_path}/beat{number}"
        start(*BEAT, schedule, mail_port=mail_server.port, **surroundings)
    wait_until(lambda: Reminder.objects.count() == 8 + 2 + 2 + 1 + 2 and all_settled(), 60)
    first = sorted(mail_server.reminders)
    ticks = _ticks(tmp_path)
    wait_until(lambda: _ticks(tmp_path) >= ticks + 4)

    assert first == sorted(Reminder.objects.values_list("pk", flat=True))
    assert sorted(mail_server.reminders) == first
    assert Counter(Reminder.objects.values_list("kind", "state")) == {
        ("checkin_invitation", "sent"): 8,
        ("session_coming", "sent"): 2,
        ("supervision_due", "sent"): 2,
        ("supervisor_week", "sent"): 2,
        ("talk_request", "sent"): 1,
    }


def test_a_worker_asked_to_stop_finishes_its_message_and_gives_back_the_rest(
    broker: str, mail_server: Sink, start: Start, tmp_path: Path
) -> None:
    where = programme.organisation()
    for _ in range(5):
        asked_to_talk(programme.supervisor(where))
    surroundings = {"REDIS_URL": broker, "CLOCK_SHIFT": "0"}
    mail_server.gate.clear()

    worker = start(*WORKER, mail_port=mail_server.port, **surroundings)
    start(*BEAT, f"--schedule={tmp_path}/beat", mail_port=mail_server.port, **surroundings)
    assert mail_server.arrived.wait(30)
    worker.terminate()
    wait_until(lambda: "Warm shutdown" in (tmp_path / "processes.log").read_text())
    mail_server.gate.set()

    assert worker.wait(timeout=10) == 0
    assert len(mail_server.messages) == 1
    assert Counter(Reminder.objects.values_list("state", flat=True)) == {"sent": 1, "due": 4}


def _ticks(folder: Path) -> int:
    """How many ticks the workers have finished."""
    return (folder / "processes.log").read_text().count(" succeeded in ")


def test_without_redis_reminders_go_by_command(mail_server: Sink, start: Start) -> None:
    reminder = asked_to_talk(programme.supervisor(programme.organisation()))
    no_redis = f"redis://127.0.0.1:{free_port()}/0"

    for _ in range(2):
        child = start("manage.py", "send_reminders", mail_port=mail_server.port, REDIS_URL=no_redis)
        assert child.wait(timeout=30) == 0

    assert mail_server.ids == [message_id(reminder)]
