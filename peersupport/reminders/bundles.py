"""What one person gets in one message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.utils import timezone

from peersupport.accounts.models import Invitation, Organisation, User
from peersupport.reminders import kinds
from peersupport.reminders.models import Reminder

Said = TypeVar("Said")


@dataclass(frozen=True)
class Bundle:
    """Reminders that go to one recipient in one message, of one claim.

    `number` names the message, however often it is tried: it is the id of a reminder.
    """

    number: int
    reminders: tuple[Reminder, ...]

    @property
    def ids(self) -> list[int]:
        return [reminder.pk for reminder in self.reminders]

    @property
    def to(self) -> User | Invitation:
        return self.reminders[0].to

    @property
    def organisation(self) -> Organisation:
        return self.reminders[0].organisation

    @property
    def claimed_at(self) -> datetime | None:
        return self.reminders[0].claimed_at

    @property
    def claimed_until(self) -> datetime | None:
        return self.reminders[0].claimed_until

    @property
    def attempts(self) -> int:
        """How often it has been tried; of several, what has been tried most."""
        return max(reminder.attempts for reminder in self.reminders)

    def day(self, now: datetime) -> date | None:
        """The local day whose one message this is; None where it comes besides."""
        reminder = self.reminders[0]
        if not _is_bundled(reminder) or reminder.may_have_arrived:
            return None
        return timezone.localdate(now, self.organisation.zone)


def bundled(owed: Iterable[tuple[Reminder, Said]]) -> list[tuple[Bundle, list[Said]]]:
    """What goes together, each with what it says, in the order in which it is owed.

    What may have arrived goes as it went before: the same message, and nothing else in it.
    """
    messages: dict[tuple[str, int], list[tuple[Reminder, Said]]] = {}
    for reminder, said in owed:
        messages.setdefault(_message(reminder), []).append((reminder, said))
    bundles = []
    for (how, number), each in messages.items():
        reminders, parts = zip(*each, strict=True)
        number = number if how == "as before" else reminders[0].pk
        bundles.append((Bundle(number, reminders), list(parts)))
    return bundles


def _message(reminder: Reminder) -> tuple[str, int]:
    """What says which message a reminder goes in."""
    if reminder.may_have_arrived:
        return "as before", reminder.message_number
    if _is_bundled(reminder):
        return "of the day", reminder.to.pk
    return "alone", reminder.pk


def _is_bundled(reminder: Reminder) -> bool:
    return reminder.recipient_id is not None and kinds.named(reminder.kind).bundled
