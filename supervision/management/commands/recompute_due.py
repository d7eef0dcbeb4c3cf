"""Recompute when sessions were last held and are next due."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from supervision import due


class Command(BaseCommand):
    """Mends what is kept on assignments; with --check it only counts."""

    help = "Recompute when each person's last session was and when the next is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only count differences; exit 1 if there are any"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            self.stdout.write(f"{due.recompute()} mended")
            return
        number = due.differences()
        self.stdout.write(f"{number} differences")
        if number:
            sys.exit(1)
