"""What an operator watches, for Prometheus: behind a token, and never a name or an address."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from peersupport.reminders import heartbeat
from peersupport.reminders.models import Reminder
from peersupport.reminders.outbox import oldest_unsent_seconds


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Asked with `Authorization: Bearer` and METRICS_TOKEN; without them the page is not there."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, expected):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Reminders())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Reminders(Collector):
    """The outbox, asked of the database each time: every process gives the same answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "peersupport_oldest_unsent_reminder_seconds",
            "How long the reminder that has waited longest could have been sent",
            value=oldest_unsent_seconds(),
        )
        states = GaugeMetricFamily(
            "peersupport_reminders",
            "Reminders by state; of those sent or no longer needed, the last 24 hours'",
            labels=["state"],
        )
        for state, number in Reminder.objects.counts().items():
            states.add_metric([state], number)
        yield states
        ages = GaugeMetricFamily(
            "peersupport_seconds_since", "Seconds since something last happened", labels=["what"]
        )
        for what, seconds in heartbeat.seconds_since().items():
            if seconds is not None:
                ages.add_metric([what], seconds)
        yield ages
