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


def _kill_at(step: str, times: int) -> None:
    """Put the kill where `step` is."""
    from peersupport.reminders import claims

    left = [times]

    def counted() -> None:
        left[0] -= 1
        if left[0] == 0:
            die()

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*args: Any, **kwargs: Any) -> Any:
            counted()
            return function(*args, **kwargs)

        return dying

    def after(function: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*args: Any, **kwargs: Any) -> Any:
            came = function(*args, **kwargs)
            counted()
            return came

        return dying

    def after_words(send: Callable[..., Any]) -> Callable[..., Any]:
        def dying(server: smtplib.SMTP, words: str | bytes) -> None:
            send(server, words)
            if isinstance(words, bytes):  # a message; commands are text
                counted()

        return dying

    where: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "before claim": (claims, "claim", before),
        "after claim": (claims, "claim", after),
        "after sending": (claims, "begin", after),
        "after DATA": (smtplib.SMTP, "send", after_words),
        "after 250": (claims, "settle", before),
        "after commit": (claims, "settle", after),
    }
    module, name, when = where[step]
    setattr(module, name, when(getattr(module, name)))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peersupport.settings")
    django.setup()
    from django.core.management import call_command

    _kill_at(sys.argv[1], int(sys.argv[2]))
    call_command("send_reminders", "--drain")


if __name__ == "__main__":
    main()
