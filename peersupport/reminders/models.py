"""Every e-mail owed to a person is one row here."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Organisation, User


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Questions about what is owed and what became of it."""

    def visible_to(self, user: User) -> Self:
        """Heads and IG auditors see the organisation's, everybody else their own."""
        reminders = self.filter(organisation_id=user.organisation_id)
        return reminders if user.is_head or user.is_ig_auditor else reminders.filter(recipient=user)


class Reminder(models.Model):
    """One e-mail owed to one person.

    `key` says what is owed in business terms, so that it is owed once however often it is planned.
    `about` holds ids only; the words are made when it is sent.
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

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)
    about = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    planned_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
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
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["due", "retry"]), name="reminders_owed"
            ),
            models.Index(
                fields=["claimed_until"],
                condition=Q(state__in=["claimed", "sending"]),
                name="reminders_in_hand",
            ),
            models.Index(fields=["organisation", "-due_at"], name="reminders_log"),
            models.Index(fields=["recipient", "-due_at"], name="reminders_of_person"),
        ]

    def __str__(self) -> str:
        return self.key
