"""The words of a reminder, made when it is sent."""

from dataclasses import dataclass
from email.charset import QP, Charset
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.utils import timezone

from peersupport.reminders import kinds
from peersupport.reminders.models import Reminder

# Seven bits and short lines, which every mail server takes as they are.
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP


@dataclass(frozen=True)
class Letter:
    """A message, ready to hand over: nothing about it can go wrong any more."""

    number: int
    sender: str
    recipient: str
    raw: bytes
    message: EmailMultiAlternatives


def message_id(reminder: Reminder) -> str:
    """The Message-ID of this row, the same however often it is sent."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<reminder-{reminder.pk}@{domain}>"


def write(reminder: Reminder, facts: dict[str, Any]) -> Letter:
    """The letter, in text and HTML, in the time zone of the recipient's organisation."""
    message = _message(reminder, facts)
    return Letter(
        number=reminder.pk,
        sender=_bare(message.from_email),
        recipient=_bare(reminder.to.email),
        raw=message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg]
        message=message,
    )


def _bare(address: str) -> str:
    """The address alone, its domain in ASCII. Raises ValueError when that cannot be."""
    bare = parseaddr(address)[1]
    if not bare.rpartition("@")[0].isascii():
        raise ValueError("what stands before the @ is not in ASCII")
    return sanitize_address(bare, "ascii")


def _message(reminder: Reminder, facts: dict[str, Any]) -> EmailMultiAlternatives:
    kind = kinds.named(reminder.kind)
    context = {**facts, "organisation": reminder.organisation.name}
    template = f"emails/{kind.name}.html"
    with timezone.override(reminder.organisation.zone):
        text = render_to_string(template, {**context, "base": "emails/base.txt"})
        html = render_to_string(template, {**context, "base": "emails/base.html"})
    message = EmailMultiAlternatives(
        subject=str(kind.subject),
        body=text,
        to=[reminder.to.email],
        headers={"Message-ID": message_id(reminder), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    message.encoding = _QUOTED
    return message
