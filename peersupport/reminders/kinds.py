"""Kinds of reminder. Each app's `reminders` module defines its own and registers them here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.functional import Promise

if TYPE_CHECKING:
    from peersupport.reminders.models import Reminder

_kinds: dict[str, "Kind"] = {}


class Kind:
    """One kind of reminder: who is owed one, whether it is still owed, and what it says.

    Its words are templates/emails/<name>.html, which extends `base`: once the text part's, once the
    HTML part's. They are rendered when it is sent, with what `facts` gave, in the time zone of the
    recipient's organisation; neutral, because staff e-mail is read on shared screens.
    """

    name: ClassVar[str]
    subject: ClassVar[str | Promise]

    # Whether it waits for 08:00 to 18:00 on a working day where the recipient works.
    waits_for_office_hours: ClassVar[bool] = True

    # Who is owed one today, as a SELECT of (organisation_id, recipient_id, key, about, due_at,
    # expires_at); see outbox.plan for what it may read. Empty: it is only owed by an action.
    owed: ClassVar[str] = ""

    def facts(
        self, reminders: Sequence["Reminder"], now: datetime
    ) -> "Mapping[int, dict[str, Any] | NotOwed]":
        """What each of these says, by its id; NotOwed, or nothing, for one no longer owed.

        Asked once for a whole claim, so the number of queries must not depend on its size.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class NotOwed:
    """Why a reminder that was planned is no longer owed: a Reminder.Reason."""

    reason: str


def register(kind: type[Kind]) -> type[Kind]:
    """Make `kind` known. Use it as a decorator in an app's `reminders` module."""
    _kinds[kind.name] = kind()
    return kind


def every() -> list[Kind]:
    """All kinds, in the order in which they were registered."""
    return list(_kinds.values())


def named(name: str) -> Kind:
    """The kind of this name; KeyError when no app has registered it."""
    return _kinds[name]


def link_to(path: str) -> str:
    """The full address of one of our pages, as a message needs it."""
    return f"{settings.SITE_URL}{path}"
