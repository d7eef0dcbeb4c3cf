"""Real servers, started for a test and stopped after it."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis, RedisError

from tests.faults import ledger
from tests.reminders import children
from tests.reminders.sink import Sink, free_port


@pytest.fixture
def mail_server() -> Iterator[Sink]:
    server = Sink()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of its own."""
    port = free_port()
    command = [children.redis_server(), "--port", str(port), "--bind", "127.0.0.1"]
    options = ["--dir", str(tmp_path), "--appendonly", "yes", "--save", ""]
    server = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    with Redis(port=port) as redis:
        children.wait_until(lambda: _answers(redis))
    yield f"redis://127.0.0.1:{port}/0"
    server.kill()
    server.wait()


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes of the service; what is left of them is stopped, and said, at the end."""
    started: list[subprocess.Popen[str]] = []
    log = (tmp_path / "processes.log").open("w+")

    def start_one(*command: str, mail_port: int, **environment: str) -> subprocess.Popen[str]:
        started.append(children.start(*command, mail_port=mail_port, log=log, **environment))
        return started[-1]

    yield start_one
    for child in started:
        child.terminate()
    for child in started:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    log.seek(0)
    print(log.read())
    log.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of `make faults`: what was owed, and what became of it."""
    heads = ("owed", "sent", "failed", "uncertain", "to come", "doubled", "lost", "kills")
    if not ledger.TABLE:
        return
    terminalreporter.section("what was owed, and what became of it")
    terminalreporter.line("".join(f"{head:>10}" for head in heads))
    for name, kills, one in ledger.TABLE:
        numbers = (one.owed, one.sent, one.failed, one.uncertain, one.to_come)
        cells = (*numbers, one.doubled, one.lost, kills)
        terminalreporter.line("".join(f"{cell:>10}" for cell in cells) + f"  {name}")
