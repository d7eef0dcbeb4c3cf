"""Every e-mail owed to a person is one row here."""

from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Invitation, Organisation, User
from peersupport.reminders.heartbeat import Heartbeat
from peersupport.reminders.turned_off import TurnedOff
from peersupport.reminders.wordings import Wording

__all__ = ["Heartbeat", "Reminder", "ReminderQuerySet", "TurnedOff", "Wording"]


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Questions about what is owed and what became of it."""

    def visible_to(self, user: User) -> Self:
        """Heads and IG auditors see the organisation's, everybody else their own."""
        reminders = self.filter(organisation_id=user.organisation_id)
        return reminders if user.is_head or user.is_ig_auditor else reminders.filter(recipient=user)

    def manageable_by(self, user: User) -> Self:
        """Those of the organisation, for a head to decide about."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def undecided(self) -> Self:
        """Those of which a person has to say what becomes of them."""
        return self.filter(state__in=Reminder.UNDECIDED)

    def decisions(self) -> Self:
        """Of those undecided one for each message: what went with it is decided with it."""
        return self.undecided().exclude(bundled_with__state__in=Reminder.UNDECIDED)

    def counts(self) -> dict[str, int]:
        """How many are in each state; of those that are over, since yesterday at this time."""
        over = [Reminder.State.SENT, Reminder.State.CANCELLED]
        lately = Q(settled_at__gt=timezone.now() - timedelta(days=1))
        counted = self.filter(~Q(state__in=over) | lately).values_list("state")
        found = dict(counted.annotate(number=Count("pk")).order_by())
        return {state.value: found.get(state, 0) for state in Reminder.State}

    def to_come(self) -> Self:
        """Those that go out, the next first."""
        return self.filter(settled_at=None).order_by("try_at", "pk")

    def settled(self) -> Self:
        """Those that were sent, or are not sent as things stand, the latest first."""
        return self.filter(settled_at__isnull=False).order_by("-settled_at", "-pk")


class Reminder(models.Model):
    """One e-mail owed to one person, or to the address that an invitation names.

    `key` says what is owed in business terms, so that it is owed once however often it is planned.
    `about` holds ids only; the words are made when it is sent. It was owed from `due_at` on and is
    next tried at `try_at`. `claimed_at` tells one claim from the next; `reply` is what the mail
    server said. `settled_by` is the person who settled it, where it was not the sender.

    What falls together goes in one message, which has the number of one of them; `bundled_with` is
    that one, on the others. It has `told_on`, the local day whose one message this is.
    """

    class State(models.TextChoices):
        """How far it has come."""

        DUE = "due", _("To be sent")
        CLAIMED = "claimed", _("Being prepared")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        RETRY = "retry", _("To be tried again")
        FAILED = "failed", _("Not sent")
        UNCERTAIN = "uncertain", _("May have arrived")
        CANCELLED = "cancelled", _("No longer needed")

    UNDECIDED: ClassVar[list[str]] = [State.FAILED, State.UNCERTAIN]

    class Reason(models.TextChoices):
        """Why it is where it is, in plain words."""

        PAUSED = "paused", _("paused")
        ON_LEAVE = "on_leave", _("on leave")
        LEFT = "left", _("no longer with the programme")
        REASSIGNED = "reassigned", _("has another supervisor now")
        REARRANGED = "rearranged", _("rearranged")
        TURNED_OFF = "turned_off", _("turned off by whoever would get it")
        CALLED_OFF = "called_off", _("called off")
        DONE = "done", _("already done")
        REPLACED = "replaced", _("a newer one took its place")
        EXPIRED = "expired", _("too late to be of use")
        UNREACHABLE = "unreachable", _("The mail server could not be reached.")
        PUT_OFF = "put_off", _("The mail server asked to try again later.")
        REFUSED = "refused", _("The mail server refused it.")
        UNWRITABLE = "unwritable", _("The message could not be written.")
        NO_ANSWER = (
            "no_answer",
            _("The mail server stopped answering after it had the whole message."),
        )
        CUT_OFF = "cut_off", _("The sender was cut off while it was sending.")
        NOT_NEEDED = "not_needed", _("no longer needed")

    # Reasons that pass: what was not sent because of one is owed again while it is of use.
    PASSING: ClassVar[list[str]] = [Reason.ON_LEAVE, Reason.PAUSED, Reason.TURNED_OFF]

    SILENT: ClassVar[list[str]] = [Reason.NO_ANSWER, Reason.CUT_OFF]

    # That these exist, in one organisation, is a foreign key of two columns (migration 0002): one
    # of each alone would be asked for again in each of a million rows.
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    recipient = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="reminders",
        db_constraint=False,
        db_index=False,
    )
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.PROTECT,
        null=True,
        related_name="reminders",
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, db_collation="C")
    about = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    planned_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    try_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    sent_again_at = models.DateTimeField(null=True)
    sent_again_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    # That it goes to the same person says a trigger (migration 0011).
    bundled_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="bundled", db_index=False
    )
    told_on = models.DateField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    reply = models.CharField(max_length=200, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reminder_to_a_person_or_an_address_invited",
                condition=Q(recipient__isnull=False, invitation=None)
                | Q(recipient=None, invitation__isnull=False),
                violation_error_message=_("Enter to whom the reminder is owed"),
            ),
            models.CheckConstraint(
                name="reminder_settled_when_nothing_more_happens",
                condition=Q(
                    state__in=["sent", "failed", "uncertain", "cancelled"], settled_at__isnull=False
                )
                | Q(state__in=["due", "claimed", "sending", "retry"], settled_at=None),
                violation_error_message=_("Enter when the reminder was settled"),
            ),
            models.CheckConstraint(
                name="reminder_claimed_until_its_lease_ends",
                condition=Q(state__in=["claimed", "sending"], claimed_until__isnull=False)
                | ~Q(state__in=["claimed", "sending"]),
                violation_error_message=_("Enter until when the reminder is claimed"),
            ),
            models.UniqueConstraint(name="reminder_owed_once", fields=["key"]),
            models.UniqueConstraint(
                name="reminder_one_message_a_person_a_day",
                fields=["recipient", "told_on"],
                condition=Q(told_on__isnull=False),
                violation_error_message=_("This person has had their message of the day"),
            ),
            models.CheckConstraint(
                name="reminder_bundled_with_the_one_that_has_the_day",
                condition=Q(bundled_with=None) | Q(told_on=None),
                violation_error_message=_("Only one reminder of a message has its day"),
            ),
            models.CheckConstraint(
                name="reminder_settled_by_someone_at_some_time",
                condition=Q(settled_by=None) | Q(settled_at__isnull=False),
                violation_error_message=_("Enter when the reminder was settled"),
            ),
            models.CheckConstraint(
                name="reminder_sent_again_by_someone_at_some_time",
                condition=Q(sent_again_at=None, sent_again_by=None)
                | Q(sent_again_at__isnull=False, sent_again_by__isnull=False),
                violation_error_message=_("Enter who asked to send it again"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["try_at"], condition=Q(state__in=["due", "retry"]), name="reminders_owed"
            ),
            models.Index(
                fields=["claimed_until"],
                condition=Q(state__in=["claimed", "sending"]),
                name="reminders_in_hand",
            ),
            models.Index(
                fields=["organisation", "-settled_at"],
                condition=Q(settled_at__isnull=False),
                name="reminders_log",
            ),
            models.Index(fields=["recipient", "-due_at"], name="reminders_of_person"),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["failed", "uncertain"]),
                name="reminders_undecided",
            ),
            BrinIndex(fields=["settled_at"], name="reminders_by_settling"),
            models.Index(
                fields=["bundled_with"],
                condition=Q(bundled_with__isnull=False),
                name="reminders_bundled",
            ),
            models.Index(
                fields=["invitation"],
                condition=Q(invitation__isnull=False),
                name="reminders_of_invitation",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def to(self) -> User | Invitation:
        """Whose address it goes to, and whose name the log says."""
        to = self.recipient or self.invitation
        assert to is not None
        return to

    @property
    def message_number(self) -> int:
        """The number of the message that it went in, or goes in alone."""
        return self.bundled_with_id or self.pk

    @property
    def may_have_arrived(self) -> bool:
        """Whether a message with it may be there already: it goes again only as it went before."""
        return self.sent_again_at is not None or self.reason in self.SILENT

    def take_as_arrived(self, *, by: User) -> bool:
        """Note that its message arrived after all; False when that is no longer open."""
        uncertain = self._of_its_message().filter(state=self.State.UNCERTAIN)
        return bool(
            uncertain.update(state=self.State.SENT, settled_at=timezone.now(), settled_by=by)
        )

    def take_as_not_needed(self, *, by: User) -> bool:
        """Close it, whether its message arrived or not; False when it is not undecided."""
        return bool(
            self._of_its_message()
            .undecided()
            .update(
                state=self.State.CANCELLED,
                reason=self.Reason.NOT_NEEDED,
                settled_at=timezone.now(),
                settled_by=by,
            )
        )

    def send_again(self, *, by: User) -> bool:
        """Owe its message again from now on, as it was; False when it is not undecided.

        It is tried as often as the first time.
        """
        now = timezone.now()
        return bool(
            self._of_its_message()
            .undecided()
            .update(
                state=self.State.DUE,
                try_at=now,
                expires_at=None,
                settled_at=None,
                settled_by=None,
                sent_again_at=now,
                sent_again_by=by,
                attempts=0,
            )
        )

    def _of_its_message(self) -> ReminderQuerySet:
        """All that went in its message: one decision is about all of them."""
        number = self.message_number
        return Reminder.objects.filter(Q(pk=number) | Q(bundled_with=number))
