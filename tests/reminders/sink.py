"""A real mail server on loopback, which does what the address it is given says."""

import asyncio
import socket
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Keeps every message it accepted, in order.

    Addresses that begin with `refused` get 550, with `later` 451, each before the message; with
    `toolate` 554 after it; with `vanish` the connection is cut once the whole message is there,
    and with `silent` nothing more is said. `greylist` gets 451 the first time only. While `gate`
    is not set, the answer to each message waits.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.connections = 0
        self.seen: set[str] = set()
        self.arrived = Event()
        self.gate = Event()
        self.gate.set()
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        self.controller.start()
        self.connections = 0  # without the one with which the controller tries itself

    def stop(self) -> None:
        self.gate.set()
        self.controller.stop(no_assert=True)

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]

    @property
    def reminders(self) -> list[int]:
        """The numbers of the reminders that came, in the order in which they did."""
        return [int(one) for message in self.messages for one in message["X-Reminders"].split()]

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.messages]

    def twice(self) -> list[str]:
        """The Message-IDs of what came more than once."""
        return [name for name, number in Counter(self.ids).items() if number > 1]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.7.1 try again later"
        if address.startswith("greylist") and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = cast(bytes, envelope.content)
        message = message_from_bytes(content, policy=policy.default)
        if envelope.rcpt_tos[0].startswith("toolate"):
            return "554 5.6.0 not wanted"
        self.messages.append(message)
        self.arrived.set()
        while not self.gate.is_set():
            await asyncio.sleep(0.01)
        if envelope.rcpt_tos[0].startswith("vanish"):
            cast(asyncio.Transport, server.transport).abort()
        if envelope.rcpt_tos[0].startswith("silent"):
            await asyncio.sleep(4)
        return "250 ok"


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
