"""A mail server on loopback that notes who got a message: `python -m bench.sink FILE`.

It prints its port, and lives in a process of its own, until its input is closed.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory

from aiosmtpd.smtp import SMTP, Envelope, Session


class Noted:
    """The mail server as its users see it: a port, and what has arrived."""

    def __init__(self, port: int, file: Path) -> None:
        self.port = port
        self.file = file

    def forget(self) -> None:
        self.file.write_text("")

    def recipients(self) -> list[str]:
        return self.file.read_text().split()

    def number(self) -> int:
        return self.file.read_bytes().count(b"\n")


@contextmanager
def running() -> Iterator[Noted]:
    """A mail server for the length of the block."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "recipients"
        file.touch()
        command = [sys.executable, "-m", "bench.sink", str(file)]
        with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield Noted(int(process.stdout.readline()), file)
            process.stdin.close()


class Notes:
    """Takes every message and writes its recipient on a line."""

    def __init__(self, file: Path) -> None:
        self.file = file.open("a", buffering=1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.file.write(f"{envelope.rcpt_tos[0]}\n")
        return "250 ok"


async def serve(file: Path) -> None:
    loop = asyncio.get_running_loop()
    notes = Notes(file)
    server = await loop.create_server(lambda: SMTP(notes, hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
