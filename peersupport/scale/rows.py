"""A programme of any size, as rows to be copied into the database.

Nothing is drawn by lot: person 4,711 is the same in every run of one day. What depends on dates
alone is worked out once for each of a few rhythms, so that a row costs one formatted string.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from checkins import instruments
from cohorts.models import Cohort, Membership, SupervisorAssignment
from peersupport.accounts.models import Nation, Organisation, Role
from peersupport.scale.shape import (
    CADENCE,
    MEMBERS,
    STAFF,
    SUPERVISEES,
    Psw,
    Rhythm,
    Share,
    Size,
    rhythms,
    shares,
)
from supervision.models import Session, Theme

ZONE = "Europe/London"
GIVEN = ["Aisha", "Bethan", "Chidi", "Deepa", "Fiona", "Gareth", "Hamza", "Iona", "Malik", "Rosa"]
NAMES_BEGIN = ["Ash", "Brad", "Cal", "Dun", "Fen", "Hal", "Kel", "Lang", "Mor", "Pen", "Red", "Win"]
NAMES_END = ["bourne", "by", "croft", "dale", "ford", "gate", "ley", "more", "ton", "well", "wick"]
FAMILY = [begin + end for begin in NAMES_BEGIN for end in NAMES_END]
SITES = ["Riverside", "Castle Hill", "Northgate", "Harbour", "Meadow", "Mill Lane", "Abbey"]
TEAMS = ["Wards", "Theatres", "Community", "Outpatients", "Pharmacy", "Estates", "Emergency"]
STAFF_GROUPS = ["Nursing", "Administration", "Therapies", "Medical", "Estates", "Science"]
WEEKS = ["{Mon,Tue,Wed,Thu,Fri}", "{Mon,Tue,Thu}", "{Wed,Thu,Fri}", "{Mon,Wed,Fri,Sat}"]

NOTHING = r"\N"  # NULL, as COPY writes it


def line(*cells: object) -> str:
    """One row as COPY reads it. No cell here has anything to escape."""
    return "\t".join(NOTHING if cell is None else str(cell) for cell in cells) + "\n"


class Programme:
    """The rows of every table; `first` says, by table, from where ids are free.

    Each method that gives rows gives them as COPY reads them, in the order of TABLES.
    """

    def __init__(
        self, size: Size, slugs: Sequence[str], *, today: date, first: Mapping[str, int]
    ) -> None:
        self.size = size
        self.slugs = slugs
        self.today = today
        self.first = first
        self.shares = shares(size)
        self.rhythms = rhythms(size.sessions_each, today)
        self.starts_on = min(rhythm.joined_on for rhythm in self.rhythms)

    def _organisation(self, share: Share) -> int:
        return self.first["accounts_organisation"] + share.number

    def _head(self, share: Share) -> int:
        """The first of the organisation's people; its auditor, supervisors and PSWs follow."""
        before = share.number * STAFF + share.supervisors_before + share.psws_before
        return self.first["accounts_user"] + before

    def people(self) -> Iterator[tuple[int, Share, Role]]:
        """Id, organisation and role of everybody, by id."""
        for share in self.shares:
            person = self._head(share)
            for role, number in (
                (Role.HEAD, 1),
                (Role.IG_AUDITOR, STAFF - 1),
                (Role.SUPERVISOR, share.supervisors),
                (Role.PSW, share.psws),
            ):
                for _ in range(number):
                    yield person, share, role
                    person += 1

    def psws(self) -> Iterator[Psw]:
        """All PSWs, by number and by id."""
        for share in self.shares:
            organisation, head = self._organisation(share), self._head(share)
            supervisor = head + STAFF
            person = supervisor + share.supervisors
            cohort = self.first["cohorts_cohort"] + share.cohorts_before
            for at in range(share.psws):
                yield Psw(
                    number=share.psws_before + at,
                    person=person + at,
                    organisation=organisation,
                    head=head,
                    cohort=cohort + at // MEMBERS,
                    supervisor=supervisor + at // SUPERVISEES,
                    place=at % SUPERVISEES,
                )

    def organisations(self) -> Iterator[str]:
        for share in self.shares:
            number = self._organisation(share)
            slug = self.slugs[share.number]
            rule = Organisation.LineManagerRule.REFUSE
            yield line(number, f"Organisation {number}", slug, ZONE, Nation.ENGLAND, rule)

    def users(self) -> Iterator[str]:
        """Nobody has a password."""
        for person, share, _role in self.people():
            given, family = GIVEN[person % len(GIVEN)], FAMILY[person // 3 % len(FAMILY)]
            email = f"{given}.{family}.{person}@{self.slugs[share.number]}.example".lower()
            organisation = self._organisation(share)
            yield line(person, "!", email, given, family, "", "t", self.starts_on, organisation)

    def role_grants(self) -> Iterator[str]:
        offset = self.first["accounts_rolegrant"] - self.first["accounts_user"]
        for person, share, role in self.people():
            yield line(person + offset, role, self.starts_on, self._organisation(share), person)

    def roster_entries(self) -> Iterator[str]:
        offset = self.first["cohorts_rosterentry"] - self.first["accounts_user"]
        for person, share, _role in self.people():
            yield line(
                person + offset,
                10_000_000 + person,
                STAFF_GROUPS[person % len(STAFF_GROUPS)],
                3 + person % 6,
                SITES[person % len(SITES)],
                TEAMS[person // 5 % len(TEAMS)],
                f"manager{person // 40}@manager.example",
                WEEKS[person % len(WEEKS)],
                self.starts_on,
                self._organisation(share),
                person,
            )

    def cohorts(self) -> Iterator[str]:
        for share in self.shares:
            for number in range(share.cohorts):
                yield line(
                    self.first["cohorts_cohort"] + share.cohorts_before + number,
                    f"Cohort {number + 1}",
                    Cohort.Stage.ACTIVE,
                    self.starts_on,
                    MEMBERS,
                    CADENCE.first_months,
                    CADENCE.days_at_first,
                    CADENCE.days_after,
                    self._organisation(share),
                )

    def memberships(self) -> Iterator[str]:
        for psw in self.psws():
            joined_on = self.rhythms[psw.rhythm].joined_on
            yield line(
                self.first["cohorts_membership"] + psw.number,
                Membership.Stage.PAUSED if psw.is_paused else Membership.Stage.ACTIVE,
                joined_on,
                f"manager{psw.person // 40}@manager.example",
                joined_on,
                psw.cohort,
                psw.organisation,
                psw.head,
                psw.person,
            )

    def assignments(self) -> Iterator[str]:
        """Since joining; of those whom nobody supervises any more, until the last session."""
        for psw in self.psws():
            rhythm = self.rhythms[psw.rhythm]
            last_day = rhythm.last_held_on or rhythm.joined_on
            yield line(
                self.first["cohorts_supervisorassignment"] + psw.number,
                SupervisorAssignment.Purpose.LIGHT_TOUCH,
                rhythm.joined_on,
                None if psw.is_supervised else last_day + timedelta(days=1),
                rhythm.joined_on,
                rhythm.last_held_on,
                rhythm.next_due_on if psw.is_supervised else None,
                psw.head,
                self.first["cohorts_membership"] + psw.number,
                psw.organisation,
                psw.supervisor,
                psw.person,
            )

    def sessions(self) -> Iterator[str]:
        """Those that have been, logged straight away; then those that are booked."""
        logged = [self._logged(rhythm) for rhythm in self.rhythms]
        session = self.first["supervision_session"]
        for psw in self.psws():
            whose = f"{psw.organisation}\t{psw.supervisor}"
            for what in logged[psw.rhythm]:
                yield f"{session}\t{whose}\t{what}\t{psw.supervisor}\n"
                session += 1
        for psw in self.psws():
            if psw.has_booked:
                yield line(
                    session + psw.number, psw.organisation, psw.supervisor, *self._booked(psw)
                )

    @staticmethod
    def _logged(rhythm: Rhythm) -> list[str]:
        """What the sessions of all who share a rhythm have in common: the middle of their rows."""
        modes, themes = Session.Mode.values, Theme.values
        rows = []
        for at, (day, outcome) in enumerate(rhythm.sessions):
            held = outcome == Session.Outcome.HELD
            theme = f"{{{themes[at % len(themes)]}}}" if held else "{}"
            cells = [Session.Kind.ONE_TO_ONE, modes[at % len(modes)], day, None, None, 20, outcome]
            rows.append(line(*cells, theme, "", None, None, f"{day} 17:00").rstrip("\n"))
        return rows

    def _booked(self, psw: Psw) -> list[object]:
        """Each has a half-hour of the day of their own, so that no two sessions overlap."""
        day = self.rhythms[psw.rhythm].booked_on
        starts_at = datetime.combine(day, time(9)) + psw.place * timedelta(minutes=30)
        ends_at = starts_at + timedelta(minutes=20)
        kind, mode = Session.Kind.ONE_TO_ONE, Session.Mode.VIDEO
        booked = [self.today - timedelta(days=1), psw.supervisor]
        logged = [None, None]
        return [kind, mode, day, starts_at, ends_at, 20, "", "{}", "", *booked, *logged]

    def attendances(self) -> Iterator[str]:
        """One for each session, in the same order."""
        offset = self.first["supervision_session"] - self.first["supervision_attendance"]
        number = self.first["supervision_attendance"]
        for psw in self.psws():
            for _ in range(self.size.sessions_each):
                yield f"{number}\tt\t{psw.organisation}\t{psw.person}\t{number + offset}\n"
                number += 1
        for psw in self.psws():
            if psw.has_booked:
                own = number + psw.number
                yield line(own, "t", psw.organisation, psw.person, own + offset)

    def check_ins(self) -> Iterator[str]:
        """One a week, the last in the week that ended yesterday."""
        answers = self._answers()
        days = [
            self.today - timedelta(days=ago) for ago in range(1, 8 + 7 * self.size.check_ins_each)
        ]
        number = self.first["checkins_checkin"]
        for psw in self.psws():
            for at, day in enumerate(days[psw.number % 7 :: 7][: self.size.check_ins_each]):
                what = answers[(psw.number * 5 + at * 3) % len(answers)]
                yield f"{number}\t{what}\t{day}\t{day} 12:00\t{psw.organisation}\t{psw.person}\n"
                number += 1

    @staticmethod
    def _answers() -> list[str]:
        """Forty ways to answer the pulse: the middle of a row."""
        pulse = instruments.get("pulse")
        rows = []
        for way in range(40):
            answers = {item.key: (way * (3 + at) + at) % 11 for at, item in enumerate(pulse.items)}
            score = pulse.score(answers).score
            rows.append(f"{pulse.key}\t{pulse.version}\t{json.dumps(answers)}\t{score}")
        return rows


class Table(NamedTuple):
    """A table to copy into: its columns, and what gives their rows."""

    name: str
    columns: str
    rows: Callable[[Programme], Iterator[str]]


# In an order in which each row points only at earlier ones.
TABLES = [
    Table(
        "accounts_organisation",
        "id, name, slug, time_zone, nation, line_manager_rule",
        Programme.organisations,
    ),
    Table(
        "accounts_user",
        "id, password, email, given_name, family_name, known_as, is_active, added_at, "
        "organisation_id",
        Programme.users,
    ),
    Table(
        "accounts_rolegrant",
        "id, role, granted_at, organisation_id, person_id",
        Programme.role_grants,
    ),
    Table(
        "cohorts_rosterentry",
        "id, employee_number, staff_group, band, site, team, line_manager_email, availability, "
        "started_on, organisation_id, person_id",
        Programme.roster_entries,
    ),
    Table(
        "cohorts_cohort",
        "id, name, stage, starts_on, capacity, first_months, days_at_first, days_after, "
        "organisation_id",
        Programme.cohorts,
    ),
    Table(
        "cohorts_membership",
        "id, stage, joined_on, line_manager_email, placed_at, cohort_id, organisation_id, "
        "placed_by_id, worker_id",
        Programme.memberships,
    ),
    Table(
        "cohorts_supervisorassignment",
        "id, purpose, starts_on, ends_on, assigned_at, last_held_on, next_due_on, assigned_by_id, "
        "membership_id, organisation_id, supervisor_id, worker_id",
        Programme.assignments,
    ),
    Table(
        "supervision_session",
        "id, organisation_id, supervisor_id, kind, mode, held_on, starts_at, ends_at, minutes, "
        "outcome, themes, shared_note, booked_at, booked_by_id, logged_at, logged_by_id",
        Programme.sessions,
    ),
    Table(
        "supervision_attendance",
        "id, attended, organisation_id, worker_id, session_id",
        Programme.attendances,
    ),
    Table(
        "checkins_checkin",
        "id, instrument, instrument_version, answers, score, answered_on, saved_at, "
        "organisation_id, worker_id",
        Programme.check_ins,
    ),
]
