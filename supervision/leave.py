"""Entering leave, changing its dates, ending it: each one transaction, with the due dates it moves.

Whoever gives somebody a supervisor, logs a session or enters leave holds the people it is about
first, so that of two at once the second sees what the first has written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cohorts.models import Leave, SupervisorAssignment
from peersupport.accounts.models import User
from peersupport.reminders.outbox import bring_forward
from supervision import due
from supervision.models import Session


def enter(person: User, *, starts_on: date, ends_on: date, by: User) -> Leave:
    """Let `person` be away from `starts_on` to `ends_on`, both included.

    The same dates again change nothing. Raises ValidationError.
    """
    with _moving_due_dates(person):
        days = {"starts_on": starts_on, "ends_on": ends_on}
        leave = Leave.objects.filter(person=person, **days).first()
        if leave is None:
            where = person.organisation_id
            leave = Leave(organisation_id=where, person=person, entered_by=by, **days)
            leave.full_clean()
            leave.save()
    return leave


def change(leave: Leave, *, starts_on: date, ends_on: date) -> None:
    """Let it be on these days instead. Raises ValidationError, or Leave.DoesNotExist."""
    with _moving_due_dates(leave.person):
        kept = Leave.objects.get(pk=leave.pk)
        kept.starts_on, kept.ends_on = starts_on, ends_on
        kept.full_clean()
        kept.save(update_fields=["starts_on", "ends_on"])


def end(leave: Leave) -> None:
    """Let its person be here again from today on; one that has not begun before never was."""
    today = timezone.localdate()
    with _moving_due_dates(leave.person):
        kept = Leave.objects.filter(pk=leave.pk, ends_on__gte=today)
        kept.filter(starts_on__lt=today).update(ends_on=today - timedelta(days=1))
        kept.filter(starts_on__gte=today).delete()


def sessions_in(person: User, starts_on: date, ends_on: date) -> QuerySet[Session]:
    """What is booked with `person` on days to come from `starts_on` to `ends_on`."""
    return (
        Session.objects.to_come()
        .filter(held_on__range=(starts_on, ends_on))
        .filter(Q(supervisor=person) | Q(attendances__worker=person))
        .select_related("supervisor")
        .order_by("starts_at", "pk")
        .distinct()
    )


@contextmanager
def _moving_due_dates(person: User) -> Iterator[None]:
    """One transaction, which ends by working out anew what is due for `person` and with them."""
    with transaction.atomic():
        workers = _hold(person)
        yield
        due.bring_up_to_date(workers)
        bring_forward(person)


def _hold(person: User) -> set[User]:
    """Hold `person` and those they supervise, also whoever was given to them just before."""
    held: set[User] = set()
    while (workers := {person, *_supervised_by(person)}) - held:
        due.lock(workers, by=person)
        held = workers
    return held


def _supervised_by(person: User) -> QuerySet[User]:
    mine = SupervisorAssignment.objects.current().filter(supervisor=person)
    return User.objects.filter(pk__in=mine.values("worker"))
