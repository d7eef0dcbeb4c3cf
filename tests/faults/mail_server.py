"""A mail server on loopback, in a process of its own.

`python -m tests.faults.mail_server FILE MANNER PORT` prints its port and writes the numbers of the
reminders in every message it accepts to FILE, on a line of its own, before it says so. It lives
until its input is closed.
"""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW_SECONDS = 12  # longer than the sender waits for an answer
MANNERS = ("good", "greylists", "refuses some", "drops after data", "slow", "silent")


class MailServer:
    """Such a process, as a test sees it."""

    def __init__(self, port: int, file: Path) -> None:
        self.port = port
        self.file = file

    def arrived(self) -> Counter[int]:
        """How often each reminder was accepted."""
        return Counter(map(int, self.file.read_text().split()))

    def number(self) -> int:
        """How many messages were accepted, doubles included."""
        return self.file.read_bytes().count(b"\n")


@contextmanager
def running(file: Path, manner: str = "good", port: int = 0) -> Iterator[MailServer]:
    """A mail server for the length of the block, on this port or on a free one."""
    assert manner in MANNERS, manner
    file.touch()
    command = [sys.executable, "-m", "tests.faults.mail_server", str(file), manner, str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        yield MailServer(int(process.stdout.readline()), file)
        process.stdin.close()


class Handler:
    """Accepts messages, each in the manner this server has."""

    def __init__(self, file: Path, manner: str) -> None:
        self.file = file.open("a", buffering=1)
        self.manner = manner
        self.seen: set[str] = set()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Greylist everybody once; or refuse each third address for good."""
        if self.manner == "greylists" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, come again"
        if self.manner == "refuses some" and sum(address.encode()) % 3 == 0:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Note the message, then answer, or not."""
        message = message_from_bytes(cast(bytes, envelope.content))
        self.file.write(f"{message['X-Reminders']}\n")
        if self.manner == "drops after data":
            cast(asyncio.Transport, server.transport).abort()
        if self.manner == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        return "250 ok"


async def _serve(file: Path, manner: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    handler = Handler(file, manner)

    def connection() -> asyncio.Protocol:
        # A black hole takes the connection and says nothing, not even that it is there.
        return asyncio.Protocol() if manner == "silent" else SMTP(handler, hostname="sink")

    server = await loop.create_server(connection, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
