"""Every page that answers, and every form left empty, as each person would see it."""

from collections import deque
from contextlib import suppress
from urllib.parse import urldefrag

import pytest
from django.test import Client
from playwright.sync_api import Page, ViewportSize

from peersupport.accounts.models import User
from tests import programme
from tests.access import world
from tests.access.test_matrix import ROWS, address
from tests.browser.conftest import SignIn
from tests.browser.visitor import NARROW, WIDE, Visitor


@pytest.fixture
def viewport() -> ViewportSize:
    """Each page is opened once here, and looked at twice."""
    return WIDE


NO_TICK_IS_AN_ANSWER = {"cohorts:person-roles", "my-e-mails"}
"""Forms that would take every role from the worker, or turn every e-mail off."""

SEND_EMPTY = """form => {
    for (const field of form.querySelectorAll("input, select, textarea")) {
        if (["radio", "checkbox"].includes(field.type)) field.checked = false;
        else if (field.type !== "hidden") field.value = "";
    }
    form.requestSubmit([...form.querySelectorAll("button:not([type=button])")].at(-1));
}"""
FORM = "main form[method=post]:has(input:not([type=hidden]), select, textarea)"


def names() -> list[str]:
    """Every address that anybody may GET, from the matrix; a new one is there the same day."""
    return [name for name, method, _expected in ROWS if method == "GET"]


def addresses(ours: world.Organisation | None) -> dict[str, str]:
    """The address of each name; without those of a record where there is none."""
    found = {}
    for name in names():
        with suppress(AttributeError):
            found[name] = address(name, ours)  # type: ignore[arg-type]
    return found


def is_page(client: Client, url: str) -> bool:
    """Whether one who opens `url` gets a page there, and no file."""
    answer = client.get(url)
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def signed_in_client(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    return client


def links(page: Page) -> list[str]:
    """Where the page leads within the service, without what is only further down."""
    here = page.evaluate("location.origin")
    hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.href)")
    return sorted(
        {urldefrag(href)[0].removeprefix(here) for href in hrefs if href.startswith(here)}
    )


@pytest.mark.parametrize("role", ["worker", "supervisor", "former", "head", "auditor"])
def test_every_page_is_sound_at_both_widths(sign_in: SignIn, role: str) -> None:
    ours = world.build("Riverside")
    person: User = getattr(ours, role)

    look_at_everything(sign_in(person), person, ours)


@pytest.mark.parametrize("role", ["head", "supervisor", "psw", "ig_auditor"])
def test_every_page_is_sound_before_there_is_anything_on_it(sign_in: SignIn, role: str) -> None:
    person: User = getattr(programme, role)(programme.organisation())

    look_at_everything(sign_in(person), person, None)


def test_every_page_is_sound_for_those_not_signed_in(visitor: Visitor) -> None:
    look_at_everything(visitor, None, world.build("Riverside"))


def look_at_everything(
    visitor: Visitor, person: User | None, ours: world.Organisation | None
) -> None:
    """Open each page and each page it links to; another query string makes another page.

    What is open to everybody is looked at once, by those who are not signed in.
    """
    client, stranger = signed_in_client(person), Client()
    waiting = deque(addresses(ours).values())
    known, seen = set(waiting), 0

    while waiting:
        url = waiting.popleft()
        if not is_page(client, url) or (person and is_page(stranger, url)):
            continue
        visitor.opens_at_both_widths(url)
        seen += 1
        new = [link for link in links(visitor.page) if link not in known]
        known.update(new)
        waiting.extend(new)

    assert seen >= 5


@pytest.mark.parametrize("role", ["worker", "supervisor", "head", "auditor"])
def test_every_control_is_reached_by_keyboard_and_shows_it(sign_in: SignIn, role: str) -> None:
    ours = world.build("Riverside")
    person: User = getattr(ours, role)
    client, visitor = signed_in_client(person), sign_in(person)

    for url in addresses(ours).values():
        if is_page(client, url):
            visitor.page.goto(url)
            visitor.page.wait_for_selector("body.js-enabled")
            visitor.reaches_everything_by_keyboard()


@pytest.mark.parametrize("role", ["worker", "supervisor", "head", None])
def test_every_form_left_empty_says_what_to_do(
    sign_in: SignIn, visitor: Visitor, role: str | None
) -> None:
    ours = world.build("Riverside")
    person: User | None = getattr(ours, role) if role else None
    client, visitor = signed_in_client(person), sign_in(person) if person else visitor
    silent = set()

    for name, url in addresses(ours).items():
        if not is_page(client, url) or name in NO_TICK_IS_AN_ANSWER:
            continue
        visitor.page.set_viewport_size(NARROW)
        visitor.page.goto(url)
        form = visitor.page.locator(FORM).last
        if form.count():
            with visitor.page.expect_navigation():
                form.evaluate(SEND_EMPTY)
            visitor.looks()
            visitor.page.set_viewport_size(WIDE)
            visitor.looks()
            if not visitor.page.locator(".nhsuk-error-summary").count():
                silent.add(name)

    assert silent == set()
