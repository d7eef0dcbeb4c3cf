"""A session is coming."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cohorts.models import SupervisorAssignment
from cohorts.reminders import Standing
from peersupport.accounts.models import Role
from peersupport.reminders.kinds import Attachment, Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder
from supervision.models import Session
from supervision.reminders import calendars


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
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "day": Placeholder(_("the day of the session"), _("Tuesday 1 December")),
        "time": Placeholder(_("when it starts"), "14:00"),
        "minutes": Placeholder(_("how many minutes it is planned to take"), "20"),
        "mode": Placeholder(_("how you meet: in person, video call or phone"), _("video call")),
    }
    button = _("See or change the session")
    why = _("You get this up to two working days before each supervision session you are part of.")
    # Whoever comes is supervised by its supervisor on that day, and taking part; neither is away.
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
            WHERE attendance.session_id = session.id AND NOT EXISTS (
                SELECT 1 FROM cohorts_leave away
                WHERE away.person_id IN (attendance.worker_id, session.supervisor_id)
                    AND session.held_on BETWEEN away.starts_on AND away.ends_on
            )
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

    def attachment(self, reminder: Reminder, facts: Mapping[str, Any]) -> Attachment:
        return calendars.asks(facts["session"], reminder.to.email)


class _Coming:
    """What is true now about the people of these sessions, in three queries."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.workers = {
            session.pk: [attendance.worker_id for attendance in session.attendances.all()]
            for session in sessions
        }
        everybody = {worker for workers in self.workers.values() for worker in workers}
        since = min((session.held_on for session in sessions), default=timezone.localdate())
        supervisors = {session.supervisor_id for session in sessions}
        self.standing = Standing(everybody | supervisors, since)
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
        if self.standing.is_away(session.supervisor_id, session.held_on):
            return NotOwed(Reminder.Reason.ON_LEAVE)
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
