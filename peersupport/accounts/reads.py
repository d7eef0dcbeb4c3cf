"""Who has opened whose confidential record."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from peersupport.accounts.models import User


class RecordReadQuerySet(models.QuerySet["RecordRead"]):
    """Questions about who has opened whose record."""

    def about(self, person: "User") -> Self:
        return self.filter(subject=person)


class RecordRead(models.Model):
    """One opening of one person's confidential record. Written when it is shown, never changed."""

    class Kind(models.TextChoices):
        """What was opened."""

        SESSION = "session", _("Supervision session")
        CHECK_IN = "check_in", _("Check-in")

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    reader = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="record_reads"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    record_id = models.BigIntegerField()
    record_on = models.DateField()
    read_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RecordReadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject", "-read_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.record_id}"

    @classmethod
    def note(cls, reader: "User", subjects: "Iterable[User]", *, record: Any, on: Any) -> None:
        """Write down that `reader` opened `record` (dated `on`), which is about `subjects`."""
        cls.objects.bulk_create(
            cls(
                organisation_id=reader.organisation_id,
                reader=reader,
                subject=subject,
                kind=record.READ_KIND,
                record_id=record.pk,
                record_on=on,
            )
            for subject in subjects
        )
