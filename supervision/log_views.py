"""Logging a session: with one person, with a group, or one that was booked."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cohorts.models import SupervisorAssignment
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import actions, suggestions
from supervision import caseload as people
from supervision.forms import SupervisionForm
from supervision.models import Session
from supervision.slots import SlotTaken
from supervision.templatetags.moments import at_time

A_PAGE = 50


@dataclass
class Meeting:
    """Whom a session may have been with, and the booking that it fills in."""

    by: User
    assignments: list[SupervisorAssignment]
    group: bool = False
    booked_pk: int | None = None

    @property
    def assignment(self) -> SupervisorAssignment | None:
        """The one it was with, unless it was a group."""
        return None if self.group else self.assignments[0]

    @cached_property
    def booked(self) -> Session | None:
        """Booked for today or before, and waiting to be logged."""
        if self.booked_pk is None:
            return None
        kind = Session.Kind.GROUP if self.group else Session.Kind.ONE_TO_ONE
        waiting = Session.objects.given_by(self.by).to_log().filter(pk=self.booked_pk, kind=kind)
        workers = [assignment.worker_id for assignment in self.assignments]
        return waiting.filter(attendances__worker__in=workers).distinct().first()

    def usual(self) -> dict[str, Any]:
        """What the form says before anything is typed: the usual answers."""
        booked = self.booked
        held_on = booked.held_on if booked else timezone.localdate()
        usual: dict[str, Any] = {"held_on": held_on}
        if booked:
            usual |= {"booked": booked.pk, "minutes": booked.minutes, "mode": booked.mode}
            usual["workers"] = [each.worker_id for each in booked.attendances.all()]
        if self.assignment:
            due_on = suggestions.due_after(self.assignment, held_on)
            day, clock = suggestions.next_time(self.assignment, due_on, by=self.by)
            usual |= {"next_on": day, "next_time": clock}
        return usual

    def upcoming(self) -> Session | None:
        """The one-to-one that is booked next already, other than this one."""
        if self.assignment is None:
            return None
        found = Session.objects.given_by(self.by).to_come().order_by("starts_at", "pk")
        found = found.filter(
            attendances__worker=self.assignment.worker_id, kind=Session.Kind.ONE_TO_ONE
        )
        return found.exclude(pk=self.booked_pk or 0).first()


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: SignedInRequest) -> HttpResponse:
    """Log with one person (?with=) or a group (?group=1), also one booked (?session=)."""
    asked, mine = request.GET, people.begun(people.of(request.user))
    booked_pk = people.number(asked["session"]) if "session" in asked else None
    if "group" in asked:
        assignments = people.one_each(mine)
        if not assignments:
            raise Http404
        return _log(request, Meeting(request.user, assignments, True, booked_pk))
    if "with" in asked:
        assignment = people.named(asked["with"], mine)
        if request.method != "POST" and not {"session", "other"} & asked.keys():
            waiting = _waiting(request.user).filter(attendances__worker=assignment.worker)
            if session := waiting.first():
                return redirect(_address(session))
        return _log(request, Meeting(request.user, [assignment], False, booked_pk))
    if booked_pk is not None:
        return redirect(_address(get_object_or_404(_waiting(request.user), pk=booked_pk)))
    return _choose(request)


def _waiting(supervisor: User) -> QuerySet[Session]:
    """Sessions booked for today or before that wait to be logged."""
    return Session.objects.given_by(supervisor).to_log()


def _address(session: Session) -> str:
    """Where a booked session is logged."""
    whom = {"group": 1} if session.is_group else {"with": session.attendances.get().worker_id}
    return f"{reverse('supervision:log')}?{urlencode({**whom, 'session': session.pk})}"


def _choose(request: SignedInRequest) -> HttpResponse:
    """Whom it was with."""
    mine = people.begun(people.of(request.user))
    page = Paginator(people.next_first(mine), A_PAGE).get_page(request.GET.get("page"))
    if not page.object_list and not request.user.is_supervisor:
        raise Http404
    context = {"page": page, "rows": [people.row(assignment) for assignment in page]}
    return render(request, "supervision/log_choose.html", context)


def _log(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    posted = request.method == "POST"
    if not posted and meeting.booked_pk is not None and meeting.booked is None:
        raise Http404
    form = SupervisionForm(
        request.POST if posted else None,
        by=request.user,
        assignments=meeting.assignments,
        group=meeting.group,
        initial=None if posted else meeting.usual(),
    )
    if posted and form.is_valid() and (session := _saved(form, meeting)):
        messages.success(request, _what_happened(form, session))
        return redirect("supervision:caseload")
    form.say_when_due()
    return render(
        request,
        "supervision/log.html",
        {"form": form, "meeting": meeting, "upcoming": meeting.upcoming()},
    )


def _saved(form: SupervisionForm, meeting: Meeting) -> Session | None:
    """Log it; None, with a sentence on the form, when something stands in the way."""
    cleaned = form.cleaned_data
    try:
        return actions.log_session(
            form.record(),
            workers=form.people(),
            by=meeting.by,
            form_key=cleaned["form_key"],
            group=meeting.group,
            booked_pk=cleaned["booked"],
            another=cleaned["another"],
        )
    except actions.AlreadyLogged as error:
        form.already_logged(error.session)
    except SlotTaken as error:
        form.taken("next_time", error)
    except actions.NotBooked:
        form.booking_gone()
    except actions.NotSupervised as error:
        raise Http404 from error
    return None


def _what_happened(form: SupervisionForm, session: Session) -> str:
    """Saved, with whom, and when the next one is."""
    words = {"name": form.assignments[0].worker.first_name}
    next_at = form.cleaned_data["next_at"]
    if next_at:
        words["when"] = at_time(next_at)
    if session.is_group:
        if next_at:
            return _("Group session saved. You meet next on %(when)s") % words
        return _("Group session saved. Everybody who was there can read it now")
    if next_at:
        return _("Session with %(name)s saved. You meet next on %(when)s") % words
    return _("Session with %(name)s saved. %(name)s can read it now") % words
