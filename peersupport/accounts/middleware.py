"""What holds for every request of a person who is signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

Respond = Callable[[HttpRequest], HttpResponse]


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
