"""The same kill -9 schedule on each sender: what arrived twice, what never, and how much memory.

Figures of one run: a kill falls where it falls. `ratio` is of one more than each, as ours may be 0.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone
from redis import Redis

from bench import sink
from bench.groups.mail import MOST_MAILS, forget, invite, queue_up, unacknowledged
from bench.measure import Row
from bench.peers import celery_app, mailers, processes
from bench.world import World
from checkins.reminders import CheckInInvitation
from peersupport.accounts.models import User
from peersupport.reminders.models import Reminder

MOST_KILLS = 20
# A kill comes once so many more have arrived, and up to so many seconds later.
FEWEST, MOST = 5, 35
MOST_SECONDS_LATER = 0.02
QUIET_SECONDS = 3.0
MOST_SECONDS = 300


class Killable(Protocol):
    """A sender that has begun, or is about to."""

    def begin(self) -> None: ...
    def kill(self) -> None: ...
    def finish(self) -> None:
        """Begin, and wait until nothing more is sent."""


@dataclass(frozen=True)
class Way:
    """One way to send what `fill` queues. `held` is who waits for a person, or for an hour."""

    name: str
    fill: Callable[[], object]
    start: Callable[[], AbstractContextManager[Killable]]
    after_kill: Callable[[], None]
    held: Callable[[], set[str]]


@dataclass(frozen=True)
class Toll:
    """What became of all e-mails, in numbers. What is held may have arrived."""

    twice: int
    never: int
    held: int


def rows(world: World) -> Iterator[Row]:
    with celery_app.redis() as redis, sink.running() as arrived:
        yield from _killed(world, redis, arrived)
        yield from _memory(world, arrived)


def _killed(world: World, redis: Redis, arrived: sink.Noted) -> Iterator[Row]:
    kind, number = CheckInInvitation.name, min(world.psws * 9 // 10, MOST_MAILS)
    invite(world.organisation.pk, number)
    people = list(User.objects.filter(reminders__kind=kind).order_by("pk"))
    ours, *others = (
        _toll(way, arrived, len(people)) for way in _ways(world, redis, arrived, people)
    )
    for name, other in others:
        for unit in ("twice", "never", "held"):
            mine, theirs = getattr(ours[1], unit), getattr(other, unit)
            ratio = round((theirs + 1) / (mine + 1), 3)
            named = f"kills: {_kills(len(people))}"
            yield Row("mail", named, world.size, mine, theirs, name, ratio, unit, 1, 0.0)


def _ways(world: World, redis: Redis, arrived: sink.Noted, people: Sequence[User]) -> Iterator[Way]:
    kind, port = CheckInInvitation.name, arrived.port
    people_by_id = {person.pk: person for person in people}
    yield Way(
        processes.OURS,
        lambda: invite(world.organisation.pk, len(people)),
        partial(processes.running, port, processes.OURS),
        _let_the_lease_end,
        lambda: set(Reminder.objects.undecided().values_list("recipient__email", flat=True)),
    )
    queue = {
        processes.DJANGO_MAILER: mailers.queue_for_django_mailer,
        processes.POST_OFFICE_100: mailers.queue_for_post_office,
        processes.POST_OFFICE_1000: mailers.queue_for_post_office,
    }
    for name, fill in queue.items():

        def queued(fill: Callable[..., None] = fill) -> None:
            mailers.forget()
            fill(kind, people)

        yield Way(name, queued, partial(processes.running, port, name), lambda: None, set)
    yield Way(
        "a Celery task per mail",
        lambda: queue_up(redis, kind, [person.pk for person in people]),
        partial(_worker, arrived),
        lambda: None,
        lambda: {people_by_id[one].email for _kind, one in unacknowledged(redis)},
    )


def _let_the_lease_end() -> None:
    """What a dead sender had claimed is anybody's after five minutes: they pass at once here."""
    Reminder.objects.filter(claimed_until__gt=timezone.now()).update(claimed_until=timezone.now())


@dataclass(frozen=True)
class _Worker:
    """A Celery worker: it never says that it has finished."""

    worker: celery_app.Worker
    arrived: sink.Noted

    def begin(self) -> None:
        self.worker.begin()

    def kill(self) -> None:
        self.worker.kill()

    def finish(self) -> None:
        self.begin()
        _wait(_Quiet(self.arrived))


@contextmanager
def _worker(arrived: sink.Noted) -> Iterator[Killable]:
    with celery_app.worker(1, arrived.port) as worker:
        yield _Worker(worker, arrived)


def _kills(number: int) -> int:
    """How often to kill while so many e-mails are sent: some are left for the last."""
    return min(MOST_KILLS, number // (2 * MOST) + 1)


def _toll(way: Way, arrived: sink.Noted, number: int) -> tuple[str, Toll]:
    """Kill it so many times, let it finish, and count."""
    chance = random.Random(27)
    way.fill()
    arrived.forget()
    for _ in range(_kills(number)):
        with way.start() as sender:
            enough = arrived.number() + chance.randint(FEWEST, MOST)
            sender.begin()
            _wait(lambda enough=enough: arrived.number() >= enough)  # type: ignore[misc]
            sleep(chance.uniform(0, MOST_SECONDS_LATER))
            sender.kill()
        way.after_kill()
    with way.start() as sender:
        sender.finish()
    came, held = Counter(arrived.recipients()), way.held()
    return way.name, Toll(
        twice=came.total() - len(came), never=number - len(held | came.keys()), held=len(held)
    )


class _Quiet:
    """Whether nothing more arrives."""

    def __init__(self, arrived: sink.Noted) -> None:
        self.arrived = arrived
        self.number, self.since = -1, monotonic()

    def __call__(self) -> bool:
        if self.arrived.number() != self.number:
            self.number, self.since = self.arrived.number(), monotonic()
        return monotonic() - self.since > QUIET_SECONDS


def _wait(until: Callable[[], Any]) -> None:
    last = monotonic() + MOST_SECONDS
    while not until():
        if monotonic() > last:
            raise RuntimeError("A sender sends nothing")
        sleep(0.002)


def _memory(world: World, arrived: sink.Noted) -> Iterator[Row]:
    """The most memory that one sender has had after a few, and after all of the programme.

    And how often it commits for each e-mail, whatever else it does between them included.
    """
    few = min(1_000, world.psws // 10)
    peaks = {}
    for number in (few, world.psws):
        owed = invite(None, number)
        arrived.forget()
        commits = _commits()
        with processes.running(arrived.port) as sender:
            sender.begin()
            peaks[owed] = sender.end()
        commits = _commits() - commits
        if arrived.number() != owed:
            raise RuntimeError(f"Only {arrived.number()} of {owed} e-mails arrived")
    (fewer, small), (more, large) = peaks.items()
    yield Row(
        "mail",
        "memory",
        world.size,
        large,
        small,
        f"ours: {fewer:,} e-mails, not {more:,}",
        round(small / large, 3),
        "MB",
        1,
        0.0,
    )
    each = round(commits / more, 3)
    yield Row("mail", "send", world.size, each, 2, "goal", round(2 / each, 3), "commits", 1, 0.0)
    forget()


def _commits() -> int:
    """How many transactions this database has kept so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(), xact_commit FROM pg_stat_database "
            "WHERE datname = current_database()"
        )
        return int(cursor.fetchone()[1])
