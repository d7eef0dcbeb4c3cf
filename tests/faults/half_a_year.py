"""Half a year of a programme of 240 peer support workers, by the doors that people go through.

It ends on a Monday morning on which much is owed, and much looks as if it were.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from io import StringIO
from itertools import cycle
from uuid import uuid4

import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from checkins.actions import check_in, share
from checkins.models import TalkRequest
from cohorts import actions
from cohorts.models import Cohort, Membership, SupervisorAssignment
from cohorts.obstacles import Ground, OwnLineManager, Placement
from cohorts.roster.columns import COLUMNS
from peersupport.accounts.models import Organisation, Role, User
from supervision.actions import (
    Record,
    Slot,
    book_session,
    cancel_session,
    log_session,
    rearrange_session,
)
from supervision.models import Session, Theme
from tests import programme
from tests.cohorts.rosters import Row, as_csv, person
from tests.reminders.programme import MONDAY_MORNING

TODAY = MONDAY_MORNING.date()
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)

# How many days ago each cohort began: on both sides of six months, and of a day to check in, which
# comes every two weeks before them and every four weeks after.
BEGAN = (210, 196, 185, 182, 175, 169, 163, 156, 105, 98, 14, 0)
FIRST_DAY = TODAY - max(BEGAN) * DAY
WEEKS = max(BEGAN) // 7
ALONE_FROM = WEEKS - 4

# The first worker of the cohort to which everything happens at the end, and two who are still due
# when they get another supervisor.
FIRST = 60
HANDED_OVER = (FIRST + 2, FIRST + 7)

GIVEN = ("Aoife", "Bilal", "Chloë", "Dewi", "Esther", "Farida", "Goran", "José", "Marek", "Siân")
FAMILY = ("Abara", "Brontë", "Cole", "D'Souza", "Eze", "Fry", "Gill", "Núñez", "Parry", "Quinn")
TAKING_PART = [Membership.Stage.IN_TRAINING, Membership.Stage.ACTIVE]


def made_roster() -> bytes:
    """What a workforce system exports: 2 heads, 18 supervisors and 240 peer support workers.

    Its clothes are odd: semicolons, Windows-1252, columns in another order and one that is nobody's
    business, days first, a number as a formula, stray spaces and capitals, one person twice, and
    two rows that cannot be read.
    """
    roles = ["head"] * 2 + ["supervisor"] * 18 + ["psw"] * 240
    rows = [_row(number, role) for number, role in enumerate(roles)]
    unreadable = [person(900, email="siân.fry@"), person(901, started_on="31/02/2026")]
    columns = [*reversed(COLUMNS), "cost_centre"]
    written = [*rows, rows[30], *unreadable]
    return as_csv(written, columns=columns, delimiter=";", encoding="cp1252")


def _row(number: int, role: str) -> Row:
    """One person; a third of the peer support workers have a supervisor for a line manager."""
    manager = "" if role != "psw" else f"manager{number % 31}@trust.example"
    if role == "psw" and number % 3 == 0:
        manager = _address(2 + number % 18)
    began_on = FIRST_DAY - timedelta(days=20 + 7 * (number % 90))
    address = _address(number)
    return person(
        number,
        employee_number=f'="{30000000 + number}"' if number % 40 == 0 else str(30000000 + number),
        first_name=f" {GIVEN[number % 10]}",
        last_name=FAMILY[number // 10 % 10],
        email=f"{address.title()} " if number % 25 == 0 else address,
        role=role,
        band="-" if number % 6 == 0 else str(2 + number % 6),
        site=("Riverside Hospital", "St Anne's Community Hub")[number % 2],
        line_manager_email=manager.upper() if number % 2 else manager,
        started_on=f"{began_on:%d/%m/%Y}",
        cost_centre="4711",
    )


def _address(number: int) -> str:
    return f"worker.{number}@trust.example"


class HalfAYear:
    """What happens from the first placing to a Monday morning, with a clock that is moved on."""

    def __init__(self, where: Organisation, clock: time_machine.Traveller) -> None:
        everybody = User.objects.filter(organisation=where).select_related("roster_entry")
        in_order = everybody.order_by("roster_entry__started_on", "pk")
        self.where, self.clock = where, clock
        self.head = in_order.filter(role_grants__role=Role.HEAD)[0]
        self.supervisors = list(in_order.filter(role_grants__role=Role.SUPERVISOR))
        self.workers = list(in_order.filter(role_grants__role=Role.PSW))
        self.number = {worker.pk: number for number, worker in enumerate(self.workers)}
        self.refused: set[User] = set()
        self._turn = cycle(self.supervisors)
        # Of day, at which a worker's supervisor meets nobody else.
        self._time: dict[int, time] = {}

    def form_cohorts(self) -> None:
        """Twelve of twenty places, and the people who take all of them, with their supervisors."""
        for number, days in enumerate(BEGAN):
            cohort = programme.cohort(
                self.where,
                starts_on=TODAY - days * DAY,
                stage=Cohort.Stage.TRAINING if days else Cohort.Stage.ACTIVE,
            )
            self._place(self.workers[number * 20 : (number + 1) * 20], cohort)
        assigned: Counter[int] = Counter()
        for each in SupervisorAssignment.objects.order_by("pk"):
            minutes = 9 * 60 + 30 * assigned[each.supervisor_id]
            self._time[each.worker_id] = time(*divmod(minutes, 60))
            assigned[each.supervisor_id] += 1

    def _place(self, workers: list[User], cohort: Cohort) -> None:
        """Try a line manager who supervises before anybody else: that is refused."""
        by_address = {supervisor.email: supervisor for supervisor in self.supervisors}
        chosen = {
            worker: by_address.get(worker.roster_entry.line_manager_email) or next(self._turn)
            for worker in workers
        }
        while True:
            placements = [Placement(worker, by) for worker, by in chosen.items()]
            try:
                actions.place_many(placements, cohort=cohort, on=cohort.starts_on, by=self.head)
            except OwnLineManager:
                ground = Ground(placements, cohort=cohort, on=cohort.starts_on)
                refused = {each.worker for each in placements if any(ground.obstacles(each))}
                chosen |= {worker: next(self._turn) for worker in refused}
                self.refused |= refused
            else:
                return

    def go_by(self) -> None:
        """Week after week until last Friday."""
        for week in range(WEEKS):
            monday = FIRST_DAY + week * WEEK
            self._now(monday + 4 * DAY, time(16))
            with transaction.atomic():
                self._finish_training(monday - WEEK)
                if week == ALONE_FROM:
                    self._meet_all_but_one(monday)
                supervised = self._supervised()
                self._supervise(supervised, week, monday)
                self._check_in(supervised, week, monday)
                if week == ALONE_FROM:
                    self._one(0).membership.pause()
                    self._one(11).membership.pause()

    def _finish_training(self, day: date) -> None:
        trained = Cohort.objects.filter(stage=Cohort.Stage.TRAINING, starts_on__lt=day)
        for cohort in trained:
            cohort.stage = Cohort.Stage.ACTIVE
            actions.change_cohort(cohort)

    def _supervise(self, supervised: list[SupervisorAssignment], week: int, monday: date) -> None:
        """Each supervisor meets those for whom it is time: together at first, alone later on."""
        due: dict[User, list[SupervisorAssignment]] = {}
        for each in supervised:
            if self._is_time(each, week, monday):
                due.setdefault(each.supervisor, []).append(each)
        for supervisor, those in due.items():
            if week >= ALONE_FROM:
                for each in those:
                    self._meet(each, monday)
            else:
                record = Record(held_on=monday + DAY, minutes=60, themes=[Theme.BOUNDARIES])
                workers = [each.worker for each in those]
                log_session(record, workers=workers, by=supervisor, form_key=uuid4(), group=True)

    def _supervised(self) -> list[SupervisorAssignment]:
        """Those who have begun and take part today."""
        begun = SupervisorAssignment.objects.current().filter(
            starts_on__lte=timezone.localdate(), membership__stage__in=TAKING_PART
        )
        return list(begun.select_related("worker", "supervisor").order_by("pk"))

    def _is_time(self, assignment: SupervisorAssignment, week: int, monday: date) -> bool:
        """As the caseload says; together every four weeks; at the end a few fall behind."""
        turn = self.supervisors.index(assignment.supervisor)
        until = monday + 6 * DAY
        if week < ALONE_FROM:
            return turn % 4 == week % 4 and assignment.next_due_on <= until + 3 * WEEK
        number = self.number[assignment.worker_id]
        falls_behind = number in HANDED_OVER or (turn >= 6 and number % 7 == 5)
        return assignment.next_due_on <= until and not (falls_behind and week > ALONE_FROM)

    def _meet(self, assignment: SupervisorAssignment, monday: date) -> None:
        """Log one; six supervisors book the next with everybody and six with every other."""
        number = self.number[assignment.worker_id]
        turn = self.supervisors.index(assignment.supervisor)
        held = (number + monday.toordinal()) % 17 > 0
        books = held and (turn < 6 or (turn < 12 and number % 2 == 0))
        day = monday + number % 5 * DAY
        next_on = max(day + 2 * WEEK, TODAY + number % 5 * DAY)
        record = Record(
            held_on=day,
            outcome=Session.Outcome.HELD if held else Session.Outcome.NOT_HELD,
            themes=[Theme.WORKLOAD],
            agreed="Ask about protected time" if number % 7 == 0 else "",
            next_at=self.at(next_on, self._time[assignment.worker_id]) if books else None,
        )
        log_session(record, workers=[assignment.worker], by=assignment.supervisor, form_key=uuid4())

    def _check_in(self, supervised: list[SupervisorAssignment], week: int, monday: date) -> None:
        """A third of them do, every four weeks, and some of those share it."""
        for each in supervised:
            number = self.number[each.worker_id]
            if number % 3 == 0 and (number + week) % 4 == 0:
                answers = {"energy": number % 11, "strain": week % 11, "supported": 7}
                saved = check_in(each.worker, answers=answers, on=timezone.localdate())
                if number % 9 == 0:
                    share(saved, with_=each.supervisor)

    def _meet_all_but_one(self, day: date) -> None:
        """One supervisor and all of theirs, except one who did not come."""
        by = self.supervisors[0]
        *there, absent = [each.worker for each in self._supervised() if each.supervisor == by]
        slot = Slot(self.at(day, time(8)), minutes=60)
        booked = book_session(slot, workers=[*there, absent], by=by, form_key=uuid4(), group=True)
        record = Record(held_on=day, minutes=60)
        log_session(record, workers=there, by=by, form_key=uuid4(), group=True, booked_pk=booked.pk)

    def end_on_a_monday_morning(self) -> None:
        """At nine, when what is owed is other than it looked on Friday and on Sunday."""
        self._last_friday()
        self._plan_on_sunday()
        self._early_on_monday()

    def _last_friday(self) -> None:
        """Book sessions for Tuesday; some are off already, or their people are."""
        self._now(TODAY - 3 * DAY, time(17))
        self._tuesday = [self._book(number, TODAY + DAY, time(17)) for number in range(10)]
        self._book(10, TODAY, time(8, 30))
        self._leave(1)
        self._hand_over(2)
        cancel_session(self._tuesday[3], by=self._tuesday[3].supervisor)
        self._rearrange(4, TODAY + 2 * DAY)
        for number in (12, 13, 14):
            self._ask_to_talk(number)
        answered = TalkRequest.objects.get(worker=self._one(13).worker)
        answered.acknowledge(by=answered.asked)
        TalkRequest.objects.get(worker=self._one(14).worker).withdraw()

    def _plan_on_sunday(self) -> None:
        """Write down on the day before what is owed if nothing changes."""
        self._now(TODAY - DAY, time(20))
        call_command("plan_reminders", stdout=StringIO())

    def _early_on_monday(self) -> None:
        """Change much of it, before anything can be sent."""
        self._now(TODAY, time(8, 50))
        self._one(5).membership.pause()
        self._leave(6)
        self._hand_over(7)
        cancel_session(self._tuesday[8], by=self._tuesday[8].supervisor)
        self._rearrange(9, TODAY + 3 * DAY)
        self._one(11).membership.resume()
        by = self.supervisors[12]
        due = SupervisorAssignment.objects.current().filter(supervisor=by)
        for each in due.filter(next_due_on__lte=TODAY + 6 * DAY).select_related("worker"):
            slot = Slot(self.at(TODAY + WEEK, self._time[each.worker_id]))
            book_session(slot, workers=[each.worker], by=by, form_key=uuid4())

    def _one(self, number: int) -> SupervisorAssignment:
        """Who is supervised in the cohort of which everybody is to check in on Monday."""
        current = SupervisorAssignment.objects.current().select_related(
            "worker", "supervisor", "membership__cohort"
        )
        return current.get(worker=self.workers[FIRST + number])

    def _book(self, number: int, day: date, hour: time) -> Session:
        """Ten minutes, which overlap with nobody else's."""
        one = self._one(number)
        slot = Slot(self.at(day, hour) + number % 10 * timedelta(minutes=10), minutes=10)
        return book_session(slot, workers=[one.worker], by=one.supervisor, form_key=uuid4())

    def _rearrange(self, number: int, day: date) -> None:
        booked = self._tuesday[number]
        slot = Slot(self.at(day, timezone.localtime(booked.starts_at).time()), minutes=10)
        rearrange_session(booked, slot, by=booked.supervisor, form_key=uuid4())

    def _leave(self, number: int) -> None:
        gone = Membership.Stage.STEPPED_DOWN
        membership, today = self._one(number).membership, timezone.localdate()
        actions.end_membership(membership, left_on=today, stage=gone, by=self.head)

    def _hand_over(self, number: int) -> None:
        """Give somebody a supervisor who is not their line manager."""
        one = self._one(number)
        manager = self.workers[FIRST + number].roster_entry.line_manager_email
        to = next(
            each for each in self.supervisors if each != one.supervisor and each.email != manager
        )
        today = timezone.localdate()
        actions.assign_supervisor(one.membership, supervisor=to, on=today, by=self.head)

    def _ask_to_talk(self, number: int) -> None:
        one = self._one(number)
        answers = {"energy": 2, "strain": 9, "supported": 3}
        check_in(one.worker, answers=answers, on=timezone.localdate(), talk_to=one.supervisor)

    def _now(self, day: date, hour: time) -> None:
        self.clock.move_to(self.at(day, hour))

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.where.zone)
