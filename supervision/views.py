"""Who is next, logging a session, one session, and a PSW's own supervision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.models import SupervisorAssignment
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import RecordRead, User
from supervision import actions, programme
from supervision import caseload as people
from supervision.forms import SupervisionForm
from supervision.models import AgreedAction, Session
from supervision.slots import SlotTaken

A_PAGE = 50
PROGRAMME = {
    "all": programme.supervisions,
    "due": programme.due,
    "on-schedule": programme.on_schedule,
}


@require_safe
def caseload(request: SignedInRequest) -> HttpResponse:
    """One's own people, next due first; for a head, also the whole programme's."""
    user, show = request.user, request.GET.get("show", "")
    if user.is_head and (show or not user.is_supervisor):
        return _held(request) if show == "held" else _programme(request, show)
    mine = people.of(user)
    if not user.is_supervisor and not mine.exists():
        raise Http404
    page = _page(request, people.next_due_first(mine))
    context = {
        "page": page,
        "rows": [people.row(assignment) for assignment in page],
        "figures": people.figures(mine),
        "to_log": Session.objects.given_by(user).to_log().prefetch_related("attendances__worker"),
    }
    return render(request, "supervision/caseload.html", context)


def _programme(request: SignedInRequest, show: str) -> HttpResponse:
    """Everybody supervised; or those due with nothing booked; or those on schedule."""
    show = show if show in PROGRAMME else "all"
    chosen = PROGRAMME[show](request.user)
    page = _page(request, people.next_due_first(chosen))
    context = {
        "page": page,
        "rows": [people.row(assignment) for assignment in page],
        "show": show,
        "figures": programme.figures(request.user),
    }
    return render(request, "supervision/programme.html", context)


def _held(request: SignedInRequest) -> HttpResponse:
    """Sessions held this month: when, with whom, by whom; never what was said."""
    held = programme.held_in(request.user, timezone.localdate())
    shown = held.select_related("supervisor").prefetch_related("attendances__worker")
    page = _page(request, shown.order_by("-held_on", "-pk"))
    context = {"page": page, "show": "held", "figures": programme.figures(request.user)}
    return render(request, "supervision/held.html", context)


@require_safe
def unsupervised(request: SignedInRequest) -> HttpResponse:
    """People in a cohort whom nobody supervises, for a head."""
    if not request.user.is_head:
        raise Http404
    found = programme.unsupervised(request.user).select_related("worker", "cohort")
    page = _page(request, found.order_by("joined_on", "pk"))
    context = {"page": page, "show": "none", "figures": programme.figures(request.user)}
    return render(request, "supervision/unsupervised.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: SignedInRequest) -> HttpResponse:
    """Log a session with one person (?with=), with a group (?group=1), or choose first."""
    mine = people.of(request.user).filter(starts_on__lte=timezone.localdate())
    if not request.user.is_supervisor and not mine.exists():
        raise Http404
    if "group" in request.GET:
        return _log(request, _one_each(mine), group=True)
    if "with" in request.GET:
        return _log(request, [people.named(request.GET["with"], mine)])
    page = _page(request, people.next_due_first(mine))
    context = {"page": page, "rows": [people.row(assignment) for assignment in page]}
    return render(request, "supervision/log_choose.html", context)


def _one_each(mine: QuerySet[SupervisorAssignment]) -> list[SupervisorAssignment]:
    """Supervisees, each once however many purposes there are."""
    found = mine.select_related("worker", "membership__cohort").order_by("pk")
    return list({assignment.worker_id: assignment for assignment in found}.values())


def _log(
    request: SignedInRequest, assignments: list[SupervisorAssignment], *, group: bool = False
) -> HttpResponse:
    booked = None if group else _booked(request.user, assignments[0].worker)
    form = SupervisionForm(
        request.POST if request.method == "POST" else None,
        assignments=assignments,
        group=group,
        initial=_usual(assignments, booked),
    )
    if request.method == "POST" and form.is_valid() and _save(request, form, booked):
        messages.success(request, _("Session saved. Everybody who was there can read it now"))
        return redirect("supervision:caseload")
    context = {
        "form": form,
        "assignment": None if group else assignments[0],
        "booked": booked,
        "assignments": assignments,
    }
    return render(request, "supervision/log.html", context)


def _booked(supervisor: User, worker: User) -> Session | None:
    """The one-to-one session booked for today or before that waits to be logged."""
    waiting = Session.objects.given_by(supervisor).to_log()
    return waiting.filter(kind=Session.Kind.ONE_TO_ONE, attendances__worker=worker).first()


def _usual(assignments: list[SupervisorAssignment], booked: Session | None) -> dict[str, Any]:
    """What the form says before anything is typed: the usual answers."""
    today = timezone.localdate()
    usual: dict[str, Any] = {"held_on": booked.held_on if booked else today}
    if booked:
        usual |= {"minutes": booked.minutes, "mode": booked.mode}
    if len(assignments) == 1:
        membership = assignments[0].membership
        due = membership.cohort.cadence.next_due_on(
            joined_on=membership.joined_on, counted_from=today
        )
        usual["next_on"] = people.working_day(due)
    return usual


def _save(request: SignedInRequest, form: SupervisionForm, booked: Session | None) -> bool:
    """Log it; False, with a sentence on the form, when something stands in the way."""
    cleaned = form.cleaned_data
    try:
        actions.log_session(
            form.record(),
            workers=form.people(),
            by=request.user,
            form_key=cleaned["form_key"],
            group=form.group,
            booked=booked,
            another=cleaned["another"],
        )
    except actions.AlreadyLogged as error:
        form.already_logged(error.session)
    except SlotTaken as error:
        form.taken("next_time", error)
    except actions.NotBooked:
        form.add_error(None, _("The booking was changed meanwhile. Press Save again"))
    except actions.NotSupervised as error:
        raise Http404 from error
    else:
        return True
    return False


@require_safe
def session_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Date, kind and outcome; the words only for those between whom they are."""
    session = get_object_or_404(
        Session.objects.visible_to(request.user).select_related("supervisor"), pk=pk
    )
    workers = list(User.objects.get_queryset().filter(attendances__session=session).order_by("pk"))
    attended = set(session.attendances.filter(attended=True).values_list("worker", flat=True))
    confidential = Session.objects.confidential_to(request.user).filter(pk=pk).exists()
    if confidential and session.outcome and request.user not in workers:
        RecordRead.note(request.user, workers, record=session, on=session.held_on)
    seen = workers if confidential or request.user.is_head else [request.user]
    context = {
        "session": session,
        "workers": [
            (worker, worker.pk in attended)
            for worker in workers
            if worker in seen or people.of(request.user).filter(worker=worker).exists()
        ],
        "confidential": confidential,
        "themes": session.theme_labels if confidential else [],
        "actions": session.actions.select_related("owner") if confidential else [],
        "may_change": session.is_booked and session.supervisor == request.user,
    }
    return render(request, "supervision/session_detail.html", context)


@require_safe
def my_supervision(request: SignedInRequest) -> HttpResponse:
    """A PSW's own sessions, the next first, and what was agreed."""
    user = request.user
    past = Session.objects.past_for(user)
    if not user.is_psw and not past.exists():
        raise Http404
    assignment = (
        SupervisorAssignment.objects.current()
        .filter(worker=user)
        .select_related("supervisor")
        .order_by("starts_on")
        .first()
    )
    context = {
        "next": Session.objects.next_for(user),
        "assignment": assignment,
        "page": _page(request, past),
        "actions": AgreedAction.objects.of(user).open(),
    }
    return render(request, "supervision/my_supervision.html", context)


@require_POST
def action_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark something agreed as done, by whoever is to do it."""
    action = get_object_or_404(
        AgreedAction.objects.of(request.user).filter(owner=request.user), pk=pk
    )
    if actions.finish_action(action, by=request.user):
        messages.success(request, _("Marked as done"))
    return redirect("supervision:my-supervision" if request.user.is_psw else "home")


def _page(request: SignedInRequest, found: QuerySet[Any]) -> Page[Any]:
    return Paginator(found, A_PAGE).get_page(request.GET.get("page"))
