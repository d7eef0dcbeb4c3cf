"""Two people, or one person pressing twice, at the same moment: real transactions."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision import actions, due
from supervision.actions import Record
from supervision.models import Session
from supervision.slots import Slot, SlotTaken
from tests.supervision.conftest import Team, at, make_team

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 11, 23)


@pytest.fixture
def pair(monday_morning: object) -> Team:
    return make_team()


def together(*doings: Callable[[], object]) -> list[object]:
    """Do these at once, each in its own connection; what each gave or raised."""
    start = threading.Barrier(len(doings))

    def run(do: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return do()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(run, doings))


def test_one_form_pressed_five_times_at_once_is_one_session(pair: Team) -> None:
    key = uuid4()

    def log() -> Session:
        return actions.log_session(
            Record(held_on=TODAY, agreed="Ask", next_at=at(2026, 12, 21)),
            workers=[pair.blessing],
            by=pair.supervisor,
            form_key=key,
        )

    saved = together(*[log] * 5)

    assert len({session.pk for session in saved}) == 1
    assert Session.objects.count() == 2


def test_of_two_who_take_the_same_time_one_gets_it(pair: Team) -> None:
    doings = [
        lambda worker=worker: actions.book_session(
            Slot(at(2026, 12, 1)), workers=[worker], by=pair.supervisor, form_key=uuid4()
        )
        for worker in (pair.blessing, pair.rhys)
    ]

    for _ in range(20):
        results = together(*doings)

        assert sorted(type(result).__name__ for result in results) == ["Session", "SlotTaken"]
        Session.objects.all().cancel(by=pair.supervisor)


def test_whoever_writes_a_session_holds_everybody_in_it(pair: Team) -> None:
    """In the exclusion constraint two writers can wait for each other; here there is an order."""

    def somebody_else_takes(person: User) -> None:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True, nowait=True).get(pk=person.pk)

    with transaction.atomic():
        due.lock([pair.blessing, pair.rhys], by=pair.supervisor)
        refusals = together(
            *[
                lambda person=person: somebody_else_takes(person)
                for person in (pair.supervisor, pair.blessing, pair.rhys)
            ]
        )

    assert [type(refusal) for refusal in refusals] == [OperationalError] * 3


def test_what_the_database_refuses_at_the_last_moment_becomes_a_sentence(pair: Team) -> None:
    """A booking made past our locks is written, but not yet kept, when ours waits for it."""
    slot = Slot(at(2026, 12, 1))
    waiting = threading.Event()

    def first() -> Session:
        with transaction.atomic():
            session = Session.objects.create(
                organisation=pair.organisation,
                supervisor=pair.supervisor,
                held_on=slot.day,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
            )
            waiting.set()
            _wait_until_somebody_waits()
        return session

    def second() -> Session:
        waiting.wait(10)
        return actions.book_session(slot, workers=[pair.rhys], by=pair.supervisor, form_key=uuid4())

    mine, refusal = together(first, second)

    assert isinstance(refusal, SlotTaken)
    assert refusal.session == mine


def test_sessions_logged_at_once_leave_the_later_day(pair: Team) -> None:
    def log(day: date) -> Session:
        return actions.log_session(
            Record(held_on=day), workers=[pair.blessing], by=pair.supervisor, form_key=uuid4()
        )

    together(*[lambda day=day: log(date(2026, 11, day)) for day in (2, 20, 9, 16)])

    kept = SupervisorAssignment.objects.get(worker=pair.blessing)
    assert kept.last_held_on == date(2026, 11, 20)
    assert due.differences() == 0


def _wait_until_somebody_waits() -> None:
    """Return once another connection to this database waits for what this one holds."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waited")
