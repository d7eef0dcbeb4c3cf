"""Others who send e-mail from Django: each writes the same letters, then sends what it has queued.

None of them promises what the outbox does; they are as their documentation shows them, over SMTP.
"""

from collections.abc import Sequence

from django.core.mail import get_connection
from django.test import override_settings
from mailer.backend import DbBackend
from mailer.engine import send_all
from mailer.models import Message, MessageLog
from post_office import mail
from post_office.models import STATUS, Email, Log

from bench.peers.celery_app import write
from peersupport.accounts.models import User


def reused_connection(kind: str, people: Sequence[User]) -> None:
    """Django alone: a loop, over one connection. Nothing is written down."""
    with get_connection() as connection:
        for person in people:
            message = write(kind, person)
            message.connection = connection
            message.send()


def django_mailer(kind: str, people: Sequence[User]) -> None:
    queue_for_django_mailer(kind, people)
    send_all()


def queue_for_django_mailer(kind: str, people: Sequence[User]) -> None:
    DbBackend().send_messages([write(kind, person) for person in people])


def post_office(kind: str, people: Sequence[User], batch: int) -> None:
    queue_for_post_office(kind, people)
    send_queued(batch)


def queue_for_post_office(kind: str, people: Sequence[User]) -> None:
    mail.send_many([_as_post_office_takes_it(write(kind, person)) for person in people])


def send_queued(batch: int) -> None:
    """All that post_office has, in one process, in batches of `batch`."""
    with override_settings(POST_OFFICE={"BATCH_SIZE": batch}):
        while Email.objects.filter(status=STATUS.queued).exists():
            mail.send_queued(processes=1, log_level=1)


def _as_post_office_takes_it(message: object) -> dict[str, object]:
    return {
        "recipients": list(message.to),  # type: ignore[attr-defined]
        "sender": message.from_email,  # type: ignore[attr-defined]
        "subject": message.subject,  # type: ignore[attr-defined]
        "message": message.body,  # type: ignore[attr-defined]
        "html_message": message.alternatives[0][0],  # type: ignore[attr-defined]
    }


def forget() -> None:
    """What any of them has queued or logged."""
    Log.objects.all().delete()
    Email.objects.all().delete()
    MessageLog.objects.all().delete()
    Message.objects.all().delete()
