"""A sender that dies at one step: `python -m tests.faults.dying_sender STEP TIMES`.

It is `manage.py send_reminders --drain`, and gets SIGKILL when it comes to STEP for the last of so
many times. It runs the service's own code, with a kill put before or after one function of it.
"""

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from typing import Any

import django

STEPS = (
    "before claim",
    "after claim",
    "after sending",
    "after DATA",
    "after 250",
    "after commit",
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Puts the kill before or after a function, for when it is called the last of so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            die()

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            return function(*args, **kwargs)

        return dying

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*args: Any, **kwargs: Any) -> Any:
            came = function(*args, **kwargs)
            self.tick()
            return came

        return dying

    def after_words(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def dying(server: smtplib.SMTP, words: str | bytes) -> None:
            send(server, words)
            if isinstance(words, bytes):  # a message; commands are text
                self.tick()

        return dying


def _kill_at(step: str, countdown: Countdown) -> None:
    """Put the kill where `step` is."""
    from peersupport.reminders import claims

    # A message is settled in the transaction that begins the next, and the last one in its own.
    where: dict[str, tuple[Any, tuple[str, ...], Callable[..., Any]]] = {
        "before claim": (claims, ("claim",), countdown.before),
        "after claim": (claims, ("claim",), countdown.after),
        "after sending": (claims, ("begin", "settle_and_begin"), countdown.after),
        "after DATA": (smtplib.SMTP, ("send",), countdown.after_words),
        "after 250": (claims, ("settle", "settle_and_begin"), countdown.before),
        "after commit": (claims, ("settle",), countdown.after),
    }
    module, names, when = where[step]
    for name in names:
        setattr(module, name, when(getattr(module, name)))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")
    django.setup()
    from django.core.management import call_command

    _kill_at(sys.argv[1], Countdown(int(sys.argv[2])))
    call_command("send_reminders", "--drain")


if __name__ == "__main__":
    main()
