"""E-mails about check-ins: an invitation on schedule, and somebody who would like to talk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkins.models import TalkRequest
from cohorts.models import Membership
from cohorts.reminders import Standing
from peersupport.accounts.models import Role, RoleGrant
from peersupport.reminders.kinds import Kind, NotOwed, link_to, register
from peersupport.reminders.models import Reminder


@register
class CheckInInvitation(Kind):
    """To every active PSW on schedule, whether or not they checked in lately.

    Every two weeks in the first six months after joining, every four weeks after; on the next
    working day where that day is none. Nobody is reminded because they did not answer: that would
    say that somebody looks.
    """

    name = "checkin_invitation"
    roles = frozenset({Role.PSW})
    subject = _("Time to check in")
    words = _(
        "It is time to check in: three short questions, about a minute. Your answers are yours. "
        "Nobody else can read them unless you share them."
    )
    button = _("Check in")
    why = _(
        "Every active peer support worker gets this on the same schedule: every two weeks in the "
        "first six months, then every four weeks. It does not depend on whether you have checked "
        "in."
    )
    # Whoever was away from the schedule for a week waits for its next day.
    owed = """
        SELECT membership.organisation_id, membership.worker_id,
            format('check-in-invitation:%%s:%%s', membership.worker_id, schedule.day),
            jsonb_build_object('membership', membership.id),
            calendar.sends_at, calendar.closes_at + interval '6 days'
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN cohorts_membership membership
            ON membership.organisation_id = organisation.id
            AND membership.stage = 'active'
            AND membership.joined_on < calendar.sends_on
            AND (membership.left_on IS NULL OR membership.left_on > calendar.sends_on)
        JOIN accounts_user worker ON worker.id = membership.worker_id AND worker.is_active
        CROSS JOIN LATERAL (
            SELECT coalesce(membership.took_up_role_on, membership.joined_on) AS since
        ) role
        CROSS JOIN LATERAL (
            SELECT calendar.sends_on - role.since AS number
        ) days
        CROSS JOIN LATERAL (
            SELECT calendar.sends_on - days.number %% 14 AS fortnight,
                calendar.sends_on - days.number %% 28 AS four_weeks
        ) latest
        CROSS JOIN LATERAL (
            SELECT CASE WHEN latest.fortnight < role.since + interval '6 months'
                THEN latest.fortnight ELSE latest.four_weeks END AS day
        ) schedule
        WHERE schedule.day > membership.joined_on AND schedule.day > calendar.sends_on - 7
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        today = {
            reminder.pk: timezone.localdate(now, reminder.organisation.zone)
            for reminder in reminders
        }
        workers = [reminder.to.pk for reminder in reminders]
        standing = Standing(workers, min(today.values()))
        active = [Membership.Stage.ACTIVE]
        facts = {"link": link_to(reverse("checkins:check-in-new"))}
        return {
            reminder.pk: standing.why_not(reminder.to.pk, today[reminder.pk], active) or facts
            for reminder in reminders
        }


@register
class TalkRequestKind(Kind):
    """At once, day or night, to the person who is asked for a talk."""

    name = "talk_request"
    roles = frozenset({Role.SUPERVISOR, Role.HEAD})
    stays_on = _("It stays on: somebody waits for you.")
    subject = _("Someone would like to talk")
    words = _(
        "Someone would like to talk with you. Sign in to see who it is, and let them know that you "
        "have seen it."
    )
    button = _("See who it is")
    why = _("You get this at once, day or night, because you were asked by name.")
    # Who knows whom somebody supervises could work out who asked.
    called = _("An e-mail sent at once")
    waits_for_office_hours = False
    bundled = False

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        requests = TalkRequest.objects.in_bulk(
            {reminder.about["talk_request"] for reminder in reminders}
        )
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for reminder in reminders:
            request = requests.get(reminder.about["talk_request"])
            if request is None or not request.is_waiting:
                facts[reminder.pk] = NotOwed(Reminder.Reason.DONE)
            elif request.asked_id != reminder.recipient_id:
                facts[reminder.pk] = NotOwed(Reminder.Reason.REASSIGNED)
            else:
                facts[reminder.pk] = {"link": link_to(reverse("home"))}
        return facts


@register
class TalkRequestPassedOn(Kind):
    """To every head, once the person who was asked has gone, is away, or is late to answer."""

    name = "talk_passed_on"
    roles = frozenset({Role.HEAD})
    stays_on = _("It stays on: somebody waits.")
    subject = _("Someone waits for an answer")
    words = _(
        "Someone would like to talk, and has had no answer yet. Sign in to see who it is, and let "
        "them know that you have seen it."
    )
    button = _("See who it is")
    why = _("You get this, day or night, because you run the programme.")
    called = _("An e-mail sent at once")
    waits_for_office_hours = False
    bundled = False
    owed = """
        SELECT request.organisation_id, head.person_id,
            format('talk-passed-on:%%s:%%s', request.id, head.person_id),
            jsonb_build_object('talk_request', request.id), calendar.now_at, NULL::timestamptz
        FROM calendar
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN checkins_talkrequest request
            ON request.organisation_id = organisation.id
            AND request.acknowledged_at IS NULL AND request.withdrawn_at IS NULL
        JOIN accounts_rolegrant head
            ON head.organisation_id = organisation.id AND head.role = 'head'
            AND head.ended_at IS NULL
            AND head.person_id NOT IN (request.worker_id, request.asked_id)
        JOIN accounts_user person ON person.id = head.person_id AND person.is_active
        JOIN accounts_user asked ON asked.id = request.asked_id
        WHERE request.asked_at <= calendar.now_at - organisation.talk_hours * interval '1 hour'
            OR NOT asked.is_active
            OR EXISTS (
                SELECT 1 FROM cohorts_leave away
                WHERE away.person_id = asked.id
                    AND (calendar.now_at AT TIME ZONE calendar.time_zone)::date
                        BETWEEN away.starts_on AND away.ends_on
            )
            OR NOT EXISTS (
                SELECT 1 FROM accounts_rolegrant held
                WHERE held.person_id = asked.id AND held.ended_at IS NULL
                    AND (held.role = 'head' OR held.role = 'supervisor' AND EXISTS (
                        SELECT 1 FROM cohorts_supervisorassignment assignment
                        WHERE assignment.supervisor_id = asked.id
                            AND assignment.worker_id = request.worker_id
                            AND (assignment.ends_on IS NULL OR assignment.ends_on >
                                (calendar.now_at AT TIME ZONE calendar.time_zone)::date)
                    ))
            )
    """

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        asked_for = {reminder.about["talk_request"] for reminder in reminders}
        waiting = set(
            TalkRequest.objects.passed_on().filter(pk__in=asked_for).values_list("pk", flat=True)
        )
        heads = set(
            RoleGrant.objects.current()
            .filter(person__in={one.recipient_id for one in reminders}, role=Role.HEAD)
            .values_list("person", flat=True)
        )
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for reminder in reminders:
            if reminder.about["talk_request"] not in waiting:
                facts[reminder.pk] = NotOwed(Reminder.Reason.DONE)
            elif reminder.recipient_id not in heads:
                facts[reminder.pk] = NotOwed(Reminder.Reason.LEFT)
            else:
                facts[reminder.pk] = {"link": link_to(reverse("home"))}
        return facts
