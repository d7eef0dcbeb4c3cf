"""Sends what is due: claim, ask whether it is still owed, hand over, settle.

A reminder is `sending` in the database before its first byte leaves, and settled after. Whatever
dies in between leaves it there, to be held as uncertain: it is not sent a second time unless a
person says so.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from peersupport.reminders import (
    absences,
    claims,
    heartbeat,
    kinds,
    letters,
    turned_off,
    wordings,
)
from peersupport.reminders.bundles import Bundle, bundled
from peersupport.reminders.kinds import NotOwed
from peersupport.reminders.letters import Letter, Part
from peersupport.reminders.models import Reminder
from peersupport.reminders.post import Outcome, Post, Unreachable, post

logger = logging.getLogger(__name__)

State = Reminder.State
Reason = Reminder.Reason
Tally = Counter[str]
Facts = dict[str, Any]

BATCH = 100
# How much of its lease must be left when a reminder is handed over: longer than the slowest server
# may take for all of its answers together.
HANDING_OVER = timedelta(minutes=2)
# Less than the two minutes between ticks, so that a slow server does not hold every worker.
TICK_SECONDS = 100


def run(*, stop: Callable[[], bool] = lambda: False) -> Tally:
    """Send everything that is due, until nothing is or `stop` says so; count what became of it.

    Any number of these may run at once. Where the mail server cannot be reached, the rest waits.
    Must not be called inside a transaction: what is written down here has to be kept at once.
    """
    with transaction.atomic(durable=True):
        tally = claims.take_from_the_dead(timezone.now())
    with closing(post()) as way_out:
        while not stop():
            heartbeat.beat(heartbeat.Heartbeat.What.SENDER)
            batch = claims.claim(BATCH, timezone.now())
            if not batch:
                break
            ready = _written(bundled(_said(batch, tally)), tally)
            if not _send_all(ready, way_out, stop, tally):
                break
    return tally


def after_a_tick(asked_to_stop: Callable[[], bool]) -> Callable[[], bool]:
    """When to stop: when asked to, and at the latest when the time of one tick is over."""
    until = time.monotonic() + TICK_SECONDS
    return lambda: asked_to_stop() or time.monotonic() > until


def _send_all(
    ready: Sequence[tuple[Bundle, Letter]], way_out: Post, stop: Callable[[], bool], tally: Tally
) -> bool:
    """Send each; False when there is no way out at present.

    Each is settled in the transaction that begins the next.
    """
    hand = _InHand(tally)
    for done, (bundle, letter) in enumerate(ready):
        rest = [bundle for bundle, _letter in ready[done:]]
        if stop() or _lease_is_short(bundle):
            hand.settle()
            claims.give_back(rest)
            return True
        if not way_out.is_open:
            hand.settle()
            try:
                way_out.open()
            except Unreachable as reason:
                logger.warning("No mail can be handed over: %s", reason)
                tally += claims.put_off(rest, Outcome(State.RETRY, Reason.UNREACHABLE, str(reason)))
                return False
        if hand.begin(bundle):
            hand.outcome = way_out.send(letter)
    hand.settle()
    return True


class _InHand:
    """The message that was handed over last, until it is settled."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.bundle: Bundle | None = None
        self.outcome: Outcome | None = None

    def begin(self, following: Bundle) -> bool:
        """Settle the last and begin the next; whether that is to be sent now."""
        if self.bundle is None or self.outcome is None:
            began = claims.begin(following)
        else:
            state, began = claims.settle_and_begin(self.bundle, self.outcome, following)
            self.tally[state] += len(self.bundle.ids)
        self.bundle, self.outcome = (following if began else None), None
        return began

    def settle(self) -> None:
        if self.bundle is not None and self.outcome is not None:
            self.tally[claims.settle(self.bundle, self.outcome)] += len(self.bundle.ids)
        self.bundle = self.outcome = None


def _written(
    bundles: Iterable[tuple[Bundle, list[Part]]], tally: Tally
) -> list[tuple[Bundle, Letter]]:
    """The letters of these; one that cannot be written is held, and stops no other."""
    ready = []
    for bundle, parts in bundles:
        try:
            ready.append((bundle, letters.write(bundle, parts)))
        except Exception as error:
            _give_up(bundle.reminders, error, tally)
    return ready


def _said(batch: Sequence[Reminder], tally: Tally) -> list[tuple[Reminder, Part]]:
    """Those that are still owed, with what each says."""
    said = []
    own = wordings.of(reminder.organisation_id for reminder in batch)
    for reminder, facts in _still_owed(batch, tally):
        wording = own.get((reminder.organisation_id, reminder.kind))
        try:
            said.append((reminder, letters.said(reminder, facts, wording)))
        except Exception as error:
            _give_up([reminder], error, tally)
    return said


def _still_owed(batch: Sequence[Reminder], tally: Tally) -> list[tuple[Reminder, Facts]]:
    """Those that are still owed, with what each says; the others are cancelled, or wait.

    Asked once for each kind, in the order of the batch.
    """
    people = {one.recipient_id for one in batch if one.recipient_id is not None}
    off, back_on = turned_off.of(people), absences.back_on(people, timezone.now())
    away = []
    by_kind: dict[str, list[Reminder]] = {}
    answers: dict[int, Facts | NotOwed] = {}
    for reminder in batch:
        if reason := _too_late(reminder, off):
            answers[reminder.pk] = NotOwed(reason)
        elif reminder.recipient_id in back_on and _can_wait(reminder):
            away.append((reminder, back_on[reminder.recipient_id]))
        else:
            by_kind.setdefault(reminder.kind, []).append(reminder)
    for name, reminders in by_kind.items():
        answers |= _ask(name, reminders, tally)
    if cancelled := claims.wait_for_return(away):
        tally[State.CANCELLED] += cancelled
    reasons: dict[str, list[Reminder]] = {}
    for reminder in batch:
        answer = answers.get(reminder.pk)
        if isinstance(answer, NotOwed):
            reasons.setdefault(answer.reason, []).append(reminder)
    for reason, reminders in reasons.items():
        tally[State.CANCELLED] += claims.cancel(reminders, reason)
    return [
        (reminder, facts)
        for reminder in batch
        if isinstance(facts := answers.get(reminder.pk), dict)
    ]


def _too_late(reminder: Reminder, off: Collection[tuple[int, str]]) -> str:
    """Why a reminder of any kind is not sent; `off` is what people have turned off."""
    if (reminder.recipient_id, reminder.kind) in off:
        return Reason.TURNED_OFF
    if reminder.recipient is not None and not reminder.recipient.is_active:
        return Reason.LEFT
    if reminder.expires_at is not None and reminder.expires_at <= timezone.now():
        return Reason.EXPIRED
    return ""


def _can_wait(reminder: Reminder) -> bool:
    """Whether it may wait until its recipient is here again."""
    return kinds.is_known(reminder.kind) and kinds.named(reminder.kind).waits_for_office_hours


def _ask(name: str, reminders: list[Reminder], tally: Tally) -> dict[int, Facts | NotOwed]:
    """What the kind says of these. Where it cannot tell, each is asked about alone."""
    try:
        facts = kinds.named(name).facts(reminders, timezone.now())
    except (OperationalError, InterfaceError):
        raise  # the database is away: the leases end, and others take these up
    except Exception as error:
        if len(reminders) == 1:
            _give_up(reminders, error, tally)
            return {}
        answers: dict[int, Facts | NotOwed] = {}
        for reminder in reminders:
            answers |= _ask(name, [reminder], tally)
        return answers
    gone = NotOwed(Reason.DONE)
    return {reminder.pk: facts.get(reminder.pk, gone) for reminder in reminders}


def _give_up(reminders: Iterable[Reminder], error: Exception, tally: Tally) -> None:
    """Hold reminders that cannot be written for a person to look at."""
    numbers = ", ".join(str(reminder.pk) for reminder in reminders)
    logger.error("Reminder %s cannot be written", numbers, exc_info=error)
    tally[State.FAILED] += claims.fail(reminders, Reason.UNWRITABLE, type(error).__name__)


def _lease_is_short(bundle: Bundle) -> bool:
    until = bundle.claimed_until
    return until is None or timezone.now() > until - HANDING_OVER
