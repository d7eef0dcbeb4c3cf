"""Write down which reminders are owed, as the tick does."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from peersupport.reminders import outbox


class Command(BaseCommand):
    """`plan_reminders [--now 2026-11-23T09:00]`."""

    help = "Write down which reminders are owed. Sends nothing; running it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", help="as if it were this instant (ISO 8601)")

    def handle(self, *args: Any, now: str | None, **options: Any) -> None:
        try:
            planned = outbox.plan(_instant(now))
        except outbox.NotPlanned as error:
            raise CommandError(f"Could not plan {error}; the others are planned") from error
        for name, number in planned.items():
            self.stdout.write(f"{name}: {number} new")


def _instant(words: str | None) -> datetime | None:
    if words is None:
        return None
    try:
        instant = datetime.fromisoformat(words)
    except ValueError as error:
        raise CommandError("Write --now as 2026-11-23T09:00 or 2026-11-23T09:00+00:00") from error
    return timezone.make_aware(instant) if timezone.is_naive(instant) else instant
