"""Every page that answers, and every form left empty, as each person would see it."""

from collections import deque
from collections.abc import Iterator
from urllib.parse import urldefrag

import pytest
from django.test import Client
from playwright.sync_api import Page

from peersupport.accounts.models import User
from tests import programme
from tests.access import world
from tests.access.test_matrix import ROWS, address
from tests.browser.conftest import SignIn
from tests.browser.visitor import Visitor

ROLES = ["worker", "supervisor", "former", "head", "auditor"]
NEWCOMERS = ["head", "supervisor", "psw", "ig_auditor"]
CHANGES_MUCH = {"cohorts:person-roles"}
"""Forms for which emptiness is an answer, and one that would take a role from somebody."""

EMPTY = """form => {
    for (const field of form.elements) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = false;
        else if (field.type !== "hidden" && field.type !== "submit" && "value" in field) field.value = "";
    }
}"""
FORM = "main form[method=post]:has(input:not([type=hidden]), select, textarea)"


def names() -> list[str]:
    """Every address that anybody may GET, from the matrix; a new one is there the same day."""
    return [name for name, method, _expected in ROWS if method == "GET"]


def pages(client: Client, ours: world.Organisation | None) -> Iterator[tuple[str, str]]:
    """Name and address of every page that answers, then of every page these lead to."""
    found = {}
    for name in names():
        try:
            found[address(name, ours)] = name  # type: ignore[arg-type]
        except AttributeError:
            continue  # an address of a record, where there is none
    for url, name in found.items():
        answer = client.get(url)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield name, url


def links(page: Page) -> list[str]:
    """Where the page leads within the service, without what is only further down."""
    here = page.evaluate("location.origin")
    hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.href)")
    return sorted(
        {urldefrag(href)[0].removeprefix(here) for href in hrefs if href.startswith(here)}
    )


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_sound_at_both_widths(sign_in: SignIn, role: str) -> None:
    ours = world.build("Riverside")
    person: User = getattr(ours, role)

    look_at_everything(sign_in(person), person, ours, at_least=12)


@pytest.mark.parametrize("role", NEWCOMERS)
def test_every_page_is_sound_before_there_is_anything_on_it(sign_in: SignIn, role: str) -> None:
    person: User = getattr(programme, role)(programme.organisation())

    look_at_everything(sign_in(person), person, None, at_least=8)


def test_every_page_is_sound_for_those_not_signed_in(visitor: Visitor) -> None:
    look_at_everything(visitor, None, world.build("Riverside"), at_least=10)


def look_at_everything(
    visitor: Visitor, person: User | None, ours: world.Organisation | None, *, at_least: int
) -> None:
    """Open each page and each page it links to; a query string makes another page."""
    client, stranger = Client(), Client()
    if person:
        client.force_login(person)
    urls = deque(url for _name, url in pages(client, ours))
    seen = set(urls)

    while urls:
        visitor.opens_at_both_widths(urls.popleft())
        for url in links(visitor.page):
            if url not in seen:
                seen.add(url)
                answer = client.get(url)
                if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                    urls.append(url)

    assert len(seen) >= at_least
