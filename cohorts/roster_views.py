"""Import a roster: choose a file, look at what it would change, confirm, see what was done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.heads import heads_only
from cohorts.models import RosterImport, RosterImportRow
from cohorts.roster import files
from cohorts.roster.columns import EXPLAINED, REQUIRED
from cohorts.roster_forms import RosterForm
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User

Outcome = RosterImportRow.Outcome

ROWS_A_PAGE = 50
RECENT = 5
SECONDS_TO_REFRESH = 2


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def roster_import(request: SignedInRequest) -> HttpResponse:
    """Choose a file. A worker reads it: no request waits for a spreadsheet."""
    form = RosterForm()
    if request.method == "POST":
        form = RosterForm(request.POST, request.FILES)
        if form.is_valid():
            uploaded = RosterImport.objects.create(
                organisation=request.user.organisation,
                uploaded_by=request.user,
                file_name=form.file_name,
                content=form.cleaned_data["file"],
            )
            return redirect(uploaded)
    recent = RosterImport.objects.visible_to(request.user).order_by("-uploaded_at")[:RECENT]
    columns = [
        {"name": name, "what": what, "example": example, "required": name in REQUIRED}
        for name, what, example in EXPLAINED
    ]
    context = {"form": form, "recent": recent, "columns": columns}
    return render(request, "cohorts/roster_import.html", context)


@require_safe
@heads_only
def roster_import_template(request: SignedInRequest, kind: str) -> HttpResponse:
    """An empty roster to fill in."""
    return files.template(kind)


@require_safe
def roster_import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far an import has come, and what comes of each row."""
    found = _visible(request.user, pk)
    shown = request.GET.get("show")
    if shown not in Outcome.values:
        shown = found.first_to_show
    refreshing = found.is_working and request.GET.get("refresh") != "no"
    rows = found.rows.filter(outcome=shown).order_by("number", "pk")
    response = render(
        request,
        "cohorts/roster_import_detail.html",
        {
            "roster_import": found,
            "shown": shown,
            "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
            "refreshing": refreshing,
            "largest_workbook": files.LARGEST_WORKBOOK,
        },
    )
    if refreshing:
        # As a header, because a page can then offer to stop it; a meta element cannot be stopped.
        response["Refresh"] = str(SECONDS_TO_REFRESH)
    return response


@require_POST
def roster_import_apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for a checked import to be written, once however often it is pressed."""
    found = _visible(request.user, pk)
    found.confirm(by=request.user)
    return redirect(found)


@require_POST
def roster_import_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a file go and choose another one."""
    found = _visible(request.user, pk)
    if not found.discard():
        return redirect(found)
    messages.success(
        request, _("%(file)s was discarded. Nothing was changed") % {"file": found.file_name}
    )
    return redirect("cohorts:roster-import")


@require_safe
def roster_import_refused(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """The rows that cannot be read, to be mended and imported."""
    return files.refused(_visible(request.user, pk), kind)


def _visible(user: User, pk: int) -> RosterImport:
    return get_object_or_404(RosterImport.objects.visible_to(user), pk=pk)
