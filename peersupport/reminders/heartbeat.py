"""When something that has to happen again and again happened last."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """One thing that beats, and when it did last."""

    class What(models.TextChoices):
        """What beats."""

        TICK = "tick", "a tick planned what is owed"
        SENDER = "sender", "a sender looked for what is due"

    what = models.CharField(max_length=10, choices=What.choices, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.what


def beat(what: str) -> None:
    """Note that this happened now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(what=what, beat_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["what"],
        update_fields=["beat_at"],
    )


def seconds_since(now: datetime | None = None) -> dict[str, int | None]:
    """How many seconds ago each beat last; None for what never did."""
    now = now or timezone.now()
    beats = dict(Heartbeat.objects.values_list("what", "beat_at"))
    return {
        what.value: int((now - beats[what]).total_seconds()) if what in beats else None
        for what in Heartbeat.What
    }
