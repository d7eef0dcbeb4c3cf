"""When people usually meet next: what the forms say before anything is typed."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.leave import after_leave
from cohorts.models import Leave, SupervisorAssignment
from cohorts.templatetags.days import in_words
from peersupport.accounts.models import User
from peersupport.reminders.office_hours import OfficeHours
from supervision.models import Session

DAY = timedelta(days=1)
DAYS_TRIED = 7


class NoSuchTime(Exception):
    """The clocks go forward over it."""


def instant(day: date, clock: time) -> datetime:
    """`clock` on `day` where the organisation is. Raises NoSuchTime in the hour that is skipped."""
    moment = datetime.combine(day, clock, timezone.get_current_timezone())
    if timezone.localtime(moment.astimezone(UTC)).time() != clock:
        raise NoSuchTime
    return moment


def due_after(assignment: SupervisorAssignment, held_on: date) -> date:
    """By when the next session is due if one is held on `held_on`."""
    membership = assignment.membership
    due_on = membership.cohort.cadence.next_due_on(
        in_role_since=membership.role_began_on, counted_from=held_on
    )
    [after] = after_leave([(due_on, assignment.worker_id, assignment.supervisor_id)])
    return after


class Days:
    """Working days on which neither the worker of an assignment nor who supervises is away."""

    def __init__(self, assignment: SupervisorAssignment, by: User) -> None:
        self.hours = OfficeHours.of(by.organisation)
        both = (assignment.worker_id, by.pk)
        self.leaves = list(Leave.objects.filter(person__in=both).not_over())

    def __contains__(self, day: date) -> bool:
        return self.hours.is_working_day(day) and not self._away(day)

    def _away(self, day: date) -> bool:
        return any(leave.starts_on <= day <= leave.ends_on for leave in self.leaves)

    def by(self, due_on: date) -> date:
        """The last one up to `due_on` that is still to come, or else the next one there is.

        What has moved past a leave is not drawn back before it.
        """
        day, tomorrow = due_on, timezone.localdate() + DAY
        while day >= tomorrow and day not in self and not self._away(day):
            day -= DAY
        while day < tomorrow or day not in self:
            day = max(day + DAY, tomorrow)
        return day


def next_time(
    assignment: SupervisorAssignment, due_on: date, *, by: User
) -> tuple[date, time | None]:
    """The working day by which to meet, and the time at which the two met last; else no time.

    A day on which `by` is busy then gives way to the working day before it.
    """
    days = Days(assignment, by)
    day = days.by(due_on)
    given = Session.objects.filter(supervisor=by, starts_at__isnull=False)
    before = (
        given.filter(attendances__worker=assignment.worker_id, kind=Session.Kind.ONE_TO_ONE)
        .order_by("-starts_at")
        .first()
    )
    if before is None or before.starts_at is None:
        return day, None
    clock, long = timezone.localtime(before.starts_at).time(), timedelta(minutes=before.minutes)
    busy = list(given.booked().filter(held_on__range=(day - DAYS_TRIED * DAY, day)))
    for back in range(DAYS_TRIED):
        tried = day - back * DAY
        if tried <= timezone.localdate():
            break
        starts_at = datetime.combine(tried, clock, timezone.get_current_timezone())
        taken = any(session.takes(starts_at, starts_at + long) for session in busy)
        if tried in days and not taken:
            return tried, clock
    return day, None


def due_in_words(assignment: SupervisorAssignment, held_on: date) -> str:
    """Due by 21 December: every 4 weeks in the first 6 months."""
    membership = assignment.membership
    cadence = membership.cohort.cadence
    days = cadence.days(in_role_since=membership.role_began_on, counted_from=held_on)
    weeks, rest = divmod(days, 7)
    often = (
        ngettext("every %(number)s day", "every %(number)s days", days) % {"number": days}
        if rest
        else ngettext("every week", "every %(number)s weeks", weeks) % {"number": weeks}
    )
    words = {"day": in_words(due_after(assignment, held_on)), "often": often}
    if days == cadence.days_after or not cadence.first_months:
        return _("Due by %(day)s: %(often)s.") % words
    words["months"] = str(cadence.first_months)
    return _("Due by %(day)s: %(often)s in the first %(months)s months.") % words
