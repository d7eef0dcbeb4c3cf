"""Cohorts of peer support workers, who belongs to them when, and who supervises whom."""

from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.assignments import TAKING_PART, SupervisorAssignment
from cohorts.cadence import Cadence
from cohorts.leave import Leave
from cohorts.placings import Placing
from cohorts.ranges import Days, Only
from cohorts.roster_models import RosterImport, RosterImportRow
from cohorts.staff import Day, RosterEntry
from peersupport.accounts.models import Organisation, Role, User

__all__ = ["Cadence", "Cohort", "Day", "Leave", "Membership", "Person", "Placing", "RosterEntry"]
__all__ += ["SupervisorAssignment"]
__all__ += ["TAKING_PART", "RosterImport", "RosterImportRow"]


class PersonQuerySet(models.QuerySet["Person"]):
    """Questions about the people of a programme."""

    def visible_to(self, user: User) -> Self:
        """People whose page `user` may open: everybody for a head, else oneself and supervisees."""
        people = self.filter(organisation_id=user.organisation_id)
        if user.is_head:
            return people
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        return people.filter(Q(pk=user.pk) | Q(pk__in=supervised.values("worker")))

    def manageable_by(self, user: User) -> Self:
        """People whose cohort, supervisor and roles `user` may change: everybody, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def placeable(self) -> Self:
        """Active peer support workers."""
        return self.filter(pk__in=User.objects.holding(Role.PSW).values("pk"))

    def without_cohort(self) -> Self:
        """Peer support workers who are in no cohort, nor about to be."""
        return self.placeable().exclude(pk__in=Membership.objects.current().values("worker"))

    def without_supervisor(self) -> Self:
        """Those in a cohort whom nobody supervises."""
        return self.filter(pk__in=Membership.objects.unsupervised().values("worker"))


class Person(User):
    """A person as the programme sees them: on the roster, in a cohort, with a supervisor."""

    objects = PersonQuerySet.as_manager()  # type: ignore[misc,assignment]

    class Meta:
        proxy = True

    def get_absolute_url(self) -> str:
        return reverse("cohorts:person-detail", args=[self.pk])


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Questions the service asks about cohorts, in the service's own words."""

    def visible_to(self, user: User) -> Self:
        """Cohorts `user` may see: all for a head, else those one belongs to or supervises in."""
        cohorts = self.filter(organisation_id=user.organisation_id)
        if user.is_head:
            return cohorts
        mine = Membership.objects.current().filter(worker=user)
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        return cohorts.filter(
            Q(pk__in=mine.values("cohort")) | Q(pk__in=supervised.values("membership__cohort"))
        )

    def manageable_by(self, user: User) -> Self:
        """Cohorts `user` may change: those of the organisation, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def taking_people(self) -> Self:
        return self.exclude(stage=Cohort.Stage.CLOSED)


class Cohort(models.Model):
    """PSWs recruited and trained together."""

    class Stage(models.TextChoices):
        """Where a cohort is in its life."""

        PLANNED = "planned", _("Planned")
        RECRUITING = "recruiting", _("Recruiting")
        TRAINING = "training", _("Training")
        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=100)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.PLANNED)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    first_months = models.PositiveSmallIntegerField(default=6, validators=[MaxValueValidator(24)])
    days_at_first = models.PositiveSmallIntegerField(
        default=28, validators=[MinValueValidator(7), MaxValueValidator(182)]
    )
    days_after = models.PositiveSmallIntegerField(
        default=42, validators=[MinValueValidator(7), MaxValueValidator(182)]
    )

    objects = CohortQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                name="cohort_name_once_in_an_organisation",
                violation_error_message=_("Another cohort has this name"),
            ),
            models.UniqueConstraint(name="cohort_in_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(
                name="cohort_ends_on_or_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The end date must not be before the start date"),
            ),
            models.CheckConstraint(
                name="cohort_has_one_to_500_places",
                condition=Q(capacity__range=(1, 500)),
                violation_error_message=_("Enter a number of places from 1 to 500"),
            ),
            models.CheckConstraint(
                name="cohort_is_closer_together_for_two_years_at_most",
                condition=Q(first_months__lte=24),
                violation_error_message=_("Enter a number of months from 0 to 24"),
            ),
            models.CheckConstraint(
                name="cohort_cadence_between_a_week_and_half_a_year",
                condition=Q(days_at_first__range=(7, 182), days_after__range=(7, 182)),
                violation_error_message=_("Enter between 7 and 182 days between sessions"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("cohorts:cohort-detail", args=[self.pk])

    @property
    def cadence(self) -> Cadence:
        return Cadence(self.first_months, self.days_at_first, self.days_after)

    @property
    def stage_colour(self) -> str:
        """The colour of the tag; the word says the same."""
        return {
            self.Stage.TRAINING: "purple",
            self.Stage.ACTIVE: "green",
            self.Stage.CLOSED: "grey",
        }.get(self.Stage(self.stage), "blue")

    def places_left(self, on: date | None = None) -> int:
        """Places nobody has on any day from `on` (today when left out): a leaver's is free then."""
        return self.capacity - self.memberships.current(on).count()


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Questions about who is in which cohort."""

    def current(self, day: date | None = None) -> Self:
        """Not ended on `day` (today when left out); one that starts later counts already."""
        return self.filter(
            Q(left_on=None)
            | Q(left_on__gt=day or timezone.localdate()) & Q(left_on__gt=F("joined_on"))
        )

    def real(self) -> Self:
        """Without those taken back before their first day."""
        return self.exclude(left_on=F("joined_on"))

    def unsupervised(self) -> Self:
        """Current, and without a supervisor for light-touch supervision."""
        supervised = SupervisorAssignment.objects.current().filter(
            purpose=SupervisorAssignment.Purpose.LIGHT_TOUCH
        )
        return self.current().exclude(pk__in=supervised.values("membership"))

    def with_supervision(self) -> Self:
        """Fetch each one's current light-touch assignment as the list `supervision`."""
        assignments = SupervisorAssignment.objects.current().filter(
            purpose=SupervisorAssignment.Purpose.LIGHT_TOUCH
        )
        ordered = assignments.select_related("supervisor").order_by("starts_on")
        return self.prefetch_related(models.Prefetch("assignments", ordered, "supervision"))

    def pausable_by(self, user: User) -> Self:
        """Current ones that `user` may pause or resume: their own; for a head, all."""
        mine = self.current().filter(organisation_id=user.organisation_id)
        return mine if user.is_head else mine.filter(worker=user)

    def visible_to(self, user: User) -> Self:
        memberships = self.filter(organisation_id=user.organisation_id)
        if user.is_head:
            return memberships
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        return memberships.filter(Q(worker=user) | Q(pk__in=supervised.values("membership")))


class Membership(models.Model):
    """One worker's time in one cohort. Ended, never deleted.

    `left_on` is the first day on which the worker no longer belongs to it. `took_up_role_on` is the
    day on which they took up the role, where they came from another cohort.
    """

    class Stage(models.TextChoices):
        """Where a worker is in their time with the programme."""

        IN_TRAINING = "in_training", _("In training")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        STEPPED_DOWN = "stepped_down", _("Stepped down")
        ALUMNI = "alumni", _("Finished")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="memberships")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.IN_TRAINING)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    took_up_role_on = models.DateField(null=True, editable=False)
    line_manager_email = models.EmailField(_("line manager's e-mail address"), blank=True)
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placing = models.ForeignKey(
        Placing, on_delete=models.PROTECT, null=True, editable=False, related_name="memberships"
    )
    ended_by_placing = models.ForeignKey(
        Placing, on_delete=models.PROTECT, null=True, editable=False, related_name="left"
    )
    left_on_before = models.DateField(null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="membership_one_current_per_worker",
                expressions=[
                    (Only("worker"), RangeOperators.OVERLAPS),
                    (Days("joined_on", "left_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This worker is already in a cohort on these dates"),
            ),
            models.UniqueConstraint(
                name="membership_of_worker_in_organisation",
                fields=["id", "worker", "organisation"],
            ),
            models.CheckConstraint(
                name="membership_left_on_or_after_joining",
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                violation_error_message=_("The leaving date must not be before the joining date"),
            ),
            models.CheckConstraint(
                name="membership_took_up_role_before_joining",
                condition=Q(took_up_role_on=None) | Q(took_up_role_on__lt=F("joined_on")),
                violation_error_message=_("Nobody takes up the role after joining"),
            ),
            models.CheckConstraint(
                name="membership_stepped_down_or_finished_has_a_leaving_date",
                condition=~Q(stage__in=["stepped_down", "alumni"]) | Q(left_on__isnull=False),
                violation_error_message=_("Enter the day on which they left"),
            ),
            models.CheckConstraint(
                name="membership_ended_by_a_placing_has_a_leaving_date",
                condition=Q(ended_by_placing=None, left_on_before=None)
                | Q(ended_by_placing__isnull=False, left_on__isnull=False),
                violation_error_message=_("Enter the day on which they left"),
            ),
        ]
        indexes = [
            models.Index(fields=["cohort"], condition=Q(left_on=None), name="current_members")
        ]

    def __str__(self) -> str:
        return f"{self.worker} in {self.cohort}"

    @property
    def last_day_on(self) -> date | None:
        """The last day of belonging, as people say it."""
        return self.left_on and self.left_on - timedelta(days=1)

    @property
    def role_began_on(self) -> date:
        """The day from which months in the role are counted: a move does not begin them anew."""
        return self.took_up_role_on or self.joined_on

    def pause(self) -> None:
        """Owe this worker no e-mails until they resume. Nobody is asked why."""
        self.stage = self.Stage.PAUSED
        self.save(update_fields=["stage"])

    def resume(self) -> None:
        """Take up the role again where the cohort is now."""
        self.stage = self.first_stage(self.cohort)
        self.save(update_fields=["stage"])

    @classmethod
    def first_stage(cls, cohort: Cohort) -> Stage:
        """The stage of somebody who belongs to `cohort` now: trained once the cohort is."""
        trained = cohort.stage in {Cohort.Stage.ACTIVE, Cohort.Stage.CLOSED}
        return cls.Stage.ACTIVE if trained else cls.Stage.IN_TRAINING
