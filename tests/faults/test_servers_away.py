"""Redis and PostgreSQL that are killed while workers send, and come back."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg2
import pytest

from peersupport.reminders.models import Reminder
from peersupport.servers import PostgreSQL
from tests.faults import ledger, mail_server
from tests.faults.conftest import Start
from tests.faults.mail_server import MailServer
from tests.reminders import children
from tests.reminders.children import wait_until
from tests.reminders.sink import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

CELERY = ("-m", "celery", "--quiet", "-A", "tests.faults.on_monday")
WORKER = (*CELERY, "worker", "--concurrency=2", "--loglevel=WARNING")
BEAT = (*CELERY, "beat", "--pidfile=", "--loglevel=WARNING")
AGAIN = 90  # seconds in which everybody has found the way back


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server.running(tmp_path / "arrived") as running:
        yield running


class RedisOfOurs:
    """A Redis of the test's own, with its append-only file, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command = [children.redis_server(), *options, "--appendonly", "yes", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisOfOurs]:
    ours = RedisOfOurs(tmp_path / "redis")
    yield ours
    ours.kill()


@pytest.mark.parametrize("file_too", [False, True], ids=["with its file", "without its file"])
def test_redis_is_killed_and_what_is_owed_is_sent_all_the_same(
    file_too: bool, redis: RedisOfOurs, server: MailServer, start: Start, tmp_path: Path
) -> None:
    surroundings = {"REDIS_URL": redis.url, "CLOCK_SHIFT": "0"}
    worker = start(*WORKER, mail_port=server.port, **surroundings)
    start(*BEAT, f"--schedule={tmp_path}/beat", mail_port=server.port, **surroundings)
    ledger.owe(10)
    wait_until(lambda: server.number() == 10, AGAIN)

    redis.kill()
    ledger.owe(10, domain="other.example")
    if file_too:
        shutil.rmtree(redis.folder)
    redis.start()
    with suppress(subprocess.TimeoutExpired):
        # The loss of its broker ends Celery's worker now and then; its platform starts another.
        worker.wait(timeout=10)
        start(*WORKER, mail_port=server.port, **surroundings)
    wait_until(lambda: not Reminder.objects.exclude(state="sent").exists(), AGAIN)

    counted = ledger.count(server)
    ledger.assert_sound(counted)
    assert counted.sent == 20


class PostgresOfOurs:
    """A PostgreSQL of the test's own, to be stopped at once and started again."""

    def __init__(self, folder: Path) -> None:
        self.server = PostgreSQL(folder)
        self.url = self.server.ensure(alone=True)["DATABASE_URL"]

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: no transaction is finished, nothing is tidied."""
        os.kill(int((self.server.home / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        wait_until(lambda: not self.server.answers())

    def start_again(self) -> None:
        assert self.server.ensure(alone=True)["DATABASE_URL"] == self.url

    def ask(self, statement: str) -> list[tuple[int, str]]:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows

    def reminders(self) -> list[tuple[int, str]]:
        return self.ask("SELECT id, state FROM reminders_reminder")


@pytest.fixture
def postgres() -> Iterator[PostgresOfOurs]:
    folder = Path(tempfile.mkdtemp(prefix="faults"))  # short: a socket has its place in it
    folder.chmod(0o755)
    ours = PostgresOfOurs(folder)
    yield ours
    ours.server.stop()
    shutil.rmtree(folder)


def test_postgresql_is_stopped_at_once_and_workers_carry_on(
    postgres: PostgresOfOurs, redis: RedisOfOurs, server: MailServer, start: Start, tmp_path: Path
) -> None:
    surroundings = {"REDIS_URL": redis.url, "CLOCK_SHIFT": "0", "DATABASE_URL": postgres.url}
    for command in (("manage.py", "migrate", "--verbosity=0"), ("-m", "tests.faults.owe", "200")):
        assert start(*command, mail_port=server.port, **surroundings).wait(timeout=60) == 0
    worker = start(*WORKER, mail_port=server.port, **surroundings)
    beat = start(*BEAT, f"--schedule={tmp_path}/beat", mail_port=server.port, **surroundings)
    wait_until(lambda: server.number() >= 20, AGAIN)

    postgres.stop_at_once()
    meanwhile = server.number()
    postgres.start_again()
    postgres.ask(
        "UPDATE reminders_reminder SET claimed_until = now() WHERE state IN ('claimed', 'sending')"
    )
    settled = {"sent", "uncertain"}
    wait_until(lambda: {state for _pk, state in postgres.reminders()} <= settled, AGAIN)

    counted = ledger.count(server, postgres.reminders())
    assert meanwhile < 200
    assert (worker.poll(), beat.poll()) == (None, None)
    ledger.assert_sound(counted, kills=2)  # one message in the hands of each process
    assert counted.sent >= 198
