"""What is asked when a reminder is about to be sent: is it still owed, and what does it say now?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts.addresses import ask
from cohorts.invitations import invite, send_again
from cohorts.models import Cohort, Membership, SupervisorAssignment
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Invitation, Role, RoleGrant, User
from peersupport.reminders import kinds, outbox, sender
from peersupport.reminders.models import Reminder
from supervision.actions import cancel_session, rearrange_session
from supervision.models import AgreedAction, Attendance, Session
from supervision.slots import Slot
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk, booked, word

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TODAY = MONDAY_MORNING.date()
SESSION_AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
CHECK_IN, DUE, COMING = "checkin_invitation", "supervision_due", "session_coming"


class Pair:
    """A PSW owed an invitation to check in, a supervisor told to book, and both of a session.

    All words that must not be in any e-mail are there to leak.
    """

    def __init__(self) -> None:
        self.where = programme.organisation("Trustname")
        self.cohort: Cohort = programme.cohort(self.where, name="Cohortname")
        self.supervisor = programme.supervisor(self.where, family_name="Supervisorname")
        self.worker = self.member(given_name="Workergiven", family_name="Workername")
        self.to_book = self.member(given_name="Othergiven", family_name="Othername")
        self.assignment(self.to_book).update(next_due_on=TODAY)
        self.session = booked(self.supervisor, self.worker, at=SESSION_AT)
        Session.objects.update(shared_note="Notewords")
        outbox.plan()

    def member(self, **names: str) -> User:
        worker = programme.psw(self.where, **names)
        membership = programme.member(worker, self.cohort, joined_on=TODAY - timedelta(days=14))
        programme.supervised(membership, self.supervisor)
        return worker

    def assignment(self, worker: User) -> QuerySet[SupervisorAssignment]:
        return SupervisorAssignment.objects.filter(worker=worker)


def invited(by: User, email: str, *names: str) -> Invitation:
    given_name, family_name = names or ("N", "N")
    invitee = Invitee(email, given_name, family_name, Role.PSW)
    return invite(invitee, organisation=by.organisation, by=by)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def outcome(recipient: User) -> dict[str, str]:
    """What became of each kind owed to this person: `sent`, or why not."""
    owed = Reminder.objects.filter(recipient=recipient, kind__in=[CHECK_IN, DUE, COMING])
    return {one.kind: one.reason or one.state for one in owed}


def test_what_is_still_owed_is_sent(pair: Pair) -> None:
    sender.run()

    assert outcome(pair.worker) == {CHECK_IN: "sent", COMING: "sent"}
    assert outcome(pair.supervisor) == {DUE: "sent", COMING: "sent"}


def pause(pair: Pair) -> None:
    Membership.objects.update(stage=Membership.Stage.PAUSED)


def leave(pair: Pair) -> None:
    Membership.objects.update(stage=Membership.Stage.STEPPED_DOWN, left_on=TODAY)
    SupervisorAssignment.objects.end(TODAY)


def change_supervisor(pair: Pair) -> None:
    SupervisorAssignment.objects.update(ends_on=TODAY, next_due_on=None)


def close_accounts(pair: Pair) -> None:
    User.objects.update(is_active=False)


def rearrange(pair: Pair) -> None:
    later = Slot(SESSION_AT + timedelta(days=7))
    rearrange_session(pair.session, later, by=pair.supervisor, form_key=uuid4())


def call_off(pair: Pair) -> None:
    Session.objects.update(cancelled_at=timezone.now(), cancelled_by=pair.supervisor)


def hold(pair: Pair) -> None:
    facts = {"logged_at": timezone.now(), "logged_by": pair.supervisor}
    Session.objects.update(outcome=Session.Outcome.HELD, **facts)


def take_out(pair: Pair) -> None:
    Attendance.objects.update(worker=pair.to_book)


@pytest.mark.parametrize(
    ("change", "worker", "supervisor"),
    [
        (pause, {CHECK_IN: "paused", COMING: "paused"}, {DUE: "done", COMING: "paused"}),
        (leave, {CHECK_IN: "left", COMING: "left"}, {DUE: "done", COMING: "left"}),
        (
            change_supervisor,
            {CHECK_IN: "sent", COMING: "reassigned"},
            {DUE: "done", COMING: "reassigned"},
        ),
        (close_accounts, {CHECK_IN: "left", COMING: "left"}, {DUE: "left", COMING: "left"}),
        (
            rearrange,
            {CHECK_IN: "sent", COMING: "rearranged"},
            {DUE: "sent", COMING: "rearranged"},
        ),
        (call_off, {CHECK_IN: "sent", COMING: "called_off"}, {DUE: "sent", COMING: "called_off"}),
        (hold, {CHECK_IN: "sent", COMING: "done"}, {DUE: "sent", COMING: "done"}),
        (take_out, {CHECK_IN: "sent", COMING: "reassigned"}, {DUE: "done", COMING: "sent"}),
    ],
)
def test_what_changed_since_it_was_planned_counts(
    pair: Pair,
    change: Callable[[Pair], None],
    worker: dict[str, str],
    supervisor: dict[str, str],
) -> None:
    change(pair)

    sender.run()

    assert outcome(pair.worker) == worker
    assert outcome(pair.supervisor) == supervisor


def test_one_of_a_group_paused_and_the_others_are_still_told(pair: Pair) -> None:
    Attendance.objects.create(organisation=pair.where, session=pair.session, worker=pair.to_book)
    Membership.objects.filter(worker=pair.worker).update(stage=Membership.Stage.PAUSED)

    sender.run()

    assert outcome(pair.worker)[COMING] == "paused"
    assert outcome(pair.supervisor)[COMING] == "sent"


def test_the_supervisors_count_is_that_of_the_moment_and_their_own(pair: Pair) -> None:
    other = Pair()
    for worker in (other.worker, other.to_book):
        other.assignment(worker).update(next_due_on=TODAY - timedelta(days=3))
    pair.assignment(pair.member()).update(next_due_on=TODAY - timedelta(days=1))
    moved = pair.assignment(pair.member())
    moved.update(next_due_on=TODAY, supervisor=programme.supervisor(pair.where))

    sender.run()

    said = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "2 sessions are due this week, and no dates are booked." in said[pair.supervisor.email]
    assert "1 of them was due before today." in said[pair.supervisor.email]


def test_a_session_is_told_in_the_time_of_its_organisation(pair: Pair) -> None:
    Session.objects.update(starts_at=datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
    pair.where.time_zone = "Europe/Athens"
    pair.where.save(update_fields=["time_zone"])

    sender.run()

    said = {letter.to[0]: letter.body for letter in mail.outbox}
    words = "Your next supervision session is on Wednesday 25 November at 16:00: 20 minutes"
    told = {address for address, body in said.items() if words in body}
    assert told == {pair.supervisor.email, pair.worker.email}


def call_off_one_told_of(pair: Pair) -> None:
    """Another session, of which the PSW was told, is called off."""
    at = SESSION_AT + timedelta(hours=2)
    session = booked(pair.supervisor, pair.worker, at=at)
    Reminder.objects.create(
        organisation=pair.where,
        recipient=pair.worker,
        kind=COMING,
        key=f"session-coming:{session.pk}:{int(at.timestamp())}:{pair.worker.pk}",
        state="sent",
        due_at=MONDAY_MORNING,
        try_at=MONDAY_MORNING,
        settled_at=MONDAY_MORNING,
    )
    cancel_session(session, by=pair.supervisor)


@pytest.mark.parametrize("in_own_words", [False, True])
def test_no_e_mail_names_a_third_person_a_cohort_a_note_or_a_score(
    pair: Pair, in_own_words: bool
) -> None:
    asked_to_talk(pair.supervisor)
    head = programme.head(pair.where, family_name="Headname")
    RoleGrant.objects.update(granted_at=SESSION_AT - timedelta(days=60))
    invited(head, "new@trust.example", "Newgiven", "Newname")
    passed = booked(pair.supervisor, pair.worker, at=SESSION_AT - timedelta(days=5))
    AgreedAction.objects.create(
        organisation=pair.where,
        session=passed,
        owner=pair.worker,
        words="Actionwords",
        due_on=TODAY,
    )
    call_off_one_told_of(pair)
    Session.objects.update(themes=["boundaries"])
    ask(pair.worker, "newaddress@trust.example", by=pair.worker)
    for kind in kinds.every() if in_own_words else []:
        names = " ".join(f"{{{name}}}" for name in kind.placeholders)
        word(head, kind.name, "Ownwords", f"Ownwords {names}")
    outbox.plan()

    sender.run()

    sent = Reminder.objects.filter(state=Reminder.State.SENT)
    assert {reminder.kind for reminder in sent} == {kind.name for kind in kinds.every()}
    for letter in mail.outbox:
        html = str(cast(EmailMultiAlternatives, letter).alternatives[0][0])
        words = f"{letter.message().as_string()} {letter.body} {html}"
        in_ours = "address" in letter.subject
        assert ("Ownwords" in letter.body) is (in_own_words and not in_ours)
        for secret in (
            *("Supervisorname", "Workergiven", "Workername", "Othergiven", "Othername"),
            *("Newgiven", "Newname", "Headname", "Cohortname", "Notewords", "Okafor", "score"),
            *("Actionwords", "oundaries", "boundaries"),
        ):
            assert secret not in words


def test_each_e_mail_says_why_it_came_and_links_to_the_service(pair: Pair) -> None:
    asked_to_talk(pair.supervisor)

    sender.run()

    for letter in mail.outbox:
        assert f"{settings.SITE_URL}/" in letter.body
        assert "gets this" in letter.body or "You get this" in letter.body


def test_an_invitation_holds_the_link_of_the_moment(pair: Pair) -> None:
    head = programme.head(pair.where)
    invitation = invited(head, "n@trust.example")
    send_again(invitation, by=head)

    sender.run()

    said = [one.body for one in mail.outbox if one.to == ["n@trust.example"]]
    assert [f"/invitation/{invitation.key}/" in body for body in said] == [True]
    reasons = Reminder.objects.filter(kind="invitation").order_by("pk")
    assert [one.reason or one.state for one in reasons] == ["replaced", "sent"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"accepted_at": MONDAY_MORNING}, "done"),
        ({"expires_at": MONDAY_MORNING}, "expired"),
    ],
)
def test_an_invitation_that_is_used_or_too_old_is_not_sent(
    pair: Pair, change: dict[str, datetime], reason: str
) -> None:
    head = programme.head(pair.where)
    invited(head, "n@trust.example")
    Invitation.objects.update(**change)

    sender.run()

    assert Reminder.objects.get(kind="invitation").reason == reason


def test_a_talk_request_that_was_seen_is_not_sent(pair: Pair) -> None:
    reminder = asked_to_talk(pair.supervisor)
    pair.supervisor.talk_requests_received.update(acknowledged_at=timezone.now())

    sender.run()

    reminder.refresh_from_db()
    assert reminder.reason == "done"


@pytest.mark.parametrize("kind", [CHECK_IN, DUE, COMING, "talk_request", "invitation"])
def test_asking_takes_as_many_queries_for_many_as_for_few(pair: Pair, kind: str) -> None:
    def everybody(number: int) -> list[Reminder]:
        """Every reminder of the kind, after `number` more people of everything."""
        for _ in range(number):
            supervisor = programme.supervisor(pair.where)
            worker = programme.psw(pair.where)
            joined_on = TODAY - timedelta(days=14)
            membership = programme.member(worker, pair.cohort, joined_on=joined_on)
            programme.supervised(membership, supervisor)
            due = programme.psw(pair.where)
            membership = programme.member(due, pair.cohort, joined_on=joined_on)
            programme.supervised(membership, supervisor, next_due_on=TODAY)
            booked(supervisor, worker, at=SESSION_AT)
            asked_to_talk(supervisor)
            invited(head, due.email)
        outbox.plan()
        reminders = Reminder.objects.filter(kind=kind)
        return list(reminders.select_related("recipient", "organisation"))

    head = programme.head(pair.where)
    pair.cohort.capacity = 100
    pair.cohort.save(update_fields=["capacity"])
    few = everybody(1)
    with CaptureQueriesContext(connection) as for_few:
        kinds.named(kind).facts(few, timezone.now())
    many = everybody(20)
    with CaptureQueriesContext(connection) as for_many:
        answers = kinds.named(kind).facts(many, timezone.now())

    assert (len(many) - len(few)) % 20 == 0
    assert len(many) > len(few)
    assert [type(answer) for answer in answers.values()] == [dict] * len(many)
    assert len(for_many) == len(for_few) <= 5
