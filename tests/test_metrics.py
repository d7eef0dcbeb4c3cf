"""What an operator watches: nothing without the token, and figures with it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Heartbeat, Reminder
from tests import programme
from tests.reminders.programme import asked_to_talk

pytestmark = pytest.mark.django_db

TOKEN = "x" * 40


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def figures(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name.removeprefix("peersupport_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN])
def test_without_the_token_there_is_nothing(client: Client, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}

    assert client.get("/metrics", headers=headers).status_code == 404


def test_a_head_is_not_let_in_either(client: Client) -> None:
    client.force_login(programme.head(programme.organisation()))

    assert client.get("/metrics").status_code == 404


def test_it_counts_states_and_says_how_long_the_oldest_waits(client: Client) -> None:
    where = programme.organisation()
    for _ in range(3):
        asked_to_talk(programme.supervisor(where))
    Reminder.objects.update(due_at=timezone.now() - timedelta(minutes=10))
    old = asked_to_talk(programme.supervisor(where))
    long_ago = timezone.now() - timedelta(days=2)
    Reminder.objects.filter(pk=old.pk).update(state="cancelled", settled_at=long_ago)

    seen = figures(client)

    assert seen["reminders", "due"] == 3
    assert seen["reminders", "cancelled"] == seen["reminders", "uncertain"] == 0
    assert 600 <= seen["oldest_unsent_reminder_seconds",] < 660


def test_it_says_when_a_tick_and_a_sender_were_last_there(client: Client) -> None:
    nobody_yet = figures(client)
    outbox.plan()
    sender.run()
    Heartbeat.objects.filter(what="tick").update(beat_at=timezone.now() - timedelta(hours=1))

    seen = figures(client)

    assert ("seconds_since", "tick") not in nobody_yet
    assert 3600 <= seen["seconds_since", "tick"] < 3660
    assert 0 <= seen["seconds_since", "sender"] < 60


def test_the_health_page_says_so_too(client: Client) -> None:
    outbox.plan()

    health = client.get("/healthz").json()

    assert health["seconds_since_tick"] == 0
    assert health["seconds_since_sender"] is None
