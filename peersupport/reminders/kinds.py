"""Kinds of reminder. Each app's `reminders` module defines its own and registers them here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.functional import Promise

if TYPE_CHECKING:
    from peersupport.reminders.models import Reminder

_kinds: dict[str, "Kind"] = {}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Kind:
    """One kind of reminder: who is owed one, whether it is still owed, and what it says.

    What it says is neutral, because staff e-mail is read on shared screens: no score, nobody else's
    name, no cohort. In `words` a placeholder stands in braces; `values` says what for. They are put
    together when it is sent, in the time zone of the recipient's organisation.
    """

    name: ClassVar[str]
    subject: ClassVar[str | Promise]
    words: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    # Why somebody gets it: a sentence at the foot of the message.
    why: ClassVar[str | Promise]

    # What each placeholder in its words stands for. All of them are needed: an organisation that
    # words it anew has to keep them.
    placeholders: ClassVar[Mapping[str, "Placeholder"]] = {}

    # What it is called in the log that others read, where its subject says too much.
    called: ClassVar[str | Promise] = ""

    # Who may get one, in which roles; and why nobody can turn it off, where that is so.
    roles: ClassVar[frozenset[str]] = frozenset()
    stays_on: ClassVar[str | Promise] = ""

    # Whether an organisation may word it. What keeps an account safe says the same everywhere.
    may_be_worded: ClassVar[bool] = True

    # Whether it waits for 08:00 to 18:00 on a working day where the recipient works, and for their
    # return when they are away.
    waits_for_office_hours: ClassVar[bool] = True

    # Whether somebody who was away gets it on their return although it has expired by then.
    keeps_while_away: ClassVar[bool] = False

    # Whether it comes in the recipient's one message of the day, with whatever else is owed.
    bundled: ClassVar[bool] = True

    # Who is owed one today, as a SELECT of (organisation_id, recipient_id, key, about, due_at,
    # expires_at); see outbox.plan for what it may read. Empty: it is only owed by an action.
    owed: ClassVar[str] = ""

    def facts(
        self, reminders: Sequence["Reminder"], now: datetime
    ) -> "Mapping[int, dict[str, Any] | NotOwed]":
        """What is to be said in each of these, by its id, and the `link` it leads to.

        With `to` too, where it goes to another address than its recipient's: for what is alone in
        its message. NotOwed, or nothing, for one no longer owed. Asked once for a whole claim, so
        the number of queries must not depend on its size.
        """
        raise NotImplementedError

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        """What each placeholder in its words stands for, where these are the facts."""
        return {}

    def attachment(self, reminder: "Reminder", facts: Mapping[str, Any]) -> "Attachment | None":
        """A file that goes with it, where there is one."""
        return None


@dataclass(frozen=True)
class Placeholder:
    """What stands in braces in a kind's words: what it is, and an example for those who write."""

    means: str | Promise
    example: str | Promise


@dataclass(frozen=True)
class Attachment:
    """A file in a message: its name, its text, and its type with parameters."""

    name: str
    text: str
    type: str


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


def is_known(name: str) -> bool:
    return name in _kinds


def placeholders(words: str) -> set[str]:
    """The names that stand in braces in `words`."""
    return set(_PLACEHOLDER.findall(words))


def filled(words: str, values: Mapping[str, str]) -> str:
    """`words` with each {placeholder} replaced by its value; KeyError where there is none."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], words)


def beside_placeholders(words: str) -> str:
    """What is left of `words` without {placeholders}."""
    return _PLACEHOLDER.sub("", words)


def link_to(path: str) -> str:
    """The full address of one of our pages, as a message needs it."""
    return f"{settings.SITE_URL}{path}"
