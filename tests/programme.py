"""People, cohorts and supervision for tests: the smallest true programme."""

from datetime import date
from itertools import count

from django.utils import timezone

from cohorts.models import Cohort, Leave, Membership, RosterEntry, SupervisorAssignment
from peersupport.accounts.models import Organisation, Role, RoleGrant, User

_number = count(1)

PASSWORD = "a long enough password"


def organisation(name: str = "Riverside and Castle Hill", **facts: object) -> Organisation:
    """An organisation; its slug is its own."""
    return Organisation.objects.create(name=name, slug=f"organisation-{next(_number)}", **facts)


def person(where: Organisation, *roles: Role, **facts: object) -> User:
    """Somebody of `where` with these roles, for force_login."""
    number = next(_number)
    facts = {
        "email": f"person{number}@trust.example",
        "given_name": "Sam",
        "family_name": f"Okafor{number}",
        **facts,
    }
    user = User.objects.create(organisation=where, password="none that works", **facts)
    for role in roles:
        RoleGrant.objects.create(organisation=where, person=user, role=role)
    return user


def head(where: Organisation, **facts: object) -> User:
    return person(where, Role.HEAD, **facts)


def supervisor(where: Organisation, **facts: object) -> User:
    return person(where, Role.SUPERVISOR, **facts)


def psw(where: Organisation, **facts: object) -> User:
    return person(where, Role.PSW, **facts)


def ig_auditor(where: Organisation, **facts: object) -> User:
    return person(where, Role.IG_AUDITOR, **facts)


def roster_entry(user: User, **facts: object) -> RosterEntry:
    """What the roster says about `user`."""
    facts = {"employee_number": f"E{next(_number)}", **facts}
    return RosterEntry.objects.create(organisation=user.organisation, person=user, **facts)


def cohort(where: Organisation, **facts: object) -> Cohort:
    """A running cohort that began on 1 June 2026."""
    facts = {
        "name": f"Cohort {next(_number)}",
        "stage": Cohort.Stage.ACTIVE,
        "starts_on": date(2026, 6, 1),
        **facts,
    }
    return Cohort.objects.create(organisation=where, **facts)


def member(worker: User, of: Cohort, **facts: object) -> Membership:
    """`worker` in the cohort `of`, active since it began."""
    facts = {"stage": Membership.Stage.ACTIVE, "joined_on": of.starts_on, **facts}
    facts.setdefault("placed_by", worker)
    return Membership.objects.create(
        organisation=worker.organisation, cohort=of, worker=worker, **facts
    )


def supervised(membership: Membership, by: User, **facts: object) -> SupervisorAssignment:
    """`membership` supervised by `by`, light-touch, since joining, due as its cohort says."""
    facts = {"starts_on": membership.joined_on, "assigned_by": by, **facts}
    assignment = SupervisorAssignment(
        organisation=membership.organisation,
        membership=membership,
        worker=membership.worker,
        supervisor=by,
        **facts,
    )
    if assignment.next_due_on is None:
        assignment.reckon()
    assignment.save()
    return assignment


def supervised_psw(by: User, of: Cohort, **facts: object) -> User:
    """A new PSW in the cohort `of`, supervised by `by`."""
    worker = psw(by.organisation, **facts)
    supervised(member(worker, of), by)
    return worker


def leave(person: User, starts_on: date, ends_on: date) -> Leave:
    """`person` away from `starts_on` to `ends_on`, as a row: no due date moves."""
    return Leave.objects.create(
        organisation=person.organisation,
        person=person,
        starts_on=starts_on,
        ends_on=ends_on,
        entered_by=person,
    )


def today() -> date:
    return timezone.localdate()
