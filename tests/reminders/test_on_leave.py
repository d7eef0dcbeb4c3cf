"""Nothing that can wait is sent to or about somebody who is away; what is of use comes after."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from checkins.models import TalkRequest
from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, RoleGrant, User
from peersupport.reminders import kinds, outbox, sender
from peersupport.reminders.models import Reminder
from supervision import leave
from supervision.models import AgreedAction, Attendance, Session
from supervision.programme import due_this_week
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, booked
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

MONDAY = MONDAY_MORNING.date()
DAY = timedelta(days=1)
FRIDAY_BEFORE = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)

Clock = time_machine.Traveller


class Ours:
    """Everybody is owed something today, of every kind that is planned."""

    def __init__(self, where: Organisation) -> None:
        self.where = where
        self.head = programme.head(where)
        self.supervisor = programme.supervisor(where)
        RoleGrant.objects.update(granted_at=MONDAY_MORNING - timedelta(days=60))
        self.cohort = programme.cohort(where)
        self.worker = self.member()
        self.due = self.member(next_due_on=MONDAY)
        self.coming = booked(self.supervisor, self.worker, at=WEDNESDAY)
        self.passed = booked(self.supervisor, self.worker, at=FRIDAY_BEFORE)
        self.action = AgreedAction.objects.create(
            organisation=where, session=self.passed, owner=self.worker, words="Ask", due_on=MONDAY
        )

    def member(self, **facts: object) -> User:
        worker = programme.psw(self.where)
        joined_on = MONDAY - timedelta(days=14)
        member = programme.member(worker, self.cohort, joined_on=joined_on)
        programme.supervised(member, self.supervisor, **facts)
        return worker


@pytest.fixture
def ours(riverside: Organisation) -> Ours:
    return Ours(riverside)


def away(person: User, days: int, first: date = MONDAY) -> None:
    programme.leave(person, first, first + (days - 1) * DAY)


def became(person: User) -> dict[str, str]:
    """What each kind owed to this person is: its state, or why it was not sent."""
    reminders = Reminder.objects.filter(recipient=person).order_by("pk")
    return {one.kind: one.reason or one.state for one in reminders}


def tick(clock: Clock, at: datetime) -> None:
    clock.move_to(at, tick=False)
    outbox.plan()
    sender.run()


WHEN_HERE = {
    "worker": {"checkin_invitation": "sent", "session_coming": "sent", "action_due": "sent"},
    "supervisor": {
        "supervisor_week": "sent",
        "session_coming": "sent",
        "session_passed": "sent",
        "supervision_due": "sent",
    },
    "head": {"programme_week": "sent"},
}


@pytest.mark.parametrize("who", WHEN_HERE)
def test_each_is_told_what_they_are_owed_when_here_and_nothing_when_away(
    ours: Ours, monday_morning: Clock, sink: Sink, who: str
) -> None:
    away(getattr(ours, who), 1)

    tick(monday_morning, MONDAY_MORNING)

    told = {name: became(getattr(ours, name)) for name in WHEN_HERE}
    assert told == WHEN_HERE | {who: {}}


@pytest.mark.parametrize("who", WHEN_HERE)
def test_what_is_of_use_still_comes_on_the_day_of_return(
    ours: Ours, monday_morning: Clock, sink: Sink, who: str
) -> None:
    away(getattr(ours, who), 1)
    tick(monday_morning, MONDAY_MORNING)

    tick(monday_morning, MONDAY_MORNING + DAY)

    assert became(getattr(ours, who)) == WHEN_HERE[who]


@pytest.mark.parametrize("who", WHEN_HERE)
def test_what_was_planned_before_somebody_fell_away_waits_for_their_return(
    ours: Ours, monday_morning: Clock, sink: Sink, who: str
) -> None:
    person = getattr(ours, who)
    outbox.plan()
    away(person, 1)

    sender.run()
    meanwhile = became(person)
    tick(monday_morning, MONDAY_MORNING + DAY)

    assert set(meanwhile.values()) <= {"due", "on_leave"}
    assert became(person) == WHEN_HERE[who]
    assert len([one for one in sink.messages if one["To"] == person.email]) == 1


def test_it_waits_for_the_first_working_day_and_counts_as_owed_from_then(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    outbox.plan()
    away(ours.worker, 5)
    action = Reminder.objects.filter(kind="action_due")
    Reminder.objects.exclude(recipient=ours.worker).delete()

    sender.run()

    opens = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert set(action.values_list("try_at", flat=True)) == {opens}
    assert outbox.oldest_unsent_seconds(MONDAY_MORNING + timedelta(hours=5)) == 0


def test_leaves_that_adjoin_are_one_absence(ours: Ours, sink: Sink) -> None:
    outbox.plan()
    away(ours.worker, 1)
    away(ours.worker, 1, first=MONDAY + DAY)

    sender.run()

    opens = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert Reminder.objects.get(kind="action_due").try_at == opens


def test_a_long_leave_outlasts_what_is_only_of_use_for_a_while(ours: Ours, sink: Sink) -> None:
    outbox.plan()
    away(ours.worker, 14)
    away(ours.supervisor, 14)

    sender.run()

    assert became(ours.worker) == {
        "checkin_invitation": "on_leave",
        "session_coming": "on_leave",
        "action_due": "due",
    }
    assert became(ours.supervisor) == {
        "supervisor_week": "on_leave",
        "session_coming": "on_leave",
        "session_passed": "due",
        "supervision_due": "on_leave",
    }


@pytest.mark.parametrize("planned_before", [True, False])
def test_a_session_to_log_and_something_agreed_come_after_a_leave_of_any_length(
    ours: Ours, monday_morning: Clock, sink: Sink, planned_before: bool
) -> None:
    if planned_before:
        outbox.plan()
    away(ours.worker, 28)
    away(ours.supervisor, 28)
    tick(monday_morning, MONDAY_MORNING)

    tick(monday_morning, MONDAY_MORNING + 28 * DAY)

    assert became(ours.worker)["action_due"] == "sent"
    assert became(ours.supervisor)["session_passed"] == "sent"


def test_a_week_after_their_return_nobody_is_asked_about_it_any_more(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    ours.coming.attendances.all().delete()
    ours.coming.delete()
    away(ours.worker, 14)
    away(ours.supervisor, 14)

    tick(monday_morning, MONDAY_MORNING + (14 + 7) * DAY)

    assert "action_due" not in became(ours.worker)
    assert "session_passed" not in became(ours.supervisor)


def test_of_a_session_in_leave_nobody_is_told(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    for person in (ours.worker, ours.supervisor):
        away(person, 1, first=WEDNESDAY.date())
        outbox.plan()

        assert not Reminder.objects.filter(kind="session_coming").exists()
        person.leaves.all().delete()

    outbox.plan()
    assert Reminder.objects.filter(kind="session_coming").count() == 2


@pytest.mark.parametrize("who", ["worker", "supervisor"])
def test_leave_entered_after_it_was_planned_stops_what_is_said_of_a_session_in_it(
    ours: Ours, sink: Sink, who: str
) -> None:
    outbox.plan()
    away(getattr(ours, who), 1, first=WEDNESDAY.date())

    sender.run()

    assert became(ours.worker)["session_coming"] == "on_leave"
    assert became(ours.supervisor)["session_coming"] == "on_leave"


@pytest.mark.parametrize("planned_before", [True, False])
def test_one_of_a_group_is_away_and_the_others_are_told(
    ours: Ours, sink: Sink, planned_before: bool
) -> None:
    Attendance.objects.create(organisation=ours.where, session=ours.coming, worker=ours.due)
    if planned_before:
        outbox.plan()
    away(ours.worker, 1, first=WEDNESDAY.date())

    outbox.plan()
    sender.run()

    assert became(ours.worker).get("session_coming", "on_leave") == "on_leave"
    assert became(ours.supervisor)["session_coming"] == "sent"
    assert became(ours.due)["session_coming"] == "sent"


def test_whoever_is_away_is_not_counted_as_due_although_their_day_was_before(
    ours: Ours, sink: Sink
) -> None:
    SupervisorAssignment.objects.filter(worker=ours.due).update(next_due_on=MONDAY - 7 * DAY)
    assignments = SupervisorAssignment.objects.filter(supervisor=ours.supervisor)
    before = due_this_week(assignments).count()

    away(ours.due, 1)
    outbox.plan()

    assert (before, due_this_week(assignments).count()) == (1, 0)
    assert not Reminder.objects.filter(kind="supervision_due").exists()


def test_a_supervisor_reads_how_many_are_away_and_not_who(ours: Ours, sink: Sink) -> None:
    away(ours.due, 3)
    colleague = programme.supervisor(ours.where)
    away(programme.supervised_psw(colleague, ours.cohort), 3)

    outbox.plan()
    Reminder.objects.exclude(kind="supervisor_week", recipient=ours.supervisor).delete()
    sender.run()

    [letter] = sink.messages
    words = " ".join(letter.get_body(("plain",)).get_content().split())
    assert "1 person you supervise is away today." in words
    assert ours.due.family_name not in words


def test_what_comes_at_once_comes_to_whoever_is_away_too(ours: Ours, sink: Sink) -> None:
    away(ours.supervisor, 5)
    request = TalkRequest.objects.create(
        organisation=ours.where, worker=ours.worker, asked=ours.supervisor
    )
    outbox.owe(
        kind="talk_request",
        key="talk",
        recipient=ours.supervisor,
        about={"talk_request": request.pk},
    )
    away(ours.head, 5)

    outbox.plan()
    sender.run()

    assert became(ours.supervisor) == {"talk_request": "sent"}
    assert became(ours.head) == {"talk_passed_on": "sent"}


def test_leave_elsewhere_and_on_other_days_changes_nothing(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    away(ours.worker, 1, first=MONDAY - DAY)
    away(ours.worker, 1, first=MONDAY + DAY)
    away(programme.psw(programme.organisation("Elsewhere")), 9)

    tick(monday_morning, MONDAY_MORNING)

    assert became(ours.worker) == WHEN_HERE["worker"]


def test_leave_ended_early_lets_what_waits_go_on_its_day(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    away(ours.worker, 2)
    tick(monday_morning, MONDAY_MORNING)
    monday_morning.move_to(MONDAY_MORNING + DAY, tick=False)
    leave.end(ours.worker.leaves.get())

    tick(monday_morning, MONDAY_MORNING + DAY)

    assert became(ours.worker) == WHEN_HERE["worker"]


def test_the_day_is_that_of_the_organisation(ours: Ours, monday_morning: Clock, sink: Sink) -> None:
    """At 20:00 in London on Sunday it is Monday in Auckland, and its offices are open."""
    ours.where.time_zone = "Pacific/Auckland"
    ours.where.save(update_fields=["time_zone"])
    away(ours.worker, 1)

    tick(monday_morning, datetime(2026, 11, 22, 20, 0, tzinfo=UTC))

    assert became(ours.worker) == {}
    assert became(ours.head) == WHEN_HERE["head"]


def test_also_of_what_was_planned_before(ours: Ours, monday_morning: Clock, sink: Sink) -> None:
    ours.where.time_zone = "Pacific/Auckland"
    ours.where.save(update_fields=["time_zone"])
    monday_morning.move_to(datetime(2026, 11, 22, 20, 0, tzinfo=UTC), tick=False)
    outbox.plan()
    away(ours.worker, 1)

    sender.run()

    assert set(became(ours.worker).values()) == {"due"}


def test_the_log_says_why(ours: Ours, sink: Sink, client: Client) -> None:
    outbox.plan()
    away(ours.worker, 14)
    sender.run()
    client.force_login(ours.head)

    page = client.get("/reminders/").content.decode()

    assert "Not sent: on leave" in page


def test_paused_comes_before_on_leave(ours: Ours, sink: Sink) -> None:
    outbox.plan()
    Membership.objects.filter(worker=ours.worker).update(stage=Membership.Stage.PAUSED)
    away(ours.worker, 1, first=WEDNESDAY.date())

    sender.run()

    assert became(ours.worker)["session_coming"] == "paused"


def test_every_kind_that_can_wait_was_asked_about() -> None:
    """A new kind has a line above, or goes at once."""
    waits = {kind.name for kind in kinds.every() if kind.owed and kind.waits_for_office_hours}

    assert waits == {*(name for each in WHEN_HERE.values() for name in each), "session_changed"}


def test_a_change_to_a_session_is_told_on_return_if_that_is_early_enough(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    tick(monday_morning, MONDAY_MORNING)
    away(ours.worker, 1, first=MONDAY + DAY)
    Session.objects.filter(pk=ours.coming.pk).update(
        cancelled_at=timezone.now(), cancelled_by=ours.supervisor
    )

    tick(monday_morning, MONDAY_MORNING + DAY)
    told_meanwhile = "session_changed" in became(ours.worker)
    tick(monday_morning, MONDAY_MORNING + 2 * DAY)

    assert not told_meanwhile
    assert became(ours.supervisor)["session_changed"] == "sent"
    assert became(ours.worker)["session_changed"] == "sent"


def test_leave_that_is_called_off_takes_nothing_with_it(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    """Whatever was not sent because of it, to one or about them to the other, comes after all."""
    outbox.plan()
    Reminder.objects.exclude(kind="session_coming").delete()
    taken = leave.enter(ours.worker, starts_on=MONDAY, ends_on=MONDAY + 9 * DAY, by=ours.head)
    sender.run()
    meanwhile = [became(person) for person in (ours.worker, ours.supervisor)]

    leave.end(taken)
    tick(monday_morning, MONDAY_MORNING + timedelta(minutes=10))

    assert meanwhile == [{"session_coming": "on_leave"}] * 2
    for person in (ours.worker, ours.supervisor):
        assert became(person)["session_coming"] == "sent"


def test_who_is_back_early_gets_what_waited_at_once(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    outbox.plan()
    taken = leave.enter(ours.worker, starts_on=MONDAY, ends_on=MONDAY + 20 * DAY, by=ours.head)
    sender.run()
    monday_morning.move_to(MONDAY_MORNING + DAY, tick=False)

    leave.end(taken)
    sender.run()

    assert became(ours.worker)["action_due"] == "sent"


def test_what_was_kept_is_of_use_for_some_days_after(
    ours: Ours, monday_morning: Clock, sink: Sink
) -> None:
    """Also where the message of the day of return was another one."""
    outbox.plan()
    away(ours.worker, 20)
    sender.run()

    kept = Reminder.objects.get(recipient=ours.worker, kind="action_due")

    assert kept.expires_at is not None
    assert kept.expires_at - kept.try_at == timedelta(days=7)


@pytest.mark.parametrize("reason", ["on_leave", "paused", "turned_off"])
def test_what_passes_is_not_the_end_and_only_that(ours: Ours, reason: str) -> None:
    outbox.plan()
    coming = Reminder.objects.filter(recipient=ours.worker, kind="session_coming")
    now = timezone.now()
    coming.update(state="cancelled", reason=reason, settled_at=now)

    outbox.plan()
    passed = coming.get().state
    coming.update(state="cancelled", reason="done", settled_at=now)
    outbox.plan()

    assert (passed, coming.get().state) == ("due", "cancelled")
