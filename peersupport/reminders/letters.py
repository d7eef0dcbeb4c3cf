"""The words of a message, made when it is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from peersupport.accounts.models import User
from peersupport.reminders import kinds, mime
from peersupport.reminders.bundles import Bundle
from peersupport.reminders.kinds import Attachment, filled
from peersupport.reminders.models import Reminder
from peersupport.reminders.turned_off import stop_link
from peersupport.reminders.wordings import Wording

# Nothing in it that would have to be quoted or encoded: it stands in headers as it is.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_'+.-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Part:
    """What a message says of one reminder."""

    subject: str
    words: str
    link: str
    button: str
    why: str
    attachment: Attachment | None = None
    to: str = ""


@dataclass(frozen=True)
class Letter:
    """A message, ready to hand over: nothing about it can go wrong any more."""

    number: int
    sender: str
    recipient: str
    raw: bytes
    subject: str
    headers: Mapping[str, str]
    text: str
    html: str
    files: Sequence[Attachment]

    def as_django_has_it(self) -> EmailMultiAlternatives:
        """The same as Django's mail backends take it."""
        message = EmailMultiAlternatives(
            self.subject, self.text, to=[self.recipient], headers=dict(self.headers)
        )
        message.attach_alternative(self.html, "text/html")
        for file in self.files:
            message.attach(file.name, file.text, file.type)
        return message


def message_id(number: int) -> str:
    """The Message-ID of the message of this number, the same however often it is sent."""
    return f"<reminder-{number}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def said(reminder: Reminder, facts: Mapping[str, Any], wording: Wording | None = None) -> Part:
    """What is said of `reminder`, in the time zone and the `wording` of its organisation.

    KeyError when the facts have nothing to put for a placeholder.
    """
    kind = kinds.named(reminder.kind)
    with timezone.override(reminder.organisation.zone):
        values = kind.values(facts)
        attachment = kind.attachment(reminder, facts)
    words = wording or kind
    return Part(
        subject=str(words.subject),
        words=filled(str(words.words), values),
        link=facts["link"],
        button=str(kind.button),
        why=str(kind.why),
        attachment=attachment,
        to=facts.get("to", ""),
    )


def write(bundle: Bundle, parts: Sequence[Part]) -> Letter:
    """The letter, in text and HTML. ValueError for an address that no mail server takes."""
    recipient = _bare(parts[0].to or bundle.to.email)
    choose = isinstance(bundle.to, User) and not parts[0].to
    text, html = _bodies_made_once(bundle.organisation.name, tuple(parts), choose=choose)
    headers = _headers(bundle)
    files = [part.attachment for part in parts if part.attachment]
    envelope = {"From": _from(settings.DEFAULT_FROM_EMAIL), "To": recipient}
    head = {**envelope, "Subject": subject(parts), **headers}
    return Letter(
        number=bundle.number,
        sender=_bare(settings.DEFAULT_FROM_EMAIL),
        recipient=recipient,
        raw=mime.message(head, text, html, files=files, at=timezone.now()),
        subject=subject(parts),
        headers=headers,
        text=text,
        html=html,
        files=files,
    )


def subject(parts: Sequence[Part]) -> str:
    return parts[0].subject if len(parts) == 1 else _("From the peer support programme")


def bodies(organisation: str, parts: Sequence[Part], *, choose: bool) -> tuple[str, str]:
    """What the message says, as text and as HTML; to a person, where to `choose` what they get."""
    context = {"organisation": organisation, "parts": parts, "whys": _once(parts)}
    if choose:
        context["choose"] = kinds.link_to(reverse("my-e-mails"))
    return (
        render_to_string("emails/letter.txt", context),
        render_to_string("emails/letter.html", context),
    )


# An invitation to a whole programme says the same to everybody in it.
_bodies_made_once = lru_cache(maxsize=50)(bodies)


def _once(parts: Sequence[Part]) -> list[str]:
    """Why all this came, each reason once; where there are several, by the button it is about."""
    several = len({part.why for part in parts}) > 1
    whys = (f"{part.button}: {part.why}" if several else part.why for part in parts)
    return list(dict.fromkeys(whys))


@lru_cache
def _bare(address: str) -> str:
    """The address alone, its domain in ASCII. Raises ValueError when that cannot be."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    bare = parseaddr(address)[1]
    if not bare.rpartition("@")[0].isascii():
        raise ValueError("what stands before the @ is not in ASCII")
    return sanitize_address(bare, "ascii")


@lru_cache
def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2]


@lru_cache
def _from(address: str) -> str:
    """The address and the name in front of it, as a header takes them."""
    return sanitize_address(address, "utf-8")


def _headers(bundle: Bundle) -> dict[str, str]:
    headers = {
        "Message-ID": message_id(bundle.number),
        "Auto-Submitted": "auto-generated",
        "X-Reminders": " ".join(map(str, bundle.ids)),
    }
    kinds_of = {one.kind for one in bundle.reminders}
    if isinstance(bundle.to, User) and (stop := stop_link(bundle.to, kinds_of)):
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
