"""What Celery does for cohorts."""

from celery import shared_task

from cohorts.roster import work


@shared_task
def work_on_roster_imports() -> None:
    """Every three seconds: check or write the roster files that wait."""
    work.work_on_all()
