""" "I'd like to talk": asking, taking it back, and saying that one has been in touch."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checkins import actions, confidants
from checkins.forms import TalkRequestForm
from checkins.models import TalkRequest
from peersupport.accounts.http import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def talk_request_new(request: SignedInRequest) -> HttpResponse:
    """Names who will be told before anything is sent; shows where it stands once it is."""
    worker = request.user
    if not worker.is_psw:
        raise Http404
    waiting = TalkRequest.objects.of(worker).waiting().first()
    talk_to = confidants.to_talk_to(worker, confidants.of(worker))
    if waiting is not None or talk_to is None:
        return render(request, "checkins/talk_request_new.html", {"talk_request": waiting})
    form = TalkRequestForm(request.POST if request.method == "POST" else None, talk_to=talk_to)
    if request.method == "POST" and form.is_valid():
        actions.ask_to_talk(worker, asked=talk_to)
        messages.success(
            request, _("%(name)s is told that you would like to talk") % {"name": talk_to.name}
        )
        return redirect("checkins:check-in-list")
    return render(request, "checkins/talk_request_new.html", {"form": form, "talk_to": talk_to})


@require_POST
def talk_request_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    talk_request = get_object_or_404(TalkRequest.objects.of(request.user), pk=pk)
    talk_request.withdraw()
    messages.success(request, _("Taken back. You can ask to talk at any time"))
    return redirect("checkins:check-in-list")


@require_http_methods(["GET", "HEAD", "POST"])
def talk_request_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """For whoever was asked, and nobody else."""
    talk_request = get_object_or_404(TalkRequest.objects.asked_of(request.user), pk=pk)
    if request.method == "POST":
        talk_request.acknowledge()
        messages.success(
            request,
            _("Thank you. %(name)s sees that you have been in touch")
            % {"name": talk_request.worker.first_name},
        )
        return redirect("home")
    facts = {"talk_request": talk_request}
    return render(request, "checkins/talk_request_acknowledge.html", facts)
