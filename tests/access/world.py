"""Two organisations with one of everything, so that every address has something to refuse."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from checkins.models import CheckIn, HelpLine, Share, TalkRequest
from cohorts.models import Cohort, Leave, Placing, SupervisorAssignment
from cohorts.roster_models import RosterImport
from peersupport.accounts.actions import ask_for_address
from peersupport.accounts.models import AddressChange, Invitation, User
from peersupport.reminders.models import Reminder, Wording
from supervision.models import AgreedAction, Attendance, Session
from tests import programme

NOTE = "canary-of-a-shared-note"
ACTION = "canary-of-an-agreed-action"


@dataclass
class Organisation:
    """One organisation's people, named by what they are to `worker`, and what they made."""

    worker: User
    colleague: User
    newcomer: User
    supervisor: User
    former: User
    other: User
    head: User
    auditor: User
    cohort: Cohort
    session: Session
    booked: Session
    action: AgreedAction
    private: CheckIn
    shared: CheckIn
    talk: TalkRequest
    help_line: HelpLine
    invitation: Invitation
    address_change: AddressChange
    reminder: Reminder
    undecided: Reminder
    wording: Wording
    placing: Placing
    roster_import: RosterImport
    leave: Leave


def build(name: str, *, note: str = NOTE, action: str = ACTION) -> Organisation:
    """An organisation in which `worker` is supervised, has a past, and has something to come."""
    where = programme.organisation(name)
    head = programme.head(where)
    former, supervisor, other = (programme.supervisor(where) for _ in range(3))
    cohort = programme.cohort(where, starts_on=date(2026, 1, 5))
    worker = programme.psw(where)
    programme.roster_entry(worker)
    membership = programme.member(worker, cohort)
    programme.supervised(membership, former, ends_on=date(2026, 6, 1))
    programme.supervised(membership, supervisor, starts_on=date(2026, 6, 1))
    colleague = programme.supervised_psw(other, cohort)
    # So that the colleague too may share what is theirs with whoever supervises the worker.
    programme.supervised(
        colleague.memberships.get(), supervisor, purpose=SupervisorAssignment.Purpose.REFLECTIVE
    )
    session = _held(worker, supervisor, note)
    private = _check_in(worker, days_ago=14)
    shared = _check_in(worker, days_ago=7)
    Share.objects.create(organisation=where, check_in=shared, worker=worker, shared_with=supervisor)
    Share.objects.create(organisation=where, check_in=shared, worker=worker, shared_with=former)
    return Organisation(
        worker=worker,
        colleague=colleague,
        newcomer=programme.psw(where),
        supervisor=supervisor,
        former=former,
        other=other,
        head=head,
        auditor=programme.ig_auditor(where),
        cohort=cohort,
        session=session,
        booked=_booked(worker, supervisor),
        action=AgreedAction.objects.create(
            organisation=where, session=session, owner=worker, words=action
        ),
        private=private,
        shared=shared,
        talk=TalkRequest.objects.create(organisation=where, worker=worker, asked=supervisor),
        help_line=HelpLine.objects.create(
            organisation=where,
            name="Staff support",
            what="Somebody to talk to",
            phone="0000",
            hours="Weekdays",
            review_on=date(2027, 1, 1),
        ),
        invitation=Invitation.objects.create(
            organisation=where,
            email=f"invited@{where.slug}.example",
            given_name="Nia",
            family_name="Lloyd",
            role="psw",
            expires_at=timezone.now() + timedelta(days=7),
        ),
        address_change=ask_for_address(worker, f"new@{where.slug}.example", by=worker),
        reminder=_reminder(worker, "sent"),
        undecided=_reminder(worker, "uncertain"),
        wording=Wording.objects.create(
            organisation=where,
            kind="checkin_invitation",
            subject="How are you?",
            words="Three questions for you.",
            written_by=head,
        ),
        placing=Placing.objects.create(organisation=where, cohort=cohort, placed_by=head),
        roster_import=_roster_import(head),
        leave=_leave(worker),
    )


def _leave(person: User) -> Leave:
    first = timezone.localdate() + timedelta(days=40)
    return programme.leave(person, first, first + timedelta(days=5))


def _held(worker: User, supervisor: User, note: str) -> Session:
    """A session with words that only the two may read."""
    session = Session.objects.create(
        organisation=worker.organisation,
        supervisor=supervisor,
        held_on=timezone.localdate() - timedelta(days=10),
        outcome=Session.Outcome.HELD,
        shared_note=note,
        logged_at=timezone.now(),
        logged_by=supervisor,
    )
    Attendance.objects.create(organisation=worker.organisation, session=session, worker=worker)
    SupervisorAssignment.objects.current().filter(worker=worker).update(
        last_held_on=session.held_on
    )
    return session


def _booked(worker: User, supervisor: User) -> Session:
    day = timezone.localdate() + timedelta(days=5)
    starts_at = datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo("Europe/London"))
    session = Session.objects.create(
        organisation=worker.organisation,
        supervisor=supervisor,
        held_on=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=20),
        booked_at=timezone.now(),
        booked_by=supervisor,
    )
    Attendance.objects.create(organisation=worker.organisation, session=session, worker=worker)
    return session


def _reminder(recipient: User, state: str) -> Reminder:
    now = timezone.now()
    return Reminder.objects.create(
        organisation=recipient.organisation,
        recipient=recipient,
        kind="checkin_invitation",
        key=f"{state}:{recipient.pk}",
        state=state,
        due_at=now,
        try_at=now,
        settled_at=now,
    )


def _check_in(worker: User, *, days_ago: int) -> CheckIn:
    return CheckIn.objects.create(
        organisation=worker.organisation,
        worker=worker,
        instrument="pulse",
        answered_on=timezone.localdate() - timedelta(days=days_ago),
        answers={"energy": 7, "strain": 3, "supported": 8},
        score="73.33",
    )


def _roster_import(head: User) -> RosterImport:
    """A roster that has been checked and waits for the second press."""
    return RosterImport.objects.create(
        organisation=head.organisation,
        uploaded_by=head,
        file_name="roster.csv",
        content=b"employee_number,first_name,last_name,email,role\n1,Nia,Lloyd,nia@,psw\n",
        state=RosterImport.State.CHECKED,
        header=["employee_number", "first_name", "last_name", "email", "role"],
        rows_total=1,
    )
