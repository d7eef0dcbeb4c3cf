"""PostgreSQL and Redis from wheels, for a machine that has neither.

    python -m peersupport.embedded [--with-parent PID] -- COMMAND ARGUMENTS

runs COMMAND with DATABASE_URL and REDIS_URL set, and passes on its signals and its exit code. A URL
that is set already stays, and its server is not started. With ``--with-parent`` it stops when its
parent PID ends, even by a kill (on Linux). ``--reset``, on its own, empties DATA.

Both servers keep their files under DATA and listen on Unix sockets only, in a folder that nobody
else may enter; PostgreSQL also asks the kernel who calls. Commands that run at once share them:

- A server is ours if a process of its name works in our folder. No pid file is believed, so neither
  a stale one nor a pid that another program has by now blocks anything.
- Every command holds a shared lock on DATA/embedded.users, which the kernel takes back however the
  command ends. Whoever leaves and finds nobody else there stops both servers.
- Starting and stopping happen under DATA/embedded.lock, one command at a time.

Servers that nobody stopped, because every command was killed, are used and stopped by the next.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from peersupport import foreground
from peersupport.servers import EmbeddedError, PostgreSQL, Redis, Server


@contextmanager
def running(data: Path) -> Iterator[dict[str, str]]:
    """Keep the servers of `data` up for the length of the block; yields the variables they add.

    Raises EmbeddedError where a server cannot be started.
    """
    with _lease(data, _wanted()) as (variables, _):
        yield variables


def reset(data: Path) -> None:
    """Stop what was left running on `data` and delete everything in it.

    Raises EmbeddedError while a command uses it.
    """
    data = data.resolve()
    if not data.exists():
        return
    if Path.cwd().is_relative_to(data):
        raise EmbeddedError(f"{data} holds more than this service's data: empty it by hand.")
    with _one_at_a_time(data), open(data / "embedded.users", "w") as users:
        if not _only_user(users):
            raise EmbeddedError(f"A command still uses {data}: stop it first.")
        _stop_all(data)
        for path in data.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != "embedded.lock":  # others may be waiting for it
                path.unlink()


def _wanted() -> list[type[Server]]:
    return [server for server in (PostgreSQL, Redis) if not os.environ.get(server.variable)]


@contextmanager
def _lease(data: Path, servers: list[type[Server]]) -> Iterator[tuple[dict[str, str], IO[str]]]:
    """Be counted among those who use the servers of `data`; the last one out stops them.

    Yields the variables to set, and the file whose lock is the counting.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    with open(data / "embedded.users", "w") as users:
        try:
            variables: dict[str, str] = {}
            with _one_at_a_time(data):
                alone = _only_user(users)
                fcntl.flock(users, fcntl.LOCK_SH)
                for server in servers:
                    variables |= server(data).ensure(alone)
            yield variables, users
        finally:
            with _one_at_a_time(data):
                if _only_user(users):
                    _stop_all(data)


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    with open(data / "embedded.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _only_user(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop_all(data: Path) -> None:
    for server in (Redis, PostgreSQL):
        server(data).stop()


def main(arguments: list[str]) -> int:
    """The command line; returns the exit code."""
    data = Path(os.environ.get("DATA") or Path(__file__).parent.parent / "var")
    if arguments[:1] == ["--with-parent"] and arguments[1:2] and arguments[1].isdigit():
        foreground.stop_with_parent(int(arguments[1]))
        arguments = arguments[2:]
    try:
        match arguments:
            case ["--reset"]:
                reset(data)
                return 0
            case ["--", _, *_]:
                return _run(arguments[1:], data)
    except (EmbeddedError, PermissionError) as error:
        print(error, file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


def _run(command: list[str], data: Path) -> int:
    if not (servers := _wanted()):
        os.execvp(command[0], command)
    orders = foreground.Orders()
    with _lease(data, servers) as (variables, users):
        environment = {**os.environ, **variables}
        return foreground.run(command, orders, environment=environment, keep_open=users.fileno())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
