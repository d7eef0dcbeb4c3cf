"""People: the list, one of them, and what a head changes about one."""

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts import actions
from cohorts.filters import PersonFilter
from cohorts.forms import EndForm, RolesForm, SupervisorForm
from cohorts.heads import heads_only
from cohorts.models import Membership, Person, SupervisorAssignment
from cohorts.obstacles import NotPlaced
from peersupport.accounts.actions import LastHead
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import Invitation, Role, RoleGrant, User

PEOPLE_A_PAGE = 50


def with_sign_in(people: QuerySet[Person]) -> QuerySet[Person]:
    """Add the `held` roles, and whether an invitation waits (`invited`) and works (`link_works`)."""
    held = RoleGrant.objects.current().filter(person=OuterRef("pk")).order_by("granted_at", "pk")
    waiting = Invitation.objects.filter(
        organisation=OuterRef("organisation"), email=OuterRef("email"), accepted_at=None
    )
    return people.annotate(
        held=ArraySubquery(held.values("role")),
        invited=Exists(waiting),
        link_works=Exists(waiting.filter(expires_at__gt=timezone.now())),
    )


def _role_names(person: Person) -> list[str]:
    return [str(Role(role).label) for role in person.held]  # type: ignore[attr-defined]


@require_safe
@heads_only
def person_list(request: SignedInRequest) -> HttpResponse:
    filters = PersonFilter(request.GET, by=request.user)
    people = with_sign_in(filters.people()).select_related("roster_entry")
    page = Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    memberships = Membership.objects.current().filter(worker__in=[each.pk for each in page])
    current: dict[int, Membership] = {}
    for membership in memberships.select_related("cohort").with_supervision():
        current.setdefault(membership.worker_id, membership)
    rows = [(each, current.get(each.pk), _role_names(each)) for each in page]
    context = {"filters": filters, "page": page, "rows": rows}
    return render(request, "cohorts/person_list.html", context)


@require_safe
def person_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Roster facts, cohorts and supervisors; to their supervisor, only what supervision needs."""
    people = with_sign_in(Person.objects.visible_to(request.user)).select_related("roster_entry")
    person = get_object_or_404(people, pk=pk)
    memberships = Membership.objects.real().filter(worker=person).select_related("cohort")
    history = list(memberships.order_by("-joined_on", "-pk"))
    current = Membership.objects.current().filter(worker=person).with_supervision()
    supervision = SupervisorAssignment.objects.real().filter(worker=person)
    pausable = Membership.objects.pausable_by(request.user).filter(worker=person)
    context = {
        "person": person,
        "roles": _role_names(person),
        "history": history,
        "current": current.select_related("cohort").order_by("joined_on"),
        "supervision": supervision.select_related("supervisor").order_by("-starts_on", "-pk"),
        "pausable": pausable.exists(),
        "for_supervisor": person.pk != request.user.pk and not request.user.is_head,
        "supervises": _supervises(request.user, person),
    }
    return render(request, "cohorts/person_detail.html", context)


def _supervises(user: User, person: Person) -> bool:
    return SupervisorAssignment.objects.current().filter(supervisor=user, worker=person).exists()


def _membership_or_404(request: SignedInRequest, pk: int) -> Membership:
    """The cohort in which the person `pk` is now, for a head to change."""
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    current = Membership.objects.current().filter(worker=person).order_by("joined_on")
    memberships = current.select_related("cohort", "worker__organisation").with_supervision()
    return get_object_or_404(memberships[:1])


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_supervisor(request: SignedInRequest, pk: int) -> HttpResponse:
    membership = _membership_or_404(request, pk)
    form = SupervisorForm(request.POST or None, membership=membership, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign_supervisor(membership, by=request.user, **form.cleaned_data)
        except NotPlaced as obstacle:
            form.add_error(form.field_of(obstacle), str(obstacle))
        else:
            messages.success(request, _("The supervisor is changed"))
            return redirect("cohorts:person-detail", pk)
    context = {"form": form, "membership": membership, "person": membership.worker}
    return render(request, "cohorts/person_supervisor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_end(request: SignedInRequest, pk: int) -> HttpResponse:
    membership = _membership_or_404(request, pk)
    form = EndForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_membership(membership, by=request.user, **form.ending)
        except actions.NotEnded as refusal:
            form.add_error("last_day_on", str(refusal))
        else:
            words = {"name": membership.worker.first_name, "cohort": membership.cohort}
            messages.success(request, _("The time of %(name)s in %(cohort)s ends") % words)
            return redirect("cohorts:person-detail", pk)
    context = {"form": form, "membership": membership, "person": membership.worker}
    return render(request, "cohorts/person_end.html", context)


@require_POST
def person_pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """Owe them no e-mails until they resume; nobody is asked why."""
    for membership in _pausable_or_404(request, pk).exclude(stage=Membership.Stage.PAUSED):
        membership.pause()
        messages.success(request, _("Paused. No e-mails are sent until you resume."))
    return _back(request, pk)


@require_POST
def person_resume(request: SignedInRequest, pk: int) -> HttpResponse:
    paused = _pausable_or_404(request, pk).filter(stage=Membership.Stage.PAUSED)
    for membership in paused.select_related("cohort"):
        membership.resume()
        messages.success(request, _("Resumed. E-mails are sent again."))
    return _back(request, pk)


def _pausable_or_404(request: SignedInRequest, pk: int) -> QuerySet[Membership]:
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    memberships = Membership.objects.pausable_by(request.user).filter(worker=person)
    get_object_or_404(memberships[:1])
    return memberships


def _back(request: SignedInRequest, pk: int) -> HttpResponse:
    """To one's own cohort, or for a head to the person."""
    if pk == request.user.pk:
        return redirect("cohorts:my-cohort")
    return redirect("cohorts:person-detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_roles(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    form = RolesForm(request.POST or None, initial={"roles": sorted(person.roles)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_roles(person, form.cleaned_data["roles"], by=request.user)
        except (actions.NotEnded, LastHead) as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(request, _("The roles are saved"))
            return redirect("cohorts:person-list" if pk == request.user.pk else person)
    return render(request, "cohorts/person_roles.html", {"form": form, "person": person})
