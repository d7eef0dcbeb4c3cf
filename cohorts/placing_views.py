"""Placing many people: tick, check, place; and taking it back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cohorts import actions
from cohorts.filters import PlaceFilter
from cohorts.heads import heads_only
from cohorts.models import Membership, Person, Placing
from cohorts.obstacles import NotPlaced
from cohorts.placing_forms import Check, PlacingForm, is_number
from cohorts.undo import NotUndone, undo
from peersupport.accounts.http import SignedInRequest

PEOPLE_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def place(request: SignedInRequest) -> HttpResponse:
    """The table to tick. Filtering and turning pages post, so that ticks are kept."""
    data = _asked(request)
    typed = {name: data[f"to-{name}"] for name in PlacingForm.base_fields if f"to-{name}" in data}
    form = PlacingForm(user=request.user, chosen=_chosen(request), initial=typed)
    return _table(request, form)


def _asked(request: SignedInRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _table(request: SignedInRequest, form: PlacingForm) -> HttpResponse:
    data = _asked(request)
    filters = PlaceFilter(data, by=request.user)
    current = Membership.objects.current().select_related("cohort").order_by("joined_on")
    found = filters.people().select_related("roster_entry")
    if filters.shows_members:
        found = found.prefetch_related(Prefetch("memberships", current, "in_cohorts"))
    page = Paginator(found, PEOPLE_A_PAGE).get_page(data.get("page"))
    shown = {person.pk for person in page}
    chosen = set(form.chosen)
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "chosen": chosen | shown if data.get("tick") == "shown" else chosen,
        "elsewhere": [pk for pk in form.chosen if pk not in shown],
    }
    return render(request, "cohorts/place.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def place_check(request: SignedInRequest) -> HttpResponse:
    """Who is ready and who needs a decision; the second press places."""
    if request.method != "POST":
        return redirect("cohorts:place")
    form = PlacingForm(request.POST, user=request.user, chosen=_chosen(request))
    if not form.is_valid():
        return _table(request, form)
    people = Person.objects.manageable_by(request.user).filter(pk__in=form.chosen)
    ordered = people.select_related("roster_entry", "organisation")
    check = Check(form, ordered.order_by("family_name", "given_name", "pk"), request.POST)
    if "confirm" in request.POST:
        if check.can_be_placed and not check.has_changed:
            return _placed(request, check)
        messages.warning(request, _("Nobody is placed yet. Look at what needs a decision."))
    return render(request, "cohorts/place_check.html", {"form": form, "check": check})


def _placed(request: SignedInRequest, check: Check) -> HttpResponse:
    placements = [candidate.placement for candidate in check.ready]
    try:
        placing = actions.place_many(placements, cohort=check.cohort, on=check.on, by=request.user)
    except NotPlaced as obstacle:  # somebody else was faster by a moment
        messages.warning(request, str(obstacle))
        return render(request, "cohorts/place_check.html", {"form": check.form, "check": check})
    number = len(placements)
    said = ngettext(
        "%(number)s person is placed. You can undo this until %(until)s tomorrow.",
        "%(number)s people are placed. You can undo this until %(until)s tomorrow.",
        number,
    )
    until = timezone.localtime(placing.undoable_until)
    messages.success(request, said % {"number": number, "until": f"{until:%H:%M}"})
    return redirect(placing.cohort)


@require_POST
@heads_only
def placing_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a placing back within a day."""
    placing = get_object_or_404(Placing.objects.manageable_by(request.user), pk=pk)
    try:
        undo(placing, by=request.user)
    except NotUndone as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("Undone. Everybody is where they were before"))
    return redirect(placing.cohort)


def _chosen(request: SignedInRequest) -> list[int]:
    """Those ticked, if they are of the organisation; what is no number is left out."""
    numbers = [int(each) for each in _asked(request).getlist("worker") if is_number(each)]
    people = Person.objects.manageable_by(request.user).filter(pk__in=numbers)
    known = set(people.values_list("pk", flat=True))
    return [number for number in dict.fromkeys(numbers) if number in known]
