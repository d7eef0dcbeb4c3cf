""" "I'd like to talk": asking, taking it back, who waits, and that one has been in touch."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checkins import actions, confidants
from checkins.forms import TalkRequestForm
from checkins.models import TalkRequest
from cohorts.leave import away_until
from peersupport.accounts.http import SignedInRequest

A_PAGE = 50


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
    context = {"form": form, "talk_to": talk_to, "away_until": away_until(talk_to)}
    return render(request, "checkins/talk_request_new.html", context)


@require_POST
def talk_request_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    talk_request = get_object_or_404(TalkRequest.objects.of(request.user), pk=pk)
    talk_request.withdraw()
    messages.success(request, _("Taken back. You can ask to talk at any time"))
    return redirect("checkins:check-in-list")


@require_http_methods(["GET", "HEAD", "POST"])
def talk_request_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """For whoever was asked; for a head once they have gone."""
    talk_request = get_object_or_404(TalkRequest.objects.answerable_by(request.user), pk=pk)
    if request.method == "POST":
        talk_request.acknowledge(by=request.user)
        messages.success(
            request,
            _("Thank you. %(name)s sees that you have been in touch")
            % {"name": talk_request.worker.first_name},
        )
        return redirect("home")
    facts = {"talk_request": talk_request, "mine": talk_request.asked_id == request.user.pk}
    return render(request, "checkins/talk_request_acknowledge.html", facts)


@require_safe
def talk_request_list(request: SignedInRequest) -> HttpResponse:
    """Everybody who waits for an answer of whoever is signed in, the longest waiting first."""
    user = request.user
    waiting = TalkRequest.objects.answerable_by(user).waiting()
    page = Paginator(waiting, A_PAGE).get_page(request.GET.get("page"))
    if not page.object_list and not (user.is_supervisor or user.is_head):
        raise Http404
    return render(request, "checkins/talk_request_list.html", {"page": page})
