"""When the next session is due: the one rule, as one statement for one assignment or all of them.

`last_held_on` is the latest day on which the supervisor held a session that the worker attended,
among those logged since the assignment was made; so the order in which sessions are logged changes
nothing, and a new assignment begins without one. `next_due_on` follows from it as
`cohorts.models.SupervisorAssignment.reckon` says. The actions here and `manage.py recompute_due`
run this statement and nothing else.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Organisation

_TRUTH = """
WITH held AS (
    SELECT assignment.id, max(session.held_on) AS last_held_on
    FROM cohorts_supervisorassignment assignment
    JOIN supervision_attendance attendance
        ON attendance.worker_id = assignment.worker_id AND attendance.attended
    JOIN supervision_session session
        ON session.id = attendance.session_id
        AND session.supervisor_id = assignment.supervisor_id
        AND session.outcome = 'held'
        AND session.cancelled_at IS NULL
        AND session.logged_at >= assignment.assigned_at
    WHERE {which}
    GROUP BY assignment.id
), counted AS (
    SELECT
        assignment.id,
        assignment.ends_on,
        held.last_held_on,
        coalesce(held.last_held_on, assignment.starts_on) AS counted_from,
        (membership.joined_on + make_interval(months => cohort.first_months))::date AS settled_on,
        cohort.days_at_first,
        cohort.days_after
    FROM cohorts_supervisorassignment assignment
    JOIN cohorts_membership membership ON membership.id = assignment.membership_id
    JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
    LEFT JOIN held ON held.id = assignment.id
    WHERE {which}
), truth AS (
    SELECT
        id,
        last_held_on,
        CASE
            WHEN ends_on IS NOT NULL THEN NULL
            WHEN counted_from < settled_on THEN counted_from + days_at_first
            ELSE counted_from + days_after
        END AS next_due_on
    FROM counted
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

_LOCK = """
SELECT FROM cohorts_supervisorassignment WHERE organisation_id = %(organisation)s
ORDER BY id FOR UPDATE
"""

_THESE = "assignment.id = ANY(%(ids)s)"
_ORGANISATION = "assignment.organisation_id = %(organisation)s"


def bring_up_to_date(assignments: Iterable[SupervisorAssignment]) -> None:
    """Set what follows from sessions and cadence.

    The caller holds a lock on these rows, taken before this statement, so that of two sessions
    logged at once the second sees the first.
    """
    ids = [assignment.pk for assignment in assignments]
    with connection.cursor() as cursor:
        cursor.execute(_MEND.format(which=_THESE), {"ids": ids})


def differences() -> int:
    """How many assignments, of all organisations, do not say what follows."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(which="TRUE"))
        (number,) = cursor.fetchone()
    return number


def recompute() -> int:
    """Mend every assignment; say how many had to be. One organisation is locked at a time."""
    return sum(_recompute(pk) for pk in Organisation.objects.values_list("pk", flat=True))


@transaction.atomic
def _recompute(organisation: int) -> int:
    which = {"organisation": organisation}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, which)
        cursor.execute(_MEND.format(which=_ORGANISATION), which)
        return cursor.rowcount
