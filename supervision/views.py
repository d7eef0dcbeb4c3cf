"""Who is next: for a supervisor their own people, for a head the whole programme."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cohorts.assignments import SupervisorAssignmentQuerySet
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import caseload as people
from supervision import programme
from supervision.models import Session

A_PAGE = 50
TO_LOG = 10


@dataclass(frozen=True)
class Listing:
    """A list of people supervised in a programme: its heading, who is on it, why nobody is."""

    title: str | Promise
    people: Callable[[User], SupervisorAssignmentQuerySet]
    empty: str | Promise


NOBODY = _("People stand here when they are in a cohort and have a supervisor.")
PROGRAMME = {
    "all": Listing(_("Supervision"), programme.supervisions, NOBODY),
    "due": Listing(
        _("Due, nothing booked"),
        programme.due,
        _("Everybody who is due this week has a session booked."),
    ),
    "on-schedule": Listing(_("Supervised on schedule"), programme.on_schedule, NOBODY),
    "line-manager": Listing(
        _("Supervised by their line manager"),
        programme.line_managed,
        _("Nobody is supervised by their line manager."),
    ),
}


@require_safe
def caseload(request: SignedInRequest) -> HttpResponse:
    """One's own people, next due first; for a head, also the whole programme's."""
    user, show = request.user, request.GET.get("show", "")
    if user.is_head and (show or not user.is_supervisor):
        return _held(request) if show == "held" else _programme(request, show)
    mine = list(people.next_first(people.of(user)))
    if not user.is_supervisor and not mine:
        raise Http404
    page = _page(request, mine)
    context = {
        "page": page,
        "rows": [people.row(assignment) for assignment in page],
        "figures": people.figures(mine),
        "to_log": _over(user)[:TO_LOG],
    }
    return render(request, "supervision/caseload.html", context)


def _over(supervisor: User) -> QuerySet[Session]:
    """Booked sessions whose time has come, and which nobody has logged."""
    over = Session.objects.given_by(supervisor).to_log().filter(starts_at__lte=timezone.now())
    return over.prefetch_related("attendances__worker")


def _programme(request: SignedInRequest, show: str) -> HttpResponse:
    """Everybody supervised; or those due with nothing booked; or those on schedule."""
    show = show if show in PROGRAMME else "all"
    listing = PROGRAMME[show]
    page = _page(request, people.next_due_first(listing.people(request.user)))
    context = {
        "page": page,
        "rows": [people.row(assignment) for assignment in page],
        "show": show,
        "listing": listing,
        "figures": programme.figures(request.user) if show == "all" else None,
    }
    return render(request, "supervision/programme.html", context)


def _held(request: SignedInRequest) -> HttpResponse:
    """Sessions held this month: when, with whom, by whom; never what was said."""
    held = programme.held_in(request.user, timezone.localdate())
    shown = held.select_related("supervisor").prefetch_related("attendances__worker")
    page = _page(request, shown.order_by("-held_on", "-pk"))
    context = {"page": page}
    return render(request, "supervision/held.html", context)


@require_safe
def unsupervised(request: SignedInRequest) -> HttpResponse:
    """People in a cohort whom nobody supervises, for a head."""
    if not request.user.is_head:
        raise Http404
    found = programme.unsupervised(request.user).select_related("worker", "cohort")
    page = _page(request, found.order_by("joined_on", "pk"))
    context = {"page": page}
    return render(request, "supervision/unsupervised.html", context)


def _page(request: SignedInRequest, found: QuerySet[Any] | list[Any]) -> Page[Any]:
    return Paginator(found, A_PAGE).get_page(request.GET.get("page"))
