"""Help lines: the page for everybody, and the pages where a head keeps the organisation's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checkins import actions
from checkins.forms import HelpLineForm
from checkins.models import HelpLine
from peersupport.accounts.http import SignedInRequest


@login_not_required
@require_safe
def help_lines(request: HttpRequest) -> HttpResponse:
    """For everybody, signed in or not: to whom it matters is not a question to ask first."""
    if request.user.is_authenticated:
        lines = HelpLine.objects.shown_in(request.user.organisation)
    else:
        lines = HelpLine.objects.general()
    return render(request, "checkins/help_lines.html", {"help_lines": lines})


@require_safe
def help_line_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_head:
        raise Http404
    lines = list(HelpLine.objects.shown_in(request.user.organisation))
    own = all(line.organisation_id is not None for line in lines)
    return render(request, "checkins/help_line_list.html", {"help_lines": lines, "own": own})


@require_POST
def help_line_copy(request: SignedInRequest) -> HttpResponse:
    """Make the list the organisation's own, so that it can be changed."""
    if not request.user.is_head:
        raise Http404
    actions.own_help_lines(request.user.organisation)
    messages.success(request, _("The list is yours now. Change, add or remove what you need"))
    return redirect("checkins:help-line-list")


@require_http_methods(["GET", "HEAD", "POST"])
def help_line_new(request: SignedInRequest) -> HttpResponse:
    """One more line, once the list is the organisation's own."""
    if not HelpLine.objects.manageable_by(request.user).exists():
        raise Http404
    form = HelpLineForm(
        request.POST if request.method == "POST" else None,
        organisation=request.user.organisation,
    )
    if request.method == "POST" and form.is_valid():
        line = form.save()
        messages.success(request, _("%(name)s added") % {"name": line.name})
        return redirect("checkins:help-line-list")
    return render(request, "checkins/help_line_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def help_line_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(HelpLine.objects.manageable_by(request.user), pk=pk)
    form = HelpLineForm(
        request.POST if request.method == "POST" else None,
        instance=line,
        organisation=request.user.organisation,
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("%(name)s saved") % {"name": line.name})
        return redirect("checkins:help-line-list")
    return render(request, "checkins/help_line_edit.html", {"form": form, "help_line": line})


@require_http_methods(["GET", "HEAD", "POST"])
def help_line_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks first; without any line of its own an organisation shows the general ones again."""
    line = get_object_or_404(HelpLine.objects.manageable_by(request.user), pk=pk)
    if request.method == "POST":
        line.delete()
        messages.success(request, _("%(name)s removed") % {"name": line.name})
        return redirect("checkins:help-line-list")
    return render(request, "checkins/help_line_remove.html", {"help_line": line})
