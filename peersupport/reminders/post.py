"""Where messages are handed over, and what became of each.

Over SMTP everything turns on one moment: from the first byte of the message on, silence means that
it may have arrived. Before it, trying again is safe.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.utils import DNS_NAME

from peersupport.reminders.letters import Letter
from peersupport.reminders.models import Reminder

_STARTS_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)

State = Reminder.State
Reason = Reminder.Reason


class Unreachable(Exception):
    """No message can be handed over at present; says what the other side said."""


@dataclass(frozen=True)
class Outcome:
    """What became of one message: sent, retry, failed or uncertain."""

    state: str
    reason: str = ""
    reply: str = ""


class Post(Protocol):
    """A way out for messages."""

    @property
    def is_open(self) -> bool:
        """Whether it is ready as far as is known, without asking."""

    def open(self) -> None:
        """Be ready to hand over; raise Unreachable when that is not possible now."""

    def send(self, letter: Letter) -> Outcome: ...

    def close(self) -> None: ...


def post() -> Post:
    """The way out that EMAIL_URL names."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return SmtpPost()
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return FolderPost(Path(settings.EMAIL_FILE_PATH))
    return DjangoPost()


class _Answer(Exception):
    """The server said no to a message before it was given it."""

    def __init__(self, code: int, words: bytes) -> None:
        super().__init__()
        self.code = code
        self.reply = _reply(code, words)


class SmtpPost:
    """One kept SMTP connection, opened again when it drops."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        return self.server is not None

    def open(self) -> None:
        if self.server is not None:
            return
        try:
            self.server = self._connect()
        except smtplib.SMTPResponseException as refusal:
            raise Unreachable(_reply(refusal.smtp_code, refusal.smtp_error)) from refusal
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    def close(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def send(self, letter: Letter) -> Outcome:
        try:
            server = self._offer(letter)
        except Unreachable as reason:
            return Outcome(State.RETRY, Reason.UNREACHABLE, str(reason))
        except _Answer as answer:
            self._tidy(answer.code)
            return _refused(answer.code, answer.reply)
        return self._hand_over(server, _dotted(letter.raw))

    def _connect(self) -> smtplib.SMTP:
        where = (settings.EMAIL_HOST, settings.EMAIL_PORT)
        options = {"timeout": settings.EMAIL_TIMEOUT, "local_hostname": DNS_NAME.get_fqdn()}
        server: smtplib.SMTP
        if settings.EMAIL_USE_SSL:
            server = smtplib.SMTP_SSL(*where, context=ssl.create_default_context(), **options)
        else:
            server = smtplib.SMTP(*where, **options)
        try:
            if settings.EMAIL_USE_TLS:
                server.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            server.ehlo_or_helo_if_needed()
        except OSError:
            server.close()
            raise
        return server

    def _offer(self, letter: Letter) -> smtplib.SMTP:
        """Get to where the server waits for the message.

        A kept connection may have gone stale meanwhile: then once more over a new one. Raises
        _Answer when the server does not want the message, Unreachable when it is not there.
        """
        kept = self.server is not None
        try:
            return self._envelope(letter)
        except OSError as error:
            self.close()
            if not kept:
                raise Unreachable(type(error).__name__) from error
        except _Answer as answer:
            if not kept or answer.code != 421:
                raise
            self.close()
        return self._offer(letter)

    def _envelope(self, letter: Letter) -> smtplib.SMTP:
        self.open()
        server = self.server
        assert server is not None
        _expect(2, server.docmd("MAIL", f"FROM:<{letter.sender}>"))
        _expect(2, server.docmd("RCPT", f"TO:<{letter.recipient}>"))
        _expect(3, server.docmd("DATA"))
        return server

    def _hand_over(self, server: smtplib.SMTP, words: bytes) -> Outcome:
        try:
            server.send(words)
            code, said = server.getreply()
        except OSError as error:
            self.close()
            return Outcome(State.UNCERTAIN, Reason.NO_ANSWER, type(error).__name__)
        reply = _reply(code, said)
        if 200 <= code < 300:
            return Outcome(State.SENT, reply=reply)
        self._tidy(code)
        if 400 <= code < 600:
            return _refused(code, reply)
        return Outcome(State.UNCERTAIN, Reason.NO_ANSWER, reply)

    def _tidy(self, code: int) -> None:
        """Leave the connection ready for the next message, or leave it."""
        try:
            if code == 421 or self.server is None or self.server.rset()[0] != 250:
                self.close()
        except OSError:
            self.close()


def _dotted(raw: bytes) -> bytes:
    """The message as it goes over the wire: its own dots doubled, a lone dot at the end."""
    end = b"" if raw.endswith(b"\r\n") else b"\r\n"
    return _STARTS_WITH_DOT.sub(b"..", raw) + end + b".\r\n"


def _expect(hundreds: int, answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code // 100 != hundreds:
        raise _Answer(code, words)


def _refused(code: int, reply: str) -> Outcome:
    """5xx is for good; everything else may be better later."""
    if 500 <= code < 600:
        return Outcome(State.FAILED, Reason.REFUSED, reply)
    return Outcome(State.RETRY, Reason.PUT_OFF, reply)


def _reply(code: int, words: bytes | str) -> str:
    """What the server said, on one line."""
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {said}".split())[:200]


class FolderPost:
    """One file a message, under the reminder's number, where EMAIL_URL is file:///…

    Handing the same message over again puts it in the same place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_open = False

    def open(self) -> None:
        self.is_open = True
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    def send(self, letter: Letter) -> Outcome:
        place = self.path(letter.number)
        unfinished = place.with_suffix(".part")
        try:
            unfinished.write_bytes(letter.raw)
            unfinished.replace(place)
        except OSError as error:
            return Outcome(State.RETRY, Reason.UNREACHABLE, type(error).__name__)
        return Outcome(State.SENT)

    def close(self) -> None:
        """Nothing is kept open."""

    def path(self, number: int) -> Path:
        return self.folder / f"reminder-{number}.eml"


class DjangoPost:
    """Any other of Django's mail backends, as it is: what it raises may have arrived."""

    is_open = False  # a backend opens itself, and does not say whether it is

    def __init__(self) -> None:
        self.backend = get_connection()

    def open(self) -> None:
        try:
            self.backend.open()
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    def send(self, letter: Letter) -> Outcome:
        try:
            self.backend.send_messages([letter.as_django_has_it()])
        except Exception as error:
            return Outcome(State.UNCERTAIN, Reason.NO_ANSWER, type(error).__name__)
        return Outcome(State.SENT)

    def close(self) -> None:
        self.backend.close()
