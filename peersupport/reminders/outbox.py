"""What is owed: written down once, in the transaction of the fact that causes it or by `plan`."""

import logging
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from peersupport.accounts.models import Invitation, User
from peersupport.reminders import absences, heartbeat, kinds
from peersupport.reminders.models import Reminder
from peersupport.reminders.office_hours import OfficeHours

logger = logging.getLogger(__name__)

WORKING_DAYS_AHEAD = 2
MANY = 500


class NotPlanned(Exception):
    """These kinds could not be planned; all others were."""


def owe(
    *,
    kind: str,
    key: str,
    recipient: User | Invitation,
    about: dict[str, int] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Write down that `recipient` is owed an e-mail of this kind, now or at `due_at`.

    Somebody who is only invited is not a person here yet: it is the invitation that is owed one.
    `key` says what is owed in business terms: owing it again changes nothing. `about` holds ids
    only. Nothing is sent and no broker is called here: the next tick finds the row, if the
    transaction is kept. KeyError when no app has registered the kind.
    """
    now = timezone.now()
    due_at = due_at or now
    Reminder.objects.bulk_create(
        [
            Reminder(
                organisation_id=recipient.organisation_id,
                recipient=recipient if isinstance(recipient, User) else None,
                invitation=recipient if isinstance(recipient, Invitation) else None,
                kind=kinds.named(kind).name,
                key=key,
                about=about or {},
                planned_at=now,
                due_at=due_at,
                try_at=due_at,
                expires_at=expires_at,
            )
        ],
        ignore_conflicts=True,
    )


# What a kind's question may read besides the tables: one row for each time zone and nation that
# organisations keep, worked out in Python, where zoneinfo and the bank holidays are.
_PLAN = """
WITH calendar (time_zone, nation, now_at, sends_on, sends_at, closes_at, soon_before) AS (
    VALUES {calendar}
), owed (organisation_id, recipient_id, key, about, due_at, expires_at) AS (
    {question}
), wanted AS (
    SELECT owed.* FROM owed
    WHERE NOT EXISTS (
        SELECT 1 FROM reminders_turnedoff off
        WHERE off.person_id = owed.recipient_id AND off.kind = %s
    )
    {here}
), owed_again AS (
    UPDATE reminders_reminder known
    SET state = 'due', reason = '', settled_at = NULL,
        due_at = wanted.due_at, try_at = wanted.due_at, expires_at = wanted.expires_at
    FROM wanted
    WHERE known.key = wanted.key AND known.state = 'cancelled' AND known.reason = ANY(%s)
)
INSERT INTO reminders_reminder (
    organisation_id, recipient_id, kind, key, about, state, reason, reply, attempts,
    planned_at, due_at, try_at, expires_at
)
SELECT organisation_id, recipient_id, %s, key, about, 'due', '', '', 0,
    %s, due_at, due_at, expires_at
FROM wanted
WHERE NOT EXISTS (SELECT 1 FROM reminders_reminder known WHERE known.key = wanted.key)
ON CONFLICT (key) DO NOTHING
"""
# What can wait is not planned for a day on which its recipient is away: whether it is still of use
# is asked again on each day after.
_HERE = """
    AND NOT EXISTS (
        SELECT 1 FROM ({absences}) away (person_id, starts_on, ends_on)
        JOIN accounts_organisation organisation ON organisation.id = owed.organisation_id
        WHERE away.person_id = owed.recipient_id
            AND (owed.due_at AT TIME ZONE organisation.time_zone)::date
                BETWEEN away.starts_on AND away.ends_on
    )
"""
_CALENDAR_ROW = (
    "(%s, %s, %s::timestamptz, %s::date, %s::timestamptz, %s::timestamptz, %s::timestamptz)"
)


def bring_forward(person: User) -> None:
    """Try now what is due to `person` and waits for a later day: whether it must is asked anew."""
    now = timezone.now()
    waiting = Reminder.objects.filter(recipient=person, state=Reminder.State.DUE)
    waiting.filter(due_at__lte=now, try_at__gt=now).update(try_at=now)


def plan(now: datetime | None = None) -> dict[str, int]:
    """Write down everything that is owed by now; say how many of each kind are new.

    One statement a kind, however many people there are. What was not sent because of something that
    passes, such as leave, is owed again where the kind still says so. Running it twice, or twice at
    once, plans nothing twice. Raises NotPlanned, at the end, when the question of some kind fails.

    A kind's question is a SELECT that may join `calendar`: `now_at`; `sends_at`, the next instant
    inside office hours, on the local day `sends_on`, which closes at `closes_at`; `soon_before` is
    when the local day two working days after it is over.
    """
    now = now or timezone.now()
    calendar = [_calendar_row(hours, now) for hours in OfficeHours.all_kept()]
    planned, failed = {}, []
    for kind in kinds.every():
        if kind.owed and calendar:
            try:
                planned[kind.name] = _plan_one(kind, calendar, now)
            except Exception:
                logger.exception("could not plan %s", kind.name)
                failed.append(kind.name)
    if sum(planned.values()) >= MANY:
        # Senders come at once: until the database knows how many rows there are, each claim would
        # look through all of them.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE reminders_reminder")
    heartbeat.beat(heartbeat.Heartbeat.What.TICK)
    if failed:
        raise NotPlanned(", ".join(failed))
    return planned


def _calendar_row(hours: OfficeHours, now: datetime) -> tuple[Any, ...]:
    sends_at = hours.next_open(now)
    sends_on = hours.today(sends_at)
    soon = hours.working_days_after(sends_on, WORKING_DAYS_AHEAD)
    return (
        *(hours.time_zone, hours.nation, now, sends_on, sends_at),
        *(hours.closes_at(sends_on), hours.midnight_after(soon)),
    )


def _plan_one(kind: kinds.Kind, calendar: list[tuple[Any, ...]], now: datetime) -> int:
    rows = ", ".join([_CALENDAR_ROW] * len(calendar))
    values = [value for row in calendar for value in row]
    here = _HERE.format(absences=absences.every()) if kind.waits_for_office_hours else ""
    plan_it = _PLAN.format(calendar=rows, question=kind.owed, here=here)
    with connection.cursor() as cursor:
        cursor.execute(plan_it, [*values, kind.name, Reminder.PASSING, kind.name, now])
        return cursor.rowcount


def oldest_unsent_seconds(
    now: datetime | None = None, among: QuerySet[Reminder] | None = None
) -> int:
    """How long the reminder that has waited longest could have been sent: 0 when none waits.

    Hours in which it may not arrive do not count. Watch this rather than the processes: a worker
    can stay connected and have stopped working.
    """
    now = now or timezone.now()
    at_once = [kind.name for kind in kinds.every() if not kind.waits_for_office_hours]
    owed = (Reminder.objects.all() if among is None else among).filter(
        Q(state="due", try_at__lte=now) | Q(state__in=["retry", "claimed", "sending"]),
        due_at__lte=now,
    )
    waiting = owed.values_list("organisation__time_zone", "organisation__nation").annotate(
        at_once=Min("due_at", filter=Q(kind__in=at_once)),
        in_hours=Min("due_at", filter=~Q(kind__in=at_once)),
    )
    since = [now]
    for time_zone, nation, oldest_at_once, oldest_in_hours in waiting:
        hours = OfficeHours(time_zone, nation)
        if oldest_at_once:
            since.append(oldest_at_once)
        if oldest_in_hours and hours.is_open(now):
            since.append(max(oldest_in_hours, hours.opened_at(now)))
    return int((now - min(since)).total_seconds())
