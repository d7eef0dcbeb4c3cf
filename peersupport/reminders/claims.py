"""How a reminder passes from hand to hand: each function is one statement.

`claimed_at` tells one claim from the next. Whoever lost a reminder, because its lease ended, can
change it no more.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from peersupport.reminders import kinds
from peersupport.reminders.models import Reminder, ReminderQuerySet
from peersupport.reminders.office_hours import OfficeHours
from peersupport.reminders.post import Outcome

State = Reminder.State
Reason = Reminder.Reason

LEASE = timedelta(minutes=5)
# Tried again after one, two, four … minutes, then every hour: the last time is a day after the
# first.
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 29

_CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT reminder.id
    FROM reminders_reminder reminder
    JOIN accounts_organisation organisation ON organisation.id = reminder.organisation_id
    WHERE reminder.state IN ('due', 'retry') AND reminder.try_at <= %(now)s
        AND (
            reminder.kind = ANY(%(at_once)s)
            OR (organisation.time_zone, organisation.nation)
                IN (SELECT * FROM unnest(%(time_zones)s::text[], %(nations)s::text[]))
        )
    ORDER BY reminder.try_at
    LIMIT %(limit)s
    FOR UPDATE OF reminder SKIP LOCKED
)
UPDATE reminders_reminder reminder
SET state = 'claimed', claimed_at = %(now)s, claimed_until = %(until)s
FROM picked
WHERE reminder.id = picked.id
RETURNING reminder.id
"""


def claim(limit: int, now: datetime) -> list[Reminder]:
    """Take up to `limit` reminders that are due and may arrive now, the oldest first.

    Two senders never get the same one, and neither waits for the other.
    """
    is_open = [hours for hours in OfficeHours.all_kept() if hours.is_open(now)]
    values: dict[str, Any] = {
        "now": now,
        "until": now + LEASE,
        "limit": limit,
        "at_once": [kind.name for kind in kinds.every() if not kind.waits_for_office_hours],
        "time_zones": [hours.time_zone for hours in is_open],
        "nations": [hours.nation for hours in is_open],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        ids = [row[0] for row in cursor.fetchall()]
    claimed = Reminder.objects.filter(pk__in=ids).order_by("try_at", "pk")
    return list(claimed.select_related("recipient", "invitation", "organisation"))


def take_from_the_dead(now: datetime) -> Counter[str]:
    """Settle what senders left behind whose lease has ended.

    What was only claimed is due again. What was being sent may have arrived: it is uncertain.
    """
    left = Reminder.objects.filter(claimed_until__lte=now)
    left.filter(state=State.CLAIMED).update(state=State.DUE, claimed_until=None)
    uncertain = left.filter(state=State.SENDING).update(
        state=State.UNCERTAIN, reason=Reason.CUT_OFF, settled_at=now, claimed_until=None
    )
    return +Counter({State.UNCERTAIN.value: uncertain})


def give_back(reminders: Iterable[Reminder]) -> None:
    """Let others have these, which were claimed and not begun."""
    _still_claimed(reminders).update(state=State.DUE, claimed_until=None)


def cancel(reminders: Iterable[Reminder], reason: str) -> int:
    """These are no longer owed."""
    return _still_claimed(reminders).update(
        state=State.CANCELLED, reason=reason, settled_at=timezone.now(), claimed_until=None
    )


def begin(reminder: Reminder) -> bool:
    """Mark as being sent; False when the lease has ended and it is somebody else's now."""
    now = timezone.now()
    began = (
        _still_claimed([reminder])
        .filter(claimed_until__gt=now)
        .update(
            state=State.SENDING,
            sending_at=now,
            claimed_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
    )
    return began == 1


def settle(reminder: Reminder, outcome: Outcome) -> str:
    """Write down what became of one that was being sent; the state it has now.

    Also when its lease ended meanwhile and it was taken for uncertain: now it is known.
    """
    state = _final(outcome.state, reminder.attempts + 1)
    Reminder.objects.filter(
        pk=reminder.pk,
        claimed_at=reminder.claimed_at,
        state__in=[State.SENDING, State.UNCERTAIN],
        settled_by=None,
    ).update(**_settled(state, outcome, reminder.attempts + 1))
    return state


def put_off(reminders: Sequence[Reminder], outcome: Outcome) -> Counter[str]:
    """Try these, which were claimed and not begun, again later: there was no way out."""
    tally: Counter[str] = Counter()
    for reminder in reminders:
        state = _final(outcome.state, reminder.attempts + 1)
        tally[state] += _still_claimed([reminder]).update(
            attempts=F("attempts") + 1, **_settled(state, outcome, reminder.attempts + 1)
        )
    return tally


def fail(reminder: Reminder, reason: str, reply: str) -> None:
    """Hold one that was claimed, and can never be sent as it is, for a person to look at."""
    outcome = Outcome(State.FAILED, reason, reply)
    _still_claimed([reminder]).update(**_settled(State.FAILED, outcome, reminder.attempts))


def wait_after(attempt: int) -> timedelta:
    """How long to wait after this attempt, give or take a fifth so that not all come at once."""
    minutes = timedelta(minutes=2 ** min(attempt - 1, 10))
    return min(minutes, LONGEST_WAIT) * random.uniform(0.8, 1.2)


def _final(state: str, attempts: int) -> str:
    gives_up = state == State.RETRY and attempts >= MOST_ATTEMPTS
    return State.FAILED.value if gives_up else str(state)


def _settled(state: str, outcome: Outcome, attempts: int) -> dict[str, object]:
    now = timezone.now()
    values: dict[str, object] = {
        "state": state,
        "reason": outcome.reason,
        "reply": outcome.reply[:200],
        "claimed_until": None,
    }
    if state == State.RETRY:
        return values | {"settled_at": None, "try_at": now + wait_after(attempts)}
    return values | {"settled_at": now}


def _still_claimed(reminders: Iterable[Reminder]) -> ReminderQuerySet:
    """Those of these reminders that are still in the hands of the claim they came with."""
    reminders = list(reminders)
    return Reminder.objects.filter(
        pk__in=[reminder.pk for reminder in reminders],
        claimed_at__in={reminder.claimed_at for reminder in reminders},
        state=State.CLAIMED,
    )
