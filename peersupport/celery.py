"""The Celery application: it only ever says "look at the tables"."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")

app = Celery("peersupport")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_service_does(loglevel: int | None = None, **_: Any) -> None:
    """Keep LOGGING as Django set it up, at the level the command line asks for.

    Celery's own handlers would write down all that a database says about a row.
    """
    if loglevel:
        logging.getLogger().setLevel(loglevel)
