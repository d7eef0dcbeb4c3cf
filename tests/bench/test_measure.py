"""What the benchmark says can be relied on."""

from collections.abc import Callable
from functools import partial
from itertools import count
from time import sleep
from typing import Any

import pytest
from django.db import connection

from bench.measure import FEWEST_ROUNDS, Contender, DifferentAnswers, Job, Row, compare


def contender(name: str, run: Callable[[], Any] = lambda: None, answer: Any = "same") -> Contender:
    return Contender(name, run, lambda _: answer)


def measured(ours: Contender, *peers: Contender, **job: Any) -> list[Row]:
    return compare(Job("group", "name", "1k", ours, peers, **job), seconds=0)


def test_nothing_is_timed_when_a_peer_answers_something_else() -> None:
    runs = count()
    peer = contender("peer", lambda: next(runs), answer="something else")

    with pytest.raises(DifferentAnswers, match="group, name: peer does not answer what we do"):
        measured(contender("ours"), peer)

    assert next(runs) == 1


def test_a_ratio_above_one_means_that_ours_takes_less_time() -> None:
    peer = contender("peer", lambda: sleep(0.02))

    [row] = measured(contender("ours", lambda: sleep(0.002)), peer, counts_queries=False)

    assert row.unit == "seconds"
    assert row.ours < row.peer
    assert row.ratio == pytest.approx(row.peer / row.ours, rel=0.01)


def test_a_ratio_above_one_means_that_ours_does_more_in_the_same_time() -> None:
    peer = contender("peer", lambda: sleep(0.02))

    [row] = measured(
        contender("ours", lambda: sleep(0.002)),
        peer,
        amount=10,
        unit="rows/s",
        counts_queries=False,
    )

    assert row.unit == "rows/s"
    assert row.ours > row.peer
    assert row.ratio == pytest.approx(row.ours / row.peer, rel=0.01)


def test_contenders_take_turns_and_each_begins_a_round() -> None:
    turns: list[str] = []
    names = ("a", "b", "c")
    ours, *peers = (contender(name, partial(turns.append, name)) for name in names)

    rows = measured(ours, *peers, counts_queries=False)

    assert "".join(turns) == "abc" + "abc" + "bca" + "cab" + "abc" + "bca"
    assert {row.rounds for row in rows} == {FEWEST_ROUNDS}


def test_preparing_is_neither_timed_nor_counted() -> None:
    ours = Contender("ours", lambda: None, lambda _: None, before=lambda: sleep(0.02))
    peer = Contender("peer", lambda: None, lambda _: None)

    [row] = measured(ours, peer, counts_queries=False)

    assert row.ours < 0.02


@pytest.mark.django_db
def test_every_query_is_counted() -> None:
    def ask(times: int) -> None:
        with connection.cursor() as cursor:
            for _ in range(times):
                cursor.execute("SELECT 1")

    times, queries = measured(
        contender("ours", lambda: ask(2)), contender("peer", lambda: ask(10_000))
    )

    assert times.unit == "seconds"
    assert (queries.unit, queries.ours, queries.peer, queries.ratio) == ("queries", 2, 10_000, 5000)


def test_a_goal_is_a_row_of_its_own() -> None:
    [row] = measured(contender("ours", lambda: sleep(0.01)), goals={"goal: 1 s": 1.0})

    assert (row.peer_name, row.peer, row.rounds) == ("goal: 1 s", 1.0, FEWEST_ROUNDS)
    assert row.ratio == pytest.approx(1 / row.ours, rel=0.01)
