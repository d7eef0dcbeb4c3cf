"""Bringing a roster in: a file of so many people into an empty organisation."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import tablib
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from bench.groups.pages import NAIVE, OURS
from bench.measure import LIMIT, Contender, Job
from bench.world import World
from cohorts import roster
from cohorts.models import RosterEntry
from peersupport.accounts.models import Organisation, RoleGrant, User
from peersupport.scale.rows import FAMILY, GIVEN, SITES, STAFF_GROUPS, TEAMS, line

GOALS = {1_000: 5.0, 10_000: 30.0}  # people, seconds
COLUMNS = (
    "employee_number first_name last_name email role staff_group band site team "
    "line_manager_email availability started_on"
)


def jobs(world: World) -> Iterator[Job]:
    for people in [number for number in GOALS if number <= world.psws] or [world.psws]:
        yield _job(world, people)
        yield _workbook_job(world, people)


def _job(world: World, people: int) -> Job:
    where, file = _organisation(), _file(people)
    return Job(
        "import",
        f"{people:,} people",
        world.size,
        ours=_contender(OURS, where, file, _ours),
        peers=[
            _contender(NAIVE, where, file, _naive),
            _contender(f"{LIMIT}read the file and COPY", where, file, _copy),
        ],
        goals={f"goal: {GOALS[people]:.0f} s": GOALS[people]} if people in GOALS else {},
    )


def _workbook_job(world: World, people: int) -> Job:
    """The same people as an Excel workbook, which neither of the peers reads."""
    where = _organisation()
    rows = tablib.Dataset().load(_file(people).decode(), format="csv", headers=True)
    return Job(
        "import",
        f"{people:,} people, .xlsx",
        world.size,
        ours=_contender(OURS, where, rows.export("xlsx"), _ours),
        peers=[],
        goals={f"goal: {GOALS.get(people, 5.0):.0f} s": GOALS.get(people, 5.0)},
    )


Import = Callable[[bytes, Organisation], Any]


def _contender(name: str, where: Organisation, file: bytes, bring_in: Import) -> Contender:
    return Contender(
        name,
        run=lambda: bring_in(file, where),
        answer=lambda _: _people(where),
        before=lambda: _empty(where),
    )


def _organisation() -> Organisation:
    return Organisation.objects.get_or_create(name="Roster", slug="roster")[0]


def _file(people: int) -> bytes:
    """A roster of the columns that are known; one in fifteen is a supervisor."""
    words = io.StringIO()
    writer = csv.writer(words)
    writer.writerow(COLUMNS.split())
    for at in range(people):
        given, family = GIVEN[at % len(GIVEN)], FAMILY[at // 3 % len(FAMILY)]
        writer.writerow(
            [
                20_000_000 + at,
                given,
                family,
                f"{given}.{family}.{at}@roster.example".lower(),
                "supervisor psw" if at % 15 == 0 else "psw",
                STAFF_GROUPS[at % len(STAFF_GROUPS)],
                3 + at % 6,
                SITES[at % len(SITES)],
                TEAMS[at % len(TEAMS)],
                f"manager{at // 40}@roster.example",
                "Mon Tue Thu",
                "2025-10-24",
            ]
        )
    return words.getvalue().encode()


def _people(where: Organisation) -> list[tuple[Any, ...]]:
    """Everything the file says, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT person.email, person.given_name, person.family_name, person.is_active,
                entry.employee_number, entry.staff_group, entry.band, entry.site, entry.team,
                entry.line_manager_email, entry.availability, entry.started_on,
                (SELECT array_agg(role ORDER BY role) FROM accounts_rolegrant
                    WHERE person_id = person.id AND ended_at IS NULL)
            FROM accounts_user person
            JOIN cohorts_rosterentry entry ON entry.person_id = person.id
            WHERE person.organisation_id = %s ORDER BY entry.employee_number
            """,
            [where.pk],
        )
        return cursor.fetchall()


def _empty(where: Organisation) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("accounts_rolegrant", "cohorts_rosterentry", "accounts_user"):
            cursor.execute(f"DELETE FROM {table} WHERE organisation_id = %s", [where.pk])


def _ours(file: bytes, where: Organisation) -> None:
    """What `import_roster` does."""
    with timezone.override(where.zone):
        for _decisions in roster.apply(roster.plan(roster.read(file), where), by=None):
            pass


def _naive(file: bytes, where: Organisation) -> None:
    """Each row by get_or_create, as it comes."""
    unusable = make_password(None)
    for row in csv.DictReader(io.StringIO(file.decode())):
        person, _new = User.objects.get_or_create(
            email=row["email"],
            defaults={
                "organisation": where,
                "given_name": row["first_name"],
                "family_name": row["last_name"],
                "password": unusable,
            },
        )
        RosterEntry.objects.update_or_create(
            organisation=where,
            employee_number=row["employee_number"],
            defaults={
                "person": person,
                **{name: row[name] for name in ("staff_group", "band", "site", "team")},
                "line_manager_email": row["line_manager_email"],
                "availability": row["availability"].split(),
                "started_on": date.fromisoformat(row["started_on"]),
            },
        )
        for role in row["role"].split():
            RoleGrant.objects.get_or_create(
                organisation=where, person=person, role=role, ended_at=None
            )


def _copy(file: bytes, where: Organisation) -> None:
    """No question asked: a file that is known to be right, straight into the tables."""
    rows = list(csv.DictReader(io.StringIO(file.decode())))
    unusable, now = make_password(None), timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('accounts_user', 'id')) "
            "FROM generate_series(1, %s)",
            [len(rows)],
        )
        people = [(row, person) for row, (person,) in zip(rows, cursor.fetchall(), strict=True)]
        _copy_into(
            cursor,
            "accounts_user (id, password, email, given_name, family_name, known_as, is_active, "
            "added_at, organisation_id)",
            (
                line(
                    *(person, unusable, row["email"], row["first_name"], row["last_name"]),
                    *("", "t", now, where.pk),
                )
                for row, person in people
            ),
        )
        _copy_into(
            cursor,
            "cohorts_rosterentry (employee_number, staff_group, band, site, team, "
            "line_manager_email, availability, started_on, organisation_id, person_id)",
            (
                line(
                    *(row["employee_number"], row["staff_group"], row["band"], row["site"]),
                    *(row["team"], row["line_manager_email"]),
                    "{" + row["availability"].replace(" ", ",") + "}",
                    *(row["started_on"], where.pk, person),
                )
                for row, person in people
            ),
        )
        _copy_into(
            cursor,
            "accounts_rolegrant (role, granted_at, organisation_id, person_id)",
            (
                line(role, now, where.pk, person)
                for row, person in people
                for role in row["role"].split()
            ),
        )


def _copy_into(cursor: Any, table: str, lines: Iterator[str]) -> None:
    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("".join(lines)))
