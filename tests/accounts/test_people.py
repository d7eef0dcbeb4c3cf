"""Organisations, people and roles: the rules the database holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from peersupport.accounts.actions import LastHead, end_role, grant_role
from peersupport.accounts.models import Organisation, RecordRead, Role, RoleGrant, User
from tests import programme

pytestmark = pytest.mark.django_db


def test_an_address_is_one_person_whatever_its_capitals() -> None:
    where = programme.organisation()
    programme.psw(where, email="ana.jones@trust.example")

    with pytest.raises(IntegrityError, match="user_email_unique_whatever_its_capitals"):
        programme.psw(programme.organisation(), email="Ana.Jones@Trust.Example")


def test_a_person_is_found_by_e_mail_whatever_its_capitals() -> None:
    person = programme.psw(programme.organisation(), email="ana.jones@trust.example")

    assert User.objects.get_by_natural_key("ANA.JONES@trust.example") == person


@pytest.mark.parametrize(("known_as", "name"), [("", "Margaret Hughes"), ("Peggy", "Peggy Hughes")])
def test_a_person_is_called_what_they_are_known_as(known_as: str, name: str) -> None:
    person = User(given_name="Margaret", family_name="Hughes", known_as=known_as)

    assert person.name == name


def test_a_role_is_held_once_at_a_time() -> None:
    person = programme.psw(programme.organisation())

    with pytest.raises(IntegrityError, match="role_held_once_at_a_time"):
        RoleGrant.objects.create(organisation=person.organisation, person=person, role=Role.PSW)


def test_an_ended_role_is_kept_and_no_longer_held() -> None:
    where = programme.organisation()
    head, person = programme.head(where), programme.psw(where)

    end_role(person, Role.PSW, by=head)

    assert User.objects.get(pk=person.pk).roles == frozenset()
    grant = RoleGrant.objects.get(person=person)
    assert grant.ended_by == head
    assert grant.ended_at is not None


def test_granting_a_role_twice_leaves_one() -> None:
    where = programme.organisation()
    head, person = programme.head(where), programme.psw(where)

    grant_role(person, Role.SUPERVISOR, by=head)
    grant_role(person, Role.SUPERVISOR, by=head)

    assert person.role_grants.filter(role=Role.SUPERVISOR).count() == 1
    assert User.objects.get(pk=person.pk).roles == {Role.PSW, Role.SUPERVISOR}


def test_the_last_head_stays_until_there_is_another() -> None:
    where = programme.organisation()
    head = programme.head(where)
    programme.head(programme.organisation())

    with pytest.raises(LastHead, match="Make somebody else head of wellbeing first"):
        end_role(head, Role.HEAD, by=head)
    end_role(head, Role.HEAD, by=programme.head(where))

    assert User.objects.get(pk=head.pk).roles == frozenset()


@pytest.mark.parametrize(
    "facts", [{"password": "!"}, {"is_active": False}], ids=["never accepted", "no longer here"]
)
def test_a_head_who_cannot_sign_in_does_not_take_the_last_ones_place(
    facts: dict[str, object],
) -> None:
    where = programme.organisation()
    head, other = programme.head(where), programme.head(where)
    User.objects.filter(pk=other.pk).update(**facts)

    with pytest.raises(LastHead):
        end_role(head, Role.HEAD, by=head)
    end_role(other, Role.HEAD, by=head)

    assert User.objects.get(pk=head.pk).is_head
    assert not User.objects.get(pk=other.pk).is_head


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"ended_at": timezone.now() - timedelta(days=3650)}, "role_ended_after_it_was_granted"),
        ({"ended_by": "head"}, "role_ended_by_someone_at_some_time"),
    ],
)
def test_a_role_ends_by_somebody_and_not_before_it_began(
    change: dict[str, object], constraint: str
) -> None:
    where = programme.organisation()
    person = programme.psw(where)
    change = {
        field: programme.head(where) if value == "head" else value
        for field, value in change.items()
    }

    with pytest.raises(IntegrityError, match=constraint):
        person.role_grants.update(**change)


def _grant_by_a_stranger(ours: User, theirs: User) -> None:
    RoleGrant.objects.create(
        organisation=ours.organisation, person=ours, role=Role.HEAD, granted_by=theirs
    )


def _grant_to_a_stranger(ours: User, theirs: User) -> None:
    RoleGrant.objects.create(organisation=ours.organisation, person=theirs, role=Role.HEAD)


def _read_by_a_stranger(ours: User, theirs: User) -> None:
    RecordRead.objects.create(
        organisation=ours.organisation,
        reader=theirs,
        subject=ours,
        kind=RecordRead.Kind.SESSION,
        record_id=1,
        record_on=programme.today(),
    )


def _move(ours: User, theirs: User) -> None:
    User.objects.filter(pk=ours.pk).update(organisation=theirs.organisation)


def _at_once(cross: Callable[[User, User], None], ours: User, theirs: User) -> None:
    """Do it, and let the database check now what it checks at the end of a transaction."""
    cross(ours, theirs)
    connection.check_constraints()


@pytest.mark.parametrize(
    "cross", [_grant_by_a_stranger, _grant_to_a_stranger, _read_by_a_stranger, _move]
)
def test_nothing_crosses_the_wall_between_organisations(
    cross: Callable[[User, User], None],
) -> None:
    ours = programme.psw(programme.organisation())
    theirs = programme.psw(programme.organisation())

    with pytest.raises(IntegrityError, match="same_organisation"), transaction.atomic():
        _at_once(cross, ours, theirs)


@pytest.mark.parametrize("zone", ["Europe/Londn", "", "../etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused_with_a_sentence(zone: str) -> None:
    organisation = Organisation(name="A", slug="a", time_zone=zone)

    with pytest.raises(ValidationError) as refused:
        organisation.full_clean()

    assert list(refused.value.message_dict) == ["time_zone"]
