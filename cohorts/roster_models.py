"""A roster file on its way into the programme, and what came of each of its rows."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Organisation, User

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
UNCONFIRMED_LASTS = timedelta(days=7)
ROWS_LAST = timedelta(days=30)


class ClaimLost(Exception):
    """Another worker has taken this import over, or somebody has discarded it."""


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    """Questions about roster imports."""

    def visible_to(self, user: User) -> Self:
        """Those of the organisation, for a head; without the files themselves."""
        if not user.is_head:
            return self.none()
        return self.filter(organisation_id=user.organisation_id).defer("content")

    def waiting_for_a_worker(self, now: datetime) -> Self:
        """To be read or written, and in nobody's hands (or in those of a worker that died)."""
        return self.filter(
            Q(state__in=[RosterImport.State.WAITING, RosterImport.State.CONFIRMED])
            | Q(state__in=RosterImport.IN_HAND, claimed_until__lte=now)
        )

    def claim(self) -> "RosterImport | None":
        """Take the oldest that waits for a worker, for as long as a lease lasts."""
        now = timezone.now()
        with transaction.atomic():
            found = (
                self.waiting_for_a_worker(now)
                .select_related("organisation", "confirmed_by")
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("uploaded_at", "pk")
                .first()
            )
            if found is not None:
                found.take(now)
        return found

    def expire(self) -> None:
        """Let go of files nobody confirmed, and of the rows of imports that are long over."""
        now = timezone.now()
        self.filter(
            state=RosterImport.State.CHECKED, uploaded_at__lt=now - UNCONFIRMED_LASTS
        ).update(state=RosterImport.State.DISCARDED, content=None, settled_at=now)
        RosterImportRow.objects.filter(
            Q(roster_import__state=RosterImport.State.DISCARDED)
            | Q(roster_import__settled_at__lt=now - ROWS_LAST)
        ).delete()


class RosterImport(models.Model):
    """One roster file: uploaded, checked, confirmed by a person, then written.

    The file lives here and on no host's disk until it is settled. A worker holds an import by
    `claim` until `claimed_until`; whoever holds an older claim can change nothing any more.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("Waiting to be read")
        CHECKING = "checking", _("Being read")
        CHECKED = "checked", _("Waiting for you")
        CONFIRMED = "confirmed", _("Waiting to be imported")
        APPLYING = "applying", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not read")
        DISCARDED = "discarded", _("Discarded")

    IN_HAND = (State.CHECKING, State.APPLYING)
    UNSETTLED = (State.WAITING, State.CHECKING, State.CHECKED, State.CONFIRMED, State.APPLYING)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, editable=False)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    header = models.JSONField(default=list)
    columns_missing = models.JSONField(default=list)
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="roster_import_in_organisation", fields=["id", "organisation"]
            ),
            models.CheckConstraint(
                name="roster_import_holds_its_file_until_it_is_settled",
                condition=Q(
                    state__in=["waiting", "checking", "checked", "confirmed", "applying"],
                    content__isnull=False,
                    settled_at=None,
                )
                | Q(
                    state__in=["done", "failed", "discarded"],
                    content=None,
                    settled_at__isnull=False,
                ),
                violation_error_message=_("Enter when the import was settled"),
            ),
            models.CheckConstraint(
                name="roster_import_claimed_until_its_lease_ends",
                condition=Q(
                    state__in=["checking", "applying"],
                    claim__isnull=False,
                    claimed_until__isnull=False,
                )
                | ~Q(state__in=["checking", "applying"]),
                violation_error_message=_("Enter until when the import is claimed"),
            ),
            models.CheckConstraint(
                name="roster_import_confirmed_by_someone_at_some_time",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                violation_error_message=_("Enter who confirmed the import"),
            ),
            models.CheckConstraint(
                name="roster_import_written_only_when_confirmed",
                condition=~Q(state__in=["confirmed", "applying", "done"])
                | Q(confirmed_at__isnull=False),
                violation_error_message=_("Confirm the import first"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(state__in=["waiting", "confirmed", "checking", "applying"]),
                name="roster_imports_to_work_on",
            ),
            models.Index(fields=["organisation", "-uploaded_at"], name="roster_imports_of_org"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("cohorts:roster-import-detail", args=[self.pk])

    @property
    def title(self) -> str:
        """What its page is called, at this moment."""
        names = {
            self.State.CHECKED: _("Check %(file)s"),
            self.State.CONFIRMED: _("Importing %(file)s"),
            self.State.APPLYING: _("Importing %(file)s"),
            self.State.DONE: _("%(file)s is imported"),
            self.State.FAILED: _("%(file)s could not be imported"),
            self.State.DISCARDED: _("%(file)s was discarded"),
        }
        name = names.get(self.State(self.state), _("Reading %(file)s"))
        return name % {"file": self.file_name}

    @property
    def changes(self) -> int:
        """How many rows change something."""
        return self.created + self.updated

    @property
    def is_working(self) -> bool:
        """Whether a worker has it, or will have it in a moment."""
        return self.state in (*self.IN_HAND, self.State.WAITING, self.State.CONFIRMED)

    @property
    def is_being_read(self) -> bool:
        """Whether it is on its way to be checked, rather than to be written."""
        return self.state in (self.State.WAITING, self.State.CHECKING)

    @property
    def first_to_show(self) -> str:
        """The list that matters most: what cannot be read, then what changes."""
        outcomes = RosterImportRow.Outcome
        order = (outcomes.REFUSED, outcomes.CREATED, outcomes.UPDATED)
        return next((each for each in order if getattr(self, each)), outcomes.UNCHANGED)

    def take(self, now: datetime) -> None:
        """Hold this import for one lease, in the caller's transaction."""
        reading = self.state in (self.State.WAITING, self.State.CHECKING)
        self.state = self.State.CHECKING if reading else self.State.APPLYING
        self.claim = uuid.uuid4()
        self.claimed_until = now + LEASE
        self.attempts += 1
        self.save(update_fields=["state", "claim", "claimed_until", "attempts"])

    def hold(self, **facts: object) -> None:
        """Write down `facts` and renew the lease. Raises ClaimLost when it is no longer ours."""
        facts = {"claimed_until": timezone.now() + LEASE, **facts}
        held = RosterImport.objects.filter(
            pk=self.pk, claim=self.claim, state__in=self.IN_HAND
        ).update(**facts)
        if not held:
            raise ClaimLost(self)
        for name, value in facts.items():
            setattr(self, name, value)

    def let_go(self) -> None:
        """End the lease at once, so that the next tick may try again."""
        RosterImport.objects.filter(pk=self.pk, claim=self.claim, state__in=self.IN_HAND).update(
            claimed_until=timezone.now()
        )

    def settle(self, state: State, reason: str = "", **facts: object) -> None:
        """End the work that is claimed; the file is let go."""
        self.hold(state=state, reason=reason, content=None, settled_at=timezone.now(), **facts)

    def confirm(self, *, by: User) -> bool:
        """Ask for a checked import to be written. Pressed twice, it is asked for once."""
        return bool(
            RosterImport.objects.filter(pk=self.pk, state=self.State.CHECKED).update(
                state=self.State.CONFIRMED,
                confirmed_at=timezone.now(),
                confirmed_by=by,
                attempts=0,
                rows_done=0,
            )
        )

    @transaction.atomic
    def discard(self) -> bool:
        """Let the file and its rows go, unless it is being written already."""
        discarded = RosterImport.objects.filter(
            pk=self.pk,
            state__in=[self.State.WAITING, self.State.CHECKING, self.State.CHECKED],
        ).update(state=self.State.DISCARDED, content=None, settled_at=timezone.now())
        if discarded:
            self.rows.all().delete()
        return bool(discarded)


class RosterImportRow(models.Model):
    """What would come, or came, of one row of a roster file; or a person who is not in it."""

    class Outcome(models.TextChoices):
        """What becomes of a row."""

        CREATED = "created", _("New")
        UPDATED = "updated", _("Updated")
        UNCHANGED = "unchanged", _("The same")
        REFUSED = "refused", _("Cannot be read")
        MISSING = "missing", _("Not in the file")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=310, blank=True)
    email = models.CharField(max_length=254, blank=True)
    # created: [[column, "", new]]; updated: [[column, old, new]]; refused: [[column, cell, advice]]
    details = models.JSONField(default=list)
    cells = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="roster_row_once_in_an_import",
                fields=["roster_import", "number"],
                violation_error_message=_("This row has been read already"),
            ),
            models.CheckConstraint(
                name="roster_row_has_a_number_unless_it_is_not_in_the_file",
                condition=Q(outcome="missing", number=None)
                | Q(~Q(outcome="missing"), number__isnull=False),
                violation_error_message=_("Enter the number of the row"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["roster_import", "outcome", "number", "id"], name="roster_rows_by_outcome"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def new_values(self) -> dict[str, str]:
        """What a new row says, by column."""
        return {column: new for column, _old, new in self.details}
