"""Send the reminders that are due, as the tick does."""

import signal
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from peersupport.reminders import sender


class Command(BaseCommand):
    """`send_reminders [--drain]`, from cron or a systemd timer; any number at once."""

    help = "Send the reminders that are due. Stops on SIGTERM after the message in hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--drain",
            action="store_true",
            help="until nothing is due, however long it takes; else for one tick",
        )

    def handle(self, *args: Any, drain: bool, **options: Any) -> None:
        with _asked_to_stop() as asked:
            tally = sender.run(stop=asked if drain else sender.after_a_tick(asked))
        for state, number in sorted(tally.items()):
            self.stdout.write(f"{state}: {number}")


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Tells whether SIGTERM or Ctrl-C came; meanwhile they end nothing by themselves."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
