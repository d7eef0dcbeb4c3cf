"""The limit: the same rows by one statement each, joined into a page without a template.

What is left is the cost of the request itself and of the database; nobody would want to keep it.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from peersupport.accounts.http import SignedInRequest

A_PAGE = 50

PEOPLE = """
SELECT person.id, coalesce(nullif(person.known_as, ''), person.given_name), person.family_name,
    person.email,
    (SELECT string_agg(role, ', ') FROM accounts_rolegrant
        WHERE person_id = person.id AND ended_at IS NULL),
    entry.site, entry.team, cohort.name, supervisor.given_name, supervisor.family_name
FROM (
    SELECT * FROM accounts_user WHERE organisation_id = %(organisation)s
    ORDER BY family_name, given_name, id LIMIT %(limit)s
) person
LEFT JOIN cohorts_rosterentry entry ON entry.person_id = person.id
LEFT JOIN cohorts_membership membership
    ON membership.worker_id = person.id AND membership.left_on IS NULL
LEFT JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
LEFT JOIN cohorts_supervisorassignment assignment
    ON assignment.membership_id = membership.id AND assignment.ends_on IS NULL
LEFT JOIN accounts_user supervisor ON supervisor.id = assignment.supervisor_id
ORDER BY person.family_name, person.given_name, person.id
"""

_BOOKED = """
LEFT JOIN LATERAL (
    SELECT session.starts_at, session.held_on
    FROM supervision_attendance attendance
    JOIN supervision_session session ON session.id = attendance.session_id
    WHERE attendance.worker_id = assignment.worker_id
        AND session.supervisor_id = assignment.supervisor_id
        AND session.outcome = '' AND session.cancelled_at IS NULL
        AND session.held_on >= %(today)s
    ORDER BY session.starts_at LIMIT 1
) booked ON true
"""

_SUPERVISEES = f"""
SELECT worker.id, worker.given_name, worker.family_name, cohort.name,
    booked.starts_at, assignment.next_due_on, assignment.last_held_on, membership.joined_on,
    supervisor.given_name, supervisor.family_name
FROM cohorts_supervisorassignment assignment
JOIN cohorts_membership membership ON membership.id = assignment.membership_id
JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
JOIN accounts_user worker ON worker.id = assignment.worker_id
JOIN accounts_user supervisor ON supervisor.id = assignment.supervisor_id
{_BOOKED}
"""

CASELOAD = f"""
{_SUPERVISEES}
WHERE assignment.supervisor_id = %(user)s AND assignment.ends_on IS NULL
ORDER BY membership.stage = 'paused',
    coalesce(booked.held_on, assignment.next_due_on), assignment.id
LIMIT %(limit)s
"""

OVERDUE = f"""
{_SUPERVISEES}
WHERE assignment.organisation_id = %(organisation)s AND assignment.ends_on IS NULL
    AND assignment.next_due_on <= date_trunc('week', %(today)s::date)::date + 6
    AND membership.stage IN ('in_training', 'active') AND membership.left_on IS NULL
    AND booked.starts_at IS NULL
ORDER BY assignment.next_due_on, assignment.id
LIMIT %(limit)s
"""

LOG = """
WITH session AS (
    INSERT INTO supervision_session (
        organisation_id, supervisor_id, kind, mode, held_on, minutes, outcome, themes, shared_note,
        logged_at, logged_by_id
    ) VALUES (
        %(organisation)s, %(user)s, 'one_to_one', %(mode)s, %(today)s, %(minutes)s, %(outcome)s,
        %(themes)s, %(shared_note)s, now(), %(user)s
    ) RETURNING id
), attendance AS (
    INSERT INTO supervision_attendance (organisation_id, session_id, worker_id, attended)
    SELECT %(organisation)s, session.id, %(worker)s, true FROM session
), agreed AS (
    INSERT INTO supervision_agreedaction (organisation_id, session_id, owner_id, words)
    SELECT %(organisation)s, session.id, %(worker)s, %(agreed)s FROM session
)
UPDATE cohorts_supervisorassignment assignment
SET last_held_on = %(today)s,
    next_due_on = %(today)s::date + CASE
        WHEN %(today)s < membership.joined_on + make_interval(months => cohort.first_months)
        THEN cohort.days_at_first ELSE cohort.days_after END
FROM cohorts_membership membership
JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
WHERE membership.id = assignment.membership_id AND assignment.ends_on IS NULL
    AND assignment.supervisor_id = %(user)s AND assignment.worker_id = %(worker)s
"""


def _rows(request: SignedInRequest, statement: str) -> HttpResponse:
    values: dict[str, Any] = {
        "organisation": request.user.organisation_id,
        "user": request.user.pk,
        "today": timezone.localdate(),
        "limit": A_PAGE,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return HttpResponse(_page(cursor.fetchall()))


def _page(rows: Iterable[Sequence[Any]]) -> str:
    lines = (
        f'<tr><td><a href="/cohorts/people/{person}/">{escape(f"{given} {family}")}</a>'
        + "".join(f"<td>{escape(str(cell))}" for cell in cells)
        for person, given, family, *cells in rows
    )
    return f"<!doctype html><title>People</title><table>{''.join(lines)}</table>"


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    return _rows(request, PEOPLE)


@require_safe
def caseload(request: SignedInRequest) -> HttpResponse:
    return _rows(request, CASELOAD)


@require_safe
def overdue(request: SignedInRequest) -> HttpResponse:
    return _rows(request, OVERDUE)


@require_POST
def log(request: SignedInRequest) -> HttpResponse:
    values = {name: request.POST[name] for name in ("worker", "mode", "minutes", "outcome")}
    values |= {name: request.POST[name] for name in ("agreed", "shared_note")}
    whose: dict[str, Any] = {
        "organisation": request.user.organisation_id,
        "user": request.user.pk,
        "today": timezone.localdate(),
        "themes": request.POST.getlist("themes"),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOG, values | whose)
    return HttpResponseRedirect("/supervision/")
