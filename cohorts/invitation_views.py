"""Invite people; accept an invitation; ask for a new link."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts.invitations import invite, invite_everyone, send_again
from peersupport.accounts.actions import (
    AddressTaken,
    InvitationUsed,
    Invitee,
    accept_invitation,
)
from peersupport.accounts.forms import AddressForm, InvitationForm, NewPasswordForm
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import Invitation, User


@require_safe
def invitation_list(request: SignedInRequest) -> HttpResponse:
    """Who has been invited and has not signed in yet."""
    _heads_only(request.user)
    waiting = Invitation.objects.visible_to(request.user).waiting()
    page = Paginator(waiting.order_by("-invited_at", "pk"), 50).get_page(request.GET.get("page"))
    return render(request, "cohorts/invitation_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: SignedInRequest) -> HttpResponse:
    _heads_only(request.user)
    form = InvitationForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        invitee, where = Invitee(**form.cleaned_data), request.user.organisation
        waited = where.invitations.waiting().filter(email__iexact=invitee.email).exists()
        invite(invitee, organisation=where, by=request.user)
        if waited:
            sentence = _("%(name)s is invited anew. This takes the place of the earlier invitation")
        else:
            sentence = _("%(name)s is invited")
        messages.success(request, sentence % {"name": invitee.given_name})
        return redirect("invitation-list")
    return render(request, "cohorts/invitation_new.html", {"form": form})


@require_POST
def invitation_everyone(request: SignedInRequest) -> HttpResponse:
    _heads_only(request.user)
    number = invite_everyone(request.user)
    messages.success(
        request,
        ngettext("%(number)s person is invited", "%(number)s people are invited", number)
        % {"number": number},
    )
    return redirect("invitation-list")


@require_POST
def invitation_again(request: SignedInRequest, pk: int) -> HttpResponse:
    waiting = Invitation.objects.visible_to(request.user).waiting()
    invitation = get_object_or_404(waiting, pk=pk)
    send_again(invitation, by=request.user)
    messages.success(
        request, _("A new link is on its way to %(name)s") % {"name": invitation.given_name}
    )
    return redirect("invitation-list")


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks first. Whoever has accepted meanwhile stays."""
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        if invitation.withdraw(by=request.user):
            sentence = _("The invitation of %(name)s is withdrawn. Its link no longer works")
            messages.success(request, sentence % {"name": invitation})
        else:
            messages.warning(request, _why_not_withdrawn(pk))
        return redirect("invitation-list")
    if not invitation.is_waiting:
        raise Http404
    return render(request, "cohorts/invitation_withdraw.html", {"invitation": invitation})


def _why_not_withdrawn(pk: int) -> str:
    invitation = Invitation.objects.get(pk=pk)
    if invitation.accepted_at is None:
        return _("This invitation is withdrawn already")
    name = {"name": invitation.given_name}
    return _("%(name)s has accepted already. Find them under People") % name


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a password. Only a press uses the link: mail scanners open links too."""
    invitation = Invitation.objects.open().of_link(key).first()
    if invitation is None:
        return render(request, "cohorts/invitation_used.html", status=404)
    if invitation.belongs_elsewhere:
        return render(request, "cohorts/invitation_elsewhere.html", {"invitation": invitation})
    person = User(
        email=invitation.email,
        given_name=invitation.given_name,
        family_name=invitation.family_name,
    )
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept_invitation(invitation, password=form.cleaned_data["password"])
        except (InvitationUsed, AddressTaken):
            return render(request, "cohorts/invitation_used.html", status=404)
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect("home")
    page = render(
        request, "cohorts/invitation_accept.html", {"form": form, "invitation": invitation}
    )
    # The address of this page lets in: what it loads gets to know our name, and no more.
    page["Referrer-Policy"] = "strict-origin"
    return page


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_lost(request: HttpRequest) -> HttpResponse:
    """Ask for a new link. The answer is the same for every address."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(
            request, action="reset_password", key=form.cleaned_data["email"].lower()
        ):
            return render(request, "429.html", status=429)
        email = form.cleaned_data["email"]
        for invitation in Invitation.objects.waiting().filter(email__iexact=email):
            send_again(invitation)
        return render(request, "cohorts/invitation_lost_done.html")
    return render(request, "cohorts/invitation_lost.html", {"form": form})


def _heads_only(user: User) -> None:
    if not user.is_head:
        raise Http404
