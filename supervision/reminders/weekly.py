"""Once a week: how supervision stands, in numbers and no names."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cohorts.assignments import SupervisorAssignment
from cohorts.models import Leave, Membership
from peersupport.accounts.models import Role, RoleGrant
from peersupport.reminders.kinds import Kind, NotOwed, Placeholder, link_to, register
from peersupport.reminders.models import Reminder
from supervision.models import Session
from supervision.programme import due_this_week, end_of_week

A_WEEK = timedelta(days=7)


class Weekly(Kind):
    """On the first working day of a week. What is counted is counted when it is sent."""

    def facts(
        self, reminders: Sequence[Reminder], now: datetime
    ) -> Mapping[int, dict[str, Any] | NotOwed]:
        facts: dict[int, dict[str, Any] | NotOwed] = {}
        for zone in {reminder.organisation.zone for reminder in reminders}:
            local = [reminder for reminder in reminders if reminder.organisation.zone == zone]
            with timezone.override(zone):
                facts |= self.counted(local)
        return facts

    def counted(self, reminders: Sequence[Reminder]) -> Mapping[int, dict[str, Any] | NotOwed]:
        """The facts of these, which are all of one time zone, in a fixed number of queries."""
        raise NotImplementedError


def _this_monday() -> date:
    return end_of_week() - timedelta(days=6)


def _held(sessions: QuerySet[Session], by: str) -> dict[int, int]:
    """How many were held last week, by this column."""
    monday = _this_monday()
    held = sessions.held().filter(held_on__gte=monday - A_WEEK, held_on__lt=monday)  # type: ignore[attr-defined]
    return dict(held.values_list(by).annotate(number=Count("pk")).order_by())


def _booked(sessions: QuerySet[Session], by: str) -> dict[int, int]:
    """How many are booked for this week, by this column."""
    monday = _this_monday()
    booked = sessions.booked().filter(held_on__gte=monday, held_on__lt=monday + A_WEEK)  # type: ignore[attr-defined]
    return dict(booked.values_list(by).annotate(number=Count("pk")).order_by())


def _away(assignments: QuerySet[SupervisorAssignment]) -> dict[int, int]:
    """How many of those each supervises are away today, by the supervisor."""
    away = assignments.filter(worker__in=Leave.objects.on().values("person"))
    counted = away.values_list("supervisor").annotate(number=Count("worker", distinct=True))
    return dict(counted.order_by())


def _held_words(number: int) -> str:
    words = ngettext(
        "%(number)s session was held last week.", "%(number)s sessions were held last week.", number
    )
    return words % {"number": number}


@register
class SupervisorWeek(Weekly):
    """To every supervisor of somebody, on the first working day of a week."""

    name = "supervisor_week"
    roles = frozenset({Role.SUPERVISOR})
    subject = _("Your week")
    words = "{week}"
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "week": Placeholder(
            _("how many sessions were held last week, and how many are booked for this week"),
            _("3 sessions were held last week. 2 are booked for this week."),
        )
    }
    button = _("See your week")
    why = _("You get this once a week, because you supervise peer support workers.")
    owed = """
        SELECT organisation.id, supervisor.id,
            format('supervisor-week:%%s:%%s', supervisor.id, week.monday),
            '{}'::jsonb, calendar.sends_at, calendar.closes_at + interval '2 days'
        FROM calendar
        CROSS JOIN LATERAL (SELECT date_trunc('week', calendar.sends_on)::date AS monday) week
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN accounts_user supervisor
            ON supervisor.organisation_id = organisation.id AND supervisor.is_active
        WHERE EXISTS (
            SELECT 1 FROM cohorts_supervisorassignment assignment
            WHERE assignment.supervisor_id = supervisor.id
                AND assignment.starts_on <= week.monday
                AND (assignment.ends_on IS NULL OR assignment.ends_on > calendar.sends_on)
        )
    """

    def counted(self, reminders: Sequence[Reminder]) -> Mapping[int, dict[str, Any] | NotOwed]:
        supervisors = {reminder.recipient_id for reminder in reminders}
        current = SupervisorAssignment.objects.current().filter(supervisor__in=supervisors)
        theirs = Session.objects.filter(supervisor__in=supervisors)
        held, booked = _held(theirs, "supervisor"), _booked(theirs, "supervisor")
        still = set(current.values_list("supervisor", flat=True))
        away = _away(current)
        link = link_to(reverse("supervision:caseload"))
        return {
            reminder.pk: {
                "held": held.get(reminder.recipient_id, 0),
                "booked": booked.get(reminder.recipient_id, 0),
                "away": away.get(reminder.recipient_id, 0),
                "link": link,
            }
            if reminder.recipient_id in still
            else NotOwed(Reminder.Reason.REASSIGNED)
            for reminder in reminders
        }

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        booked = facts["booked"]
        ahead = ngettext(
            "%(number)s is booked for this week.", "%(number)s are booked for this week.", booked
        ) % {"number": booked}
        away = ngettext(
            "%(number)s person you supervise is away today.",
            "%(number)s people you supervise are away today.",
            facts["away"],
        ) % {"number": facts["away"]}
        week = [_held_words(facts["held"]), ahead, *([away] if facts["away"] else [])]
        return {"week": " ".join(week)}


@register
class ProgrammeWeek(Weekly):
    """To every head, on the first working day of a week."""

    name = "programme_week"
    roles = frozenset({Role.HEAD})
    subject = _("Supervision this week")
    words = "{week}"
    placeholders: ClassVar[Mapping[str, Placeholder]] = {
        "week": Placeholder(
            _("how many sessions were held, how many people are due, who has no supervisor"),
            _(
                "9 sessions were held last week. 2 people are due this week and have no date. "
                "1 person has no supervisor."
            ),
        )
    }
    button = _("See the programme")
    why = _("You get this once a week, because you run the programme.")
    owed = """
        SELECT DISTINCT organisation.id, head.person_id,
            format('programme-week:%%s:%%s', head.person_id, week.monday),
            '{}'::jsonb, calendar.sends_at, calendar.closes_at + interval '2 days'
        FROM calendar
        CROSS JOIN LATERAL (SELECT date_trunc('week', calendar.sends_on)::date AS monday) week
        JOIN accounts_organisation organisation USING (time_zone, nation)
        JOIN accounts_rolegrant head
            ON head.organisation_id = organisation.id AND head.role = 'head'
            AND head.ended_at IS NULL AND head.granted_at < week.monday
        JOIN accounts_user person ON person.id = head.person_id AND person.is_active
        WHERE EXISTS (
            SELECT 1 FROM cohorts_membership member
            WHERE member.organisation_id = organisation.id AND member.left_on IS NULL
        )
    """

    def counted(self, reminders: Sequence[Reminder]) -> Mapping[int, dict[str, Any] | NotOwed]:
        where = {reminder.organisation_id for reminder in reminders}
        sessions = Session.objects.filter(organisation__in=where)
        held = _held(sessions, "organisation")
        due = _by_organisation(
            due_this_week(SupervisorAssignment.objects.filter(organisation__in=where))
        )
        alone = _by_organisation(Membership.objects.filter(organisation__in=where).unsupervised())
        heads = _heads(reminders)
        return {
            reminder.pk: {
                "held": held.get(reminder.organisation_id, 0),
                "due": due.get(reminder.organisation_id, 0),
                "unsupervised": alone.get(reminder.organisation_id, 0),
                "link": link_to(reverse("home")),
            }
            if reminder.recipient_id in heads
            else NotOwed(Reminder.Reason.LEFT)
            for reminder in reminders
        }

    def values(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        due, alone = facts["due"], facts["unsupervised"]
        open_ones = ngettext(
            "%(number)s person is due this week and has no date.",
            "%(number)s people are due this week and have no date.",
            due,
        ) % {"number": due}
        unsupervised = ngettext(
            "%(number)s person has no supervisor.", "%(number)s people have no supervisor.", alone
        ) % {"number": alone}
        week = [_held_words(facts["held"]), open_ones, *([unsupervised] if alone else [])]
        return {"week": " ".join(week)}


def _by_organisation(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.values_list("organisation").annotate(number=Count("pk")).order_by())


def _heads(reminders: Iterable[Reminder]) -> set[int]:
    """Those of the recipients who are heads now."""
    people = {reminder.recipient_id for reminder in reminders}
    heads = RoleGrant.objects.current().filter(person__in=people, role=Role.HEAD)
    return set(heads.values_list("person", flat=True))
