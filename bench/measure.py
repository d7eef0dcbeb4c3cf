"""How one job is measured: answers first, then rounds in turn."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.db import connection

FEWEST_ROUNDS, MOST_ROUNDS = 5, 25
SECONDS_A_JOB = 20.0  # for all rounds together, unless the fewest take longer
SLOW = 20.0  # what takes longer than this many seconds is measured once

LIMIT = "limit: "


class DifferentAnswers(Exception):
    """Two contenders do not do the same job; nothing was timed."""


def nothing() -> None:
    """What most contenders need before each run."""


@dataclass(frozen=True)
class Contender:
    """One way to do a job. Only `run` is timed; `answer` says what came of it."""

    name: str
    run: Callable[[], Any]
    answer: Callable[[Any], Any]
    before: Callable[[], None] = nothing


@dataclass(frozen=True)
class Job:
    """Something that we and others do, with the same outcome.

    With an `amount` it is measured as a rate, `unit` says of what. `goals` are bounds in seconds.
    """

    group: str
    name: str
    size: str
    ours: Contender
    peers: Sequence[Contender]
    amount: int | None = None
    unit: str = "seconds"
    goals: Mapping[str, float] = field(default_factory=dict)
    counts_queries: bool = True


@dataclass(frozen=True)
class Row:
    """One line of the outcome. `ratio` above 1 means that ours is better.

    `ours` and `peer` are medians; `spread` is the range of the middle half of ours, as a share of
    its median.
    """

    group: str
    name: str
    size: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str
    rounds: int
    spread: float


@dataclass(frozen=True)
class First:
    """The run in which nothing is timed for the record."""

    answer: Any
    queries: int
    seconds: float


def compare(job: Job, seconds: float = SECONDS_A_JOB) -> list[Row]:
    """Measure `job` in about so many seconds; one row for each peer and unit.

    Raises DifferentAnswers before anything is timed.
    """
    contenders = [job.ours, *job.peers]
    firsts = [_first(contender) for contender in contenders]
    for peer, first in zip(job.peers, firsts[1:], strict=True):
        _same(job, peer, firsts[0].answer, first.answer)
    ours, *theirs = _rounds(contenders, [first.seconds for first in firsts], seconds)
    rows = []
    for peer, first, times in zip(job.peers, firsts[1:], theirs, strict=True):
        rows.append(_times(job, peer.name, ours, times))
        if job.counts_queries:
            rows.append(_queries(job, peer.name, firsts[0].queries, first.queries))
    rows += [_times(job, name, ours, [bound]) for name, bound in job.goals.items()]
    return rows


def _first(contender: Contender) -> First:
    """The answer and the number of queries; it also warms up what is kept between runs."""
    contender.before()
    with _counted_queries() as queries:
        started = perf_counter()
        came = contender.run()
        seconds = perf_counter() - started
    return First(contender.answer(came), len(queries), seconds)


@contextmanager
def _counted_queries() -> Iterator[list[str]]:
    """Every statement that our process sends while the block runs."""
    sent: list[str] = []

    def count(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        sent.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(count):
        yield sent


def _same(job: Job, peer: Contender, ours: Any, theirs: Any) -> None:
    if ours != theirs:
        raise DifferentAnswers(
            f"{job.group}, {job.name}: {peer.name} does not answer what we do.\n"
            f"ours:   {str(ours)[:1000]}\ntheirs: {str(theirs)[:1000]}"
        )


def _rounds(
    contenders: Sequence[Contender], firsts: Sequence[float], seconds: float
) -> list[list[float]]:
    """Seconds of each contender in every round; each round begins with another one."""
    times: list[list[float]] = [[first] if first > SLOW else [] for first in firsts]
    turns = [at for at, first in enumerate(firsts) if first <= SLOW]
    a_round = sum(firsts[at] for at in turns)
    rounds = min(max(int(seconds / a_round), FEWEST_ROUNDS), MOST_ROUNDS)
    for number in range(rounds):
        begin = number % len(turns)
        for at in turns[begin:] + turns[:begin]:
            times[at].append(_seconds(contenders[at]))
    return times


def _seconds(contender: Contender) -> float:
    contender.before()
    gc.collect()
    started = perf_counter()
    contender.run()
    return perf_counter() - started


def _times(job: Job, peer_name: str, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    ratio = median(theirs) / median(ours)
    if job.amount is None:
        values = median(ours), median(theirs)
    else:
        values = job.amount / median(ours), job.amount / median(theirs)
    rounds = min(len(ours), len(theirs)) if peer_name not in job.goals else len(ours)
    return _row(job, values, peer_name, ratio, job.unit, rounds, _spread(ours))


def _queries(job: Job, peer_name: str, ours: int, theirs: int) -> Row:
    return _row(job, (ours, theirs), peer_name, theirs / max(ours, 1), "queries", 1, 0.0)


def _row(
    job: Job,
    values: tuple[float, float],
    peer_name: str,
    ratio: float,
    unit: str,
    rounds: int,
    spread: float,
) -> Row:
    ours, peer = (float(f"{value:.6g}") for value in values)
    ratio, spread = round(ratio, 3), round(spread, 3)
    return Row(job.group, job.name, job.size, ours, peer, peer_name, ratio, unit, rounds, spread)


def _spread(times: Sequence[float]) -> float:
    if len(times) < 2:
        return 0.0
    low, _middle, high = quantiles(times, n=4, method="inclusive")
    return (high - low) / median(times)
