"""How we work: what a head says about the organisation."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peersupport.accounts.forms import OrganisationForm
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import Organisation


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: SignedInRequest) -> HttpResponse:
    """For heads, their own organisation only. Each request reads it anew, so it holds at once."""
    if not request.user.is_head:
        raise Http404
    # Its own copy: a form changes its instance also when something is wrong.
    organisation = Organisation.objects.get(pk=request.user.organisation_id)
    data = request.POST if request.method == "POST" else None
    form = OrganisationForm(data, instance=organisation)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=form.Meta.fields)
        messages.success(request, _("Saved. It holds from now on"))
        return redirect("organisation-edit")
    return render(request, "organisation_edit.html", {"form": form})
