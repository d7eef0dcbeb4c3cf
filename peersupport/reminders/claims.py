"""How reminders pass from hand to hand, each change in a transaction of its own.

`claimed_at` tells one claim from the next. Whoever lost a reminder, because its lease ended, can
change it no more.
"""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models import F
from django.utils import timezone

from peersupport.reminders import kinds
from peersupport.reminders.bundles import Bundle
from peersupport.reminders.models import Reminder, ReminderQuerySet
from peersupport.reminders.office_hours import OfficeHours
from peersupport.reminders.post import Outcome

State = Reminder.State
Reason = Reminder.Reason

RESEND = "resend"
LEASE = timedelta(minutes=5)
A_WEEK = timedelta(days=7)
# Tried again after one, two, four … minutes, then every hour: the last time is a day after the
# first.
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 29

# A person is in the hands of one claim at a time: two senders that claimed different halves of what
# they are owed would write to them twice. Whoever has the row of the person locked takes all of it.
_CLAIM = """
WITH due AS NOT MATERIALIZED (
    SELECT reminder.id, reminder.recipient_id, reminder.try_at, reminder.kind
    FROM reminders_reminder reminder
    JOIN accounts_organisation organisation ON organisation.id = reminder.organisation_id
    WHERE reminder.state IN ('due', 'retry') AND reminder.try_at <= %(now)s
        AND (
            reminder.kind = ANY(%(at_once)s)
            OR (organisation.time_zone, organisation.nation)
                IN (SELECT * FROM unnest(%(time_zones)s::text[], %(nations)s::text[]))
        )
), people AS MATERIALIZED (
    SELECT due.id, due.recipient_id, due.kind
    FROM due
    JOIN accounts_user person ON person.id = due.recipient_id
    ORDER BY due.try_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF person SKIP LOCKED
), invited AS MATERIALIZED (
    SELECT due.id FROM due
    WHERE due.recipient_id IS NULL
    ORDER BY due.try_at
    LIMIT %(limit)s
), picked AS (
    SELECT id FROM people
    UNION SELECT id FROM invited
    UNION SELECT together.id FROM due together
    WHERE together.kind = ANY(%(bundled)s)
        AND together.recipient_id IN (SELECT recipient_id FROM people WHERE kind = ANY(%(bundled)s))
)
UPDATE reminders_reminder reminder
SET state = 'claimed', claimed_at = %(now)s, claimed_until = %(until)s
WHERE reminder.id IN (
    SELECT id FROM reminders_reminder
    WHERE id IN (SELECT id FROM picked) AND state IN ('due', 'retry')
    FOR UPDATE SKIP LOCKED
)
RETURNING reminder.id
"""

# The last message is settled and the next begun by two statements sent together: one transaction.
_SETTLE = """
UPDATE reminders_reminder
SET state = %(state)s, reason = %(reason)s, reply = %(reply)s, settled_at = %(settled_at)s,
    try_at = coalesce(%(try_at)s, try_at), claimed_until = NULL,
    told_on = CASE WHEN %(may_be_there)s THEN told_on END
WHERE id = ANY(%(settled)s) AND claimed_at = %(settled_claimed_at)s
    AND state IN ('sending', 'uncertain') AND settled_by_id IS NULL
"""
_BEGIN = """
UPDATE reminders_reminder
SET state = 'sending', sending_at = %(now)s, claimed_until = %(until)s, attempts = attempts + 1,
    bundled_with_id = CASE WHEN id <> %(number)s THEN %(number)s::bigint END,
    told_on = CASE WHEN id = %(number)s THEN coalesce(%(day)s::date, told_on) END
WHERE id = ANY(%(begun)s) AND claimed_at = %(claimed_at)s
    AND state = 'claimed' AND claimed_until > %(now)s
    AND NOT EXISTS (
        SELECT 1 FROM reminders_reminder told
        WHERE told.recipient_id = %(recipient)s AND told.told_on = %(day)s::date
            AND told.id <> %(number)s
    )
"""
ONE_A_DAY = "reminder_one_message_a_person_a_day"


def claim(limit: int, now: datetime) -> list[Reminder]:
    """Take at least `limit` reminders that are due and may arrive now, the oldest first.

    Of each person all that goes in one message. Two senders never get the same one, nor two of one
    message, and neither waits for the other.
    """
    is_open = [hours for hours in OfficeHours.all_kept() if hours.is_open(now)]
    values: dict[str, Any] = {
        "now": now,
        "until": now + LEASE,
        "limit": limit,
        "at_once": [kind.name for kind in kinds.every() if not kind.waits_for_office_hours],
        "bundled": [kind.name for kind in kinds.every() if kind.bundled],
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

    What was only claimed is due again. What was being sent may have arrived: it is uncertain, or
    goes again as it was where that is the policy. Inside a transaction: what a sender has just
    locked is not a dead one's, and neither waits for the other.
    """
    late = Reminder.objects.filter(claimed_until__lte=now).select_for_update(skip_locked=True)
    left = Reminder.objects.filter(pk__in=list(late.values_list("pk", flat=True)))
    left.filter(state=State.CLAIMED).update(state=State.DUE, claimed_until=None)
    cut_off = left.filter(state=State.SENDING)
    again = 0
    if settings.UNCERTAIN_POLICY == RESEND:
        again = cut_off.filter(attempts__lt=MOST_ATTEMPTS).update(
            state=State.RETRY, reason=Reason.CUT_OFF, try_at=now, claimed_until=None
        )
    uncertain = cut_off.update(
        state=State.UNCERTAIN, reason=Reason.CUT_OFF, settled_at=now, claimed_until=None
    )
    return +Counter({State.UNCERTAIN.value: uncertain, State.RETRY.value: again})


def give_back(bundles: Iterable[Bundle]) -> None:
    """Let others have these, which were claimed and not begun."""
    reminders = [reminder for bundle in bundles for reminder in bundle.reminders]
    _still_claimed(reminders).update(state=State.DUE, claimed_until=None)


def cancel(reminders: Iterable[Reminder], reason: str) -> int:
    """These are no longer owed."""
    return _still_claimed(reminders).update(
        state=State.CANCELLED, reason=reason, settled_at=timezone.now(), claimed_until=None
    )


def wait_for_return(away: Iterable[tuple[Reminder, date]]) -> int:
    """Put each off until the first working day from the one on which its recipient is here again.

    What has expired by then is not sent, unless its kind keeps; say how many are not.
    """
    by_day: dict[datetime, list[Reminder]] = {}
    for each, back_on in away:
        hours = OfficeHours.of(each.organisation)
        opens = hours.next_open(hours.midnight_before(back_on))
        by_day.setdefault(opens, []).append(each)
    cancelled = 0
    for opens, waiting in by_day.items():
        late = [each for each in waiting if each.expires_at and each.expires_at <= opens]
        kept = [each for each in late if kinds.named(each.kind).keeps_while_away]
        cancelled += cancel([each for each in late if each not in kept], Reason.ON_LEAVE)
        _still_claimed(kept).update(expires_at=opens + A_WEEK)
        _still_claimed(waiting).update(state=State.DUE, try_at=opens, claimed_until=None)
    return cancelled


def begin(bundle: Bundle) -> bool:
    """Mark as being sent; False when it cannot be now.

    Either its lease has ended, and it is somebody else's; or its recipient has had their message of
    the day, and then it waits for the next.
    """
    return _begin("", {}, bundle)


def settle(bundle: Bundle, outcome: Outcome) -> str:
    """Write down what became of one that was being sent; the state it has now.

    Also when its lease ended meanwhile and it was taken for uncertain: now it is known.
    """
    values = _settling(bundle, outcome)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, values)
    return str(values["state"])


def settle_and_begin(bundle: Bundle, outcome: Outcome, following: Bundle) -> tuple[str, bool]:
    """Settle one and begin the next in one transaction; what `settle` and `begin` say."""
    values = _settling(bundle, outcome)
    return str(values["state"]), _begin(f"{_SETTLE};", values, following)


def put_off(bundles: Iterable[Bundle], outcome: Outcome) -> Counter[str]:
    """Try these, which were claimed and not begun, again later: there was no way out."""
    tally: Counter[str] = Counter()
    for bundle in bundles:
        state = _final(outcome.state, bundle.attempts + 1)
        tally[state] += _still_claimed(bundle.reminders).update(
            attempts=F("attempts") + 1,
            state=state,
            reason=_reason(bundle, state, outcome),
            reply=outcome.reply[:200],
            claimed_until=None,
            **_when(state, bundle.attempts + 1),
        )
    return tally


def fail(reminders: Iterable[Reminder], reason: str, reply: str) -> int:
    """Hold what was claimed, and can never be sent as it is, for a person to look at."""
    return _still_claimed(reminders).update(
        state=State.FAILED,
        reason=reason,
        reply=reply[:200],
        settled_at=timezone.now(),
        claimed_until=None,
    )


def wait_after(attempt: int) -> timedelta:
    """How long to wait after this attempt, give or take a fifth so that not all come at once."""
    minutes = timedelta(minutes=2 ** min(attempt - 1, 10))
    return min(minutes, LONGEST_WAIT) * random.uniform(0.8, 1.2)


def _begin(first: str, values: dict[str, Any], bundle: Bundle) -> bool:
    """Begin `bundle` in the transaction of the statement `first`."""
    now = timezone.now()
    values = values | {
        "begun": bundle.ids,
        "claimed_at": bundle.claimed_at,
        "now": now,
        "until": now + LEASE,
        "number": bundle.number,
        "day": bundle.day(now),
        "recipient": bundle.reminders[0].recipient_id,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(first + _BEGIN, values)
            began = cursor.rowcount == len(bundle.ids)
    except IntegrityError as error:
        # Another sender has just begun one to the same person.
        if ONE_A_DAY not in str(error):
            raise
        began = False
        if first:
            with connection.cursor() as cursor:
                cursor.execute(first, values)
    if not began:
        _wait_for_another_day(bundle, now)
    return began


def _wait_for_another_day(bundle: Bundle, now: datetime) -> None:
    """Put off until the next working day what goes to somebody who was told today.

    What would come too late then is not sent.
    """
    day = bundle.day(now)
    told = Reminder.objects.filter(recipient=bundle.reminders[0].recipient, told_on=day)
    if day is None or not told.exclude(pk=bundle.number).exists():
        return
    hours = OfficeHours.of(bundle.organisation)
    opens = hours.next_open(hours.midnight_after(day))
    late = [each for each in bundle.reminders if each.expires_at and each.expires_at <= opens]
    cancel(late, Reason.EXPIRED)
    _still_claimed(bundle.reminders).update(state=State.DUE, try_at=opens, claimed_until=None)


def _settling(bundle: Bundle, outcome: Outcome) -> dict[str, Any]:
    """What to write down of a message that was being sent."""
    attempts = bundle.attempts + 1
    state = _final(outcome.state, attempts)
    reason = _reason(bundle, state, outcome)
    return {
        "settled": bundle.ids,
        "settled_claimed_at": bundle.claimed_at,
        "state": state,
        "reason": reason,
        "reply": outcome.reply[:200],
        "may_be_there": state in (State.SENT, State.UNCERTAIN) or reason in Reminder.SILENT,
        "settled_at": None,
        "try_at": None,
        **_when(state, attempts),
    }


def _final(state: str, attempts: int) -> str:
    """The state it has, where it is not tried for ever."""
    goes_on = attempts < MOST_ATTEMPTS
    if state == State.UNCERTAIN and settings.UNCERTAIN_POLICY == RESEND and goes_on:
        return State.RETRY.value
    return State.FAILED.value if state == State.RETRY and not goes_on else str(state)


def _reason(bundle: Bundle, state: str, outcome: Outcome) -> str:
    """Why it is where it is; that it may have arrived is not forgotten while it is tried again."""
    before = bundle.reminders[0].reason
    return before if state == State.RETRY and before in Reminder.SILENT else outcome.reason


def _when(state: str, attempts: int) -> dict[str, datetime]:
    """When it was settled, or is to be tried again."""
    now = timezone.now()
    if state == State.RETRY:
        return {"try_at": now + wait_after(attempts)}
    return {"settled_at": now}


def _still_claimed(reminders: Iterable[Reminder]) -> ReminderQuerySet:
    """Those of these reminders that are still in the hands of the claim they came with."""
    reminders = list(reminders)
    return Reminder.objects.filter(
        pk__in=[reminder.pk for reminder in reminders],
        claimed_at__in={reminder.claimed_at for reminder in reminders},
        state=State.CLAIMED,
    )
