"""Acts of placing people, which can be taken back for a day."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Organisation, User

# For how long a placing can be taken back.
UNDO_LASTS = timedelta(hours=24)


class PlacingQuerySet(models.QuerySet["Placing"]):
    """Questions about placings."""

    def manageable_by(self, user: User) -> Self:
        """Those of the organisation, for a head."""
        return self.filter(organisation_id=user.organisation_id) if user.is_head else self.none()

    def undoable(self) -> Self:
        """Young enough to be taken back, and not taken back yet."""
        return self.filter(undone_at=None, placed_at__gt=timezone.now() - UNDO_LASTS)


class Placing(models.Model):
    """One act of placing people: what it made and what it ended can be taken back for a day."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cohort = models.ForeignKey("cohorts.Cohort", on_delete=models.PROTECT, related_name="placings")
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PlacingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="placing_in_organisation", fields=["id", "organisation"]),
            models.CheckConstraint(
                name="placing_undone_by_someone_at_some_time",
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                violation_error_message=_("Enter who took it back"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} {self.placed_at}"

    @property
    def undoable_until(self) -> datetime:
        return self.placed_at + UNDO_LASTS
