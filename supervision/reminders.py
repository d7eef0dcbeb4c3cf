"""E-mails about supervision: a session is coming, or a session is due and none is booked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cohorts.models import SupervisorAssignment
from cohorts.reminders import Standing
from peersupport.accounts.models import Role
from peersupport.reminders.kinds import Kind, NotOwed, link_to, register
from peersupport.reminders.models import Reminder
from supervision.models import Session
from supervision.programme import due_this_week, end_of_week


@register
class SessionComing(Kind):
    """Two working days before a session, to its supervisor and to each PSW.

    The key holds the session's start, so that a rearranged session owes a new one. One booked
    later than that is told at the next opportunity before it starts.
    """

    name = "session_coming"
    roles = frozenset({Role.PSW, Role.SUPERVISOR})
    subject = _("Your next session")
    words = _("Your next supervision session is on {day} at {time}: {minutes} minutes, {mode}.")
    button = _("See or change the session")
    why = _("You get this two working days before each supervision session you are part of.")
    # Whoever comes is supervised by its supervisor on that day, and taking part.
    owed = """
        SELECT session.organisation_id, person.id,
            format('session-coming:%%s:%%s:%%s', session.id, starts.epoch, person.id),
            jsonb_build_object('session', session.id, 'starts', starts.epoch),
            calendar.sends_at, session.starts_at
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN supervision_session session
            ON session.organisation_id = organisation.id
            AND session.outcome = '' AND session.cancelled_at IS NULL
            AND session.starts_at > calendar.sends_at
            AND session.starts_at < calendar.soon_before
        CROSS JOIN LATERAL (
            SELECT floor(extract(epoch FROM session.starts_at))::bigint AS epoch
        ) starts
        CROSS JOIN LATERAL (
            SELECT DISTINCT unnest(ARRAY[attendance.worker_id, session.supervisor_id]) AS id
            FROM supervision_attendance attendance
            JOIN cohorts_supervisorassignment assignment
                ON assignment.worker_id = attendance.worker_id
                AND assignment.supervisor_id = session.supervisor_id
                AND assignment.starts_on <= session.held_on
                AND (assignment.ends_on IS NULL OR assignment.ends_on > session.held_on)
            JOIN cohorts_membership membership
                ON membership.id = assignment.membership_id
                AND membership.stage IN ('in_training', 'active')
                AND (membership.left_on IS NULL OR membership.left_on > session.held_on)
            WHERE attendance.session_id = session.id
        ) told
        JOIN accounts_user person ON person.id = told.id AND person.is_active
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        ids = {reminder.about["session"] for reminder in reminders}
        sessions = Session.objects.prefetch_related("attendances").in_bulk(ids)
        coming = _Coming(list(sessions.values()))
        return {
            reminder.pk: coming.facts(reminder, sessions[reminder.about["session"]])
            for reminder in reminders
            if reminder.about["session"] in sessions
        }

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        session = facts["session"]
        starts_at = timezone.localtime(session.starts_at)
        return {
            "day": date_format(starts_at, "l j F"),
            "time": date_format(starts_at, "H:i"),
            "minutes": str(session.minutes),
            "mode": session.get_mode_display().lower(),
        }


class _Coming:
    """What is true now about the people of these sessions, in two queries."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.workers = {
            session.pk: [attendance.worker_id for attendance in session.attendances.all()]
            for session in sessions
        }
        everybody = {worker for workers in self.workers.values() for worker in workers}
        since = min((session.held_on for session in sessions), default=timezone.localdate())
        self.standing = Standing(everybody, since)
        self.assignments: dict[tuple[int, int], list[SupervisorAssignment]] = {}
        for assignment in SupervisorAssignment.objects.current(since).filter(worker__in=everybody):
            pair = (assignment.worker_id, assignment.supervisor_id)
            self.assignments.setdefault(pair, []).append(assignment)

    def facts(self, reminder: Reminder, session: Session) -> dict[str, Any] | NotOwed:
        if reason := self._why_not(reminder, session):
            return reason
        link = reverse("supervision:session-detail", args=[session.pk])
        return {"session": session, "link": link_to(link)}

    def _why_not(self, reminder: Reminder, session: Session) -> NotOwed | None:
        if session.cancelled_at is not None:
            return NotOwed(Reminder.Reason.CALLED_OFF)
        if (
            session.starts_at is None
            or int(session.starts_at.timestamp()) != reminder.about["starts"]
        ):
            return NotOwed(Reminder.Reason.REARRANGED)
        if session.outcome == Session.Outcome.REARRANGED:
            return NotOwed(Reminder.Reason.REARRANGED)
        if session.outcome:
            return NotOwed(Reminder.Reason.DONE)
        workers = self.workers[session.pk]
        if reminder.recipient_id != session.supervisor_id:
            if reminder.recipient_id not in workers:
                return NotOwed(Reminder.Reason.REASSIGNED)
            return self._why_not_worker(reminder.recipient_id, session)
        reasons = [self._why_not_worker(worker, session) for worker in workers]
        # A supervisor has a session as long as one person comes to it.
        return None if None in reasons or not reasons else reasons[0]

    def _why_not_worker(self, worker: int, session: Session) -> NotOwed | None:
        held = any(
            assignment.starts_on <= session.held_on
            and (assignment.ends_on is None or session.held_on < assignment.ends_on)
            for assignment in self.assignments.get((worker, session.supervisor_id), [])
        )
        if reason := self.standing.why_not(worker, session.held_on):
            return reason
        return None if held else NotOwed(Reminder.Reason.REASSIGNED)


@register
class SupervisionDue(Kind):
    """To a supervisor with sessions due by Sunday, or before, and nothing booked.

    One message counts them all. It is sent on the first working day of a week, so that nobody's
    day comes unannounced; again within that week only on a day on which somebody is due whom no
    message of the week has counted; and never twice on a day. It holds a number, and no name.
    """

    name = "supervision_due"
    roles = frozenset({Role.SUPERVISOR})
    stays_on = _("It stays on: supervision quietly stops where nobody is reminded.")
    subject = _("Sessions to book")
    words = "{sessions}"
    button = _("See who is due")
    why = _(
        "You get this because you supervise peer support workers: once a week at most, unless "
        "somebody new is due."
    )
    owed = """
        SELECT organisation.id, assignment.supervisor_id,
            format('supervision-due:%%s:%%s', assignment.supervisor_id, calendar.sends_on),
            jsonb_build_object('assignments', jsonb_agg(DISTINCT assignment.id)),
            calendar.sends_at, calendar.closes_at
        FROM calendar
        CROSS JOIN LATERAL (SELECT date_trunc('week', calendar.sends_on)::date AS monday) week
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN cohorts_supervisorassignment assignment
            ON assignment.organisation_id = organisation.id
            AND (assignment.ends_on IS NULL OR assignment.ends_on > calendar.sends_on)
            AND assignment.starts_on <= calendar.sends_on
            AND assignment.next_due_on <= week.monday + 6
        JOIN cohorts_membership membership
            ON membership.id = assignment.membership_id
            AND membership.stage IN ('in_training', 'active')
            AND (membership.left_on IS NULL OR membership.left_on > calendar.sends_on)
        JOIN accounts_user supervisor
            ON supervisor.id = assignment.supervisor_id AND supervisor.is_active
        LEFT JOIN reminders_reminder told
            ON told.recipient_id = assignment.supervisor_id
            AND told.kind = 'supervision_due' AND told.state <> 'cancelled'
            AND told.due_at >= week.monday::timestamp AT TIME ZONE calendar.time_zone
            AND told.about -> 'assignments' @> to_jsonb(assignment.id)
        WHERE NOT EXISTS (
            SELECT 1 FROM supervision_session session
            JOIN supervision_attendance attendance ON attendance.session_id = session.id
            WHERE session.organisation_id = organisation.id
                AND attendance.worker_id = assignment.worker_id
                AND session.supervisor_id = assignment.supervisor_id
                AND session.outcome = '' AND session.cancelled_at IS NULL
                AND session.held_on >= calendar.sends_on
        )
        GROUP BY organisation.id, assignment.supervisor_id,
            calendar.sends_on, calendar.sends_at, calendar.closes_at
        HAVING bool_or(told.id IS NULL)
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for zone in {reminder.organisation.zone for reminder in reminders}:
            local = [reminder for reminder in reminders if reminder.organisation.zone == zone]
            with timezone.override(zone):
                facts |= _counted(local)
        return facts

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        number, earlier = facts["number"], facts["earlier"]
        if earlier == number:
            before = ngettext(
                "%(number)s session was due before today, and no date is booked.",
                "%(number)s sessions were due before today, and no dates are booked.",
                number,
            )
            return {"sessions": before % {"number": number}}
        sentence = ngettext(
            "%(number)s session is due this week, and no date is booked.",
            "%(number)s sessions are due this week, and no dates are booked.",
            number,
        ) % {"number": number}
        if earlier:
            some = ngettext(
                "%(earlier)s of them was due before today.",
                "%(earlier)s of them were due before today.",
                earlier,
            )
            sentence = f"{sentence} {some % {'earlier': earlier}}"
        return {"sessions": sentence}


def _counted(reminders: Sequence[Reminder]) -> dict[int, dict[str, Any] | NotOwed]:
    """How many sessions each of these supervisors has to book now; organisations of one zone."""
    today = timezone.localdate()
    supervisors = {reminder.recipient_id for reminder in reminders}
    assignments = SupervisorAssignment.objects.filter(supervisor__in=supervisors)
    counts = {
        row["supervisor"]: row
        for row in due_this_week(assignments)
        .values("supervisor")
        .annotate(number=Count("pk"), earlier=Count("pk", filter=Q(next_due_on__lt=today)))
        .order_by()
    }
    link = link_to(reverse("supervision:caseload"))
    return {
        reminder.pk: {
            "number": counts[reminder.recipient_id]["number"],
            "earlier": counts[reminder.recipient_id]["earlier"],
            "until": end_of_week(),
            "link": link,
        }
        if reminder.recipient_id in counts
        else NotOwed(Reminder.Reason.DONE)
        for reminder in reminders
    }
