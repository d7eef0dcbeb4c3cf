"""The Celery application on a Monday morning: the clock of these processes is set by CLOCK_SHIFT.

Reminders go out on working days only, and tests have to pass on a Sunday too. Ticks come every
second instead of every two minutes.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

SHIFT = timedelta(seconds=float(os.environ["CLOCK_SHIFT"]))
time_machine.travel(datetime.now(UTC) + SHIFT).start()

from peersupport.celery import app  # noqa: E402

app.conf.beat_schedule = {
    "tick": {**app.conf.beat_schedule["tick"], "schedule": 1},
}
