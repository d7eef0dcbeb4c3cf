"""Days on which people are away: dates and nothing else. Nobody is told why."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import connection, models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.ranges import DaysThrough, Only
from peersupport.accounts.models import Organisation, User

LONGEST = timedelta(days=366)


class LeaveQuerySet(models.QuerySet["Leave"]):
    """Questions about who is away when."""

    def manageable_by(self, user: User) -> Self:
        """Leave whose dates `user` may change: their own; for a head, everybody's."""
        leaves = self.filter(organisation_id=user.organisation_id)
        return leaves if user.is_head else leaves.filter(person=user)

    def on(self, day: date | None = None) -> Self:
        """Of those who are away on `day` (today when left out)."""
        day = day or timezone.localdate()
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def not_over(self) -> Self:
        """Of today or to come, the next first."""
        return self.filter(ends_on__gte=timezone.localdate()).order_by("starts_on")

    def over(self) -> Self:
        """Past, the latest first."""
        return self.filter(ends_on__lt=timezone.localdate()).order_by("-starts_on")


class Leave(models.Model):
    """Days on which one person is away, the first and the last among them.

    Due dates move past it, and nothing that can wait is sent to them. What has been stays on
    record; one that is called off before it began never was.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="leaves", db_index=False
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = LeaveQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="leave_no_two_at_once_for_a_person",
                expressions=[
                    (Only("person"), RangeOperators.OVERLAPS),
                    (DaysThrough("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_code="overlap",
                violation_error_message=_("There is leave on some of these days already"),
            ),
            models.CheckConstraint(
                name="leave_ends_on_or_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day must not be before the first day"),
            ),
            models.CheckConstraint(
                name="leave_of_a_year_at_most",
                condition=Q(ends_on__lt=F("starts_on") + Value(LONGEST)),
                violation_error_message=_("Enter a year at most, and the rest as more leave"),
            ),
        ]
        indexes = [models.Index(fields=["person", "ends_on"], name="leave_of_person")]

    def __str__(self) -> str:
        return f"{self.person} from {self.starts_on} to {self.ends_on}"

    @property
    def has_begun(self) -> bool:
        return self.starts_on <= timezone.localdate()


class AfterLeave(Func):
    """The first day from `day` on, on which neither of two people is away.

    The rule itself is a function of the database, so that there is one: see migration 0008.
    """

    function = "COHORTS_AFTER_LEAVE"
    output_field = models.DateField()

    def __init__(self, day: date, one: str, other: str) -> None:
        super().__init__(Value(day), F(one), F(other))


_AFTER_LEAVE = """
SELECT cohorts_after_leave(day, one, other)
FROM unnest(%s::date[], %s::bigint[], %s::bigint[]) WITH ORDINALITY asked (day, one, other, place)
ORDER BY place
"""


def after_leave(asked: Sequence[tuple[date, int, int]]) -> list[date]:
    """For each day and two people's ids what AfterLeave says; one query, however many."""
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AFTER_LEAVE, [list(column) for column in zip(*asked, strict=True)])
        return [row[0] for row in cursor.fetchall()]


def away_until(person: User) -> date | None:
    """The last day on which `person` is away, if they are today; one query."""
    today = timezone.localdate()
    [back_on] = after_leave([(today, person.pk, person.pk)])
    return back_on - timedelta(days=1) if back_on > today else None
