"""What happened in six months: sessions held, check-ins made, and what is to come."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from checkins.actions import ask_to_talk, check_in
from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import User
from supervision.actions import Record, Slot, book_session, log_session
from supervision.models import AgreedAction, Session, Theme

SIX_MONTHS = timedelta(days=182)
NOTES = (
    "Protected time is going well. Keeping Fridays free for supervision.",
    "Talked about where the role ends, and who to hand over to.",
    "A busy month. Agreed to take two weeks without new contacts.",
    "Proud of the drop-in session on the ward.",
)
AGREED = (
    "Ask about protected time on Fridays",
    "Put the drop-in times on the notice board",
    "Look up who covers nights",
    "Book the boundaries refresher",
)


class Diary:
    """Half-hours of each supervisor that are still free."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._taken: dict[int, Iterator[datetime]] = defaultdict(self._half_hours)

    def next_free(self, supervisor: User) -> datetime:
        """The next half-hour in the coming weeks, from tomorrow on."""
        return next(self._taken[supervisor.pk])

    def _half_hours(self) -> Iterator[datetime]:
        zone = timezone.get_current_timezone()
        day = self.today
        while True:
            day += timedelta(days=1)
            if day.weekday() < 5:
                for hour in (10, 14):
                    yield datetime.combine(day, time(hour, 30 * (day.day % 2)), zone)


def supervise(
    assignments: list[SupervisorAssignment],
    *,
    random: Random,
    today: date,
    due_on: Mapping[int, date],
) -> None:
    """Log the sessions of six months, oldest first, and book some to come.

    Those whose assignment is in `due_on` are next due on that day, and nothing is booked.
    """
    diary = Diary(today)
    entries = sorted(
        (
            (held_on, assignment)
            for assignment in assignments
            for held_on in _held_on(assignment, random, today, due_on.get(assignment.pk))
        ),
        key=lambda entry: (entry[0], entry[1].pk),
    )
    last = {assignment.pk: held_on for held_on, assignment in entries}
    for held_on, assignment in entries:
        is_last, is_due = held_on == last[assignment.pk], assignment.pk in due_on
        books = is_last and not is_due and random.random() < 0.6
        outcome = random.choices(Session.Outcome.values, (92, 6, 2))[0]
        record = Record(
            held_on=held_on,
            minutes=random.choice((15, 20, 20, 20, 30)),
            mode=random.choice(Session.Mode.values),
            outcome=Session.Outcome.HELD if is_last and is_due else outcome,
            themes=random.sample(Theme.values, random.choice((1, 2, 2))),
            agreed=random.choice(AGREED) if books or random.random() < 0.1 else "",
            shared_note=random.choice(NOTES) if random.random() < 0.2 else "",
            next_at=diary.next_free(assignment.supervisor) if books else None,
        )
        log_session(
            record,
            workers=[assignment.worker],
            by=assignment.supervisor,
            form_key=UUID(int=random.getrandbits(128)),
        )


def meet_as_a_group(assignments: list[SupervisorAssignment], *, on: date, random: Random) -> None:
    """One group session of a supervisor with the people of `assignments`, met that day or not."""
    log_session(
        Record(held_on=on, minutes=60, themes=[Theme.BOUNDARIES, Theme.STRENGTH]),
        workers=[assignment.worker for assignment in assignments],
        by=assignments[0].supervisor,
        form_key=UUID(int=random.getrandbits(128)),
        group=True,
        another=True,
    )


def meet_soon(assignment: SupervisorAssignment, *, at: datetime, random: Random) -> None:
    """Book a session that a reminder is owed for, in place of any other that is booked."""
    with_them = Session.objects.booked().filter(attendances__worker=assignment.worker)
    with_them.cancel(by=assignment.supervisor)
    book_session(
        Slot(at),
        workers=[assignment.worker],
        by=assignment.supervisor,
        form_key=UUID(int=random.getrandbits(128)),
    )


def check_in_for_half_a_year(
    memberships: list[Membership], *, random: Random, today: date, always: set[int]
) -> None:
    """Check-ins every two weeks: a dip about the fourth month, then better again.

    About six in ten are made; those of the people whose ids are in `always`, all.
    """
    for membership in memberships:
        mood = random.randint(5, 7)
        day = max(membership.joined_on, today - SIX_MONTHS) + timedelta(days=random.randint(0, 13))
        while day < today:
            if membership.worker_id in always or random.random() < 0.6:
                months = (day - membership.joined_on).days / 30
                dip = max(0.0, 2.5 - abs(months - 4))
                check_in(membership.worker, answers=_answers(mood - dip, random), on=day)
            day += timedelta(days=14)


def agree_on_something(assignment: SupervisorAssignment) -> None:
    """Leave one thing open that the PSW said they would do."""
    if AgreedAction.objects.open().filter(owner=assignment.worker).exists():
        return
    last = Session.objects.held().filter(attendances__worker=assignment.worker).latest("held_on")
    AgreedAction.objects.get_or_create(
        organisation=assignment.organisation,
        session=last,
        owner=assignment.worker,
        words=AGREED[0],
        defaults={"due_on": timezone.localdate() + timedelta(days=7)},
    )


def would_like_to_talk(worker: User, *, asked: User) -> None:
    ask_to_talk(worker, asked=asked)


def _held_on(
    assignment: SupervisorAssignment, random: Random, today: date, due_on: date | None
) -> list[date]:
    """The days on which the two met; so that the next is due on `due_on`, where that is given."""
    days = list(_about_as_often_as_due(assignment, random, today))
    if due_on is None:
        return days
    membership = assignment.membership
    cadence = membership.cohort.cadence
    for interval in (cadence.days_after, cadence.days_at_first):
        last = due_on - timedelta(days=interval)
        if cadence.days(in_role_since=membership.role_began_on, counted_from=last) == interval:
            break
    return [*(day for day in days if day < last - timedelta(days=14)), last]


def _about_as_often_as_due(
    assignment: SupervisorAssignment, random: Random, today: date
) -> Iterator[date]:
    """Weekdays in the last six months, a few days before the next session was due."""
    cadence = assignment.membership.cohort.cadence
    joined_on = assignment.membership.joined_on
    day = max(joined_on, today - SIX_MONTHS) + timedelta(days=random.randint(5, 25))
    late = random.random() < 0.08
    while True:
        day -= timedelta(days=max(0, day.weekday() - 4))
        if day >= today or (late and (today - day).days < 24):
            return
        yield day
        due = cadence.days(in_role_since=joined_on, counted_from=day)
        day += timedelta(days=due - random.randint(0, 9))


def _answers(mood: float, random: Random) -> dict[str, int]:
    def near(value: float) -> int:
        return min(10, max(0, round(value + random.uniform(-1.5, 1.5))))

    return {"energy": near(mood), "strain": near(10 - mood), "supported": near(mood + 1)}
