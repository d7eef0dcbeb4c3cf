"""The tick: a broker says "look at the table". Losing one, or running two, changes nothing."""

import multiprocessing
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from peersupport.reminders import outbox, sender

_going_down = multiprocessing.Event()


@shared_task
def tick() -> None:
    """Write down what is owed, then send what is due."""
    try:
        outbox.plan()
    finally:
        sender.run(stop=sender.after_a_tick(_going_down.is_set))


@worker_shutting_down.connect
def _finish_the_message_in_hand(**_: Any) -> None:
    _going_down.set()
