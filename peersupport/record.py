"""My record: what is held about a person, and who has opened it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from checkins.models import CheckIn
from cohorts.models import Membership, RosterEntry, SupervisorAssignment
from peersupport.accounts.models import RecordRead, User
from supervision.models import Session


@dataclass(frozen=True)
class Opening:
    """One other person's openings of one kind of record."""

    reader: str
    kind: str
    times: int
    last_at: datetime


@dataclass(frozen=True)
class Record:
    """What is held about one person, in counts and names they know already."""

    person: User
    openings: list[Opening]
    check_ins: int
    sessions: int
    membership: Membership | None
    supervisor: User | None
    roster_entry: RosterEntry | None


def of(person: User) -> Record:
    """Everything the page about oneself shows, in a fixed number of queries."""
    assignment = (
        SupervisorAssignment.objects.current()
        .filter(worker=person, purpose=SupervisorAssignment.Purpose.LIGHT_TOUCH)
        .select_related("supervisor")
        .first()
    )
    return Record(
        person=person,
        openings=_openings(person),
        check_ins=CheckIn.objects.of(person).count(),
        sessions=Session.objects.past_for(person).count(),
        membership=Membership.objects.current()
        .filter(worker=person)
        .select_related("cohort")
        .first(),
        supervisor=assignment.supervisor if assignment else None,
        roster_entry=RosterEntry.objects.filter(person=person).first(),
    )


def _openings(person: User) -> list[Opening]:
    """Openings by everybody else, the latest first."""
    rows = (
        RecordRead.objects.about(person)
        .exclude(reader=person)
        .values("reader", "kind")
        .annotate(times=Count("pk"), last_at=Max("read_at"))
        .order_by("-last_at")[:50]
    )
    readers = User.objects.in_bulk({row["reader"] for row in rows})
    return [
        Opening(
            reader=readers[row["reader"]].name,
            kind=str(RecordRead.Kind(row["kind"]).label),
            times=row["times"],
            last_at=row["last_at"],
        )
        for row in rows
    ]
