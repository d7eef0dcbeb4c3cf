"""What a head sees of supervision: is it happening, where is it not.

Every figure is the length of a list that can be opened, made by the same function.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cohorts.assignments import SupervisorAssignment, SupervisorAssignmentQuerySet
from cohorts.models import Membership
from peersupport.accounts.models import Organisation, User
from supervision.models import Session


def end_of_week() -> date:
    """Sunday of this week: what is due by then is *due this week*."""
    today = timezone.localdate()
    return today + timedelta(days=6 - today.weekday())


def _booked_next() -> QuerySet[Session]:
    """Sessions to come of the worker and supervisor of an outer assignment, the next first."""
    return (
        Session.objects.to_come()
        .filter(supervisor=OuterRef("supervisor"), attendances__worker=OuterRef("worker"))
        .order_by("starts_at", "pk")
    )


def with_next_booked(
    assignments: QuerySet[SupervisorAssignment],
) -> QuerySet[SupervisorAssignment]:
    """Add `booked_pk` and `booked_at` of the next session booked, without a query a row."""
    booked = _booked_next()
    return assignments.annotate(
        booked_pk=Subquery(booked.values("pk")[:1]),
        booked_at=Subquery(booked.values("starts_at")[:1]),
    )


def nothing_booked(assignments: SupervisorAssignmentQuerySet) -> SupervisorAssignmentQuerySet:
    return assignments.filter(~Exists(_booked_next()))


def due_this_week(assignments: SupervisorAssignmentQuerySet) -> SupervisorAssignmentQuerySet:
    """Expected ones that fall due by Sunday, or did before, with nothing booked."""
    return nothing_booked(assignments.expected().filter(next_due_on__lte=end_of_week()))


def supervisions(head: User) -> SupervisorAssignmentQuerySet:
    """Everybody supervised in the organisation, for a head; nothing for anybody else."""
    if not head.is_head:
        return SupervisorAssignment.objects.none()
    return SupervisorAssignment.objects.visible_to(head)


def due(head: User) -> SupervisorAssignmentQuerySet:
    """Due by the end of this week, nothing booked."""
    return due_this_week(supervisions(head))


def on_schedule(head: User) -> SupervisorAssignmentQuerySet:
    """Expected ones whose next session's day has not gone by."""
    return supervisions(head).expected().filter(next_due_on__gte=timezone.localdate())


def line_managed(head: User) -> SupervisorAssignmentQuerySet:
    """Supervised by their line manager, where the organisation refuses that.

    Nobody is placed like that; a staff roster can change who manages whom afterwards.
    """
    if head.organisation.line_manager_rule != Organisation.LineManagerRule.REFUSE:
        return SupervisorAssignment.objects.none()
    return supervisions(head).filter(
        Q(membership__line_manager_email__iexact=F("supervisor__email"))
        | Q(worker__roster_entry__line_manager_email__iexact=F("supervisor__email"))
    )


def unsupervised(head: User) -> QuerySet[Membership]:
    """People in a cohort, or about to be, whom nobody supervises; for a head."""
    if not head.is_head:
        return Membership.objects.none()
    return Membership.objects.visible_to(head).unsupervised()


def held_in(head: User, month: date) -> QuerySet[Session]:
    """Sessions held in the month of `month`, for a head."""
    if not head.is_head:
        return Session.objects.none()
    first = month.replace(day=1)
    return (
        Session.objects.visible_to(head)
        .held()
        .filter(held_on__gte=first, held_on__lt=first + relativedelta(months=1))
    )


@dataclass(frozen=True)
class Figures:
    """The figures on a head's home page. `on_schedule` is per cent, None before anything is due."""

    on_schedule: int | None
    due: int
    unsupervised: int
    held_this_month: int


def percent(part: int, whole: int) -> int | None:
    """Whole per cent, rounded down so that 100 means everybody; None of nobody."""
    return part * 100 // whole if whole else None


def figures(head: User) -> Figures:
    """The four figures, each the length of the list of its name.

    Those due are counted by themselves: beside the others, what is booked would be looked up for
    each person, which takes a hundred times as long.
    """
    today = timezone.localdate()
    counted = (
        supervisions(head)
        .expected()
        .aggregate(whole=Count("pk"), on_schedule=Count("pk", filter=Q(next_due_on__gte=today)))
    )
    return Figures(
        on_schedule=percent(counted["on_schedule"], counted["whole"]),
        due=due(head).count(),
        unsupervised=unsupervised(head).count(),
        held_this_month=held_in(head, today).count(),
    )


def on_schedule_by_cohort(head: User) -> Mapping[int, int | None]:
    """Per cent on schedule by cohort id, in one query; without cohorts in which nothing is due."""
    today = timezone.localdate()
    counted = (
        supervisions(head)
        .expected()
        .values(cohort=F("membership__cohort"))
        .annotate(whole=Count("pk"), part=Count("pk", filter=Q(next_due_on__gte=today)))
        .order_by()
    )
    return {row["cohort"]: percent(row["part"], row["whole"]) for row in counted}
