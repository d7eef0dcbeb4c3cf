"""Counts that stand beside cohorts and supervisors."""

from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from cohorts.models import Cohort, SupervisorAssignment
from peersupport.accounts.models import Role, User

MOST_PEOPLE = 8
"""More people than this are a lot for one supervisor; a note says so, nothing is refused."""


def with_members(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """Add `members`: those who have a place, or will have from a day that is fixed."""
    has_a_place = Q(memberships__left_on=None) | Q(
        Q(memberships__left_on__gt=F("memberships__joined_on")),
        memberships__left_on__gt=timezone.localdate(),
    )
    return cohorts.annotate(members=Count("memberships", filter=has_a_place))


def on_schedule(cohorts: Iterable[Cohort]) -> dict[int, int]:
    """Per cent of those expected to be supervised whose next session's day has not gone by.

    By cohort id, without cohorts in which nothing is due; rounded down, so that 100 means all.
    """
    expected = SupervisorAssignment.objects.expected().filter(
        membership__cohort__in=[cohort.pk for cohort in cohorts]
    )
    counted = (
        expected.values(cohort=F("membership__cohort"))
        .annotate(
            all=Count("pk"), held=Count("pk", filter=Q(next_due_on__gte=timezone.localdate()))
        )
        .order_by()
    )
    return {row["cohort"]: row["held"] * 100 // row["all"] for row in counted}


def supervisors_of(user: User) -> QuerySet[User]:
    """The supervisors of the organisation of `user`, with how many `people` each has now."""
    current = Q(supervises_in__in=SupervisorAssignment.objects.current())
    return (
        User.objects.holding(Role.SUPERVISOR)
        .filter(organisation_id=user.organisation_id)
        .annotate(people=Count("supervises_in__worker", filter=current, distinct=True))
        .order_by("family_name", "given_name", "pk")
    )
