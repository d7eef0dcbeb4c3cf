"""The delivery log: what was sent, what is to come, and what needs a decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peersupport.accounts.models import User
from peersupport.reminders import kinds
from peersupport.reminders.models import Reminder
from peersupport.reminders.outbox import oldest_unsent_seconds
from peersupport.reminders.post import FolderPost, post

State = Reminder.State

_ARRIVED = ("arrived", gettext_lazy("It arrived"))
_CLOSED_OR_SENT = [
    ("again", gettext_lazy("Send again")),
    ("not_needed", gettext_lazy("No longer needed")),
]
# What a head can say about one that is undecided: what was refused cannot have arrived.
_CHOICES = {State.UNCERTAIN: [_ARRIVED, *_CLOSED_OR_SENT], State.FAILED: _CLOSED_OR_SENT}

# What a state looks like; the words say the same.
_COLOURS = {
    State.SENT: "green",
    State.FAILED: "red",
    State.UNCERTAIN: "yellow",
    State.CANCELLED: "grey",
}
_REMOVED: str | Promise = gettext_lazy("An earlier kind of e-mail")


@dataclass(frozen=True)
class Entry:
    """One line of the log, in the words of those who read it."""

    reminder: Reminder
    reader: User

    @property
    def what(self) -> str:
        """Its subject in its original wording; to others than its recipient it may say less."""
        try:
            kind = kinds.named(self.reminder.kind)
        except KeyError:
            return str(_REMOVED)
        if self.reminder.recipient_id == self.reader.pk:
            return str(kind.subject)
        return str(kind.called or kind.subject)

    @property
    def also(self) -> list[str]:
        """What else went in the same message."""
        return [Entry(each, self.reader).what for each in self.reminder.bundled.all()]

    @property
    def when(self) -> str:
        """When it was sent or settled; before that, when it is to be."""
        return _in_words(self.reminder.settled_at or self.reminder.try_at)

    @property
    def state(self) -> str:
        """How far it has come; a second try or a reason is part of it."""
        reminder = self.reminder
        if reminder.state == State.SENT and reminder.attempts == 2:
            return _("Sent, second try")
        if reminder.state == State.SENT and reminder.attempts > 2:
            return _("Sent, try %(number)s") % {"number": reminder.attempts}
        if reminder.reason == Reminder.Reason.NOT_NEEDED:
            return reminder.get_state_display()
        if reminder.state == State.CANCELLED and reminder.reason:
            return _("Not sent: %(reason)s") % {"reason": reminder.get_reason_display()}
        return reminder.get_state_display()

    @property
    def colour(self) -> str:
        return _COLOURS.get(State(self.reminder.state), "blue")

    @property
    def choices(self) -> dict[str, str]:
        """What a head can say about it, in words; nothing once it is settled."""
        choices = _CHOICES.get(State(self.reminder.state), [])
        return {choice: str(words) for choice, words in choices}

    @property
    def was_refused(self) -> bool:
        """Whether it may be the address that is wrong."""
        refused = self.reminder.reason == Reminder.Reason.REFUSED
        return refused and self.reminder.state == State.FAILED

    @property
    def why(self) -> str:
        """What happened, in plain words, where a decision is needed."""
        reason = self.reminder.get_reason_display()
        if self.reminder.state == State.UNCERTAIN:
            return _("%(reason)s It may have arrived.") % {"reason": reason}
        if self.reminder.reason == Reminder.Reason.REFUSED and self.reminder.reply:
            said = {"reason": reason, "reply": self.reminder.reply}
            return _("%(reason)s It said: %(reply)s") % said
        return reason


@dataclass(frozen=True)
class Figures:
    """What the first sentences of the log say."""

    sent: int
    undecided: int
    to_come: int
    waiting_minutes: int


def figures(rows: QuerySet[Reminder]) -> Figures:
    """Sent in the last seven days, undecided, to come, and how long the oldest could have gone."""
    now = timezone.now()
    counted = rows.aggregate(
        sent=Count("pk", filter=Q(state=State.SENT, settled_at__gte=now - timedelta(days=7))),
        undecided=Count(
            "pk",
            filter=Q(state__in=Reminder.UNDECIDED)
            & ~Q(bundled_with__state__in=Reminder.UNDECIDED, bundled_with__isnull=False),
        ),
        to_come=Count("pk", filter=Q(settled_at=None)),
    )
    return Figures(waiting_minutes=oldest_unsent_seconds(now, rows) // 60, **counted)


def _in_words(moment: datetime) -> str:
    """Today 09:00, or Tuesday 1 December, 10:00; the year where it is another."""
    there, today = timezone.localtime(moment), timezone.localdate()
    if there.date() == today:
        return _("Today %(time)s") % {"time": date_format(there, "H:i")}
    return date_format(there, "l j F, H:i" if there.year == today.year else "l j F Y, H:i")


def message_of(reminder: Reminder) -> str | None:
    """The words that were sent, where messages are written into a folder; else None.

    Only the embedded service keeps them, so that a demo can be read without a mail server.
    """
    way_out = post()
    if not settings.EMBEDDED or not isinstance(way_out, FolderPost):
        return None
    try:
        return _plain_words(way_out.path(reminder.message_number).read_bytes())
    except FileNotFoundError:
        return None


def _plain_words(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    return str(body.get_content()).strip() if body else ""
