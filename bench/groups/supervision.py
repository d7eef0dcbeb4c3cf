"""Who is due with nothing booked, for a head; and logging a session."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from bench.groups.pages import ADMIN, NAIVE, OURS, RAW, admin_supervisees, shown
from bench.measure import Contender, Job
from bench.world import World, page, signed_in
from cohorts.models import SupervisorAssignment
from supervision.models import Session

WORDS = {"agreed": "Ask about protected time", "shared_note": "A good month"}
USUAL = {"mode": "video", "minutes": "20", "outcome": "held", "themes": ["workload"]}

Form = Callable[[SupervisorAssignment], dict[str, Any]]


def jobs(world: World) -> Iterator[Job]:
    head = world.head
    yield Job(
        "supervision",
        "overdue page",
        world.size,
        ours=shown(OURS, head, "/supervision/?show=due"),
        peers=[
            shown(
                ADMIN,
                head,
                "/peers/admin-overdue/cohorts/supervisorassignment/",
                admin_supervisees,
            ),
            shown(NAIVE, head, "/peers/naive/overdue/"),
            shown(RAW, head, "/peers/limit/overdue/"),
        ],
    )
    yield Job(
        "supervision",
        "log session",
        world.size,
        ours=_logging(world, OURS, "/supervision/log/?with={worker}", _our_form),
        peers=[
            _logging(world, ADMIN, "/peers/admin/supervision/session/add/", _admin_form),
            _logging(world, NAIVE, "/peers/naive/log/", _plain_form),
            _logging(world, RAW, "/peers/limit/log/", _plain_form),
        ],
    )


def _logging(world: World, name: str, address: str, form: Form) -> Contender:
    """Send the form for the next PSW, as their supervisor."""
    ready: dict[str, Any] = {}

    def before() -> None:
        assignment = next(world.to_be_logged)
        ready["assignment"] = assignment
        ready["browser"] = signed_in(assignment.supervisor)
        ready["address"] = address.format(worker=assignment.worker_id)
        ready["form"] = form(assignment)

    def run() -> HttpResponse:
        browser: Client = ready["browser"]
        return page(browser, ready["address"], ready["form"])

    return Contender(name, run, lambda _: _written(ready["assignment"]), before)


def _our_form(assignment: SupervisorAssignment) -> dict[str, Any]:
    return {"form_key": uuid4(), "held_on": _today(), **USUAL, **WORDS}


def _plain_form(assignment: SupervisorAssignment) -> dict[str, Any]:
    return {"worker": assignment.worker_id, **USUAL, **WORDS}


def _admin_form(assignment: SupervisorAssignment) -> dict[str, Any]:
    form: dict[str, Any] = {
        "kind": "one_to_one",
        "held_on": _today(),
        **USUAL,
        "themes": "workload",
    }
    inlines: dict[str, dict[str, Any]] = {
        "attendances": {"worker": assignment.worker_id, "attended": "on"},
        "actions": {"owner": assignment.worker_id, "words": WORDS["agreed"]},
    }
    for name, cells in inlines.items():
        form |= {f"{name}-TOTAL_FORMS": "1", f"{name}-INITIAL_FORMS": "0"}
        form |= {f"{name}-0-{cell}": value for cell, value in cells.items()}
    return form | {"shared_note": WORDS["shared_note"]}


def _today() -> str:
    return timezone.localdate().isoformat()


def _written(before: SupervisorAssignment) -> dict[str, Any]:
    """What was saved about the session, and what follows from it."""
    after = SupervisorAssignment.objects.get(pk=before.pk)
    [session] = Session.objects.filter(
        attendances__worker=before.worker_id, held_on=timezone.localdate()
    )
    assert after.next_due_on is not None
    return {
        "session": [session.kind, session.mode, session.minutes, session.outcome, session.themes],
        "by": session.supervisor_id == session.logged_by_id == before.supervisor_id,
        "note": session.shared_note,
        "attended": list(session.attendances.values_list("attended", flat=True)),
        "agreed": list(session.actions.values_list("words", flat=True)),
        "last_held_on": after.last_held_on,
        "due_in": (after.next_due_on - timezone.localdate()).days,
    }
