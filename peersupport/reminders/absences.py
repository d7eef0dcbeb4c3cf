"""On which days people are not written to. An app that knows says so; nothing here asks why."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection

_questions: list[str] = []

_BACK_ON = """
SELECT times.person_id, upper(times.away)
FROM (
    SELECT person_id, unnest(range_agg(daterange(starts_on, ends_on, '[]'))) AS away
    FROM ({absences}) absence (person_id, starts_on, ends_on)
    WHERE person_id = ANY(%(people)s)
    GROUP BY person_id
) times
JOIN accounts_user person ON person.id = times.person_id
JOIN accounts_organisation organisation ON organisation.id = person.organisation_id
WHERE times.away @> (%(now)s AT TIME ZONE organisation.time_zone)::date
"""


def register(question: str) -> None:
    """Make absences known: a SELECT of (person_id, starts_on, ends_on), both days included."""
    _questions.append(question)


def every() -> str:
    """All absences there are, as one SELECT."""
    return " UNION ALL ".join(_questions)


def back_on(people: Collection[int], now: datetime) -> dict[int, date]:
    """The first day on which each is here again, of those of `people` away now; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK_ON.format(absences=every()), {"people": list(people), "now": now})
        return dict(cursor.fetchall())
