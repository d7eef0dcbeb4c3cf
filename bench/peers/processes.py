"""A sender in a process of its own, which sends what is queued whenever it is told to."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

OURS, DJANGO_MAILER, POST_OFFICE_100, POST_OFFICE_1000 = (
    "ours",
    "django-mailer",
    "django-post-office, 100 a batch",
    "django-post-office, 1000 a batch",
)


class Sender:
    """Such a process, as a benchmark sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> float:
        """Wait until it has nothing more to send; the most memory it has had, in MB."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if not said.startswith("done "):
            raise RuntimeError("A sender has stopped")
        return float(said.removeprefix("done "))

    def finish(self) -> None:
        self.begin()
        self.end()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(port: int, name: str = OURS) -> Iterator[Sender]:
    """A sender for the length of the block, by the mail server at `port`."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.peers.processes", name],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}/"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        sender = Sender(process)
        sender.end()  # it says so once it is ready, too
        yield sender
        process.stdin.close()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from bench.peers import mailers
    from checkins.reminders import CheckInInvitation
    from peersupport.reminders import sender

    CheckInInvitation.waits_for_office_hours = False
    send = {
        OURS: sender.run,
        DJANGO_MAILER: mailers.send_all,
        POST_OFFICE_100: lambda: mailers.send_queued(100),
        POST_OFFICE_1000: lambda: mailers.send_queued(1000),
    }[sys.argv[1]]
    _say_done()
    for _line in sys.stdin:
        send()
        _say_done()


def _say_done() -> None:
    print(f"done {_peak() / 1024:.1f}", flush=True)


def _peak() -> int:
    """The most memory that this process has had, in kB.

    What `resource` says begins with what its parent had: only where nothing else says it.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    said = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return said[0] if said else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
