"""A real Chromium at a real server, at a desk's width and at a phone's."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import BrowserContext, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer
from pytest_playwright.pytest_playwright import CreateContextCallback

from checkins.models import HelpLine
from cohorts.models import Cohort
from peersupport.accounts.models import Organisation, User
from tests import programme
from tests.browser.visitor import NARROW, WIDE, Visitor

# Playwright keeps an event loop in this thread from its first use until the process ends, which
# Django would otherwise take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SignIn = Callable[[User], Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if __package__ in item.nodeid.replace("/", "."):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """The service as in production, where WhiteNoise serves the files collectstatic made."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application  # type: ignore[assignment]
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Where addresses without a host lead."""
    return live_server.url


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    """Each journey is made twice."""
    size: ViewportSize = request.param
    return size


@pytest.fixture
def browser_context_args(
    browser_context_args: dict[str, Any], viewport: ViewportSize
) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": viewport,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
    }


@pytest.fixture(autouse=True)
def lines_of_the_service(transactional_db: None) -> None:
    """The help lines of the migration, which each test's clearing away takes along."""
    if not HelpLine.objects.general().exists():
        import_module("checkins.migrations.0004_help_lines").add(apps, None)


@pytest.fixture(autouse=True)
def nobody_has_tried_to_sign_in(transactional_db: None) -> None:
    """Tries are counted by address, and all come from here; clearing away forgets no cache."""
    cache.clear()


@dataclass
class Riverside:
    """A small programme: Anwen supervises Blessing and Rhys; nobody else is in a cohort."""

    organisation: Organisation
    head: User
    auditor: User
    anwen: User
    leila: User
    blessing: User
    rhys: User
    cohort: Cohort


@pytest.fixture
def riverside(transactional_db: None) -> Riverside:
    where = programme.organisation("Riverside and Castle Hill")
    anwen = programme.supervisor(where, given_name="Anwen", family_name="Haddad")
    cohort = programme.cohort(where, name="Riverside wards")
    return Riverside(
        organisation=where,
        head=programme.head(where, given_name="Joanna", family_name="Kaur"),
        auditor=programme.ig_auditor(where, given_name="Sinéad", family_name="Walsh"),
        anwen=anwen,
        leila=programme.supervisor(where, given_name="Leila", family_name="Pugh"),
        blessing=programme.supervised_psw(
            anwen, cohort, given_name="Blessing", family_name="Adeyemi"
        ),
        rhys=programme.supervised_psw(anwen, cohort, given_name="Rhys", family_name="Kowalska"),
        cohort=cohort,
    )


@pytest.fixture
def visitor(page: Page) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(page)


@pytest.fixture
def sign_in(new_context: CreateContextCallback, base_url: str) -> SignIn:
    """Gives a person their own browser, signed in."""

    def signed_in(user: User) -> Visitor:
        return Visitor(_with_session(new_context(), base_url, user).new_page())

    return signed_in


@pytest.fixture
def sign_in_without_scripts(new_context: CreateContextCallback, base_url: str) -> SignIn:
    """The same in a browser that runs no JavaScript."""

    def signed_in(user: User) -> Visitor:
        context = new_context(java_script_enabled=False)
        return Visitor(_with_session(context, base_url, user).new_page(), scripts=False)

    return signed_in


def _with_session(context: BrowserContext, url: str, user: User) -> BrowserContext:
    """A browser that is signed in as `user`."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return context
