"""Inviting people to sign in: the invitation and the e-mail it owes are written together."""

from django.db import transaction

from cohorts.reminders import InvitationKind
from peersupport.accounts.actions import Invitee, prepare_invitation
from peersupport.accounts.models import Invitation, Organisation, Role, RoleGrant, User
from peersupport.reminders.outbox import owe

# The role an invitation names when the roster gave several.
_FIRST = (Role.HEAD, Role.SUPERVISOR, Role.PSW, Role.IG_AUDITOR)


@transaction.atomic
def invite(invitee: Invitee, *, organisation: Organisation, by: User | None) -> Invitation:
    """Invite an address for seven days; an earlier link to it stops working.

    `by` is None for an organisation's first head, whom the operator invites.
    """
    invitation = prepare_invitation(invitee, organisation=organisation, by=by)
    _send(invitation)
    return invitation


@transaction.atomic
def invite_everyone(by: User) -> int:
    """Invite everybody of the organisation who can sign in but never has; say how many.

    People with an invitation that still works are left alone.
    """
    invited = Invitation.objects.open().filter(organisation=by.organisation)
    people = (
        User.objects.filter(organisation=by.organisation, is_active=True, last_login=None)
        .filter(pk__in=RoleGrant.objects.current().values("person"))
        .exclude(email__in=invited.values("email"))
        .exclude(pk=by.pk)
        .prefetch_related("role_grants")
    )
    for person in people:
        held = {grant.role for grant in person.role_grants.all() if grant.ended_at is None}
        role = next(role for role in _FIRST if role in held)
        invitee = Invitee(person.email, person.given_name, person.family_name, role)
        invite(invitee, organisation=by.organisation, by=by)
    return len(people)


@transaction.atomic
def send_again(invitation: Invitation, *, by: User | None = None) -> None:
    """Renew the link and send it; also for a person who lost theirs and asks (`by` is None)."""
    invitation.renew(by=by)
    _send(invitation)


def _send(invitation: Invitation) -> None:
    key = InvitationKind.key_of(invitation)
    owe(kind=InvitationKind.name, key=key, recipient=invitation)
