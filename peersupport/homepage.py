"""What each role finds at home: what it most came for, and what waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkins import trend
from checkins.models import HelpLine, TalkRequest
from cohorts.figures import with_members
from cohorts.leave import away_until
from cohorts.models import Cohort, Leave, Membership, Person, SupervisorAssignment
from peersupport.accounts.models import Invitation, User
from peersupport.reminders.models import Reminder
from supervision import programme
from supervision.models import AgreedAction, Session

MOST = 8
"""How many rows of a list home shows; the list itself is a press away."""


@dataclass(frozen=True)
class Part:
    """One role's part of the home page: its template and what that shows."""

    template: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """Something to do, which goes away when it is done."""

    title: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class Bar:
    """One month of a bar chart: x and width in per cent, y and height in pixels."""

    month: date
    number: int
    x: float
    middle: float
    width: float
    y: float
    height: float


def greeting(user: User) -> str:
    """Good morning, afternoon or evening, in the organisation's time."""
    hour = timezone.localtime().hour
    name = {"name": user.first_name}
    if hour < 12:
        return _("Good morning, %(name)s") % name
    if hour < 18:
        return _("Good afternoon, %(name)s") % name
    return _("Good evening, %(name)s") % name


def away(user: User) -> dict[str, Any] | None:
    """Until when `user` is away today, and the leave that can be ended; None when they are here."""
    leave = Leave.objects.on().filter(person=user).first()
    return {"until": away_until(user), "leave": leave} if leave else None


def parts(user: User) -> list[Part]:
    """The parts for every role `user` holds; somebody without a role is told what to do.

    Who would like to talk stands first, and for whoever was asked, also without a role.
    """
    made: list[tuple[bool, str, Callable[[User], dict[str, Any]]]] = [
        (user.is_head, "home/head.html", head),
        (user.is_supervisor, "home/supervisor.html", supervisor),
        (user.is_psw, "home/psw.html", psw),
        (user.is_ig_auditor, "home/auditor.html", auditor),
    ]
    found = [Part(template, facts(user)) for holds, template, facts in made if holds]
    if user.is_supervisor or not user.is_head:
        asked = talk(user)
        return [Part("home/talk.html", asked), *found] if asked["talk_requests"] else found
    return found


def head(user: User) -> dict[str, Any]:
    """Is supervision happening, where is it not, and what waits for a head."""
    cohorts = Cohort.objects.visible_to(user).exclude(stage=Cohort.Stage.CLOSED)
    on_schedule = programme.on_schedule_by_cohort(user)
    rows = list(with_members(cohorts).order_by("-starts_on", "name")[:MOST])
    for cohort in rows:
        cohort.on_schedule = on_schedule.get(cohort.pk)  # type: ignore[attr-defined]
    held = Session.objects.visible_to(user).held_by_month(user.organisation)
    return {
        "figures": programme.figures(user),
        "people": Membership.objects.visible_to(user).current().count(),
        "cohort_count": cohorts.count(),
        "cohorts": rows,
        "bars": bars(held),
        "held": held,
        "waiting": would_like_to_talk(user) + waiting_for_head(user),
    }


def would_like_to_talk(user: User) -> list[Waiting]:
    """For a head, on their list of what waits; one who supervises too finds them in a part."""
    if user.is_supervisor:
        return []
    facts = talk(user)
    rows = [
        Waiting(
            _("%(name)s would like to talk") % {"name": request.worker.name},
            reverse("checkins:talk-request-acknowledge", args=[request.pk]),
            _("Asked on %(when)s")
            % {"when": date_format(timezone.localtime(request.asked_at), "l j F, H:i")},
        )
        for request in facts["talk_requests"]
    ]
    if facts["all"]:
        rows.append(Waiting(facts["all"], reverse("checkins:talk-request-list")))
    return rows


def talk(user: User) -> dict[str, Any]:
    """Who would like to talk to `user`, the longest waiting first, and the way to all of them."""
    waiting = TalkRequest.objects.answerable_by(user).waiting()
    shown = list(waiting[: MOST + 1])
    more = _("Everybody who would like to talk") if len(shown) > MOST else ""
    return {"talk_requests": shown[:MOST], "all": more}


def waiting_for_head(user: User) -> list[Waiting]:
    """A to-do list that empties."""
    return [*people_who_wait(user), *things_that_wait(user)]


def people_who_wait(user: User) -> list[Waiting]:
    """People of a head's programme who are not where they should be."""
    people = Person.objects.manageable_by(user)
    unsupervised = programme.unsupervised(user).count()
    line_managed = programme.line_managed(user).count()
    to_place = people.without_cohort().count()
    strangers = _never_asked_to_sign_in(user)
    found = [
        (
            unsupervised,
            ngettext(
                "Give %(number)s person a supervisor",
                "Give %(number)s people a supervisor",
                unsupervised,
            ),
            reverse("supervision:unsupervised"),
            _("They are in a cohort, and nobody supervises them"),
        ),
        (
            line_managed,
            ngettext(
                "Give %(number)s person another supervisor",
                "Give %(number)s people another supervisor",
                line_managed,
            ),
            f"{reverse('supervision:caseload')}?show=line-manager",
            _("Their supervisor is their line manager by now"),
        ),
        (
            to_place,
            ngettext("%(number)s person to place", "%(number)s people to place", to_place),
            reverse("cohorts:place"),
            _("They are in no cohort yet"),
        ),
        (
            strangers,
            ngettext("%(number)s person to invite", "%(number)s people to invite", strangers),
            reverse("invitation-list"),
            _("They have never been asked to sign in"),
        ),
    ]
    return _those_above_nought(found)


def _never_asked_to_sign_in(user: User) -> int:
    invited = Invitation.objects.filter(organisation=user.organisation, withdrawn_at=None)
    return (
        Person.objects.manageable_by(user)
        .filter(last_login=None, is_active=True, role_grants__ended_at=None)
        .filter(role_grants__isnull=False)
        .exclude(email__in=invited.values("email"))
        .distinct()
        .count()
    )


def things_that_wait(user: User) -> list[Waiting]:
    """E-mails to decide about, and help lines to look at again."""
    undecided = (
        Reminder.objects.visible_to(user)
        .filter(state__in=[Reminder.State.FAILED, Reminder.State.UNCERTAIN])
        .count()
    )
    reviews = (
        HelpLine.objects.shown_in(user.organisation)
        .filter(review_on__lte=timezone.localdate())
        .count()
    )
    found = [
        (
            undecided,
            ngettext(
                "%(number)s e-mail needs a decision",
                "%(number)s e-mails need a decision",
                undecided,
            ),
            reverse("reminders:reminder-list"),
            _("We could not tell if they arrived, or they were refused"),
        ),
        (
            reviews,
            ngettext("%(number)s help line to review", "%(number)s help lines to review", reviews),
            reverse("checkins:help-line-list"),
            _("Check that the number and the hours are still right"),
        ),
    ]
    return _those_above_nought(found)


def _those_above_nought(found: list[tuple[int, str, str, str]]) -> list[Waiting]:
    return [Waiting(title % {"number": n}, url, hint) for n, title, url, hint in found if n]


def bars(months: list[tuple[date, int]]) -> list[Bar]:
    """Bars for a chart 150 pixels high, as wide as there is room."""
    most = max((number for _month, number in months), default=0) or 1
    step = 100 / max(len(months), 1)
    return [
        Bar(
            month=month,
            number=number,
            x=round(step * place + step * 0.2, 2),
            middle=round(step * place + step / 2, 2),
            width=round(step * 0.6, 2),
            y=140 - round(110 * number / most),
            height=round(110 * number / most),
        )
        for place, (month, number) in enumerate(months)
    ]


def supervisor(user: User) -> dict[str, Any]:
    """Who is due, what is booked."""
    mine = SupervisorAssignment.objects.current().filter(supervisor=user)
    today = timezone.localdate()
    booked = Session.objects.given_by(user).to_come()
    return {
        "people": mine.count(),
        "due": programme.due_this_week(mine).count(),
        "to_log": Session.objects.given_by(user).to_log().filter(held_on__lt=today).count(),
        "booked": booked.count(),
        "next": booked.prefetch_related("attendances__worker").order_by("starts_at", "pk")[:5],
    }


def psw(user: User) -> dict[str, Any]:
    """The next session, how I am, my cohort, what was agreed."""
    assignment = (
        SupervisorAssignment.objects.current()
        .filter(worker=user, purpose=SupervisorAssignment.Purpose.LIGHT_TOUCH)
        .select_related("supervisor", "membership__cohort")
        .order_by("starts_on")
        .first()
    )
    return {
        "assignment": assignment,
        "supervisor_away_until": away_until(assignment.supervisor) if assignment else None,
        "next": Session.objects.next_for(user),
        "trend": trend.of(user),
        "talk_request": TalkRequest.objects.visible_to(user)
        .waiting()
        .filter(worker=user)
        .select_related("asked")
        .first(),
        "actions": AgreedAction.objects.of(user).open().filter(owner=user)[:5],
        "membership": Membership.objects.current()
        .filter(worker=user)
        .select_related("cohort")
        .first(),
    }


def auditor(user: User) -> dict[str, Any]:
    """Whether e-mails go out; never to whom, nor what is in them."""
    states = (
        Reminder.objects.visible_to(user)
        .filter(due_at__gte=timezone.now() - timedelta(days=7))
        .values("state")
        .annotate(number=Count("pk"))
        .order_by("state")
    )
    return {"states": [(Reminder.State(row["state"]).label, row["number"]) for row in states]}
