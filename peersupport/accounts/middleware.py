"""Who has to sign in, and what holds for every request of a person who has."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from peersupport.accounts import kept

Respond = Callable[[HttpRequest], HttpResponse]


class KeptForms:
    """Lets a form through that was kept over a sign-in. Stands before Django's CSRF check."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.method == "POST" and kept.was_kept(request):
            request.csrf_processing_done = True  # type: ignore[attr-defined]


class SignInRequired(LoginRequiredMiddleware):
    """Whoever is not signed in is sent to sign in; what they posted is kept meanwhile."""

    def handle_no_permission(  # type: ignore[override]  # which knows no answer but a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        leaves = request.resolver_match and request.resolver_match.url_name == "account_logout"
        if request.method == "POST" and not leaves:
            return kept.page(request, needs_sign_in=True)
        return super().handle_no_permission(request, view_func)


class OwnForms:
    """Saves nothing as somebody's that another person typed. Stands after Django's CSRF check."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        leaves = request.resolver_match and request.resolver_match.url_name == "account_logout"
        if request.method == "POST" and not leaves and kept.is_somebody_elses(request):
            return kept.page(request, needs_sign_in=False)
        return None


class OrganisationTimeZone:
    """Days and times are those of the person's organisation."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.respond(request)
        with timezone.override(request.user.organisation.zone):
            return self.respond(request)


class NoStore:
    """No signed-in page stays in a browser's or a proxy's cache."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response
