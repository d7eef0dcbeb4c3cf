"""Booking a session, moving it, cancelling it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import actions
from supervision import caseload as people
from supervision.forms import BookingForm
from supervision.models import Session
from supervision.slots import SlotTaken


@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: SignedInRequest) -> HttpResponse:
    """Book a session with one person (?with=), or choose first."""
    mine = people.of(request.user)
    if not request.user.is_supervisor and not mine.exists():
        raise Http404
    if "with" not in request.GET:
        found = people.next_due_first(mine)[:100]
        rows = [people.row(assignment) for assignment in found]
        return render(request, "supervision/session_new_choose.html", {"rows": rows})
    assignment = people.named(request.GET["with"], mine)
    form = BookingForm(request.POST or None, assignments=[assignment])
    if request.method == "POST" and form.is_valid():
        try:
            session = actions.book_session(
                form.slot(),
                workers=[assignment.worker],
                by=request.user,
                form_key=form.cleaned_data["form_key"],
            )
        except SlotTaken as error:
            form.taken("clock", error)
        else:
            return _done(request, session, _("Booked for %(when)s"))
    context = {"form": form, "assignment": assignment}
    return render(request, "supervision/session_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def session_rearrange(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move a booked session to another time."""
    session = _booked(request, pk)
    form = BookingForm(
        request.POST or None,
        assignments=[],
        initial={"minutes": session.minutes, "mode": session.mode},
    )
    if request.method == "POST" and form.is_valid():
        try:
            moved = actions.rearrange_session(
                session, form.slot(), by=request.user, form_key=form.cleaned_data["form_key"]
            )
        except SlotTaken as error:
            form.taken("clock", error)
        except (actions.NotBooked, actions.NotSupervised) as error:
            raise Http404 from error
        else:
            return _done(request, moved, _("Moved to %(when)s"))
    context = {"form": form, "session": session, "workers": _workers(session)}
    return render(request, "supervision/session_rearrange.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a booked session, after asking."""
    session = _booked(request, pk)
    if request.method == "POST":
        if actions.cancel_session(session, by=request.user):
            messages.success(request, _("The session is cancelled"))
        return redirect("supervision:caseload")
    context = {"session": session, "workers": _workers(session)}
    return render(request, "supervision/session_cancel.html", context)


def _booked(request: SignedInRequest, pk: int) -> Session:
    """A session still to come or to log that the one who asks gives."""
    return get_object_or_404(Session.objects.given_by(request.user).booked(), pk=pk)


def _workers(session: Session) -> list[User]:
    return list(User.objects.get_queryset().filter(attendances__session=session).order_by("pk"))


def _done(request: SignedInRequest, session: Session, words: str) -> HttpResponse:
    """Say when, and go back to who is next. A form sent twice says the same twice."""
    when = date_format(timezone.localtime(session.starts_at), "l j F, H:i")
    messages.success(request, words % {"when": when})
    return redirect("supervision:caseload")
