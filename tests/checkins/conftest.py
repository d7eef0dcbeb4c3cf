"""The people of the check-in tests."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from checkins.models import CheckIn
from cohorts.models import Cohort
from peersupport.accounts.models import Organisation, User
from tests import programme

ANSWERS = {"energy": 6, "strain": 4, "supported": 8}


@dataclass(frozen=True)
class People:
    """One organisation: a head, a cohort, and Blessing whom Anwen supervises."""

    where: Organisation
    head: User
    cohort: Cohort
    anwen: User
    blessing: User


@pytest.fixture
def people(db: None) -> People:
    where = programme.organisation()
    cohort = programme.cohort(where)
    anwen = programme.supervisor(where, given_name="Anwen", family_name="Haddad")
    return People(
        where=where,
        head=programme.head(where, given_name="Morgan", family_name="Reid"),
        cohort=cohort,
        anwen=anwen,
        blessing=programme.supervised_psw(
            anwen, cohort, given_name="Blessing", family_name="Adeyemi"
        ),
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def check_in(worker: User, *, days_ago: int = 0, **facts: Any) -> CheckIn:
    """A check-in as saving writes it, so many days ago."""
    facts = {"instrument": "pulse", "answers": ANSWERS, "score": Decimal("66.67"), **facts}
    return CheckIn.objects.create(
        organisation=worker.organisation,
        worker=worker,
        answered_on=timezone.localdate() - timedelta(days=days_ago),
        **facts,
    )
