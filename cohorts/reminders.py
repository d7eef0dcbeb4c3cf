"""E-mails of the programme's people: invitations, and changes of an address.

And who is not written to at present.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.models import TAKING_PART, Leave, Membership
from peersupport.accounts.models import AddressChange, Invitation, User
from peersupport.reminders import absences
from peersupport.reminders.kinds import Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder

absences.register("SELECT person_id, starts_on, ends_on FROM cohorts_leave")


class Standing:
    """Where each of these people stands with the programme; two queries."""

    def __init__(self, people: Iterable[int], since: date) -> None:
        people = set(people)
        memberships = Membership.objects.current(since).filter(worker__in=people)
        self.memberships: dict[int, list[Membership]] = {}
        for membership in memberships.order_by("joined_on"):
            self.memberships.setdefault(membership.worker_id, []).append(membership)
        self.leaves: dict[int, list[Leave]] = {}
        for leave in Leave.objects.filter(person__in=people, ends_on__gte=since):
            self.leaves.setdefault(leave.person_id, []).append(leave)

    def is_away(self, person: int, on: date) -> bool:
        return any(leave.starts_on <= on <= leave.ends_on for leave in self.leaves.get(person, []))

    def why_not(self, worker: int, on: date, stages: Sequence[str] = TAKING_PART) -> NotOwed | None:
        """Why nothing is sent about `worker` on this day; None when they take part in it."""
        for membership in self.memberships.get(worker, []):
            left_on = membership.left_on
            if membership.joined_on <= on and (left_on is None or on < left_on):
                if membership.stage in stages:
                    return NotOwed(Reminder.Reason.ON_LEAVE) if self.is_away(worker, on) else None
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


class OfAddressChange(Kind):
    """About a change of the address somebody signs in with, at once."""

    stays_on = _("It stays on: it keeps an account safe.")
    may_be_worded = False
    waits_for_office_hours = False
    bundled = False

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        changes = AddressChange.objects.in_bulk({one.about["address_change"] for one in reminders})
        return {
            reminder.pk: self.one(changes[reminder.about["address_change"]])
            for reminder in reminders
            if reminder.about["address_change"] in changes
        }

    def one(self, change: AddressChange) -> dict[str, Any] | NotOwed:
        """The facts of one change."""
        raise NotImplementedError


@register
class NewAddress(OfAddressChange):
    """To the new address: the link with which its owner, signed in, confirms it."""

    name = "new_address"
    subject = _("Your new e-mail address")
    words = _(
        "This address is to be yours for the peer support programme's service. Open the link, sign "
        "in as you do now, and confirm it. The link works once, until {until}."
    )
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "until": Placeholder(_("until when the link works"), _("Tuesday 1 December, 09:00"))
    }
    button = _("Confirm the address")
    why = _("You get this because this address was entered there. If it was not yours, do nothing.")

    def one(self, change: AddressChange) -> dict[str, Any] | NotOwed:
        if change.confirmed_at is not None:
            return NotOwed(Reminder.Reason.DONE)
        if change.replaced_at is not None:
            return NotOwed(Reminder.Reason.REPLACED)
        if not change.works:
            return NotOwed(Reminder.Reason.EXPIRED)
        link = link_to(reverse("address-confirm", args=[change.key]))
        return {"to": change.email, "until": change.expires_at, "link": link}

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        return {"until": date_format(timezone.localtime(facts["until"]), "l j F, H:i")}


@register
class AddressAsked(OfAddressChange):
    """To the old address, where its owner asked: in case it was not them. It says no address."""

    name = "address_asked"
    subject = _("Your e-mail address")
    words = _(
        "Somebody with your password has asked to use another e-mail address for signing in to the "
        "peer support programme's service. If it was you, there is nothing to do here. If it was "
        "not, change your password now, and tell your head of wellbeing."
    )
    button = _("Change my password")
    why = _("You get this because you sign in with this address.")

    def one(self, change: AddressChange) -> dict[str, Any] | NotOwed:
        return {"to": change.old_email, "link": link_to(reverse("account_change_password"))}
