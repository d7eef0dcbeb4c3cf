"""How a programme of any size is divided among organisations, and on which days it meets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from cohorts.cadence import Cadence
from supervision.models import Session

SUPERVISEES = 12  # of one supervisor
MEMBERS = 20  # of one cohort
STAFF = 2  # a head and an auditor in each organisation
RHYTHMS = 49  # the last session was 1 to 49 days ago
CADENCE = Cadence(first_months=6, days_at_first=28, days_after=42)
CLOSE_TOGETHER = 6  # sessions of the first months


def working_day(day: date, *, step: int) -> date:
    """`day`, or at a weekend the next day (`step` 1) or the last (-1) that is not."""
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


@dataclass(frozen=True)
class Size:
    """How much there is to be, PSWs in all organisations together."""

    organisations: int
    psws: int
    sessions_each: int
    check_ins_each: int


@dataclass(frozen=True)
class Share:
    """One organisation's share of the programme, and how much the ones before it have."""

    number: int
    psws: int
    psws_before: int
    supervisors_before: int
    cohorts_before: int

    @property
    def supervisors(self) -> int:
        return -(-self.psws // SUPERVISEES)

    @property
    def cohorts(self) -> int:
        return -(-self.psws // MEMBERS)

    def after(self, psws: int) -> "Share":
        """The share of the next organisation, which has `psws`."""
        return Share(
            self.number + 1,
            psws,
            self.psws_before + self.psws,
            self.supervisors_before + self.supervisors,
            self.cohorts_before + self.cohorts,
        )


@dataclass(frozen=True)
class Rhythm:
    """The dates of those PSWs whose last session was equally long ago, and what came of each."""

    joined_on: date
    sessions: Sequence[tuple[date, str]]
    last_held_on: date | None
    next_due_on: date
    booked_on: date


class Psw(NamedTuple):
    """One PSW: which one of all, ids of theirs, and which one of their supervisor's."""

    number: int
    person: int
    organisation: int
    head: int
    cohort: int
    supervisor: int
    place: int

    @property
    def rhythm(self) -> int:
        """Which of the rhythms is theirs; neighbours have different ones."""
        return self.number * 17 % RHYTHMS

    @property
    def is_supervised(self) -> bool:
        """Nobody supervises one in fifty any more."""
        return self.number % 50 != 17

    @property
    def is_paused(self) -> bool:
        return self.number % 40 == 9

    @property
    def has_booked(self) -> bool:
        return self.number % 2 == 0 and self.is_supervised


def shares(size: Size) -> list[Share]:
    """The organisations, as equal as they can be."""
    ends = [size.psws * at // size.organisations for at in range(size.organisations + 1)]
    first, *others = (end - begin for begin, end in pairwise(ends))
    return list(accumulate(others, Share.after, initial=Share(0, first, 0, 0, 0)))


def rhythms(sessions_each: int, today: date) -> list[Rhythm]:
    """All rhythms there are, which differ in how long ago the last session was."""
    return [
        _rhythm(today - timedelta(days=days_ago), sessions_each, today)
        for days_ago in range(1, RHYTHMS + 1)
    ]


def _rhythm(last_on: date, number: int, today: date) -> Rhythm:
    """`number` sessions, the last about `last_on`, as far apart as the cadence says."""
    after = [
        min(at, CLOSE_TOGETHER) * CADENCE.days_at_first
        + max(at - CLOSE_TOGETHER, 0) * CADENCE.days_after
        for at in range(number + 1)
    ]
    joined_on, *days = (
        working_day(last_on - timedelta(days=after[-1] - passed), step=-1) for passed in after
    )
    last_held_on = days[-1] if days else None
    due_on = CADENCE.next_due_on(in_role_since=joined_on, counted_from=last_held_on or joined_on)
    return Rhythm(
        joined_on=joined_on,
        sessions=[(day, _outcome(number - at)) for at, day in enumerate(days, start=1)],
        last_held_on=last_held_on,
        next_due_on=due_on,
        booked_on=working_day(max(due_on, today + timedelta(days=1)), step=1),
    )


def _outcome(from_last: int) -> str:
    """Of nine sessions one was not held; the last always was."""
    return Session.Outcome.NOT_HELD if from_last % 9 == 4 else Session.Outcome.HELD
