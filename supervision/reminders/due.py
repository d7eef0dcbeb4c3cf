"""Supervision is due, and nothing is booked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Role
from peersupport.reminders.kinds import Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder
from supervision.programme import due_this_week, end_of_week


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
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "sessions": Placeholder(
            _("how many sessions there are to book"),
            _(
                "3 sessions are due this week, and no dates are booked. "
                "1 of them was due before today."
            ),
        )
    }
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
            AND NOT EXISTS (
                SELECT 1 FROM cohorts_leave away
                WHERE away.person_id = assignment.worker_id
                    AND calendar.sends_on BETWEEN away.starts_on AND away.ends_on
            )
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
