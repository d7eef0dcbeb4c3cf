"""The rows of a caseload, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Case, DateField, F, QuerySet, When
from django.db.models.functions import Coalesce, TruncDate
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.assignments import TAKING_PART, is_expected
from cohorts.leave import AfterLeave
from cohorts.models import Membership, SupervisorAssignment
from cohorts.templatetags.days import in_words
from peersupport.accounts.models import User
from supervision import programme
from supervision.templatetags.moments import at_time, on_day


def begun(assignments: QuerySet[SupervisorAssignment]) -> QuerySet[SupervisorAssignment]:
    """Those with whom there can have been a session."""
    return assignments.filter(starts_on__lte=timezone.localdate())


def one_each(assignments: QuerySet[SupervisorAssignment]) -> list[SupervisorAssignment]:
    """One assignment for each worker, however many purposes there are."""
    found = assignments.select_related("worker", "membership__cohort").order_by("pk")
    return list({assignment.worker_id: assignment for assignment in found}.values())


def of(supervisor: User) -> QuerySet[SupervisorAssignment]:
    """Those whom `supervisor` supervises now, or is about to."""
    return SupervisorAssignment.objects.current().filter(supervisor=supervisor)


def next_due_first(assignments: QuerySet[SupervisorAssignment]) -> QuerySet[SupervisorAssignment]:
    """With all that a row says, in one query.

    Adds `worker_back_on` and `supervisor_back_on`: today, or the first day after their leave.
    """
    today = timezone.localdate()
    return (
        programme.with_next_booked(assignments)
        .annotate(
            worker_back_on=AfterLeave(today, "worker", "worker"),
            supervisor_back_on=AfterLeave(today, "supervisor", "supervisor"),
        )
        .select_related("worker", "supervisor", "membership__cohort")
        .order_by(F("next_due_on").asc(nulls_last=True), "pk")
    )


def next_first(assignments: QuerySet[SupervisorAssignment]) -> QuerySet[SupervisorAssignment]:
    """The same for one supervisor's few: by the day booked or else due, those away last.

    Adds `is_away`.
    """
    away = Case(When(is_expected(), then=False), default=True)
    next_on = Coalesce(TruncDate("booked_at"), "next_due_on", output_field=DateField())
    ordered = next_due_first(assignments).annotate(is_away=away)
    return ordered.order_by("is_away", next_on.asc(nulls_last=True), "pk")


def number(words: str) -> int:
    """The id an address names; 404 for what cannot be one."""
    if not words.isascii() or not words.isdigit() or len(words) > 18:
        raise Http404
    return int(words)


def named(words: str, mine: QuerySet[SupervisorAssignment]) -> SupervisorAssignment:
    """The one of `mine` whose worker an address names by number; 404 for anybody else."""
    found = mine.filter(worker=number(words)).select_related("worker", "membership__cohort")
    assignment = found.order_by("purpose").first()
    if assignment is None:
        raise Http404
    return assignment


@dataclass(frozen=True)
class Row:
    """One person, what is next, and how long they have been in the role."""

    assignment: SupervisorAssignment
    tag: str
    colour: str
    line: str

    @property
    def worker(self) -> User:
        return self.assignment.worker

    @property
    def supervisor_away_until(self) -> date | None:
        """The last day away of whoever supervises, if they are today."""
        back_on: date = self.assignment.supervisor_back_on  # type: ignore[attr-defined]
        return back_on - timedelta(days=1) if back_on > timezone.localdate() else None

    @property
    def has_begun(self) -> bool:
        """Whether there can be a session to log."""
        return self.assignment.starts_on <= timezone.localdate()

    @property
    def last_held(self) -> str:
        return in_words(self.assignment.last_held_on) or _("Not yet")

    @property
    def in_the_role(self) -> str:
        return in_the_role(self.assignment.membership.role_began_on, timezone.localdate())


def row(assignment: SupervisorAssignment) -> Row:
    """`assignment`, from next_due_first, in words."""
    return Row(assignment, *_next(assignment, timezone.localdate()))


def _next(assignment: SupervisorAssignment, today: date) -> tuple[str, str, str]:
    """The tag, its colour, and the line below it."""
    if assignment.membership.stage == Membership.Stage.PAUSED:
        return _("Paused"), "grey", _("No reminders meanwhile")
    if assignment.ends_on is not None and not _is_due_before_end(assignment):
        last = in_words(assignment.last_day_on)
        return _("Until %(day)s") % {"day": last}, "grey", _("Nothing falls due before then")
    if assignment.starts_on > today:
        day = in_words(assignment.starts_on)
        return _("From %(day)s") % {"day": day}, "blue", _("Not started yet")
    booked_at = getattr(assignment, "booked_at", None)
    back_on: date = assignment.worker_back_on  # type: ignore[attr-defined]
    if back_on > today:
        return _("On leave"), "grey", _back(back_on, booked_at, assignment.next_due_on)
    if booked_at is not None:
        return _("Booked"), "green", _booked_for(booked_at, today)
    return _due(assignment.next_due_on or today, today)


def _is_due_before_end(assignment: SupervisorAssignment) -> bool:
    return assignment.next_due_on is not None and assignment.membership.stage in TAKING_PART


def _back(back_on: date, booked_at: datetime | None, due_on: date | None) -> str:
    """When somebody is here again, and what is next; not what was due before they went."""
    words = {"day": in_words(back_on)}
    if booked_at is not None:
        booked_on = in_words(timezone.localdate(booked_at))
        return _("Back %(day)s, booked for %(booked)s") % {**words, "booked": booked_on}
    if due_on is not None and due_on >= back_on:
        return _("Back %(day)s, due %(due)s") % {**words, "due": in_words(due_on)}
    return _("Back %(day)s") % words


def _booked_for(moment: datetime, today: date) -> str:
    there = timezone.localtime(moment)
    if there.date() == today:
        return _("Today, %(time)s") % {"time": date_format(there, "H:i")}
    return at_time(moment)


def _due(due_on: date, today: date) -> tuple[str, str, str]:
    day = {"day": on_day(due_on)}
    if due_on < today:
        return _("Due now"), "yellow", _("Since %(day)s, nothing booked") % day
    if due_on == today:
        return _("Due today"), "yellow", _("Nothing booked")
    if due_on <= programme.end_of_week():
        return _("Due this week"), "yellow", _("%(day)s, nothing booked") % day
    return _("Due %(day)s") % {"day": in_words(due_on)}, "blue", _("Nothing booked yet")


def in_the_role(since: date, today: date) -> str:
    """Weeks at first, then months."""
    if since > today:
        return _("Not yet")
    passed = relativedelta(today, since)
    months = passed.years * 12 + passed.months
    if months:
        return ngettext("%(number)s month", "%(number)s months", months) % {"number": months}
    weeks = (today - since).days // 7
    return ngettext("%(number)s week", "%(number)s weeks", weeks) % {"number": weeks}


@dataclass(frozen=True)
class Figures:
    """What the first sentence of a caseload says."""

    people: int
    due: int
    booked: int


def figures(mine: Sequence[Any]) -> Figures:
    """Of a whole caseload from next_first, which is one person's few."""
    week = programme.end_of_week()
    booked = [each for each in mine if each.booked_pk and not each.is_away]
    others = [each for each in mine if not each.booked_pk and not each.is_away]
    return Figures(
        people=len({each.worker_id for each in mine}),
        due=sum(each.next_due_on <= week for each in others),
        booked=len(booked),
    )
