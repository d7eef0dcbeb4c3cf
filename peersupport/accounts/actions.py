"""What changes people's roles and invitations: each in one transaction."""

from dataclasses import dataclass

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
    """The link has been used, replaced or is out of date."""


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


def prepare_invitation(
    invitee: Invitee, *, organisation: Organisation, by: User | None
) -> tuple[Invitation, User | None]:
    """Write or renew the invitation of an address, and the person it will let in.

    There is no person when the address belongs to another organisation: the invitation then looks
    like any other to the one who invites, and nothing is sent.
    """
    email = invitee.email.strip().lower()
    names = {"given_name": invitee.given_name, "family_name": invitee.family_name}
    invitation, is_new = Invitation.objects.select_for_update().get_or_create(
        organisation=organisation,
        email=email,
        accepted_at=None,
        defaults={
            **names,
            "role": invitee.role,
            "invited_by": by,
            "expires_at": timezone.now() + INVITATION_LASTS,
        },
    )
    if not is_new:
        invitation.renew(by=by)
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        person = User.objects.create_user(email, organisation=organisation, **names)
    if person.organisation_id != organisation.pk:
        return invitation, None
    grant_role(person, invitee.role, by=by)
    return invitation, person


@transaction.atomic
def accept_invitation(invitation: Invitation, *, password: str) -> User:
    """Use the link once: set the password of the person invited.

    Raises InvitationUsed when somebody was faster, or when the link has run out meanwhile.
    """
    used = (
        Invitation.objects.open()
        .filter(pk=invitation.pk, generation=invitation.generation)
        .update(accepted_at=Now())
    )
    person = User.objects.filter(
        organisation=invitation.organisation_id, email__iexact=invitation.email, is_active=True
    ).first()
    if not used or person is None:
        raise InvitationUsed
    person.set_password(password)
    person.save(update_fields=["password"])
    return person
