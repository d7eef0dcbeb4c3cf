"""What people choose to get: under Me, and by the link that mail programs follow."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peersupport.accounts.http import SignedInRequest
from peersupport.reminders import turned_off, wordings


@require_http_methods(["GET", "HEAD", "POST"])
def my_e_mails(request: SignedInRequest) -> HttpResponse:
    """Each kind that this person may get, with a tick."""
    if request.method == "POST":
        turned_off.choose(request.user, request.POST.getlist("kind"))
        messages.success(request, _("Saved. This holds from now on"))
        return redirect("my-e-mails")
    choices = turned_off.choices(request.user)
    context = {
        "optional": [choice for choice in choices if not choice.stays_on],
        "always": [choice for choice in choices if choice.stays_on],
    }
    return render(request, "reminders/my_e_mails.html", context)


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def e_mails_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Turns off the kinds that the link names, by POST; a GET only asks.

    Mail programs send the POST by themselves (RFC 8058): no sign-in, no cookie, no token of a form.
    Nothing on the page says whose e-mails they are.
    """
    found = turned_off.read_stop_link(token)
    if found is None:
        raise Http404
    person, names = found
    if request.method == "POST":
        turned_off.turn_off(person, names)
    subjects = wordings.subjects(person.organisation_id)
    context = {
        "subjects": [subjects[name] for name in names],
        "stopped": request.method == "POST",
    }
    return render(request, "reminders/e_mails_stop.html", context)
