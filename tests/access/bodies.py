"""What is posted to each address: a whole form, so that only the person can be what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cohorts.models import Cohort
from tests.access import world

Body = dict[str, Any]


def _day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def _time_to_come() -> Body:
    return {"form_key": uuid4(), "day": _day(9), "clock": "14:00", "minutes": 20, "mode": "video"}


def _held() -> Body:
    return {
        "form_key": uuid4(),
        "outcome": "held",
        "held_on": _day(-1),
        "minutes": 20,
        "mode": "video",
    }


def _cohort(name: str) -> Body:
    return {
        "name": name,
        "stage": Cohort.Stage.ACTIVE,
        "starts_on": "2026-01-05",
        "capacity": 20,
        "first_months": 6,
        "days_at_first": 28,
        "days_after": 42,
    }


def _help_line() -> Body:
    return {
        "name": "Night line",
        "what": "Somebody to talk to",
        "phone": "0001",
        "hours": "Nights",
        "position": 1,
        "review_on": _day(90),
    }


def _leave() -> Body:
    return {"starts_on": _day(60), "ends_on": _day(64)}


def _placing(ours: world.Organisation) -> Body:
    return {
        "worker": ours.newcomer.pk,
        "ready": ours.newcomer.pk,
        "to-cohort": ours.cohort.pk,
        "to-supervisor": ours.other.pk,
        "to-on": _day(),
        "confirm": "1",
    }


BODIES: dict[str, Callable[[world.Organisation], Body]] = {
    "checkins:check-in-new": lambda ours: {
        "energy": 5,
        "for_whom": f"share-{ours.supervisor.pk}",
    },
    "checkins:check-in-share": lambda ours: {"person": ours.supervisor.pk},
    "checkins:help-line-edit": lambda ours: _help_line(),
    "checkins:help-line-new": lambda ours: _help_line(),
    "cohorts:cohort-edit": lambda ours: _cohort("Another name"),
    "cohorts:cohort-new": lambda ours: _cohort("A new one"),
    "cohorts:person-address": lambda ours: {"email": "right@trust.example"},
    "cohorts:person-end": lambda ours: {"stage": "alumni", "last_day_on": _day()},
    "cohorts:person-pause": lambda ours: {"choice": "pause"},
    "cohorts:person-roles": lambda ours: {"roles": ["psw", "supervisor"]},
    "cohorts:person-supervisor": lambda ours: {"supervisor": ours.other.pk, "on": _day()},
    "cohorts:place": _placing,
    "cohorts:place-check": _placing,
    "invitation-accept": lambda ours: {"password": "three words unlike others"},
    "invitation-new": lambda ours: {
        "given_name": "Nia",
        "family_name": "Lloyd",
        "email": ours.invitation.email,
        "role": "psw",
    },
    "leave-edit": lambda ours: _leave(),
    "my-leave-new": lambda ours: _leave(),
    "organisation-edit": lambda ours: {
        "name": "Another name",
        "time_zone": "Europe/London",
        "nation": "SCT",
        "line_manager_rule": "warn",
        "talk_hours": 24,
    },
    "person-leave-new": lambda ours: _leave(),
    "reminders:reminder-settle": lambda ours: {"choice": "arrived"},
    "reminders:wording-edit": lambda ours: {
        "subject": "A session to note",
        "words": "Please note your session of {day}, {time}.",
    },
    "supervision:log?with": lambda ours: _held(),
    "supervision:session-new?with": lambda ours: _time_to_come(),
    "supervision:session-rearrange": lambda ours: _time_to_come(),
}
"""Who is named in a form is always somebody of the first organisation."""


def body(name: str, ours: world.Organisation) -> Body:
    """What is posted to `name`; most addresses need nothing but the press."""
    return BODIES[name](ours) if name in BODIES else {}
