"""A session that people were told of is moved or called off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import Role
from peersupport.reminders.kinds import Attachment, Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder
from supervision.models import Session
from supervision.reminders import calendars

MOST_MOVES = 20


@register
class SessionChanged(Kind):
    """To whoever was told of a session that is moved or called off before it starts; at once.

    Who was not told yet is told nothing: the reminder of the new time will do.
    """

    name = "session_changed"
    roles = frozenset({Role.PSW, Role.SUPERVISOR})
    stays_on = _("It stays on: you would come at the wrong time.")
    subject = _("A change to your session")
    words = "{change}"
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "change": Placeholder(
            _("what has changed: the new day and time, or that the session is called off"),
            _(
                "Your supervision session has moved to Tuesday 1 December at 14:00: 20 minutes, "
                "video call."
            ),
        )
    }
    button = _("See the session")
    why = _("You get this because you were told of this session before it changed.")
    bundled = False
    owed = """
        SELECT DISTINCT session.organisation_id, told.recipient_id,
            format('session-changed:%%s:%%s', session.id, told.recipient_id),
            jsonb_build_object('session', session.id), calendar.sends_at, session.starts_at
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN supervision_session session
            ON session.organisation_id = organisation.id
            AND (session.cancelled_at IS NOT NULL OR session.outcome = 'rearranged')
            AND session.held_on >= calendar.sends_on AND session.starts_at > calendar.sends_at
        CROSS JOIN LATERAL (
            SELECT attendance.worker_id AS id FROM supervision_attendance attendance
            WHERE attendance.session_id = session.id
            UNION SELECT session.supervisor_id
        ) person
        JOIN reminders_reminder told
            ON told.key IN (
                format('session-coming:%%s:%%s:%%s', session.id,
                    floor(extract(epoch FROM session.starts_at))::bigint, person.id),
                format('session-changed:%%s:%%s', session.rearranged_from_id, person.id)
            )
            AND told.state IN ('sent', 'uncertain')
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        became = _became({reminder.about["session"] for reminder in reminders})
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for reminder in reminders:
            session = became.get(reminder.about["session"])
            if session is None or (session.outcome and not session.cancelled_at):
                facts[reminder.pk] = NotOwed(Reminder.Reason.DONE)
                continue
            asked = {attendance.worker_id for attendance in session.attendances.all()}
            comes = reminder.recipient_id in asked | {session.supervisor_id}
            facts[reminder.pk] = {
                "session": session,
                "holds": session.is_booked and comes,
                "link": link_to(session.get_absolute_url()),
            }
        return facts

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        session = facts["session"]
        starts_at = timezone.localtime(session.starts_at)
        when = {"day": date_format(starts_at, "l j F"), "time": date_format(starts_at, "H:i")}
        if not facts["holds"]:
            called_off = gettext("Your supervision session on %(day)s at %(time)s is called off.")
            return {"change": called_off % when}
        moved = gettext(
            "Your supervision session has moved to %(day)s at %(time)s: %(minutes)s minutes, "
            "%(mode)s."
        )
        how = {"minutes": session.minutes, "mode": session.get_mode_display().lower()}
        return {"change": moved % (when | how)}

    def attachment(self, reminder: Reminder, facts: Mapping[str, Any]) -> Attachment:
        change = calendars.asks if facts["holds"] else calendars.takes_out
        return change(facts["session"], reminder.to.email)


def _became(ids: Iterable[int]) -> dict[int, Session]:
    """What each of these sessions has become: itself, or where it was moved to in the end."""
    sessions = Session.objects.prefetch_related("attendances")
    became = sessions.in_bulk(ids)
    for _move in range(MOST_MOVES):
        moved = {session.pk: first for first, session in became.items()}
        later = list(sessions.filter(rearranged_from__in=moved))
        if not later:
            break
        for session in later:
            assert session.rearranged_from_id is not None
            became[moved[session.rearranged_from_id]] = session
    return became
