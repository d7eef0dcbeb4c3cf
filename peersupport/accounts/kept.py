"""What was typed outlives a time-out: the page that carries a form over a sign-in.

The fields stand in that page and nowhere else; see docs/decisions.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare, salted_hmac

from peersupport.accounts.models import User

FIELD, WHOSE = "kept", "whose"
LASTS = timedelta(hours=12)

_signer = TimestampSigner(salt="peersupport.accounts.kept")


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this."""
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return request.headers.get("Origin") in ours and site == "same-origin"


def was_kept(request: HttpRequest) -> bool:
    """Whether this was sent by the page below, lately, from here to the address it was for.

    It stands for the CSRF token, which signing in has made worthless.
    """
    signed = request.POST.get(FIELD, "")
    if not signed or not is_same_origin(request):
        return False
    try:
        return _signer.unsign(signed, max_age=LASTS) == request.get_full_path()
    except BadSignature:
        return False


def whose(person: User) -> str:
    """What a form carries to say that it was given to `person`; it says nothing to anybody else."""
    return salted_hmac("peersupport.accounts.kept.whose", str(person.pk)).hexdigest()[:32]


def is_somebody_elses(request: HttpRequest) -> bool:
    """Whether this form was given to another person than the one who is signed in now."""
    given = request.POST.get(WHOSE)
    if not given or not request.user.is_authenticated:
        return False
    return not constant_time_compare(given, whose(request.user))


def page(request: HttpRequest, *, needs_sign_in: bool) -> HttpResponse:
    """The same fields in a form with one button, after a sign-in in another tab where needed."""
    address = request.get_full_path()
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not _stays_behind(name)
        for value in values
    ]
    context = {
        "address": address,
        "fields": fields,
        "signed": _signer.sign(address),
        "whose": request.POST.get(WHOSE, ""),
        "needs_sign_in": needs_sign_in,
        "somebody_elses": is_somebody_elses(request),
        "asks_passwords": any(_is_password(name) for name in request.POST),
        "has_files": bool(request.FILES),
    }
    response = render(request, "kept.html", context, status=403)
    add_never_cache_headers(response)
    return response


def _is_password(name: str) -> bool:
    return "password" in name.lower()


def _stays_behind(name: str) -> bool:
    return name in {"csrfmiddlewaretoken", FIELD, WHOSE} or _is_password(name)
