"""What the database holds about changes of an address."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from peersupport.accounts.actions import ask_for_address
from peersupport.accounts.models import AddressChange, User
from tests import programme

pytestmark = pytest.mark.django_db

OLD, NEW = "ana@trust.example", "ana.new@trust.example"


@pytest.fixture
def ana() -> User:
    return programme.psw(programme.organisation(), email=OLD)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"email": OLD}, "address_change_to_another_address"),
        ({"confirmed_at": timezone.now()}, "address_change_confirmed_by_someone"),
        ({"confirmed_by": "ana"}, "address_change_confirmed_by_someone"),
        (
            {
                "confirmed_at": timezone.now(),
                "confirmed_by": "ana",
                "replaced_at": timezone.now(),
            },
            "address_change_confirmed_or_replaced",
        ),
    ],
)
def test_the_database_takes_no_other_change(ana: User, facts: dict[str, object], name: str) -> None:
    change = ask_for_address(ana, NEW, by=ana)
    if "confirmed_by" in facts:
        facts = {**facts, "confirmed_by": ana}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AddressChange.objects.filter(pk=change.pk).update(**facts)


def test_one_change_waits_at_a_time(ana: User) -> None:
    facts = AddressChange.objects.filter(pk=ask_for_address(ana, NEW, by=ana).pk).values().get()
    del facts["id"]

    with pytest.raises(IntegrityError, match="address_change_one_waiting"), transaction.atomic():
        AddressChange.objects.create(**facts)
