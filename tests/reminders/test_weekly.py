"""Once a week, to supervisors and to heads: numbers, and no names."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Organisation, RoleGrant, User
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from supervision.models import Session
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, booked, owed
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TODAY = MONDAY_MORNING.date()
LONG_AGO = MONDAY_MORNING - timedelta(days=60)


class Programme:
    """A supervisor of three: one met last week, one is booked for this one, one is due."""

    def __init__(self, where: Organisation) -> None:
        self.head = programme.head(where)
        RoleGrant.objects.update(granted_at=LONG_AGO)
        self.supervisor = programme.supervisor(where)
        self.cohort = programme.cohort(where, name="Cohortname")
        met, meets, self.due = (self.member() for _ in range(3))
        self.log(booked(self.supervisor, met, at=MONDAY_MORNING - timedelta(days=4)))
        booked(self.supervisor, meets, at=MONDAY_MORNING + timedelta(days=2))
        SupervisorAssignment.objects.filter(worker=self.due).update(next_due_on=TODAY)

    def member(self) -> User:
        worker = programme.psw(self.cohort.organisation, family_name="Workername")
        membership = programme.member(worker, self.cohort)
        later = TODAY + timedelta(days=30)
        programme.supervised(membership, self.supervisor, next_due_on=later)
        return worker

    def log(self, session: Session) -> None:
        facts = {"logged_at": timezone.now(), "logged_by": self.supervisor}
        Session.objects.filter(pk=session.pk).update(outcome="held", **facts)


@pytest.fixture
def ours(riverside: Organisation) -> Programme:
    return Programme(riverside)


def said(sink: Sink, kind: str, to: User) -> str:
    """What the message of this kind to this person says, where it is sent by itself."""
    outbox.plan()
    Reminder.objects.exclude(kind=kind, recipient=to).delete()
    sender.run()
    return " ".join(sink.messages[-1].get_body(("plain",)).get_content().split())


def test_a_supervisor_reads_what_was_and_what_is_to_come(ours: Programme, sink: Sink) -> None:
    words = said(sink, "supervisor_week", ours.supervisor)

    assert "1 session was held last week. 1 is booked for this week." in words
    assert "Workername" not in words
    assert "Cohortname" not in words


def test_a_head_reads_it_of_the_whole_organisation_and_of_no_other(
    ours: Programme, sink: Sink
) -> None:
    Programme(programme.organisation("Elsewhere"))
    programme.member(programme.psw(ours.cohort.organisation), ours.cohort)

    words = said(sink, "programme_week", ours.head)

    assert (
        "1 session was held last week. 1 person is due this week and has no date. "
        "1 person has no supervisor."
    ) in words


def test_it_comes_once_a_week(ours: Programme, monday_morning: time_machine.Traveller) -> None:
    outbox.plan()
    monday_morning.move_to(MONDAY_MORNING + timedelta(days=3))
    outbox.plan()
    this_week = owed("supervisor_week") | owed("programme_week")
    monday_morning.move_to(MONDAY_MORNING + timedelta(days=7))
    outbox.plan()

    assert this_week == {
        (f"supervisor-week:{ours.supervisor.pk}:2026-11-23", ours.supervisor),
        (f"programme-week:{ours.head.pk}:2026-11-23", ours.head),
    }
    assert len(owed("supervisor_week")) == len(owed("programme_week")) == 2


def test_who_supervises_nobody_any_more_or_is_no_head_gets_none(
    ours: Programme, sink: Sink
) -> None:
    outbox.plan()
    SupervisorAssignment.objects.update(ends_on=TODAY, next_due_on=None)
    RoleGrant.objects.filter(person=ours.head).update(
        ended_at=timezone.now(), ended_by=ours.supervisor
    )

    sender.run()

    weekly = Reminder.objects.filter(kind__in=["supervisor_week", "programme_week"])
    assert {one.kind: one.reason for one in weekly} == {
        "supervisor_week": "reassigned",
        "programme_week": "left",
    }


def test_where_a_programme_has_nobody_a_head_gets_none(riverside: Organisation) -> None:
    programme.head(riverside)
    RoleGrant.objects.update(granted_at=LONG_AGO)

    outbox.plan()

    assert owed("programme_week") == set()
