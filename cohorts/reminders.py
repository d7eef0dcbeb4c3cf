"""E-mails of the programme's people: invitations. And who is not written to at present."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cohorts.models import TAKING_PART, Membership
from peersupport.accounts.models import Invitation
from peersupport.reminders.kinds import Kind, NotOwed, link_to, register
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
    waits_for_office_hours = False

    @staticmethod
    def key_of(invitation: Invitation) -> str:
        """What says that its newest link is owed; not the link, which everybody could then use."""
        return f"invitation:{invitation.pk}:{invitation.generation}"

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        asked = {reminder.about["invitation"] for reminder in reminders}
        invitations = Invitation.objects.in_bulk(asked)
        return {
            reminder.pk: self._one(reminder, invitations[reminder.about["invitation"]], now)
            for reminder in reminders
            if reminder.about["invitation"] in invitations
        }

    def _one(
        self, reminder: Reminder, invitation: Invitation, now: datetime
    ) -> dict[str, Any] | NotOwed:
        if invitation.accepted_at is not None:
            return NotOwed(Reminder.Reason.DONE)
        if invitation.expires_at <= now:
            return NotOwed(Reminder.Reason.EXPIRED)
        if reminder.key != self.key_of(invitation):
            return NotOwed(Reminder.Reason.REPLACED)
        return {
            "link": link_to(reverse("invitation-accept", args=[invitation.key])),
            "until": invitation.expires_at,
        }
