"""Placing many people: tick, check, place; and taking it back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cohorts import actions
from cohorts.filters import PlaceFilter
from cohorts.heads import heads_only
from cohorts.models import Person, Placing
from cohorts.obstacles import NotPlaced
from cohorts.placing_forms import Check, PlacingForm
from cohorts.undo import NotUndone, undo
from peersupport.accounts.http import SignedInRequest

PEOPLE_A_PAGE = 100
MOST_AT_ONCE = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def place(request: SignedInRequest) -> HttpResponse:
    """The table to tick. Filtering and turning pages post, so that ticks are kept."""
    chosen = _chosen(request)
    form = PlacingForm(request.POST or None, user=request.user, chosen=chosen)
    if request.method == "POST" and "check" not in request.POST:
        form.errors.clear()
    return _table(request, form)


def _table(request: SignedInRequest, form: PlacingForm) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    filters = PlaceFilter(data, by=request.user)
    found = filters.people().select_related("roster_entry")
    page = Paginator(found, PEOPLE_A_PAGE).get_page(data.get("page"))
    shown = {person.pk for person in page}
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "chosen": set(form.chosen),
        "elsewhere": [pk for pk in form.chosen if pk not in shown],
        "waiting": Person.objects.manageable_by(request.user).without_cohort().count(),
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
    if check.confirmed and check.can_be_placed and not check.full:
        try:
            return _placed(request, check)
        except NotPlaced as obstacle:
            messages.warning(request, str(obstacle))
    return render(request, "cohorts/place_check.html", {"form": form, "check": check})


def _placed(request: SignedInRequest, check: Check) -> HttpResponse:
    placements = [candidate.placement for candidate in check.ready]
    placing = actions.place_many(placements, cohort=check.cohort, on=check.on, by=request.user)
    number = len(placements)
    said = ngettext("%(number)s person is placed.", "%(number)s people are placed.", number)
    messages.success(request, said % {"number": number})
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
    """The people ticked; what is no number is left out."""
    numbers = (request.POST if request.method == "POST" else request.GET).getlist("worker")
    found = [int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 19]
    return list(dict.fromkeys(found))[:MOST_AT_ONCE]
