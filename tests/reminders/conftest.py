"""A clock that stands still and a mail server that is there."""

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django.fixtures import Settings

from peersupport.accounts.models import Organisation
from tests import programme
from tests.reminders.programme import MONDAY_MORNING
from tests.reminders.sink import Sink


@pytest.fixture
def monday_morning() -> Iterator[time_machine.Traveller]:
    """09:00 on Monday 23 November 2026, in London as in UTC."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def riverside(db: None) -> Organisation:
    return programme.organisation()


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """A running mail server, which the sender uses."""
    server = Sink()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 2
    settings.DEFAULT_FROM_EMAIL = "Peer support <peer-support@trust.example>"
    yield server
    server.stop()
