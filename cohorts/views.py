"""Cohorts: the list, one of them, starting and changing one; and a worker's own."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import actions, figures
from cohorts.forms import CohortForm
from cohorts.heads import heads_only
from cohorts.models import Cohort, Membership, Person, SupervisorAssignment
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User

COHORTS_A_PAGE = 20
MEMBERS_A_PAGE = 100


@require_safe
@heads_only
def cohort_list(request: SignedInRequest) -> HttpResponse:
    cohorts = figures.with_members(Cohort.objects.manageable_by(request.user))
    page = Paginator(cohorts.order_by("-starts_on", "name", "pk"), COHORTS_A_PAGE).get_page(
        request.GET.get("page")
    )
    on_schedule = figures.on_schedule(page.object_list)
    rows = [(cohort, on_schedule.get(cohort.pk)) for cohort in page]
    members = Membership.objects.current().filter(organisation=request.user.organisation_id).count()
    waiting = Person.objects.manageable_by(request.user).without_cohort().count()
    context = {"page": page, "rows": rows, "members": members, "waiting": waiting}
    return render(request, "cohorts/cohort_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def cohort_new(request: SignedInRequest) -> HttpResponse:
    form = CohortForm(request.POST or None, organisation=request.user.organisation)
    if request.method == "POST" and form.is_valid():
        cohort = form.save()
        messages.success(request, _("%(cohort)s is started") % {"cohort": cohort})
        return redirect(cohort)
    return render(request, "cohorts/cohort_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def cohort_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.manageable_by(request.user), pk=pk)
    form = CohortForm(request.POST or None, instance=cohort, organisation=request.user.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_cohort(form.instance)
        except actions.PlacesTaken as taken:
            form.add_error("capacity", str(taken))
        else:
            messages.success(request, _("The changes are saved"))
            return redirect(cohort)
    name = Cohort.objects.values_list("name", flat=True).get(pk=pk)
    return render(request, "cohorts/cohort_edit.html", {"form": form, "pk": pk, "name": name})


@require_safe
@heads_only
def cohort_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The members by supervisor, those without one first."""
    cohorts = figures.with_members(Cohort.objects.manageable_by(request.user))
    cohort = get_object_or_404(cohorts, pk=pk)
    page = Paginator(_by_supervisor(cohort), MEMBERS_A_PAGE).get_page(request.GET.get("page"))
    groups = [
        (supervisor, list(members))
        for supervisor, members in groupby(page.object_list, key=_supervisor)
    ]
    context = {
        "cohort": cohort,
        "page": page,
        "groups": groups,
        "on_schedule": figures.on_schedule([cohort]).get(cohort.pk),
        "placings": cohort.placings.undoable()
        .annotate(people=Count("memberships"))
        .select_related("placed_by")
        .order_by("-placed_at"),
    }
    return render(request, "cohorts/cohort_detail.html", context)


def _by_supervisor(cohort: Cohort) -> list[Membership]:
    """Everybody in `cohort`, or about to be: those nobody supervises, then by supervisor."""
    members = (
        cohort.memberships.current()
        .select_related("worker__roster_entry")
        .with_supervision()
        .order_by("worker__family_name", "worker__given_name", "worker")
    )
    return sorted(members, key=_supervisor_name)


def _supervisor(membership: Membership) -> User | None:
    assignments: list[SupervisorAssignment] = membership.supervision  # type: ignore[attr-defined]
    return assignments[0].supervisor if assignments else None


def _supervisor_name(membership: Membership) -> tuple[str, str, int]:
    supervisor = _supervisor(membership)
    if supervisor is None:
        return ("", "", 0)
    return (supervisor.family_name, supervisor.given_name, supervisor.pk)


@require_safe
def my_cohort(request: SignedInRequest) -> HttpResponse:
    """The names of the others in it, and nothing else about them."""
    if not request.user.is_psw:
        raise Http404
    mine = Membership.objects.current().filter(worker=request.user).order_by("joined_on")
    membership = mine.select_related("cohort").with_supervision().first()
    context: dict[str, Any] = {"membership": membership}
    if membership:
        others = User.objects.filter(
            memberships__in=membership.cohort.memberships.current(), is_active=True
        ).exclude(pk=request.user.pk)
        ordered = others.order_by("given_name", "family_name", "pk")
        context["supervisor"] = _supervisor(membership)
        context["page"] = Paginator(ordered, MEMBERS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "cohorts/my_cohort.html", context)
