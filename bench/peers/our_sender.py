"""A sender of ours in a process of its own, which sends what is due whenever it is told to."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django


class Sender:
    """Such a process, as a benchmark sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """Wait until it has nothing more to send."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("A sender has stopped")


@contextmanager
def running(port: int) -> Iterator[Sender]:
    """A sender for the length of the block, by the mail server at `port`."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.peers.our_sender"],
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
    from checkins.reminders import CheckInInvitation
    from peersupport.reminders import sender

    CheckInInvitation.waits_for_office_hours = False
    print("done", flush=True)
    for _line in sys.stdin:
        sender.run()
        print("done", flush=True)


if __name__ == "__main__":
    main()
