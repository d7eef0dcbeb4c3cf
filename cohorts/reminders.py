"""E-mails of the programme's people: invitations. And who is not written to at present."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.models import TAKING_PART, Membership
from peersupport.accounts.models import Invitation, User
from peersupport.reminders.kinds import Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder


class Standing:
    """Where each of these workers stands with the programme; one query."""

    def __init__(self, workers: Iterable[int], since: date) -> None:
        memberships = Membership.objects.current(since).filter(worker__in=set(workers))
        self.memberships: dict[int, list[Membership]] = {}
        for membership in memberships.order_by("joined_on"):
            self.memberships.setdefault(membership.worker_id, []).append(membership)

    def why_not(self, worker: int, on: date, stages: Sequence[str] = TAKING_PART) -> NotOwed | None:
        """Why nothing is sent about `worker` on this day; None when they take part in it."""
        for membership in self.memberships.get(worker, []):
            left_on = membership.left_on
            if membership.joined_on <= on and (left_on is None or on < left_on):
                if membership.stage in stages:
                    return None
                if membership.stage == Membership.Stage.PAUSED:
                    return NotOwed(Reminder.Reason.PAUSED)
        return NotOwed(Reminder.Reason.LEFT)


@register
class InvitationKind(Kind):
    """The link with which a person chooses a password. Owed by the action that invites."""

    name = "invitation"
    subject = _("Your invitation to peer support")
    words = _(
        "You are invited to the peer support programme's service. Choose a password to sign in. "
        "The link works once, until {until}."
    )
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "until": Placeholder(_("until when the link works"), _("Tuesday 1 December, 09:00"))
    }
    button = _("Choose a password")
    why = _(
        "You get this because somebody who runs the programme invited you. If you do not expect "
        "it, do nothing."
    )
    waits_for_office_hours = False
    bundled = False

    @staticmethod
    def key_of(invitation: Invitation) -> str:
        """What says that its newest link is owed; not the link, which everybody could then use."""
        return f"invitation:{invitation.pk}:{invitation.generation}"

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        owing = Invitation.objects.filter(reminders__in=[reminder.pk for reminder in reminders])
        invitations = {invitation.pk: invitation for invitation in owing}
        gone = self._gone(invitations.values())
        return {
            reminder.pk: NotOwed(Reminder.Reason.LEFT)
            if reminder.invitation_id in gone
            else self._one(reminder, invitations[reminder.invitation_id], now)
            for reminder in reminders
            if reminder.invitation_id in invitations
        }

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        return {"until": date_format(timezone.localtime(facts["until"]), "l j F, H:i")}

    def _gone(self, invitations: Collection[Invitation]) -> set[int]:
        """Those for people of the organisation who are no longer here.

        Of people of another organisation nothing is asked: the log must not tell them apart.
        """
        addresses = [invitation.email.lower() for invitation in invitations]
        inactive = set(
            User.objects.annotate(address=Lower("email"))
            .filter(address__in=addresses, is_active=False)
            .values_list("organisation", "address")
        )
        return {
            invitation.pk
            for invitation in invitations
            if (invitation.organisation_id, invitation.email.lower()) in inactive
        }

    def _one(
        self, reminder: Reminder, invitation: Invitation, now: datetime
    ) -> dict[str, Any] | NotOwed:
        if invitation.accepted_at is not None:
            return NotOwed(Reminder.Reason.DONE)
        if invitation.withdrawn_at is not None:
            return NotOwed(Reminder.Reason.CALLED_OFF)
        if invitation.expires_at <= now:
            return NotOwed(Reminder.Reason.EXPIRED)
        if reminder.key != self.key_of(invitation):
            return NotOwed(Reminder.Reason.REPLACED)
        return {
            "link": link_to(reverse("invitation-accept", args=[invitation.key])),
            "until": invitation.expires_at,
        }
