"""Two heads at once: proven by two real transactions that meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from cohorts import actions
from cohorts.models import Cohort, Membership
from cohorts.obstacles import AlreadyInACohort, CohortFull, NotPlaced
from peersupport.accounts.models import User
from tests import programme


def at_once(*acts: Callable[[], object]) -> list[type[Exception] | None]:
    """Run `acts` in transactions of their own at the same time; what each raised."""
    start = Barrier(len(acts), timeout=10)

    def run(act: Callable[[], object]) -> type[Exception] | None:
        try:
            start.wait()
            act()
        except NotPlaced as refusal:
            return type(refusal)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts, timeout=30))


def placing(worker: User, cohort: Cohort, by: User, move: bool = False) -> Callable[[], object]:
    return lambda: actions.place(worker, cohort=cohort, on=programme.today(), by=by, move=move)


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_do_not_both_take_the_last_place() -> None:
    where = programme.organisation()
    head, cohort = programme.head(where), programme.cohort(where, capacity=1)

    for _ in range(5):
        outcome = at_once(
            placing(programme.psw(where), cohort, head), placing(programme.psw(where), cohort, head)
        )
        members = Membership.objects.filter(cohort=cohort, left_on=None)

        assert sorted(outcome, key=str) == [CohortFull, None]
        assert members.count() == 1
        members.update(left_on=programme.today())


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_do_not_place_one_worker_twice() -> None:
    where = programme.organisation()
    head = programme.head(where)
    cohorts = [programme.cohort(where), programme.cohort(where)]

    for _ in range(5):
        worker = programme.psw(where)
        outcome = at_once(*(placing(worker, cohort, head) for cohort in cohorts))

        assert sorted(outcome, key=str) == [AlreadyInACohort, None]
        assert worker.memberships.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_who_change_places_do_not_wait_for_each_other() -> None:
    where = programme.organisation()
    head = programme.head(where)
    first, second = programme.cohort(where), programme.cohort(where)

    for _ in range(5):
        one, other = programme.psw(where), programme.psw(where)
        programme.member(one, first)
        programme.member(other, second)
        outcome = at_once(
            placing(one, second, head, move=True), placing(other, first, head, move=True)
        )

        assert outcome == [None, None]
