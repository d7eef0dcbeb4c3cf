"""Booking a session, moving it, cancelling it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import actions, suggestions
from supervision import caseload as people
from supervision.forms import BookingForm
from supervision.models import Attendance, Session
from supervision.slots import SlotTaken
from supervision.templatetags.moments import at_time

A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: SignedInRequest) -> HttpResponse:
    """Book a session with one person (?with=), with a group (?group=1), or choose first."""
    mine, group = people.of(request.user), "group" in request.GET
    if not group and "with" not in request.GET:
        return _choose(request)
    assignments = people.one_each(mine) if group else [people.named(request.GET["with"], mine)]
    if not assignments:
        raise Http404
    posted = request.method == "POST"
    form = BookingForm(
        request.POST if posted else None, by=request.user, assignments=assignments, group=group
    )
    if not posted and not group:
        due_on = assignments[0].next_due_on or timezone.localdate()
        day, clock = suggestions.next_time(assignments[0], due_on, by=request.user)
        form.initial = {"day": day, "clock": clock}
    if posted and form.is_valid() and (session := _booked_by(form)):
        return _done(request, session, _("Booked for %(when)s"))
    context: dict[str, Any] = {"form": form}
    if not group:
        worker = assignments[0].worker
        booked = Session.objects.coming_for(worker).filter(supervisor=request.user)
        context |= {"assignment": assignments[0], "booked": booked.first()}
    return render(request, "supervision/session_new.html", context)


def _choose(request: SignedInRequest) -> HttpResponse:
    """Whom to meet."""
    mine = people.next_first(people.of(request.user))
    page = Paginator(mine, A_PAGE).get_page(request.GET.get("page"))
    if not page.object_list and not request.user.is_supervisor:
        raise Http404
    context = {"page": page, "rows": [people.row(assignment) for assignment in page]}
    return render(request, "supervision/session_new_choose.html", context)


def _booked_by(form: BookingForm) -> Session | None:
    """Book it; None, with a sentence on the form, when something stands in the way."""
    try:
        return actions.book_session(
            form.slot(),
            workers=form.people(),
            by=form.by,
            form_key=form.cleaned_data["form_key"],
            group=form.group,
        )
    except SlotTaken as error:
        form.taken("clock", error)
    except actions.NotSupervised as error:
        raise Http404 from error
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def session_rearrange(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move a booked session to another time."""
    session = get_object_or_404(Session.objects.given_by(request.user), pk=pk)
    posted = request.method == "POST"
    if not posted and not session.is_booked:
        raise Http404
    form = BookingForm(
        request.POST if posted else None,
        by=request.user,
        assignments=[],
        initial={"minutes": session.minutes, "mode": session.mode},
    )
    if posted and form.is_valid() and (moved := _moved(form, session)):
        return _done(request, moved, _("Moved to %(when)s"))
    context = {"form": form, "session": session, "workers": _workers(session, request.user)}
    return render(request, "supervision/session_rearrange.html", context)


def _moved(form: BookingForm, session: Session) -> Session | None:
    """Move it; None, with a sentence on the form, when something stands in the way."""
    try:
        return actions.rearrange_session(
            session, form.slot(), by=form.by, form_key=form.cleaned_data["form_key"]
        )
    except SlotTaken as error:
        form.taken("clock", error)
    except actions.NotBooked:
        form.add_error(None, _("This session was logged, moved or cancelled meanwhile"))
    except actions.NotSupervised as error:
        raise Http404 from error
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a booked session, after asking."""
    session = get_object_or_404(Session.objects.given_by(request.user), pk=pk)
    if request.method == "POST":
        if actions.cancel_session(session, by=request.user):
            messages.success(request, _("The session is cancelled"))
        else:
            messages.warning(request, _("This session was not booked any more"))
        return redirect("supervision:caseload")
    if not session.is_booked:
        raise Http404
    context = {"session": session, "workers": _workers(session, request.user)}
    return render(request, "supervision/session_cancel.html", context)


def _workers(session: Session, supervisor: User) -> list[User]:
    """Those asked to it whom the supervisor still supervises."""
    seen = Attendance.objects.visible_to(supervisor).filter(session=session)
    return [attendance.worker for attendance in seen.select_related("worker").order_by("pk")]


def _done(request: SignedInRequest, session: Session, words: str) -> HttpResponse:
    """Say when, and go back to who is next. A form sent twice says the same twice."""
    messages.success(request, words % {"when": at_time(session.starts_at)})
    return redirect("supervision:caseload")
