"""People: the list, one of them, and what a head may change."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts import actions
from cohorts.filters import PersonFilter
from cohorts.forms import EndForm, RolesForm, SupervisorForm
from cohorts.heads import heads_only
from cohorts.models import Leave, Membership, Person, SupervisorAssignment
from cohorts.obstacles import NotPlaced
from peersupport.accounts.actions import LastHead
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import Invitation, RoleGrant

PEOPLE_A_PAGE = 50
LEAVES_SHOWN = 3


def with_invitation(people: QuerySet[Person]) -> QuerySet[Person]:
    """Add whether an invitation waits (`invited`) and whether its link still works."""
    waiting = Invitation.objects.waiting().filter(
        organisation=OuterRef("organisation"), email=OuterRef("email")
    )
    return people.annotate(
        invited=Exists(waiting), link_works=Exists(waiting.filter(expires_at__gt=timezone.now()))
    )


@require_safe
@heads_only
def person_list(request: SignedInRequest) -> HttpResponse:
    """Everybody of the organisation, by name."""
    filters = PersonFilter(request.GET, by=request.user)
    current = Membership.objects.current().select_related("cohort").with_supervision()
    shown = (
        with_invitation(filters.people())
        .select_related("roster_entry")
        .prefetch_related(
            Prefetch("memberships", current, "in_cohorts"),
            Prefetch("role_grants", RoleGrant.objects.current(), "roles_held"),
        )
    )
    page = Paginator(shown, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "page": page, "narrowed": bool(filters.chosen)}
    return render(request, "cohorts/person_list.html", context)


@require_safe
def person_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: for a head everything that is theirs to arrange, for a supervisor the basics."""
    person = _visible(request, pk)
    membership = _membership(person)
    context = {
        "person": person,
        "membership": membership,
        "supervision": membership.supervision if membership else [],  # type: ignore[attr-defined]
        "roles_held": [
            grant.role_label for grant in person.role_grants.current().order_by("granted_at")
        ],
        "leaves": Leave.objects.filter(person=person).not_over()[:LEAVES_SHOWN],
        "supervises": SupervisorAssignment.objects.current()
        .filter(supervisor=request.user, worker=person)
        .exists(),
    }
    if request.user.is_head:
        context["history"] = (
            Membership.objects.filter(worker=person)
            .real()
            .select_related("cohort")
            .order_by("-joined_on")[:20]
        )
        context["supervisors"] = (
            SupervisorAssignment.objects.filter(worker=person)
            .real()
            .select_related("supervisor")
            .order_by("-starts_on", "-pk")[:20]
        )
    return render(request, "cohorts/person_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_supervisor(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give somebody a supervisor, or another one."""
    person, membership = _member(request, pk)
    form = SupervisorForm(request.POST or None, membership=membership, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign_supervisor(
                membership,
                supervisor=form.cleaned_data["supervisor"],
                on=form.cleaned_data["on"],
                by=request.user,
                line_manager_accepted=form.cleaned_data.get("line_manager_accepted", False),
            )
        except NotPlaced as obstacle:
            form.add_error(form.field_of(obstacle), str(obstacle))
        else:
            messages.success(request, _("Saved"))
            return redirect(person)
    context = {"form": form, "person": person}
    return render(request, "cohorts/person_supervisor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End somebody's time in their cohort."""
    person, membership = _member(request, pk)
    form = EndForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_membership(
                membership,
                left_on=form.first_day_without(),
                stage=form.cleaned_data["stage"],
                by=request.user,
            )
        except actions.NotEnded as reason:
            form.add_error("last_day_on", str(reason))
        else:
            messages.success(request, _("Saved. Nothing falls due for them any more"))
            return redirect(person)
    context = {"form": form, "person": person, "membership": membership}
    return render(request, "cohorts/person_end.html", context)


@require_POST
def person_pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pause or take up again: one's own role, or anybody's for a head. Nobody is asked why."""
    pausable = Membership.objects.pausable_by(request.user).filter(worker=pk)
    if not pausable:
        raise Http404
    resumes = request.POST.get("choice") == "resume"
    for membership in pausable.select_related("cohort"):
        if resumes and membership.stage == Membership.Stage.PAUSED:
            membership.resume()
        elif not resumes:
            membership.pause()
    messages.success(
        request, _("Taken up again") if resumes else _("Paused. No reminders go out meanwhile")
    )
    if pk == request.user.pk:
        return redirect("cohorts:my-cohort")
    return redirect("cohorts:person-detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_roles(request: SignedInRequest, pk: int) -> HttpResponse:
    """Grant and end roles."""
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = RolesForm(data, initial={"roles": sorted(person.roles)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_roles(person, form.cleaned_data["roles"], by=request.user)
        except (LastHead, actions.NotEnded) as reason:
            form.add_error("roles", str(reason))
        else:
            messages.success(request, _("Roles saved"))
            return redirect(person)
    return render(request, "cohorts/person_roles.html", {"form": form, "person": person})


def _visible(request: SignedInRequest, pk: int) -> Person:
    people = with_invitation(Person.objects.visible_to(request.user))
    return get_object_or_404(people.select_related("roster_entry"), pk=pk)


def _membership(person: Person) -> Membership | None:
    current = Membership.objects.current().filter(worker=person).order_by("joined_on")
    return current.select_related("cohort").with_supervision().first()


def _member(request: SignedInRequest, pk: int) -> tuple[Person, Membership]:
    """Somebody of the organisation who is in a cohort."""
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    membership = _membership(person)
    if membership is None:
        raise Http404
    return person, membership
