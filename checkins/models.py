"""Check-ins, whom they are shared with, requests to talk, and help lines."""

from datetime import date, timedelta
from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkins import instruments, scoring
from cohorts.models import Leave, SupervisorAssignment
from peersupport.accounts.models import Nation, Organisation, RecordRead, Role, User


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Questions about check-ins. The answers belong to the PSW who wrote them."""

    def of(self, worker: User) -> Self:
        return self.filter(worker=worker, organisation_id=worker.organisation_id)

    def readable_by(self, user: User) -> Self:
        """One's own, and each that its PSW shares with `user` while `user` supervises them."""
        shared = Share.objects.in_force().filter(shared_with=user)
        supervised = SupervisorAssignment.objects.current().filter(supervisor=user)
        return self.filter(organisation_id=user.organisation_id).filter(
            Q(worker=user)
            | Q(pk__in=shared.values("check_in"), worker__in=supervised.values("worker"))
        )

    def of_others(self, user: User) -> Self:
        """What others share with `user` now, and since when."""
        shared = Share.objects.in_force().filter(check_in=OuterRef("pk"), shared_with=user)
        return (
            self.readable_by(user)
            .exclude(worker=user)
            .select_related("worker")
            .annotate(shared_at=Subquery(shared.values("shared_at")[:1]))
        )

    def with_shares(self) -> Self:
        """Each with the ids of those its worker shares it with, whether they may read it or not."""
        shares = Share.objects.in_force().filter(check_in=OuterRef("pk"))
        return self.annotate(shared_with_ids=ArraySubquery(shares.values("shared_with_id")))


class CheckIn(models.Model):
    """One PSW's answers on one day, by item key; a question that was skipped is left out.

    `score` is empty when too few were answered. Answers changed on the same day are saved again.
    """

    READ_KIND: ClassVar[str] = RecordRead.Kind.CHECK_IN

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="check_ins")
    instrument = models.CharField(max_length=40)
    instrument_version = models.PositiveSmallIntegerField(default=1)
    answered_on = models.DateField()
    answers = models.JSONField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="check_in_once_a_day",
                fields=["worker", "instrument", "answered_on"],
                violation_error_message=_("You have already checked in today"),
            ),
            models.UniqueConstraint(
                name="check_in_of_worker_in_organisation", fields=["id", "worker", "organisation"]
            ),
            models.CheckConstraint(
                name="check_in_has_an_answer",
                condition=~Q(answers={}),
                violation_error_message=_("Answer at least one question"),
            ),
            models.CheckConstraint(
                name="check_in_score_between_0_and_100",
                condition=Q(score=None) | Q(score__range=(0, 100)),
                violation_error_message=_("A score lies between 0 and 100"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} on {self.answered_on}"

    def get_absolute_url(self) -> str:
        return reverse("checkins:check-in-detail", args=[self.pk])

    @property
    def shown_score(self) -> int | None:
        """The score as pages show it; None when not all was answered."""
        return None if self.score is None else scoring.shown(self.score)

    @property
    def is_of_today(self) -> bool:
        """Whether its worker may still change it."""
        today: date = timezone.localdate()
        return self.answered_on == today

    @property
    def answers_in_words(self) -> list[tuple[scoring.Question, int | None]]:
        """Each question, and what was answered; None where it was skipped."""
        instrument = instruments.get(self.instrument)
        return [
            (instrument.question(item.key), self.answers.get(item.key)) for item in instrument.items
        ]


class ShareQuerySet(models.QuerySet["Share"]):
    """Questions about sharing."""

    def in_force(self) -> Self:
        return self.filter(taken_back_at=None)


class Share(models.Model):
    """A PSW's grant of one check-in to one person, taken back whenever they like."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="shares")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shared_with = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="share_once_at_a_time",
                fields=["check_in", "shared_with"],
                condition=Q(taken_back_at=None),
                violation_error_message=_("This check-in is already shared with this person"),
            ),
            models.CheckConstraint(
                name="share_is_with_somebody_else",
                condition=~Q(worker=F("shared_with")),
                violation_error_message=_("You can read your own check-ins already"),
            ),
        ]

    def __str__(self) -> str:
        return f"shared with {self.shared_with}"


class TalkRequestQuerySet(models.QuerySet["TalkRequest"]):
    """Questions about requests to talk."""

    def waiting(self) -> Self:
        return self.filter(acknowledged_at=None, withdrawn_at=None)

    def of(self, worker: User) -> Self:
        """Those `worker` made, the latest first."""
        return self.filter(worker=worker).select_related("asked").order_by("-asked_at")

    def standing(self) -> Self:
        """Those whose worker would still look for an answer: waiting, or answered lately."""
        lately = timezone.now() - timedelta(days=14)
        return self.filter(withdrawn_at=None).filter(
            Q(acknowledged_at=None) | Q(acknowledged_at__gt=lately)
        )

    def late(self) -> Self:
        """Waiting for longer than their organisation lets them."""
        hours = ExpressionWrapper(
            F("organisation__talk_hours") * Value(timedelta(hours=1)),
            output_field=models.DurationField(),
        )
        return self.waiting().filter(asked_at__lte=timezone.now() - hours)

    def passed_on(self) -> Self:
        """Those a head sees although somebody else was asked, who has gone, is away or is late."""
        return self.filter(
            Q(pk__in=TalkRequest.objects.stranded().values("pk"))
            | Q(pk__in=TalkRequest.objects.of_those_away().values("pk"))
            | Q(pk__in=TalkRequest.objects.late().values("pk"))
        )

    def of_those_away(self) -> Self:
        """Waiting for somebody who is on leave today."""
        return self.waiting().filter(asked__in=Leave.objects.on().values("person"))

    def stranded(self) -> Self:
        """Waiting for somebody who is neither the worker's supervisor nor a head any more."""
        supervises = SupervisorAssignment.objects.current().filter(
            supervisor=OuterRef("asked"), worker=OuterRef("worker")
        )
        supervisors, heads = User.objects.holding(Role.SUPERVISOR), User.objects.holding(Role.HEAD)
        return self.waiting().exclude(
            Q(Exists(supervises), asked__in=supervisors.values("pk"))
            | Q(asked__in=heads.values("pk"))
        )

    def answerable_by(self, user: User) -> Self:
        """Those asked of `user`, and for a head those that nobody else would answer in time.

        One that was taken back is gone.
        """
        theirs = Q(asked=user)
        if user.is_head:
            others = TalkRequest.objects.passed_on().exclude(worker=user)
            theirs |= Q(pk__in=others.values("pk"))
        return (
            self.filter(theirs, organisation_id=user.organisation_id, withdrawn_at=None)
            .select_related("worker", "asked")
            .order_by("asked_at", "pk")
        )

    def visible_to(self, user: User) -> Self:
        """One's own, and those asked of `user`."""
        return self.filter(organisation_id=user.organisation_id).filter(
            Q(worker=user) | Q(asked=user)
        )


class TalkRequest(models.Model):
    """ "I'd like to talk": it waits until the person asked acknowledges it.

    Whoever was asked keeps it, also when they no longer supervise the worker; then a head sees it
    too, so that it is not left with nobody, and becomes the one asked by answering. The worker sees
    who it is, and can take it back and ask somebody else.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="talk_requests")
    asked = models.ForeignKey(User, on_delete=models.PROTECT, related_name="talk_requests_received")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = TalkRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="talk_request_one_waiting_per_worker",
                fields=["worker"],
                condition=Q(acknowledged_at=None, withdrawn_at=None),
                violation_error_message=_("You have already asked to talk"),
            ),
            models.CheckConstraint(
                name="talk_request_is_to_somebody_else",
                condition=~Q(worker=F("asked")),
                violation_error_message=_("Choose somebody else to talk to"),
            ),
            models.CheckConstraint(
                name="talk_request_acknowledged_or_withdrawn_not_both",
                condition=Q(acknowledged_at=None) | Q(withdrawn_at=None),
                violation_error_message=_("This has been acknowledged already"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} would like to talk"

    @property
    def is_waiting(self) -> bool:
        return self.acknowledged_at is None and self.withdrawn_at is None

    @property
    def is_stranded(self) -> bool:
        """Whether it waits for somebody who has gone, so that heads see it. One query."""
        return self.is_waiting and TalkRequest.objects.stranded().filter(pk=self.pk).exists()

    @property
    def is_asked_of_one_away(self) -> bool:
        """Whether it waits for somebody who is away, so that heads see it. One query."""
        return self.is_waiting and TalkRequest.objects.of_those_away().filter(pk=self.pk).exists()

    @property
    def is_late(self) -> bool:
        """Whether it waits for longer than it may, so that heads see it."""
        hours = timedelta(hours=self.organisation.talk_hours)
        return self.is_waiting and timezone.now() >= self.asked_at + hours

    def acknowledge(self, *, by: User) -> None:
        """Say that `by` has been in touch. Later than a withdrawal it says nothing."""
        TalkRequest.objects.waiting().filter(pk=self.pk).update(
            acknowledged_at=timezone.now(), asked=by
        )

    def withdraw(self) -> None:
        """Stop asking. Later than an acknowledgement it says nothing."""
        TalkRequest.objects.waiting().filter(pk=self.pk).update(withdrawn_at=timezone.now())


class HelpLineQuerySet(models.QuerySet["HelpLine"]):
    """Questions about help lines."""

    def general(self) -> Self:
        """Those that come with the service, of every nation."""
        return self.filter(organisation=None)

    def shown_in(self, organisation: Organisation) -> Self:
        """The organisation's own, or the general ones until it has made the list its own."""
        own = HelpLine.objects.filter(organisation=organisation)
        return self.filter(
            Q(organisation=organisation)
            | Q(~Exists(own), organisation=None, nation__in=["", organisation.nation])
        )

    def manageable_by(self, user: User) -> Self:
        """Those `user` may change: the organisation's own, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()


class HelpLine(models.Model):
    """Somewhere to turn to now.

    Those without an organisation come with the service, for one nation or for all. An organisation
    that wants others makes the list its own first and then changes that.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="help_lines"
    )
    nation = models.CharField(max_length=3, choices=Nation.choices, blank=True)
    name = models.CharField(max_length=100)
    what = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=80, blank=True)
    web = models.URLField(blank=True)
    hours = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    review_on = models.DateField()

    objects = HelpLineQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="help_line_can_be_reached",
                condition=~Q(phone="", text="", web=""),
                violation_error_message=_("Enter a phone number, a text number or a web address"),
            ),
            models.UniqueConstraint(
                name="help_line_name_once_in_an_organisation",
                fields=["organisation", "name"],
                violation_error_message=_("Another help line has this name"),
            ),
            models.CheckConstraint(
                name="help_line_of_a_nation_or_an_organisation",
                condition=Q(organisation=None) | Q(nation=""),
                violation_error_message=_("An organisation's own help line has no nation"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def phone_link(self) -> str:
        """What a phone calls when the number is pressed."""
        return "tel:" + "".join(sign for sign in self.phone if sign in "+0123456789")

    @property
    def web_host(self) -> str:
        """The web address as people read it."""
        return (urlsplit(self.web).hostname or self.web).removeprefix("www.")

    @property
    def is_to_be_reviewed(self) -> bool:
        """Whether its review date has come."""
        today: date = timezone.localdate()
        return self.review_on <= today
