"""Another address for somebody: what is written, and the e-mails it owes, in one transaction."""

from django.db import transaction

from cohorts.invitations import invite
from cohorts.reminders import AddressAsked, NewAddress
from peersupport.accounts.actions import Invitee, ask_for_address, correct_address
from peersupport.accounts.models import AddressChange, Invitation, User
from peersupport.reminders.outbox import owe


@transaction.atomic
def ask(person: User, email: str, *, by: User) -> AddressChange:
    """Send the link to the new address; where the person asks themself, tell the old one too."""
    change = ask_for_address(person, email, by=by)
    kinds = [NewAddress, AddressAsked] if change.by_themself else [NewAddress]
    for kind in kinds:
        key = f"{kind.name}:{change.pk}"
        owe(kind=kind.name, key=key, recipient=person, about={"address_change": change.pk})
    return change


@transaction.atomic
def mend(person: User, email: str, *, by: User) -> bool:
    """Put a wrong address right, for a head; whether it holds already.

    An account that its owner has taken up changes only when they confirm it. Another one changes at
    once, and an invitation that went to the wrong address goes to this one. Raises AddressTaken.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if person.is_taken_up:
        ask(person, email, by=by)
        return False
    waiting = Invitation.objects.waiting().filter(
        organisation=person.organisation_id, email__iexact=person.email
    )
    correct_address(person, email, by=by)
    for invitation in waiting:
        invitation.withdraw(by=by)
        names = (invitation.given_name, invitation.family_name)
        invite(Invitee(email, *names, invitation.role), organisation=person.organisation, by=by)
    return True
