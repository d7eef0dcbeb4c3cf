"""A day has come: a session is over and not logged, or something agreed is to be done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Role
from peersupport.reminders.kinds import Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder
from supervision.models import AgreedAction, Attendance, Session


@register
class SessionPassed(Kind):
    """On the working day after a session that is not logged, to its supervisor; once.

    One older than a week, without days on which they were away, is no longer asked about: the
    caseload says so still.
    """

    name = "session_passed"
    keeps_while_away = True
    roles = frozenset({Role.SUPERVISOR})
    subject = _("A session to log")
    words = _("Your session on {day} at {time} is not logged yet. It takes under a minute.")
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "day": Placeholder(_("the day of the session"), _("Tuesday 1 December")),
        "time": Placeholder(_("when it started"), "14:00"),
    }
    button = _("It was held as planned")
    why = _("You get this once, on the working day after a session of yours that is not logged.")
    owed = """
        SELECT session.organisation_id, session.supervisor_id,
            format('session-passed:%%s', session.id), jsonb_build_object('session', session.id),
            calendar.sends_at, calendar.closes_at + interval '7 days'
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN supervision_session session
            ON session.organisation_id = organisation.id
            AND session.outcome = '' AND session.cancelled_at IS NULL
            AND session.held_on < calendar.sends_on
            AND (session.held_on > calendar.sends_on - 8
                OR calendar.sends_on - session.held_on - cohorts_days_away(
                    session.supervisor_id, session.held_on, calendar.sends_on) < 8)
        JOIN accounts_user supervisor
            ON supervisor.id = session.supervisor_id AND supervisor.is_active
        WHERE EXISTS (
            SELECT 1 FROM supervision_attendance attendance
            JOIN cohorts_supervisorassignment assignment
                ON assignment.worker_id = attendance.worker_id
                AND assignment.supervisor_id = session.supervisor_id
                AND (assignment.ends_on IS NULL OR assignment.ends_on > calendar.sends_on)
            WHERE attendance.session_id = session.id
        )
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        ids = {reminder.about["session"] for reminder in reminders}
        sessions = Session.objects.in_bulk(ids)
        supervised = _supervised_still(ids)
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for reminder in reminders:
            session = sessions.get(reminder.about["session"])
            if session is None or session.starts_at is None or session.outcome:
                facts[reminder.pk] = NotOwed(Reminder.Reason.DONE)
            elif session.cancelled_at is not None:
                facts[reminder.pk] = NotOwed(Reminder.Reason.CALLED_OFF)
            elif session.pk not in supervised:
                facts[reminder.pk] = NotOwed(Reminder.Reason.REASSIGNED)
            else:
                link = reverse("supervision:session-held", args=[session.pk])
                facts[reminder.pk] = {"session": session, "link": link_to(link)}
        return facts

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        starts_at = timezone.localtime(facts["session"].starts_at)
        return {"day": date_format(starts_at, "l j F"), "time": date_format(starts_at, "H:i")}


def _supervised_still(sessions: set[int]) -> set[int]:
    """Those of these sessions of whom somebody is still supervised by who gave them; one query."""
    pairs = Attendance.objects.filter(session__in=sessions).values_list(
        "session", "worker", "session__supervisor"
    )
    asked = list(pairs)
    current = set(
        SupervisorAssignment.objects.current()
        .filter(worker__in={worker for _session, worker, _supervisor in asked})
        .values_list("worker", "supervisor")
    )
    return {session for session, worker, supervisor in asked if (worker, supervisor) in current}


@register
class ActionDue(Kind):
    """To whoever said they would do something, on its day or the next working day; once.

    A week later no more, without days on which they were away.
    """

    name = "action_due"
    keeps_while_away = True
    roles = frozenset({Role.PSW, Role.SUPERVISOR})
    subject = _("Something you agreed to do")
    words = _("Something you agreed to do in supervision is due {when}.")
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "when": Placeholder(_("“today”, or since which day"), _("today"))
    }
    button = _("See what it is")
    why = _("You get this once, on the day for which you agreed to do something. Nobody else does.")
    owed = """
        SELECT action.organisation_id, action.owner_id, format('action-due:%%s', action.id),
            jsonb_build_object('action', action.id),
            calendar.sends_at, calendar.closes_at + interval '2 days'
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN supervision_agreedaction action
            ON action.organisation_id = organisation.id AND action.done_at IS NULL
            AND action.due_on <= calendar.sends_on
            AND (action.due_on > calendar.sends_on - 7
                OR calendar.sends_on - action.due_on - cohorts_days_away(
                    action.owner_id, action.due_on, calendar.sends_on) < 7)
        JOIN accounts_user owner ON owner.id = action.owner_id AND owner.is_active
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        actions = AgreedAction.objects.in_bulk({one.about["action"] for one in reminders})
        paused = set(
            Membership.objects.current()
            .filter(worker__in={one.recipient_id for one in reminders})
            .filter(stage=Membership.Stage.PAUSED)
            .values_list("worker", flat=True)
        )
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for reminder in reminders:
            action = actions.get(reminder.about["action"])
            if action is None or action.done_at or action.owner_id != reminder.recipient_id:
                facts[reminder.pk] = NotOwed(Reminder.Reason.DONE)
            elif reminder.recipient_id in paused:
                facts[reminder.pk] = NotOwed(Reminder.Reason.PAUSED)
            else:
                link = reverse("supervision:session-detail", args=[action.session_id])
                facts[reminder.pk] = {"due_on": action.due_on, "link": link_to(link)}
        return facts

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        due_on = facts["due_on"]
        if due_on == timezone.localdate():
            return {"when": gettext("today")}
        return {"when": gettext("since %(day)s") % {"day": date_format(due_on, "l j F")}}
