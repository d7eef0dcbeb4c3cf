"""Another address to sign in with: one's own, and a wrong one that a head puts right."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cohorts import addresses
from cohorts.heads import heads_only
from cohorts.models import Person
from peersupport.accounts.actions import AddressLinkUsed, AddressTaken, confirm_address
from peersupport.accounts.forms import MyAddressForm, NewAddressForm, PasswordForm
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import AddressChange


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def my_address(request: SignedInRequest) -> HttpResponse:
    """Ask for another address with one's password. The answer is the same for every address."""
    if _too_often(request):
        return render(request, "429.html", status=429)
    data = request.POST if request.method == "POST" else None
    form = MyAddressForm(data, person=request.user)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        addresses.ask(request.user, email, by=request.user)
        messages.success(request, _("A link is on its way to %(email)s") % {"email": email})
        return redirect("my-address")
    changes = request.user.address_changes.select_related("asked_by")
    context = {
        "form": form,
        "waiting": AddressChange.objects.open_for(request.user).first(),
        "confirmed": changes.filter(confirmed_at__isnull=False).order_by("-confirmed_at")[:20],
    }
    return render(request, "cohorts/my_address.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def address_confirm(request: SignedInRequest, key: str) -> HttpResponse:
    """Sign in with the new address from now on, where the one signed in is who it is for.

    Whoever else opens the link reads what they read of one that never was. Where a head entered the
    address it takes the password too: the link may be in a hand that should not have it, at a
    screen that its owner has left.
    """
    mine = AddressChange.objects.open_for(request.user).of_link(key)
    change = mine.select_related("asked_by").first()
    if change is None:
        return render(request, "cohorts/address_used.html", status=404)
    if _too_often(request):
        return render(request, "429.html", status=429)
    data = request.POST if request.method == "POST" else None
    form = None if change.by_themself else PasswordForm(data, person=request.user)
    context = {"form": form, "change": change}
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            confirm_address(change, by=request.user)
        except AddressLinkUsed:
            return render(request, "cohorts/address_used.html", status=404)
        except AddressTaken:
            return render(request, "cohorts/address_taken.html", context)
        update_session_auth_hash(request, request.user)
        messages.success(
            request, _("From now on you sign in with %(email)s") % {"email": change.email}
        )
        return redirect("me")
    page = render(request, "cohorts/address_confirm.html", context)
    page["Referrer-Policy"] = "strict-origin"
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_address(request: SignedInRequest, pk: int) -> HttpResponse:
    """A head enters the right address; one's own is changed under Me."""
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    if person.pk == request.user.pk:
        return redirect("my-address")
    if _too_often(request):
        return render(request, "429.html", status=429)
    data = request.POST if request.method == "POST" else None
    form = NewAddressForm(data, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            holds = addresses.mend(person, form.cleaned_data["email"], by=request.user)
        except AddressTaken:
            form.add_error(
                "email", _("This e-mail address cannot be used here. Ask for their work address")
            )
        else:
            messages.success(request, _MENDED[holds])
            return redirect(person)
    waiting = AddressChange.objects.open_for(person).first()
    context = {"form": form, "person": person, "waiting": waiting}
    return render(request, "cohorts/person_address.html", context)


_MENDED = {
    True: gettext_lazy("The address is right now. An invitation that waited goes to it"),
    False: gettext_lazy("A link is on its way to the new address. The old one holds until then"),
}


def _too_often(request: SignedInRequest) -> bool:
    """Whether this person sends more of these forms than anybody needs to; a GET is not counted."""
    return not ratelimit.consume(request, action="manage_email", user=request.user)
