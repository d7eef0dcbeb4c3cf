"""Writing what a plan decides: a chunk of rows, one transaction."""

from collections.abc import Callable, Iterator
from datetime import date

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from cohorts.models import Membership, RosterEntry
from cohorts.roster.columns import Line
from cohorts.roster.planning import Decision, Outcome, Plan
from peersupport.accounts.models import Organisation, RoleGrant, User

TRIES = 3

Alongside = Callable[[list[Decision]], None]


def apply(
    plan: Plan, *, by: User | None, alongside: Alongside | None = None
) -> Iterator[list[Decision]]:
    """Write what `plan` decides, a chunk of rows in each transaction, and give the decisions back.

    Each chunk is compared with the database as it is at that moment, under a lock that keeps other
    imports of the organisation out; so an import that was cut off is done again without harm.
    `alongside` writes more in a chunk's transaction. Without `by` the roles were given from the
    command line.
    """
    for lines in plan.chunks():
        yield write(plan, lines, by=by, alongside=alongside)


def write(
    plan: Plan, lines: list[Line], *, by: User | None, alongside: Alongside | None = None
) -> list[Decision]:
    """Decide these rows and write them.

    An address taken elsewhere while they are written undoes them; decided again, that row is
    refused and the others are written.
    """
    for last_try in (False,) * (TRIES - 1) + (True,):
        try:
            with transaction.atomic():
                Organisation.objects.select_for_update(no_key=True).get(pk=plan.organisation.pk)
                decisions = plan.decide(lines)
                _write(decisions, plan, by)
                if alongside:
                    alongside(decisions)
            return decisions
        except IntegrityError:
            if last_try:
                raise
            plan.forget(lines)
    raise AssertionError("the last try returns or raises")


def _write(decisions: list[Decision], plan: Plan, by: User | None) -> None:
    """People first, then what the roster says about them, then their roles."""
    changing = [
        decision for decision in decisions if decision.outcome in (Outcome.CREATED, Outcome.UPDATED)
    ]
    _change_people([decision for decision in changing if decision.person is not None])
    _create_people([decision for decision in changing if decision.person is None], plan)
    _write_entries(changing)
    _pass_on_line_managers(changing, plan.today)
    RoleGrant.objects.bulk_create(
        RoleGrant(organisation=plan.organisation, person=decision.person, role=role, granted_by=by)
        for decision in changing
        for role in decision.new_roles
    )


def _create_people(decisions: list[Decision], plan: Plan) -> None:
    """New people cannot sign in until they accept an invitation."""
    unusable = make_password(None)
    for decision in decisions:
        row = decision.row
        assert row is not None
        decision.person = User(
            organisation=plan.organisation,
            email=row.email,
            given_name=row.first_name,
            family_name=row.last_name,
            password=unusable,
        )
    people = User.objects.bulk_create(
        decision.person for decision in decisions if decision.person is not None
    )
    plan.wrote(people)


def _change_people(decisions: list[Decision]) -> None:
    """New names and addresses. An old address no longer signs in or gets a password link."""
    changed, moved = [], []
    for decision in decisions:
        columns = {change.column for change in decision.changes}
        person, row = decision.person, decision.row
        assert person is not None
        assert row is not None
        if columns & {"first_name", "last_name", "email"}:
            person.given_name, person.family_name = row.first_name, row.last_name
            person.email = row.email
            changed.append(person)
        if "email" in columns:
            moved.append(person.pk)
    if changed:
        User.objects.bulk_update(changed, ["given_name", "family_name", "email"])
    if moved:
        EmailAddress.objects.filter(user__in=moved).delete()


def _write_entries(decisions: list[Decision]) -> None:
    """What the roster says: inserted, or updated where the employee number is known.

    Columns the file does not have keep what they say.
    """
    columns = list(decisions[0].row.details) if decisions and decisions[0].row else []
    entries = []
    for decision in decisions:
        person, row = decision.person, decision.row
        assert person is not None
        assert row is not None
        entries.append(
            RosterEntry(
                organisation_id=person.organisation_id,
                person=person,
                employee_number=row.employee_number,
                **row.details,
            )
        )
    if columns:
        RosterEntry.objects.bulk_create(
            entries,
            update_conflicts=True,
            unique_fields=["organisation", "employee_number"],
            update_fields=columns,
        )
    else:
        RosterEntry.objects.bulk_create(entries, ignore_conflicts=True)


def _pass_on_line_managers(decisions: list[Decision], today: date) -> None:
    """The current membership of a worker whose line manager has changed says so too."""
    addresses = {
        decision.person.pk: decision.row.details["line_manager_email"]
        for decision in decisions
        if decision.person and decision.row and decision.outcome == Outcome.UPDATED
        if any(change.column == "line_manager_email" for change in decision.changes)
    }
    if not addresses:
        return
    memberships = list(Membership.objects.current(today).filter(worker__in=addresses))
    for membership in memberships:
        membership.line_manager_email = addresses[membership.worker_id]
    Membership.objects.bulk_update(memberships, ["line_manager_email"])
