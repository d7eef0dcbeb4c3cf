"""Who supervises whom, from when to when."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.leave import Leave, after_leave
from cohorts.placings import Placing
from cohorts.ranges import Days, Only, OnlyWord
from peersupport.accounts.models import Organisation, User

TAKING_PART = ("in_training", "active")
"""Stages of a membership in which its worker is supervised; not when paused or finished."""


class SupervisorAssignmentQuerySet(models.QuerySet["SupervisorAssignment"]):
    """Questions about who supervises whom."""

    def current(self, day: date | None = None) -> Self:
        """Not ended on `day` (today when left out); one that starts later counts already."""
        return self.filter(
            Q(ends_on=None)
            | Q(ends_on__gt=day or timezone.localdate()) & Q(ends_on__gt=F("starts_on"))
        )

    def real(self) -> Self:
        """Without those taken back before their first day."""
        return self.exclude(ends_on=F("starts_on"))

    def expected(self) -> Self:
        """Those in which a next session falls due; see `is_expected`."""
        return self.filter(is_expected())

    def end(self, on: date, **also: object) -> int:
        """Let them end on the day `on`; what falls due before that still does.

        One that would begin later never holds. `also` is set on each.
        """
        ends_on = Greatest(Value(on), F("starts_on"))
        if on > timezone.localdate():
            due = Case(When(next_due_on__lt=ends_on, then=F("next_due_on")))
            return self.update(ends_on=ends_on, next_due_on=due, **also)
        return self.update(ends_on=ends_on, next_due_on=None, **also)

    def visible_to(self, user: User) -> Self:
        """Current assignments `user` is part of; all of the organisation for a head."""
        assignments = self.filter(organisation_id=user.organisation_id).current()
        if user.is_head:
            return assignments
        return assignments.filter(Q(supervisor=user) | Q(worker=user))


class SupervisorAssignment(models.Model):
    """Who supervises whom, from when to when, and for what. Ended, never deleted.

    `ends_on` is the first day on which it no longer holds. `last_held_on` and `next_due_on` follow
    from sessions, cadence and leave and are kept in the transaction that changes those; what would
    fall due after the end does not. `manage.py recompute_due --check` counts rows that differ.
    """

    class Purpose(models.TextChoices):
        """What the supervision is for."""

        LIGHT_TOUCH = "light_touch", _("Light-touch")
        REFLECTIVE = "reflective", _("Reflective")
        LIVED_EXPERIENCE = "lived_experience", _("Lived experience")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(
        "cohorts.Membership", on_delete=models.PROTECT, related_name="assignments"
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervised_in")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervises_in")
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.LIGHT_TOUCH)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    last_held_on = models.DateField(null=True, editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    placing = models.ForeignKey(
        Placing, on_delete=models.PROTECT, null=True, editable=False, related_name="assignments"
    )
    ended_by_placing = models.ForeignKey(
        Placing, on_delete=models.PROTECT, null=True, editable=False, related_name="handed_over"
    )
    ends_on_before = models.DateField(null=True, editable=False)

    objects = SupervisorAssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="assignment_one_supervisor_at_a_time_per_purpose",
                expressions=[
                    (Only("membership"), RangeOperators.OVERLAPS),
                    (OnlyWord("purpose"), RangeOperators.OVERLAPS),
                    (Days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This worker already has a supervisor on these dates"),
            ),
            models.CheckConstraint(
                name="assignment_nobody_supervises_themself",
                condition=~Q(worker=F("supervisor")),
                violation_error_message=_("Nobody can supervise themself"),
            ),
            models.CheckConstraint(
                name="assignment_ends_on_or_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The end date must not be before the start date"),
            ),
            models.CheckConstraint(
                name="assignment_falls_due_until_it_ends",
                condition=Q(ends_on=None, next_due_on__isnull=False)
                | Q(ends_on__isnull=False, next_due_on=None)
                | Q(ends_on__isnull=False, next_due_on__isnull=False, next_due_on__lt=F("ends_on")),
                violation_error_message=_("Work out when the next session is due"),
            ),
            models.CheckConstraint(
                name="assignment_ended_by_a_placing_has_an_end",
                condition=Q(ended_by_placing=None, ends_on_before=None)
                | Q(ended_by_placing__isnull=False, ends_on__isnull=False),
                violation_error_message=_("Enter the day on which it ends"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["supervisor", "next_due_on"],
                condition=Q(next_due_on__isnull=False),
                name="supervisor_next_due",
            ),
            models.Index(
                fields=["organisation", "next_due_on"],
                condition=Q(next_due_on__isnull=False),
                name="organisation_next_due",
            ),
            models.Index(fields=["worker"], name="assignments_of_worker"),
        ]

    def __str__(self) -> str:
        return f"{self.supervisor} supervises {self.worker}"

    @property
    def last_day_on(self) -> date | None:
        """The last day on which it holds, as people say it."""
        return self.ends_on and self.ends_on - timedelta(days=1)

    def reckon(self) -> None:
        """Set `next_due_on` of this one as `reckon_all` does."""
        reckon_all([self])


def reckon_all(assignments: Sequence[SupervisorAssignment]) -> None:
    """Set `next_due_on` from cadence, the last session held and leave, without saving; one query.

    Until a session has been held it is counted from the first day of the assignment. A day on which
    the worker or the supervisor is away moves to the first one on which neither is.
    """
    falls_due = [
        assignment.membership.cohort.cadence.next_due_on(
            in_role_since=assignment.membership.role_began_on,
            counted_from=assignment.last_held_on or assignment.starts_on,
        )
        for assignment in assignments
    ]
    moved = after_leave(
        [
            (day, assignment.worker_id, assignment.supervisor_id)
            for day, assignment in zip(falls_due, assignments, strict=True)
        ]
    )
    for due_on, assignment in zip(moved, assignments, strict=True):
        still_holds = assignment.ends_on is None or due_on < assignment.ends_on
        assignment.next_due_on = due_on if still_holds else None


def is_expected() -> Q:
    """Begun, the worker taking part and not away, and a next session falls due before any end."""
    today = timezone.localdate()
    return Q(
        ~Exists(Leave.objects.on(today).filter(person=OuterRef("worker"))),
        Q(ends_on=None) | Q(ends_on__gt=today),
        Q(membership__left_on=None) | Q(membership__left_on__gt=today),
        starts_on__lte=today,
        next_due_on__isnull=False,
        membership__stage__in=TAKING_PART,
    )
