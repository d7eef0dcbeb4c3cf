"""What changes people's roles, invitations and addresses: each in one transaction."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from peersupport.accounts.addresses import ADDRESS_LINK_LASTS
from peersupport.accounts.models import (
    INVITATION_LASTS,
    AddressChange,
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
    """The address signs in already, with another organisation or as somebody else."""


class AddressLinkUsed(Exception):
    """The link has been used or replaced, is out of date, or is somebody else's."""


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


@transaction.atomic
def ask_for_address(person: User, email: str, *, by: User) -> AddressChange:
    """Note that `person` is to sign in with `email` once they confirm it.

    An earlier one that waits can be confirmed no more. Nobody is looked up, so that whoever asks
    cannot tell whether the address has an account.
    """
    old = _replace_what_waits(person)
    return AddressChange.objects.create(
        organisation_id=person.organisation_id,
        person=person,
        old_email=old,
        email=email,
        asked_by=by,
        expires_at=timezone.now() + ADDRESS_LINK_LASTS,
    )


@transaction.atomic
def confirm_address(change: AddressChange, *, by: User) -> None:
    """Let `by`, who is signed in, sign in with the new address from now on, and not the old one.

    Raises AddressLinkUsed when it cannot be confirmed, or not by them, and AddressTaken when the
    address is somebody else's by now.
    """
    mine = AddressChange.objects.open_for(by).filter(pk=change.pk)
    if not mine.update(confirmed_at=Now(), confirmed_by=by):
        raise AddressLinkUsed
    _move(by, change.email)


@transaction.atomic
def correct_address(person: User, email: str, *, by: User) -> None:
    """Give somebody who has never signed in another address at once. AddressTaken where it is."""
    now = timezone.now()
    AddressChange.objects.create(
        organisation_id=person.organisation_id,
        person=person,
        old_email=_replace_what_waits(person),
        email=email,
        asked_at=now,
        asked_by=by,
        expires_at=now,
        confirmed_at=now,
        confirmed_by=by,
    )
    _move(person, email)


def _replace_what_waits(person: User) -> str:
    """End what waits to be confirmed; the address there is now, which then cannot change."""
    old = User.objects.select_for_update(no_key=True).get(pk=person.pk).email
    person.address_changes.waiting().update(replaced_at=timezone.now())
    return old


def _move(person: User, email: str) -> None:
    """The old address no longer signs in or gets a password link."""
    try:
        with transaction.atomic():
            User.objects.filter(pk=person.pk).update(email=email)
    except IntegrityError as error:
        raise AddressTaken from error
    person.email = email
    EmailAddress.objects.filter(user=person).delete()
