"""E-mails: writing down what is owed, and sending it, beside a Celery task for each."""

import base64
import json
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from time import monotonic, sleep
from typing import Any

from django.db import connection
from django.test import override_settings
from django.utils import timezone
from redis import Redis

from bench import sink
from bench.groups.pages import OURS
from bench.measure import LIMIT, Contender, Job
from bench.peers import celery_app, mailers, processes
from bench.world import World
from checkins.reminders import CheckInInvitation
from peersupport.reminders import letters, outbox, sender
from peersupport.reminders.bundles import bundled
from peersupport.reminders.models import Reminder

QUEUE = f"{celery_app.PREFIX}{celery_app.QUEUE}"
MOST_MAILS = 1_000
SEND_SECONDS = 300

_INVITED = """
INSERT INTO reminders_reminder (
    organisation_id, recipient_id, kind, key, about, state, reason, reply, attempts,
    planned_at, due_at, try_at
)
SELECT organisation_id, worker_id, %(kind)s, format('bench:%%s', worker_id),
    jsonb_build_object('membership', id), 'due', '', '', 0, %(now)s, %(now)s, %(now)s
FROM cohorts_membership
WHERE stage = 'active' AND organisation_id = coalesce(%(organisation)s, organisation_id)
ORDER BY id LIMIT %(limit)s
"""


def jobs(world: World) -> Iterator[Job]:
    with celery_app.redis() as redis:
        yield _planning(world, redis)
        yield from _sending(world, redis)


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reminders_reminder")


def invite(organisation: int | None, number: int) -> int:
    """Owe so many check-in invitations, on any day, and nothing else; how many there are."""
    forget()
    invited: dict[str, Any] = {"kind": CheckInInvitation.name, "organisation": organisation}
    with connection.cursor() as cursor:
        cursor.execute(_INVITED, invited | {"limit": number, "now": timezone.now()})
        owed = cursor.rowcount
        cursor.execute("ANALYZE reminders_reminder")  # as planning many does
    return owed


def _planned() -> list[tuple[str, int]]:
    return sorted(Reminder.objects.values_list("kind", "recipient"))


def _planning(world: World, redis: Redis) -> Job:
    """All kinds for everybody. The peers are told who is owed what; we find out."""
    forget()
    outbox.plan()
    planned = _planned()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE planned AS SELECT * FROM reminders_reminder")
        cursor.execute("ALTER TABLE planned DROP COLUMN id")
    columns = ", ".join(
        field.attname for field in Reminder._meta.concrete_fields if field.name != "id"
    )

    def delay() -> None:
        for kind, recipient in planned:
            celery_app.send.delay(kind, recipient)

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO reminders_reminder ({columns}) SELECT {columns} FROM planned"
            )

    ready_made = list(Reminder.objects.all())

    def in_bulk() -> None:
        for one in ready_made:
            one.pk = None
        Reminder.objects.bulk_create(ready_made, batch_size=1000, ignore_conflicts=True)

    return Job(
        "mail",
        "plan",
        world.size,
        ours=Contender(OURS, outbox.plan, lambda _: _planned(), forget),
        peers=[
            Contender(
                "delay() for each",
                delay,
                lambda _: _queued(redis),
                before=lambda: _clear(redis),
            ),
            Contender("bulk_create, told what", in_bulk, lambda _: _planned(), forget),
            Contender(f"{LIMIT}insert the rows ready made", insert, lambda _: _planned(), forget),
        ],
        amount=len(planned),
        unit="rows/s",
    )


def _clear(redis: Redis) -> None:
    redis.delete(QUEUE)


def _queued(redis: Redis) -> list[tuple[str, int]]:
    """What the tasks on the queue are called with."""
    return sorted(_called_with(json.loads(task)) for task in redis.lrange(QUEUE, 0, -1))


def unacknowledged(redis: Redis) -> list[tuple[str, int]]:
    """The same of tasks that a worker took along when it died: they come back after an hour."""
    taken = redis.hvals(f"{celery_app.PREFIX}unacked")
    return [_called_with(json.loads(task)[0]) for task in taken]


def _called_with(task: dict[str, str]) -> tuple[str, int]:
    (kind, recipient), *_rest = json.loads(base64.b64decode(task["body"]))
    return kind, recipient


def _sending(world: World, redis: Redis) -> Iterator[Job]:
    """Check-in invitations to so many, on any day and at any hour."""
    CheckInInvitation.waits_for_office_hours = False
    kind, number = CheckInInvitation.name, min(world.psws * 9 // 10, MOST_MAILS)

    def owe() -> None:
        invite(world.organisation.pk, number)
        arrived.forget()

    with ExitStack() as stack:
        arrived = stack.enter_context(sink.running())
        smtp = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": arrived.port}
        backend = "django.core.mail.backends.smtp.EmailBackend"
        stack.enter_context(override_settings(EMAIL_BACKEND=backend, **smtp))
        owe()
        reminders = list(Reminder.objects.select_related("recipient", "organisation"))
        recipients = [reminder.to.pk for reminder in reminders]

        def answer(_came: Any) -> list[str]:
            return sorted(arrived.recipients())

        workers = [
            _tasks(
                stack.enter_context(celery_app.worker(processes, arrived.port)),
                f"a Celery task per mail, {processes} at once",
                lambda: queue_up(redis, kind, recipients),
                arrived,
                number,
            )
            for processes in (1, 2)
        ]
        letter = _letters(reminders)
        people = [reminder.to for reminder in reminders]
        two = [stack.enter_context(processes.running(arrived.port)) for _ in range(2)]

        def queue_nothing() -> None:
            mailers.forget()
            arrived.forget()

        def both() -> None:
            for one in two:
                one.begin()
            for one in two:
                one.end()

        yield Job(
            "mail",
            "send",
            world.size,
            ours=Contender(f"{OURS}, one process", sender.run, answer, owe),
            peers=[
                *workers,
                *(
                    Contender(name, partial(how, kind, people), answer, queue_nothing)
                    for name, how in _OTHERS.items()
                ),
                Contender(f"{OURS}, two processes", both, answer, owe),
                Contender(
                    f"{LIMIT}smtplib, letters ready made",
                    lambda: _hand_over(letter, arrived.port),
                    answer,
                    arrived.forget,
                ),
            ],
            amount=number,
            unit="mails/s",
            counts_queries=False,
        )


_OTHERS: dict[str, Callable[..., None]] = {
    "Django, one connection kept": mailers.reused_connection,
    processes.DJANGO_MAILER: mailers.django_mailer,
    processes.POST_OFFICE_100: partial(mailers.post_office, batch=100),
    processes.POST_OFFICE_1000: partial(mailers.post_office, batch=1000),
}


def queue_up(redis: Redis, kind: str, recipients: Sequence[int]) -> None:
    _clear(redis)
    for recipient in recipients:
        celery_app.send.delay(kind, recipient)


def _tasks(
    worker: celery_app.Worker, name: str, fill: Callable[[], None], arrived: sink.Noted, number: int
) -> Contender:
    """All tasks are on the queue before the clock starts."""

    def before() -> None:
        worker.rest()
        arrived.forget()
        fill()

    def run() -> None:
        worker.begin()
        until = monotonic() + SEND_SECONDS
        while arrived.number() < number:
            if monotonic() > until:
                raise RuntimeError(f"Only {arrived.number()} of {number} e-mails arrived")
            sleep(0.005)

    return Contender(name, run, lambda _: sorted(arrived.recipients()), before)


def _letters(reminders: Sequence[Reminder]) -> list[tuple[str, str, bytes]]:
    facts = {"link": "/check-ins/new/"}
    said = ((reminder, letters.said(reminder, facts)) for reminder in reminders)
    made = (letters.write(bundle, parts) for bundle, parts in bundled(said))
    return [(letter.sender, letter.recipient, letter.raw) for letter in made]


def _hand_over(made: Sequence[tuple[str, str, bytes]], port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for who, whom, words in made:
            server.sendmail(who, whom, words)
