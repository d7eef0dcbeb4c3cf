"""What changes people's roles and invitations: each in one transaction."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from peersupport.accounts.models import (
    INVITATION_LASTS,
    Invitation,
    Organisation,
    Role,
    RoleGrant,
    User,
)


class LastHead(Exception):
    """An organisation must keep a head of wellbeing who can sign in."""


class InvitationUsed(Exception):
    """The link has been used, replaced or withdrawn, or is out of date."""


class AddressTaken(Exception):
    """The address signs in with another organisation."""


@transaction.atomic
def grant_role(person: User, role: str, *, by: User | None) -> None:
    """Give `person` the role, unless they hold it already."""
    if not person.role_grants.current().filter(role=role).exists():
        RoleGrant.objects.create(
            organisation=person.organisation, person=person, role=role, granted_by=by
        )


@transaction.atomic
def end_role(person: User, role: str, *, by: User) -> None:
    """Take the role from `person` now.

    Raises LastHead when nobody would be left who can sign in and run the programme. Locks the
    organisation's heads, so that two heads cannot end each other's role at once.
    """
    heads = RoleGrant.objects.current().filter(organisation=person.organisation, role=Role.HEAD)
    others = set(heads.select_for_update().values_list("person", flat=True)) - {person.pk}
    able = User.objects.get_queryset().able_to_sign_in().filter(pk__in=others)
    if role == Role.HEAD and not able.exists():
        raise LastHead(_("Make somebody else head of wellbeing first, and let them sign in once"))
    person.role_grants.current().filter(role=role).update(ended_at=timezone.now(), ended_by=by)


@dataclass(frozen=True)
class Invitee:
    """Whom to invite, and as what."""

    email: str
    given_name: str
    family_name: str
    role: str


@transaction.atomic
def prepare_invitation(
    invitee: Invitee, *, organisation: Organisation, by: User | None
) -> Invitation:
    """Write the invitation of an address, or renew it as it is said now.

    Nobody is looked up and nobody is made, so that the one who invites cannot tell whether the
    address has an account with another organisation.
    """
    facts = {
        "given_name": invitee.given_name,
        "family_name": invitee.family_name,
        "role": invitee.role,
    }
    invitation, is_new = Invitation.objects.select_for_update().get_or_create(
        organisation=organisation,
        email=invitee.email.strip().lower(),
        accepted_at=None,
        withdrawn_at=None,
        defaults={
            **facts,
            "invited_by": by,
            "expires_at": timezone.now() + INVITATION_LASTS,
        },
    )
    if not is_new:
        invitation.renew(by=by, **facts)
    return invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, *, password: str) -> User:
    """Use the link once: the person invited has this password and the role from now on.

    Raises InvitationUsed when somebody was faster, or when the link has run out meanwhile, and
    AddressTaken when the address is a person's of another organisation, who stays as they are.
    """
    used = (
        Invitation.objects.open()
        .filter(pk=invitation.pk, generation=invitation.generation)
        .update(accepted_at=Now())
    )
    if not used:
        raise InvitationUsed
    person = _person_invited(invitation)
    person.set_password(password)
    person.save(update_fields=["password"])
    since = person.role_grants.filter(role=invitation.role, ended_at__gte=invitation.invited_at)
    if not since.exists():  # a head who has ended the role meanwhile has the last word
        grant_role(person, invitation.role, by=invitation.invited_by)
    return person


def _person_invited(invitation: Invitation) -> User:
    """Whoever has the address, locked; a new person where nobody has."""
    person, _is_new = User.objects.select_for_update(no_key=True).get_or_create(
        email__iexact=invitation.email,
        defaults={
            "organisation": invitation.organisation,
            "email": invitation.email,
            "given_name": invitation.given_name,
            "family_name": invitation.family_name,
            "password": make_password(None),
        },
    )
    if person.organisation_id != invitation.organisation_id:
        raise AddressTaken
    if not person.is_active:
        raise InvitationUsed
    return person
