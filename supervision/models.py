"""Supervision sessions, who was there, and what was agreed."""

from datetime import date, datetime
from typing import ClassVar, Self

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Length, TruncMonth
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import SupervisorAssignment
from cohorts.ranges import Instants, Only
from peersupport.accounts.models import Organisation, RecordRead, User
from supervision.themes import Theme

__all__ = ["AgreedAction", "Attendance", "Session", "Theme"]


class SessionQuerySet(models.QuerySet["Session"]):
    """Questions the service asks about sessions."""

    def visible_to(self, user: User) -> Self:
        """Sessions whose date, kind and outcome `user` may see.

        A PSW sees their own; a supervisor those of current supervisees and those booked with them;
        a head all of the organisation.
        """
        sessions = self.filter(organisation_id=user.organisation_id)
        if user.is_head:
            return sessions
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        seen = Attendance.objects.filter(Q(worker=user) | Q(worker__in=supervised.values("worker")))
        return sessions.filter(pk__in=seen.values("session"))

    def confidential_to(self, user: User) -> Self:
        """Sessions whose themes, actions and shared note `user` may read.

        The PSWs who were there (or were meant to be, when it was not held), and the supervisor who
        held it as long as they supervise one of them. A later supervisor does not inherit the
        words: the form said who would read them.
        """
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        party = Attendance.objects.party()
        return self.filter(organisation_id=user.organisation_id).filter(
            Q(pk__in=party.filter(worker=user).values("session"))
            | Q(
                supervisor=user,
                pk__in=party.filter(worker__in=supervised.values("worker")).values("session"),
            )
        )

    def given_by(self, user: User) -> Self:
        """Sessions `user` gives and may still see: with somebody they supervise now."""
        return self.visible_to(user).filter(supervisor=user)

    def booked(self) -> Self:
        """Arranged, and neither logged nor cancelled."""
        return self.filter(outcome="", cancelled_at=None)

    def cancel(self, *, by: User) -> int:
        """Cancel those that are booked; say how many were."""
        return self.booked().update(cancelled_at=timezone.now(), cancelled_by=by)

    def to_come(self) -> Self:
        """Booked for today or later. An earlier one waits to be logged."""
        return self.booked().filter(held_on__gte=timezone.localdate())

    def to_log(self) -> Self:
        """Booked for today or before, first things first."""
        return self.booked().filter(held_on__lte=timezone.localdate()).order_by("starts_at", "pk")

    def held(self) -> Self:
        return self.filter(outcome=Session.Outcome.HELD, cancelled_at=None)

    def coming_for(self, worker: User) -> Self:
        """Sessions booked for `worker` with those who supervise them now, the next first."""
        supervising = SupervisorAssignment.objects.current().filter(worker=worker)
        return (
            self.to_come()
            .filter(attendances__worker=worker, supervisor__in=supervising.values("supervisor"))
            .select_related("supervisor")
            .order_by("starts_at", "pk")
        )

    def next_for(self, worker: User) -> "Session | None":
        return self.coming_for(worker).first()

    def past_for(self, worker: User) -> Self:
        """What became of the sessions `worker` was asked to, the latest first."""
        return (
            self.filter(attendances__worker=worker, cancelled_at=None)
            .exclude(outcome="")
            .select_related("supervisor")
            .order_by("-held_on", "-pk")
        )

    def held_by_month(self, organisation: Organisation, months: int = 6) -> list[tuple[date, int]]:
        """How many were held in each of the last `months`, oldest first, by its first day."""
        this_month = timezone.localdate().replace(day=1)
        firsts = [this_month - relativedelta(months=back) for back in range(months)][::-1]
        counted = dict(
            self.held()
            .filter(organisation=organisation, held_on__gte=firsts[0])
            .filter(held_on__lt=this_month + relativedelta(months=1))
            .values_list(TruncMonth("held_on"))
            .annotate(number=Count("pk"))
            .order_by()
        )
        return [(first, counted.get(first, 0)) for first in firsts]


class Session(models.Model):
    """One supervision meeting, one-to-one or group: booked, then logged; or logged straight away.

    `held_on` is the local date on which it is to be, or was. `starts_at` to `ends_at` is the time
    that was set aside for it; one logged without ever having been booked has only a date and a
    length. `form_key` is the form that wrote it: the same form pressed twice is one session.
    `rearranged_from` is the one that it took the place of. In calendars it is one event, however
    often it is moved: `calendar_uid`, and `calendar_sequence` for each move.
    """

    READ_KIND: ClassVar[str] = RecordRead.Kind.SESSION
    NO_TWO_AT_ONCE: ClassVar[str] = "session_no_two_at_once_for_a_supervisor"

    class Kind(models.TextChoices):
        """With one PSW or with several."""

        ONE_TO_ONE = "one_to_one", _("One-to-one")
        GROUP = "group", _("Group")

    class Mode(models.TextChoices):
        """How people met."""

        IN_PERSON = "in_person", _("In person")
        VIDEO = "video", _("Video call")
        PHONE = "phone", _("Phone")

    class Outcome(models.TextChoices):
        """What became of it. Empty while it is still to come."""

        HELD = "held", _("Held")
        REARRANGED = "rearranged", _("Rearranged")
        NOT_HELD = "not_held", _("Not held")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions_given")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.ONE_TO_ONE)
    mode = models.CharField(max_length=20, choices=Mode.choices, default=Mode.IN_PERSON)
    held_on = models.DateField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    themes = ArrayField(
        models.CharField(max_length=20, choices=Theme.choices), blank=True, default=list
    )
    shared_note = models.TextField(blank=True, max_length=2000)
    form_key = models.UUIDField(null=True, editable=False)
    booked_at = models.DateTimeField(null=True, editable=False)
    booked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    logged_at = models.DateTimeField(null=True, editable=False)
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    calendar_uid = models.UUIDField(db_default=RandomUUID(), editable=False)
    calendar_sequence = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    rearranged_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="rearranged_to"
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="session_no_two_at_once_for_a_supervisor",
                expressions=[
                    (Only("supervisor"), RangeOperators.OVERLAPS),
                    (Instants("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(starts_at__isnull=False, cancelled_at=None, outcome__in=["", "held"]),
                violation_error_message=_("There is already a session at this time"),
            ),
            models.UniqueConstraint(name="session_in_organisation", fields=["id", "organisation"]),
            models.UniqueConstraint(
                name="session_once_for_each_form",
                fields=["form_key"],
                violation_error_message=_("This session has already been saved"),
            ),
            models.CheckConstraint(
                name="session_themes_from_the_closed_list",
                condition=Q(themes__contained_by=Theme.values),
                violation_error_message=_("Choose themes from the list"),
            ),
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
                violation_error_message=_("A session must end after it starts"),
            ),
            models.CheckConstraint(
                name="session_lasts_between_five_minutes_and_four_hours",
                condition=Q(minutes__range=(5, 240)),
                violation_error_message=_("Enter a length between 5 minutes and 4 hours"),
            ),
            models.CheckConstraint(
                name="session_note_of_2000_characters_at_most",
                condition=LessThanOrEqual(Length("shared_note"), 2000),
                violation_error_message=_("Use 2,000 characters or fewer"),
            ),
            models.CheckConstraint(
                name="session_logged_by_someone_when_it_has_an_outcome",
                condition=Q(outcome="", logged_at=None, logged_by=None)
                | Q(~Q(outcome=""), logged_at__isnull=False, logged_by__isnull=False),
                violation_error_message=_("Enter what became of the session"),
            ),
            models.CheckConstraint(
                name="session_booked_by_someone_at_some_time",
                condition=Q(booked_at=None, booked_by=None)
                | Q(booked_at__isnull=False, booked_by__isnull=False, starts_at__isnull=False),
                violation_error_message=_("Enter when the session starts"),
            ),
            models.CheckConstraint(
                name="session_cancelled_by_someone_at_some_time",
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                violation_error_message=_("Enter who cancelled the session"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "starts_at"],
                condition=Q(outcome="", cancelled_at=None),
                name="sessions_to_come",
            ),
            models.Index(fields=["organisation", "held_on"], name="sessions_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("supervision:session-detail", args=[self.pk])

    @property
    def theme_labels(self) -> list[str]:
        """The themes in words, in the order of the list."""
        return [str(theme.label) for theme in Theme if theme in self.themes]

    @property
    def set_time(self) -> datetime | None:
        """The time set aside for it, unless it took place on another day."""
        if self.starts_at is None or timezone.localdate(self.starts_at) != self.held_on:
            return None
        return self.starts_at

    @property
    def is_booked(self) -> bool:
        """Whether it is arranged, and neither logged nor cancelled."""
        return not self.outcome and self.cancelled_at is None

    @property
    def is_group(self) -> bool:
        return self.kind == self.Kind.GROUP

    @property
    def has_words(self) -> bool:
        """Whether anything confidential was written down."""
        return bool(self.themes or self.shared_note or self.actions.all())

    def takes(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it claims any of this time for its supervisor."""
        if self.starts_at is None or self.ends_at is None or self.cancelled_at is not None:
            return False
        claims = self.outcome in {"", self.Outcome.HELD}
        return claims and self.starts_at < ends_at and self.ends_at > starts_at


def light_touch() -> list[str]:
    """What a session is for unless somebody is supervised for something else."""
    return [SupervisorAssignment.Purpose.LIGHT_TOUCH]


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Questions about who was there."""

    def visible_to(self, user: User) -> Self:
        """One's own, those of current supervisees, and for a head everybody's."""
        attendances = self.filter(organisation_id=user.organisation_id)
        if user.is_head:
            return attendances
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        return attendances.filter(Q(worker=user) | Q(worker__in=supervised.values("worker")))

    def party(self) -> Self:
        """Those who were there, or were meant to be at a session that was not held."""
        return self.filter(Q(attended=True) | ~Q(session__outcome=Session.Outcome.HELD))


class Attendance(models.Model):
    """One PSW at one session.

    `purposes` is what whoever held it supervised them for when it was logged.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendances")
    attended = models.BooleanField(default=True)
    purposes = ArrayField(
        models.CharField(max_length=20, choices=SupervisorAssignment.Purpose),
        default=light_touch,
        db_default=["light_touch"],
        editable=False,
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="attendance_once_per_session",
                fields=["session", "worker"],
                violation_error_message=_("This person is already in this session"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} at {self.session}"


class AgreedActionQuerySet(models.QuerySet["AgreedAction"]):
    """Questions about what was agreed."""

    def open(self) -> Self:
        return self.filter(done_at=None)

    def visible_to(self, user: User) -> Self:
        """Actions of sessions whose words `user` may read."""
        return self.filter(session__in=Session.objects.confidential_to(user))

    def of(self, user: User) -> Self:
        """What `user` said they would do, and what was agreed in their own sessions; soonest first.

        For a group session's action somebody else is the owner.
        """
        return (
            self.visible_to(user)
            .filter(Q(owner=user) | Q(session__attendances__worker=user))
            .select_related("owner", "session__supervisor")
            .order_by(F("due_on").asc(nulls_last=True), "pk")
            .distinct()
        )


class AgreedAction(models.Model):
    """Something to do, who does it, and by when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="actions")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="agreed_actions")
    words = models.CharField(max_length=200)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AgreedActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="action_done_by_someone_at_some_time",
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                violation_error_message=_("Enter who did it"),
            ),
        ]

    def __str__(self) -> str:
        return self.words
