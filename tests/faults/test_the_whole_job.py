"""The whole job: a roster becomes twelve supervised cohorts, and each e-mail owed arrives once.

What is owed is worked out here row by row, as people would say the rules, and not by the planner.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.core.management import call_command

from checkins.models import CheckIn, TalkRequest
from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, Role, User
from peersupport.reminders.models import Reminder
from supervision.models import Attendance, Session
from tests import programme
from tests.faults.conftest import Start
from tests.faults.half_a_year import BEGAN, FIRST_DAY, TODAY, HalfAYear, made_roster
from tests.faults.test_celery import BEAT, WORKER, all_settled
from tests.reminders.children import ROOT, wait_until
from tests.reminders.programme import MONDAY_MORNING
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

SHARED = ROOT.parent / "shared" / "real-input" / "roster.csv"
SUNDAY = TODAY + timedelta(days=6)
TWO_WORKING_DAYS_ON = TODAY + timedelta(days=2)

SAYINGS = {
    "Time to check in": r"It is time to check in()",
    "Your next session": r"supervision session is on \w+ (\d+ \w+ at \d\d:\d\d)",
    "Sessions to book": r"(\d+ sessions?) \w+ due",
    "Your week": r"(\d+) sessions? \w+ held last week\. \d+ \w+ booked",
    "Supervision this week": r"(\d+) sessions? \w+ held last week\. \d+ (?:person|people)",
    "A session to log": r"Your session on \w+ (\d+ \w+ at \d\d:\d\d) is not logged",
    "Someone would like to talk": r"Someone would like to talk with you()",
}
# To whom, under which subject, and what it says: how many, or when.
Letter = tuple[str, str, str]
Outcome = dict[str, int]


made = pytest.param(made_roster, {"created": 260, "unchanged": 1, "refused": 2}, id="made-here")
shared = pytest.param(
    SHARED.read_bytes,
    {"created": 260, "unchanged": 0, "refused": 0},
    id="shared-with-us",
    marks=pytest.mark.skipif(
        not SHARED.exists(), reason="../shared/real-input/roster.csv is not here"
    ),
)


@pytest.mark.parametrize(("roster", "outcome"), [made, shared])
def test_a_roster_becomes_supervised_cohorts_and_each_reminder_owed_arrives_once(
    roster: Callable[[], bytes],
    outcome: Outcome,
    broker: str,
    mail_server: Sink,
    start: Start,
    tmp_path: Path,
) -> None:
    (tmp_path / "roster.csv").write_bytes(roster())
    with time_machine.travel(FIRST_DAY, tick=False) as clock:
        where = programme.organisation()
        assert_imported_once(tmp_path / "roster.csv", where, outcome)
        half_a_year = HalfAYear(where, clock)
        half_a_year.form_cohorts()
        assert_everybody_is_placed_and_supervised(half_a_year)
        half_a_year.go_by()
        half_a_year.end_on_a_monday_morning()
        assert_half_a_year_lies_behind()
    expected = Counter(owed())

    shift = str((MONDAY_MORNING - datetime.now(UTC)).total_seconds())
    surroundings = {"REDIS_URL": broker, "CLOCK_SHIFT": shift}
    start(*WORKER, mail_port=mail_server.port, **surroundings)
    start(*BEAT, f"--schedule={tmp_path}/beat", mail_port=mail_server.port, **surroundings)
    too_many = expected.total() + 1
    wait_until(
        lambda: ticks(tmp_path) > 0 and (all_settled() or len(mail_server.ids) >= too_many), 60
    )
    first = list(mail_server.ids)
    before = ticks(tmp_path)
    wait_until(lambda: ticks(tmp_path) >= before + 4, 60)

    assert Counter(chain.from_iterable(map(as_owed, mail_server.messages))) == expected
    assert mail_server.ids == first
    assert one_message_each(mail_server.messages)
    sent = Reminder.objects.filter(state="sent")
    assert sorted(mail_server.reminders) == sorted(sent.values_list("pk", flat=True))
    assert_the_others_were_called_back()


def assert_imported_once(file: Path, where: Organisation, outcome: Outcome) -> None:
    """Importing it again finds everybody as they are."""
    assert imported(file, where) == outcome
    unchanged = outcome["created"] + outcome["unchanged"]
    assert imported(file, where) == {**outcome, "created": 0, "unchanged": unchanged}


def imported(file: Path, where: Organisation) -> Outcome:
    """How many rows came out how, as the command says."""
    said = StringIO()
    with suppress(SystemExit):  # that is how it says that it refused a row
        call_command("import_roster", str(file), organisation=where.slug, json=True, stdout=said)
    told = json.loads(said.getvalue())
    assert told["updated"] == 0
    return {each: told[each] for each in ("created", "unchanged", "refused")}


def assert_everybody_is_placed_and_supervised(half_a_year: HalfAYear) -> None:
    """Twelve cohorts, all full; nobody has a line manager for a supervisor, though many might."""
    placed = Counter(Membership.objects.values_list("cohort", flat=True))
    assert sorted(placed.values()) == [20] * len(BEGAN)

    pairs = SupervisorAssignment.objects.select_related("worker__roster_entry", "supervisor")
    assert sorted(each.worker_id for each in pairs) == sorted(half_a_year.number)
    assert {each.supervisor for each in pairs} == set(half_a_year.supervisors)
    assert [
        each
        for each in pairs
        if each.worker.roster_entry.line_manager_email == each.supervisor.email
    ] == []
    assert len(half_a_year.refused) > 70


def assert_half_a_year_lies_behind() -> None:
    half_a_year_ago = TODAY - relativedelta(months=6)
    held = Attendance.objects.filter(attended=True, session__outcome="held")
    met_on = held.values_list("session__held_on", flat=True)
    checked_in_on = CheckIn.objects.values_list("answered_on", flat=True)
    assert min(met_on) <= half_a_year_ago
    assert min(checked_in_on) <= half_a_year_ago
    assert len(met_on) > 1000
    assert len(checked_in_on) > 300


def assert_the_others_were_called_back() -> None:
    """What was planned and not sent was cancelled, and for every reason there is a case here."""
    others = Reminder.objects.exclude(state="sent")
    reasons = {
        *("called_off", "done", "expired", "left"),
        *("paused", "rearranged", "reassigned"),
    }
    assert set(others.values_list("state", flat=True)) == {"cancelled"}
    assert reasons == set(others.values_list("reason", flat=True))


def ticks(folder: Path) -> int:
    """How many ticks the worker has finished."""
    return (folder / "processes.log").read_text().count(" succeeded in ")


def as_owed(message: EmailMessage) -> Iterator[Letter]:
    """What a message that has arrived says, in the way that `owed` says it."""
    words = " ".join(message.get_body(("plain",)).get_content().split())
    for subject, saying in SAYINGS.items():
        for found in re.findall(saying, words):
            yield str(message["To"]), subject, found


def one_message_each(messages: list[EmailMessage]) -> bool:
    """Whether nobody got two, but for what is sent at once because somebody waits."""
    at_once = {"Someone would like to talk", "Someone waits for an answer"}
    to = Counter(str(message["To"]) for message in messages if message["Subject"] not in at_once)
    return set(to.values()) == {1} and to.total() < len(messages)


def owed() -> Iterator[Letter]:
    """Everything that is owed to anybody on Monday at nine."""
    yield from invitations_to_check_in()
    yield from sessions_that_are_coming()
    yield from sessions_to_book()
    yield from weeks()
    yield from sessions_to_log()
    for request in TalkRequest.objects.select_related("asked"):
        if request.acknowledged_at is None and request.withdrawn_at is None:
            yield request.asked.email, "Someone would like to talk", ""


def invitations_to_check_in() -> Iterator[Letter]:
    """To active PSWs, on each scheduled day; at most six days later where nothing could go out."""
    for membership in Membership.objects.select_related("worker"):
        days = days_to_check_in(membership.joined_on)
        lately = [day for day in days if 0 <= (TODAY - day).days < 7]
        if lately and takes_part(membership, TODAY) and membership.stage == "active":
            yield membership.worker.email, "Time to check in", ""


def weeks() -> Iterator[Letter]:
    """How many were held last week: to who supervises somebody, theirs; to a head, all."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    last_week = (monday - timedelta(days=7), monday - timedelta(days=1))
    held = Session.objects.filter(outcome="held", held_on__range=last_week)
    for supervisor in User.objects.filter(supervises_in__starts_on__lte=monday).distinct():
        if any(supervises(each, TODAY) for each in supervisor.supervises_in.all()):
            number = held.filter(supervisor=supervisor).count()
            yield supervisor.email, "Your week", str(number)
    for head in User.objects.holding(Role.HEAD):
        yield head.email, "Supervision this week", str(held.count())


def sessions_to_log() -> Iterator[Letter]:
    """To a supervisor, for each session of the last week that nobody logged."""
    for session in booked():
        if TODAY - timedelta(days=8) < session.held_on < TODAY:
            when = f"{session.starts_at:%-d %B at %H:%M}"
            yield session.supervisor.email, "A session to log", when


def days_to_check_in(joined_on: date) -> Iterator[date]:
    """Every two weeks in the first six months, every four weeks after."""
    for fortnight in range(1, 26):
        day = joined_on + fortnight * timedelta(weeks=2)
        if day < joined_on + relativedelta(months=6) or fortnight % 2 == 0:
            yield day


def sessions_that_are_coming() -> Iterator[Letter]:
    """To the supervisor and whoever comes, from two working days before."""
    assignments: dict[tuple[int, int], list[SupervisorAssignment]] = {}
    for each in SupervisorAssignment.objects.select_related("membership"):
        assignments.setdefault((each.supervisor_id, each.worker_id), []).append(each)
    for session in booked():
        coming = [
            attendance.worker
            for attendance in session.attendances.all()
            for each in assignments[session.supervisor_id, attendance.worker_id]
            if supervises(each, session.held_on)
        ]
        is_soon = session.starts_at > MONDAY_MORNING and session.held_on <= TWO_WORKING_DAYS_ON
        when = f"{session.starts_at:%-d %B at %H:%M}"  # London keeps UTC in November
        for person in [session.supervisor, *coming] if coming and is_soon else []:
            yield person.email, "Your next session", when


def sessions_to_book() -> Iterator[Letter]:
    """To supervisors: how many of theirs are due by Sunday, or were before, without a date."""
    with_a_date = {
        (session.supervisor_id, attendance.worker_id)
        for session in booked()
        for attendance in session.attendances.all()
        if session.held_on >= TODAY
    }
    last = last_held()
    due = Counter(
        each.supervisor.email
        for each in SupervisorAssignment.objects.select_related("membership", "supervisor")
        if supervises(each, TODAY)
        and due_on(each, last.get(each.worker_id, each.starts_on)) <= SUNDAY
        and (each.supervisor_id, each.worker_id) not in with_a_date
    )
    for address, number in due.items():
        yield address, "Sessions to book", f"{number} session{'s' if number > 1 else ''}"


def booked() -> list[Session]:
    """Neither logged nor called off."""
    sessions = Session.objects.select_related("supervisor").prefetch_related("attendances__worker")
    return [each for each in sessions if each.outcome == "" and each.cancelled_at is None]


def last_held() -> dict[int, date]:
    """The last day on which each worker met a supervisor."""
    days: dict[int, date] = {}
    for each in Attendance.objects.select_related("session").order_by("session__held_on"):
        if each.attended and each.session.outcome == "held":
            days[each.worker_id] = each.session.held_on
    return days


def due_on(assignment: SupervisorAssignment, counted_from: date) -> date:
    """Every four weeks in the first six months, every six weeks after."""
    settled = counted_from >= assignment.membership.joined_on + relativedelta(months=6)
    return counted_from + timedelta(weeks=6 if settled else 4)


def takes_part(membership: Membership, day: date) -> bool:
    begun = membership.joined_on <= day
    gone = membership.left_on is not None and membership.left_on <= day
    return begun and not gone and membership.stage in ("in_training", "active")


def supervises(assignment: SupervisorAssignment, day: date) -> bool:
    begun = assignment.starts_on <= day
    over = assignment.ends_on is not None and assignment.ends_on <= day
    return begun and not over and takes_part(assignment.membership, day)
