"""Who supervises whom, from when to when."""

from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.placings import Placing
from cohorts.ranges import Days, Only, OnlyWord
from peersupport.accounts.models import Organisation, User


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

    def visible_to(self, user: User) -> Self:
        """Current assignments `user` is part of; all of the organisation for a head."""
        assignments = self.filter(organisation_id=user.organisation_id).current()
        if user.is_head:
            return assignments
        return assignments.filter(Q(supervisor=user) | Q(worker=user))


class SupervisorAssignment(models.Model):
    """Who supervises whom, from when to when, and for what. Ended, never deleted.

    `ends_on` is the first day on which it no longer holds. `last_held_on` and `next_due_on` follow
    from sessions and cadence and are kept in the transaction that changes those; once an end is
    fixed nothing more falls due. `manage.py recompute_due --check` counts rows that differ.
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
                name="assignment_falls_due_until_its_end_is_fixed",
                condition=Q(ends_on=None, next_due_on__isnull=False)
                | Q(ends_on__isnull=False, next_due_on=None),
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
                condition=Q(ends_on=None),
                name="supervisor_next_due",
            ),
            models.Index(
                fields=["organisation", "next_due_on"],
                condition=Q(ends_on=None),
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
        """Set `next_due_on` from the cohort's cadence and the last session held, without saving.

        Until a session has been held it is counted from the first day of the assignment.
        """
        if self.ends_on is not None:
            self.next_due_on = None
            return
        self.next_due_on = self.membership.cohort.cadence.next_due_on(
            joined_on=self.membership.joined_on, counted_from=self.last_held_on or self.starts_on
        )
