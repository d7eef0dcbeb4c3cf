"""Work on the roster files that wait, as the worker does every three seconds."""

from typing import Any

from django.core.management.base import BaseCommand

from cohorts.roster import work


class Command(BaseCommand):
    """`work_on_imports`, from cron or a systemd timer where there is no Celery."""

    help = "Check or write the roster files uploaded on the page. Any number may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        work.work_on_all()
