"""When the next session is due: the one rule, as one statement for one worker or for everybody.

`last_held_on` is the latest day on which the worker was at a session held by whoever then
supervised them for the same purpose. So a change of supervisor does not stretch the gap, and the
order in which sessions are logged changes nothing. `next_due_on` follows from it as `reckon_all` of
assignments says: a day in the leave of worker or supervisor moves past it. One that has ended keeps
what it had. The actions and `manage.py recompute_due` run this statement and nothing else.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Organisation, User

_TRUTH = """
WITH held AS (
    SELECT attendance.worker_id, purpose, max(session.held_on) AS last_held_on
    FROM supervision_attendance attendance
    JOIN supervision_session session
        ON session.id = attendance.session_id
        AND session.outcome = 'held'
        AND session.cancelled_at IS NULL
    CROSS JOIN LATERAL unnest(attendance.purposes) purpose
    WHERE attendance.attended AND attendance.{which}
    GROUP BY attendance.worker_id, purpose
), counted AS (
    SELECT
        assignment.id,
        assignment.worker_id,
        assignment.supervisor_id,
        assignment.ends_on,
        held.last_held_on,
        coalesce(held.last_held_on, assignment.starts_on) AS counted_from,
        (
            coalesce(membership.took_up_role_on, membership.joined_on)
            + make_interval(months => cohort.first_months)
        )::date AS settled_on,
        cohort.days_at_first,
        cohort.days_after
    FROM cohorts_supervisorassignment assignment
    JOIN cohorts_membership membership ON membership.id = assignment.membership_id
    JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
    JOIN accounts_organisation organisation ON organisation.id = assignment.organisation_id
    LEFT JOIN held
        ON held.worker_id = assignment.worker_id AND held.purpose = assignment.purpose
    WHERE assignment.{which} AND (
        assignment.ends_on IS NULL
        OR assignment.ends_on > (%(now)s AT TIME ZONE organisation.time_zone)::date
    )
), truth AS (
    SELECT
        id,
        last_held_on,
        CASE WHEN ends_on IS NULL OR due.on_day < ends_on THEN due.on_day END AS next_due_on
    FROM counted
    CROSS JOIN LATERAL (
        SELECT cohorts_after_leave(
            counted_from
                + CASE WHEN counted_from < settled_on THEN days_at_first ELSE days_after END,
            worker_id,
            supervisor_id
        ) AS on_day
    ) due
)
"""

_DIFFERENT = """
    assignment.id = truth.id
    AND (assignment.last_held_on, assignment.next_due_on)
        IS DISTINCT FROM (truth.last_held_on, truth.next_due_on)
"""

_COUNT = f"""{_TRUTH}
SELECT count(*) FROM cohorts_supervisorassignment assignment, truth WHERE {_DIFFERENT}
"""

_MEND = f"""{_TRUTH}
UPDATE cohorts_supervisorassignment assignment
SET last_held_on = truth.last_held_on, next_due_on = truth.next_due_on
FROM truth WHERE {_DIFFERENT}
"""

_THESE = "worker_id = ANY(%(workers)s)"
_ORGANISATION = "organisation_id = %(organisation)s"
_ALL = "organisation_id IS NOT NULL"

# The workers first, as cohorts.actions does, so that nobody gives them a supervisor meanwhile; and
# with them the supervisor: two sessions written at once wait for each other here, where there is an
# order, and not in the exclusion constraint, where each would wait for the other. They are counted
# so that all are locked: whether there are any is known from the first.
_LOCK_THESE = """
WITH locked AS MATERIALIZED (
    SELECT id FROM accounts_user WHERE id = %(by)s OR id = ANY(%(workers)s)
    ORDER BY id FOR NO KEY UPDATE
)
SELECT assignment.* FROM cohorts_supervisorassignment assignment
WHERE worker_id = ANY(%(workers)s) AND (SELECT count(*) FROM locked) > 0
ORDER BY id FOR UPDATE
"""

_LOCK_ORGANISATION = """
SELECT FROM cohorts_supervisorassignment WHERE organisation_id = %(organisation)s
ORDER BY id FOR UPDATE
"""


def lock(workers: Iterable[User], *, by: User) -> list[SupervisorAssignment]:
    """Hold these workers, all their assignments, and `by`, until the transaction ends.

    The first thing an action does: those about the same person wait for each other.
    """
    which = {"workers": [worker.pk for worker in workers], "by": by.pk}
    return list(SupervisorAssignment.objects.raw(_LOCK_THESE, which))


def bring_up_to_date(workers: Iterable[User]) -> None:
    """Set what follows from sessions and cadence for these workers, who are locked.

    The lock was taken by a statement before, so that of two sessions logged at once the second
    sees the first.
    """
    with connection.cursor() as cursor:
        ids = [worker.pk for worker in workers]
        which: dict[str, Any] = {"workers": ids, "now": timezone.now()}
        cursor.execute(_MEND.format(which=_THESE), which)


def differences() -> int:
    """How many assignments, of all organisations, do not say what follows."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(which=_ALL), {"now": timezone.now()})
        (number,) = cursor.fetchone()
    return number


def recompute() -> int:
    """Mend every assignment; say how many had to be. One organisation is locked at a time."""
    return sum(_recompute(pk) for pk in Organisation.objects.values_list("pk", flat=True))


@transaction.atomic
def _recompute(organisation: int) -> int:
    which: dict[str, Any] = {"organisation": organisation, "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORGANISATION, which)
        cursor.execute(_MEND.format(which=_ORGANISATION), which)
        return cursor.rowcount
