"""More of everything in an organisation, written in bulk."""

from datetime import date, datetime, time, timedelta
from itertools import count, product
from zoneinfo import ZoneInfo

from django.utils import timezone

from checkins.models import CheckIn, HelpLine, Share, TalkRequest
from cohorts.models import (
    Cohort,
    Leave,
    Membership,
    Placing,
    RosterEntry,
    RosterImport,
    RosterImportRow,
    SupervisorAssignment,
)
from peersupport.accounts.models import AddressChange, Invitation, RecordRead, Role, RoleGrant, User
from peersupport.reminders.models import Reminder, Wording
from supervision.models import AgreedAction, Attendance, Session
from tests.access import world

_number = count(1)
LONDON = ZoneInfo("Europe/London")


def grow(ours: world.Organisation, by: int) -> None:
    """`by` more of everything that any page lists or counts."""
    supervised, alone, asking, newcomers = (_people(ours, by, Role.PSW) for _ in range(4))
    supervisors = _people(ours, by, Role.SUPERVISOR)
    _in_cohorts(ours, supervised, supervisors, alone)
    _check_ins(ours, by)
    _wishes_to_talk(ours, asking)
    _sessions(ours, supervised)
    _reminders(ours, by)
    _readings(ours, supervisors)
    _roster(ours, newcomers)
    _lists_of_a_head(ours, by)
    _leaves(ours, [*supervised, *supervisors])


def _people(ours: world.Organisation, by: int, role: Role) -> list[User]:
    where = ours.head.organisation
    people = User.objects.bulk_create(
        User(
            organisation=where,
            email=f"many{next(_number)}@trust.example",
            given_name="Sam",
            family_name=f"Many{next(_number)}",
            password="none that works",
        )
        for _ in range(by)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(organisation=where, person=person, role=role) for person in people
    )
    return people


def _in_cohorts(
    ours: world.Organisation, supervised: list[User], supervisors: list[User], alone: list[User]
) -> None:
    """Half by the supervisor whose pages are opened, half by another each; and some by nobody."""
    where, day = ours.head.organisation, date(2026, 1, 5)
    Cohort.objects.filter(pk=ours.cohort.pk).update(capacity=500)
    other = Cohort.objects.create(
        organisation=where, name="Alone", stage="active", starts_on=day, capacity=500
    )
    pairs = [(worker, ours.cohort) for worker in supervised] + [(worker, other) for worker in alone]
    memberships = Membership.objects.bulk_create(
        Membership(
            organisation=where,
            cohort=cohort,
            worker=worker,
            stage="active",
            joined_on=day,
            placed_by=ours.head,
        )
        for worker, cohort in pairs
    )
    assignments = [
        SupervisorAssignment(
            organisation=where,
            membership=membership,
            worker=membership.worker,
            supervisor=ours.supervisor if place % 2 else supervisor,
            starts_on=day,
            assigned_by=ours.head,
        )
        for place, (membership, supervisor) in enumerate(
            zip(memberships[: len(supervised)], supervisors, strict=True)
        )
    ]
    for assignment in assignments:
        assignment.reckon()
    SupervisorAssignment.objects.bulk_create(assignments)


def _leaves(ours: world.Organisation, people: list[User]) -> None:
    """Everybody is away today, and the worker and the supervisor were, very often."""
    today = timezone.localdate()
    past = [
        Leave(person=person, starts_on=today - timedelta(days=days))
        for person in (ours.worker, ours.supervisor, ours.head, ours.auditor)
        for days in range(10, 10 + len(people))
    ]
    now = [Leave(person=person, starts_on=today) for person in people]
    for leave in [*past, *now]:
        leave.organisation, leave.entered_by = ours.head.organisation, leave.person
        leave.ends_on = leave.starts_on
    Leave.objects.bulk_create([*past, *now])


def _check_ins(ours: world.Organisation, by: int) -> None:
    where, today = ours.head.organisation, timezone.localdate()
    check_ins = CheckIn.objects.bulk_create(
        CheckIn(
            organisation=where,
            worker=ours.worker,
            instrument="pulse",
            answered_on=today - timedelta(days=days + 20),
            answers={"energy": 7, "strain": 3, "supported": 8},
            score="73.33",
        )
        for days in range(by)
    )
    Share.objects.bulk_create(
        Share(organisation=where, check_in=each, worker=ours.worker, shared_with=ours.supervisor)
        for each in check_ins
    )


def _wishes_to_talk(ours: world.Organisation, asking: list[User]) -> None:
    TalkRequest.objects.bulk_create(
        TalkRequest(
            organisation=ours.head.organisation,
            worker=worker,
            asked=ours.head if place % 2 else ours.supervisor,
        )
        for place, worker in enumerate(asking)
    )


def _sessions(ours: world.Organisation, workers: list[User]) -> None:
    """Held, waiting to be logged and to come: with the worker, and with many others."""
    where, now = ours.head.organisation, timezone.now()
    slots = product(range(1, 60), range(7, 20))
    made = []
    for (days, hour), worker in zip(slots, [ours.worker, *workers], strict=False):
        for back in (days, -days - 6):
            day = timezone.localdate() - timedelta(days=back)
            starts_at = datetime.combine(day, time(hour), LONDON)
            booked = Session(
                organisation=where,
                supervisor=ours.supervisor,
                held_on=day,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=20),
                booked_at=now,
                booked_by=ours.supervisor,
            )
            made.append((booked, worker))
        held = Session(
            organisation=where,
            supervisor=ours.supervisor,
            held_on=timezone.localdate() - timedelta(days=days),
            outcome=Session.Outcome.HELD,
            shared_note=world.NOTE,
            logged_at=now,
            logged_by=ours.supervisor,
        )
        made += [(held, ours.worker)]
    Session.objects.bulk_create(session for session, _worker in made)
    Attendance.objects.bulk_create(
        Attendance(organisation=where, session=session, worker=worker) for session, worker in made
    )
    AgreedAction.objects.bulk_create(
        AgreedAction(organisation=where, session=session, owner=ours.worker, words="Ask")
        for session, _worker in made
        if session.outcome
    )


def _reminders(ours: world.Organisation, by: int) -> None:
    now = timezone.now()
    Reminder.objects.bulk_create(
        Reminder(
            organisation=ours.head.organisation,
            recipient=recipient,
            kind="checkin_invitation",
            key=f"many:{next(_number)}",
            state=state,
            due_at=now,
            try_at=now,
            settled_at=now,
        )
        for recipient in (ours.worker, ours.supervisor, ours.head, ours.auditor)
        for state in ("sent", "failed", "uncertain")
        for _ in range(by)
    )


def _readings(ours: world.Organisation, readers: list[User]) -> None:
    RecordRead.objects.bulk_create(
        RecordRead(
            organisation=ours.head.organisation,
            reader=reader,
            subject=subject,
            kind=kind,
            record_id=record.pk,
            record_on=timezone.localdate(),
        )
        for reader in readers
        for subject in (ours.worker, ours.supervisor, ours.head, ours.auditor)
        for kind, record in (("check_in", ours.shared), ("session", ours.session))
    )


def _roster(ours: world.Organisation, people: list[User]) -> None:
    where = ours.head.organisation
    RosterEntry.objects.bulk_create(
        RosterEntry(
            organisation=where,
            person=person,
            employee_number=f"M{person.pk}",
            site=f"Site {person.pk}",
            team=f"Team {person.pk}",
        )
        for person in people
    )
    RosterImportRow.objects.bulk_create(
        RosterImportRow(
            organisation=where,
            roster_import=ours.roster_import,
            number=place + 10,
            outcome=RosterImportRow.Outcome.REFUSED,
            person=person,
            name=person.name,
        )
        for place, person in enumerate(people)
    )
    RosterImport.objects.bulk_create(
        RosterImport(
            organisation=where,
            uploaded_by=person,
            file_name="roster.csv",
            state=RosterImport.State.DISCARDED,
            settled_at=timezone.now(),
        )
        for person in people
    )


def _lists_of_a_head(ours: world.Organisation, by: int) -> None:
    where = ours.head.organisation
    Cohort.objects.bulk_create(
        Cohort(
            organisation=where,
            name=f"Many {n}",
            stage="active",
            starts_on=date(2026, 2, n % 28 + 1),
        )
        for n in range(by)
    )
    Placing.objects.bulk_create(
        Placing(organisation=where, cohort=ours.cohort, placed_by=ours.head) for _ in range(by)
    )
    Wording.objects.bulk_create(
        Wording(
            organisation=where,
            kind="session_passed",
            subject="A session to note",
            words=f"Version {n} of {{day}}, {{time}}",
            written_by=ours.head,
            ended_at=timezone.now(),
            ended_by=ours.head,
        )
        for n in range(by)
    )
    HelpLine.objects.bulk_create(
        HelpLine(
            organisation=where,
            name=f"Line {n}",
            what="Somebody to talk to",
            phone="0000",
            hours="Weekdays",
            review_on=date(2026, 1, 1),
        )
        for n in range(by)
    )
    AddressChange.objects.bulk_create(
        AddressChange(
            organisation=where,
            person=person,
            old_email=f"old{n}@trust.example",
            email=f"new{n}@trust.example",
            asked_by=ours.head,
            expires_at=timezone.now(),
            confirmed_at=timezone.now(),
            confirmed_by=person,
        )
        for person in (ours.worker, ours.supervisor, ours.head, ours.auditor)
        for n in range(by)
    )
    Invitation.objects.bulk_create(
        Invitation(
            organisation=where,
            email=f"many{next(_number)}@elsewhere.example",
            given_name="Nia",
            family_name="Lloyd",
            role="psw",
            expires_at=timezone.now() + timedelta(days=7),
        )
        for _ in range(by)
    )
