"""One session, and a PSW's own supervision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cohorts.leave import away_until
from cohorts.models import SupervisorAssignment
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import RecordRead, User
from supervision import actions
from supervision.models import AgreedAction, Attendance, Session

A_PAGE = 20
MOST_TO_COME = 10


@require_safe
def session_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Date, kind and outcome; the words only for those between whom they are."""
    user = request.user
    sessions = Session.objects.visible_to(user).select_related("supervisor")
    session = get_object_or_404(sessions, pk=pk)
    seen = Attendance.objects.visible_to(user).filter(session=session).select_related("worker")
    words = Session.objects.confidential_to(user).filter(pk=pk).exists()
    if words and session.has_words:
        _note(session, reader=user)
    may_change = session.is_booked and session.supervisor_id == user.pk
    context = {
        "session": session,
        "attendances": seen.order_by("worker__given_name", "worker__family_name", "pk"),
        "words": words,
        "actions": session.actions.select_related("owner").order_by("pk") if words else [],
        "may_change": may_change,
        "may_log": may_change and session.held_on <= timezone.localdate(),
        "moved_to": sessions.filter(rearranged_from=session).first() if session.outcome else None,
        "mine": user.pk in {attendance.worker_id for attendance in seen},
    }
    return render(request, "supervision/session_detail.html", context)


def _note(session: Session, *, reader: User) -> None:
    """Write down that somebody opened the words who was not there as a PSW."""
    party = Attendance.objects.party().filter(session=session).values("worker")
    subjects = list(User.objects.filter(pk__in=party).order_by("pk"))
    if reader not in subjects:
        RecordRead.note(reader, subjects, record=session, on=session.held_on)


@require_safe
def my_supervision(request: SignedInRequest) -> HttpResponse:
    """A PSW's own sessions, the next first, and what was agreed."""
    user = request.user
    past = Session.objects.past_for(user)
    if not user.is_psw and not past.exists():
        raise Http404
    coming = list(Session.objects.coming_for(user)[:MOST_TO_COME])
    assignment = _assignment(user)
    context = {
        "next": coming[0] if coming else None,
        "later": coming[1:],
        "assignment": assignment,
        "away_until": away_until(assignment.supervisor) if assignment else None,
        "page": Paginator(past, A_PAGE).get_page(request.GET.get("page")),
        "actions": AgreedAction.objects.of(user).open()[:A_PAGE],
    }
    return render(request, "supervision/my_supervision.html", context)


def _assignment(worker: User) -> SupervisorAssignment | None:
    """The assignment in which the next session falls due first."""
    mine: QuerySet[SupervisorAssignment] = SupervisorAssignment.objects.current()
    return (
        mine.filter(worker=worker)
        .select_related("supervisor")
        .order_by("next_due_on", "starts_on", "pk")
        .first()
    )


@require_POST
def action_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark something agreed as done, by whoever is to do it."""
    mine = AgreedAction.objects.visible_to(request.user).filter(owner=request.user)
    action = get_object_or_404(mine.select_related("session"), pk=pk)
    if actions.finish_action(action, by=request.user):
        messages.success(request, _("Marked as done"))
    if action.session.attendances.filter(worker=request.user).exists():
        return redirect("supervision:my-supervision")
    return redirect(action.session)
