"""Home by role, health, my record, and the pages that say how the service works."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from peersupport import homepage, record
from peersupport.accounts import kept
from peersupport.accounts.http import SignedInRequest
from peersupport.reminders import heartbeat
from peersupport.reminders.outbox import oldest_unsent_seconds


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Each role has its part; a person with two roles sees both, the one they lead with first."""
    user = request.user
    context = {
        "greeting": homepage.greeting(user),
        "away": homepage.away(user),
        "parts": homepage.parts(user),
    }
    return render(request, "home.html", context)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For load balancers. Redis away is worth knowing, but pages and saves go on."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        oldest = oldest_unsent_seconds()
        beats = heartbeat.seconds_since()
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    facts = {
        "database": "ok",
        "redis": "ok" if _redis_answers() else "down",
        "oldest_unsent_reminder_seconds": oldest,
        "seconds_since_tick": beats["tick"],
        "seconds_since_sender": beats["sender"],
    }
    return JsonResponse(facts)


def _redis_answers() -> bool:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        ) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    return render(request, "me.html", {"record": record.of(request.user)})


@login_not_required
@require_safe
def who_sees_what(request: HttpRequest) -> HttpResponse:
    headings = [
        _("What"),
        _("Peer support worker"),
        _("Their supervisor now"),
        _("Head of wellbeing"),
        _("Auditor"),
    ]
    never, yes = _("Never"), _("Yes")
    rows = [
        [_("Check-in answers"), _("Own"), _("Only one you share with them"), never, never],
        [
            _("That you would like to talk"),
            _("Own"),
            _("If you ask them"),
            _("If you ask them, or whoever you asked has left, is away or does not answer"),
            never,
        ],
        [
            _("Check-ins of 10 or more people, counted together"),
            never,
            never,
            _("Quarterly figures"),
            never,
        ],
        [
            _("Supervision: date, kind, whether it was held"),
            _("Own"),
            yes,
            yes,
            never,
        ],
        [
            _("Supervision: themes, what was agreed, shared note"),
            _("Own"),
            _("Only the supervisor who was there"),
            never,
            never,
        ],
        [
            _("E-mails sent"),
            _("Own"),
            _("Own"),
            _("To whom and when, never the words"),
            _("When and whether, never to whom"),
        ],
        [_("Cohort and supervisor"), _("Own"), yes, yes, never],
        [
            _("Leave: the dates, never why"),
            _("Own, and until when their supervisor is away"),
            _("Today's and to come"),
            _("Today's and to come"),
            never,
        ],
    ]
    table = [
        [{"heading": heading, "text": text} for heading, text in zip(headings, row, strict=True)]
        for row in rows
    ]
    return render(request, "who_sees_what.html", {"rows": table})


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy.html")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return render(None, "500.html", status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What our own page sent is kept; what came from elsewhere is not looked at."""
    if not kept.is_same_origin(request):
        return render(request, "403_csrf.html", status=403)
    view = request.resolver_match.func if request.resolver_match else None
    needs_sign_in = getattr(view, "login_required", True) and not request.user.is_authenticated
    return kept.page(request, needs_sign_in=needs_sign_in)
