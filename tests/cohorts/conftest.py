"""What the tests of cohorts share: a morning that stands still, and a small organisation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cohorts.models import Cohort
from peersupport.accounts.models import Organisation, User
from tests import programme

MONDAY = date(2026, 11, 23)


@pytest.fixture
def monday_morning() -> Iterator[time_machine.Traveller]:
    """Monday 23 November 2026, 09:20 in London, until the test moves on."""
    morning = datetime(2026, 11, 23, 9, 20, tzinfo=ZoneInfo("Europe/London"))
    with time_machine.travel(morning, tick=False) as traveller:
        yield traveller


@dataclass
class Riverside:
    """An organisation with a head, two supervisors and two cohorts that run."""

    organisation: Organisation
    head: User
    anwen: User
    leila: User
    winter: Cohort
    autumn: Cohort

    def psw(self, given_name: str = "Ruth", **facts: object) -> User:
        return programme.psw(self.organisation, given_name=given_name, **facts)


@pytest.fixture
def riverside(db: None, monday_morning: time_machine.Traveller) -> Riverside:
    where = programme.organisation("Riverside")
    return Riverside(
        organisation=where,
        head=programme.head(where, given_name="Joanna", family_name="Kaur"),
        anwen=programme.supervisor(where, given_name="Anwen", family_name="Haddad"),
        leila=programme.supervisor(where, given_name="Leila", family_name="Pugh"),
        winter=programme.cohort(where, name="Winter 2026", starts_on=MONDAY, capacity=4),
        autumn=programme.cohort(where, name="Autumn 2025", starts_on=date(2025, 10, 1)),
    )
