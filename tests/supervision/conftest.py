"""A clock that stands still, and a supervisor with people."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from time_machine import TimeMachineFixture

from cohorts.models import Cohort
from peersupport.accounts.models import Organisation, User
from tests import programme

LONDON = ZoneInfo("Europe/London")


def at(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An instant, as the clocks of London say it."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


@pytest.fixture
def monday_morning(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """Monday 23 November 2026, 09:00 in London; the clock stands still."""
    time_machine.move_to(at(2026, 11, 23, 9), tick=False)
    return time_machine


@dataclass
class Team:
    """A supervisor, and the peer support workers whom they supervise."""

    organisation: Organisation
    cohort: Cohort
    supervisor: User
    blessing: User
    rhys: User
    head: User


@pytest.fixture
def team(db: None, monday_morning: TimeMachineFixture) -> Team:
    """Anwen supervises Blessing and Rhys, who joined on 1 June 2026."""
    return make_team()


def make_team() -> Team:
    where = programme.organisation()
    supervisor = programme.supervisor(where, given_name="Anwen", family_name="Haddad")
    cohort = programme.cohort(where, name="Spring 2026", starts_on=date(2026, 6, 1))
    return Team(
        organisation=where,
        cohort=cohort,
        supervisor=supervisor,
        blessing=programme.supervised_psw(
            supervisor, cohort, given_name="Blessing", family_name="Adeyemi"
        ),
        rhys=programme.supervised_psw(
            supervisor, cohort, given_name="Rhys", family_name="Kowalska"
        ),
        head=programme.head(where, given_name="Joanna", family_name="Kaur"),
    )
