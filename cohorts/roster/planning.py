"""A roster file beside the programme: what each row would change, without changing it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Person, RosterEntry
from cohorts.roster import values
from cohorts.roster.columns import Line, Table
from cohorts.roster.values import Refusal, Row
from cohorts.roster_models import RosterImportRow
from peersupport.accounts.models import Organisation, Role, RoleGrant, User

Outcome = RosterImportRow.Outcome

CHUNK = 500  # rows compared, and written, together


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs from what the programme knows."""

    column: str
    old: Any
    new: Any


@dataclass(slots=True)
class Decision:
    """What becomes of one row of the file."""

    line: Line
    outcome: str
    row: Row | None = None
    person: User | None = None
    entry: RosterEntry | None = None
    changes: list[Change] = field(default_factory=list)
    new_roles: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An accepted row of the file, as later rows are compared with it."""

    number: int
    name: str
    fingerprint: int


class Plan:
    """What importing `table` into `organisation` does, row by row.

    Looping over it is the dry run: nothing is written. Use a plan once, for one or the other.
    """

    def __init__(self, table: Table, organisation: Organisation) -> None:
        self.table = table
        self.organisation = organisation
        self.today = timezone.localdate(timezone=organisation.zone)
        self._readers = values.readers_of(table, today=self.today)
        self._by_employee_number: dict[str, _Seen] = {}
        self._by_email: dict[str, _Seen] = {}
        self._given_up: dict[str, int] = {}
        self._in_file: set[int] = set()

    def __iter__(self) -> Iterator[list[Decision]]:
        for lines in self.chunks():
            yield self.decide(lines)

    def chunks(self) -> Iterator[list[Line]]:
        """The rows of the file, a few hundred at a time."""
        while lines := list(islice(self.table.lines, CHUNK)):
            yield lines

    def decide(self, lines: list[Line]) -> list[Decision]:
        """What becomes of these rows, the next ones of the file. Three queries, however many."""
        numbers = {values.tidy(self.table.cell(line, "employee_number")) for line in lines}
        emails = {values.tidy(self.table.cell(line, "email")).lower() for line in lines}
        known = _Known(self.organisation, numbers, emails)
        self._in_file.update(known.people)
        decisions = []
        for line in lines:
            read = values.row(line, self.table, self._readers)
            if isinstance(read, Row):
                decision = self._compare(line, read, known)
            else:
                decision = Decision(line, Outcome.REFUSED, refusals=read)
            if decision.row is not None:
                self._remember(decision.row, decision.person)
            decisions.append(decision)
        return decisions

    def wrote(self, people: Iterable[User]) -> None:
        """These people have been created for rows of this file."""
        self._in_file.update(person.pk for person in people)

    def forget(self, lines: list[Line]) -> None:
        """Take back the last decisions, about these rows, because they could not be written."""
        first = lines[0].number
        for seen in (self._by_employee_number, self._by_email):
            for key in [key for key, row in seen.items() if row.number >= first]:
                del seen[key]
        self._given_up = {
            email: number for email, number in self._given_up.items() if number < first
        }

    def resume(self, lines: list[Line], *, refused: set[int]) -> None:
        """Know rows written before a worker was killed; those numbered in `refused` were not."""
        for line in lines:
            read = values.row(line, self.table, self._readers)
            if isinstance(read, Row) and line.number not in refused:
                self._remember(read, None)
        numbers = {values.tidy(self.table.cell(line, "employee_number")) for line in lines}
        emails = {values.tidy(self.table.cell(line, "email")).lower() for line in lines}
        self._in_file.update(_Known(self.organisation, numbers, emails).people)

    def missing(self) -> list[Person]:
        """Who is in the programme but not in the file, once all rows have been decided."""
        granted = RoleGrant.objects.current().filter(
            role__in=[Role.PSW, Role.SUPERVISOR, Role.HEAD]
        )
        people = Person.objects.filter(
            organisation=self.organisation, is_active=True, pk__in=granted.values("person")
        ).only("given_name", "family_name", "known_as", "email")
        return [
            person
            for person in people.order_by("family_name", "given_name", "pk").iterator()
            if person.pk not in self._in_file
        ]

    def _remember(self, row: Row, person: User | None) -> None:
        seen = _Seen(row.number, row.name, row.fingerprint)
        self._by_employee_number.setdefault(row.employee_number, seen)
        self._by_email.setdefault(row.email, seen)
        if person is not None and person.email.lower() != row.email:
            self._given_up[person.email.lower()] = row.number

    def _compare(self, line: Line, row: Row, known: "_Known") -> Decision:
        """What becomes of a row whose cells can all be read."""
        earlier = self._by_employee_number.get(row.employee_number)
        if earlier and earlier.fingerprint == row.fingerprint:
            return Decision(line, Outcome.UNCHANGED, row=row, person=known.holder(row))
        refusal = self._conflict_in_file(row) or known.conflict(row) or known.takes_over(row)
        if refusal:
            return Decision(line, Outcome.REFUSED, refusals=[refusal])
        entry = known.by_employee_number.get(row.employee_number)
        person = entry.person if entry else known.by_email.get(row.email)
        new_roles = [role for role in row.roles if role not in known.roles_of(person)]
        changes = _changes(row, person, entry, known.roles_of(person))
        outcome = Outcome.CREATED
        if person is not None:
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        return Decision(line, outcome, row, person, entry, changes, new_roles)

    def _conflict_in_file(self, row: Row) -> Refusal | None:
        """Another row of the file that says otherwise."""
        where = {"row": 0}
        if earlier := self._by_employee_number.get(row.employee_number):
            where["row"] = earlier.number
            advice = _("Row %(row)s has this employee number with other details. Keep one of them")
            return Refusal("employee_number", row.employee_number, advice % where)
        if earlier := self._by_email.get(row.email):
            where["row"] = earlier.number
            advice = _("Row %(row)s has this e-mail with another name. Keep one of them")
            if earlier.name == row.name:
                advice = _(
                    "Row %(row)s has this e-mail with another employee number. Keep one of them"
                )
            return Refusal("email", row.email, advice % where)
        if row.email in self._given_up:
            where["row"] = self._given_up[row.email]
            advice = _("Row %(row)s gives this e-mail up. Import this row again after the others")
            return Refusal("email", row.email, advice % where)
        return None


class _Known:
    """What the database knows about a few hundred rows: three queries."""

    def __init__(self, organisation: Organisation, numbers: set[str], emails: set[str]) -> None:
        self.organisation = organisation
        entries = RosterEntry.objects.filter(
            Q(employee_number__in=numbers), organisation=organisation
        ).select_related("person")
        self.by_employee_number = {entry.employee_number: entry for entry in entries}
        holders = (
            User.objects.annotate(address=Lower("email"))
            .filter(address__in=emails)
            .select_related("roster_entry")
        )
        self.by_email = {holder.email.lower(): holder for holder in holders}
        self.people = {entry.person_id for entry in self.by_employee_number.values()} | {
            holder.pk
            for holder in self.by_email.values()
            if holder.organisation_id == organisation.pk
        }
        self._roles: dict[int, set[str]] = {}
        for pk, role in (
            RoleGrant.objects.current()
            .filter(person__in=self.people)
            .values_list("person_id", "role")
        ):
            self._roles.setdefault(pk, set()).add(role)

    def roles_of(self, person: User | None) -> set[str]:
        return self._roles.get(person.pk, set()) if person else set()

    def holder(self, row: Row) -> User | None:
        """Whom a row is about."""
        entry = self.by_employee_number.get(row.employee_number)
        return entry.person if entry else self.by_email.get(row.email)

    def conflict(self, row: Row) -> Refusal | None:
        """An e-mail address that belongs to somebody else."""
        holder = self.by_email.get(row.email)
        if holder is None:
            return None
        if holder.organisation_id != self.organisation.pk:
            # Not a word about where it is known: that is another organisation's business.
            return Refusal(
                "email",
                row.email,
                _("This e-mail address cannot be used here. Ask the person for their work address"),
            )
        entry = self.by_employee_number.get(row.employee_number)
        known_as = getattr(holder, "roster_entry", None)
        if known_as and known_as.employee_number != row.employee_number:
            advice = _("Employee number %(number)s has this e-mail. Keep one of them")
            return Refusal("email", row.email, advice % {"number": known_as.employee_number})
        if entry and entry.person_id != holder.pk:
            advice = _("%(name)s has this e-mail. Enter another one")
            return Refusal("email", row.email, advice % {"name": holder.name})
        return None

    def takes_over(self, row: Row) -> Refusal | None:
        """A row that would turn somebody's account into another person's, or let another in.

        Whoever holds the address of an account can have its password sent to them, and read what
        only its owner may. So a file never changes one that its owner has taken up.
        """
        entry = self.by_employee_number.get(row.employee_number)
        person = entry.person if entry else None
        if person is None or person.email.lower() == row.email:
            return None
        words = {"name": person.name, "email": person.email, "number": row.employee_number}
        if (person.given_name, person.family_name) != (row.first_name, row.last_name):
            advice = _("This is the employee number of %(name)s, %(email)s. Enter another one")
            return Refusal("employee_number", row.employee_number, advice % words)
        if person.has_usable_password():
            advice = _("%(name)s signs in as %(email)s, which a file cannot change. Enter that")
            return Refusal("email", row.email, advice % words)
        return None


def plan(table: Table, organisation: Organisation) -> Plan:
    """Compare a roster with the programme. Nothing is read before the plan is looped over."""
    return Plan(table, organisation)


def _changes(
    row: Row, person: User | None, entry: RosterEntry | None, roles: set[str]
) -> list[Change]:
    """Everything in the row that the programme does not know yet. Roles are only ever added."""
    old: dict[str, Any] = dict.fromkeys(("first_name", "last_name", "email"), "")
    if person is not None:
        old["first_name"], old["last_name"] = person.given_name, person.family_name
        old["email"] = person.email.lower()
    old["employee_number"] = entry.employee_number if entry else ""
    old |= {column: getattr(entry, column) if entry else None for column in row.details}
    new = {
        "employee_number": row.employee_number,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        **row.details,
    }
    changes = [
        Change(column, shown(old[column]), shown(new[column]))
        for column in new
        if (old[column] or None) != (new[column] or None)
    ]
    if set(row.roles) - roles:
        changes.append(
            Change("role", " ".join(sorted(roles)), " ".join(sorted(roles | set(row.roles))))
        )
    return changes


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return " ".join(value)
    return value or ""
