"""Whatever stands in an address or after its question mark, the answer is a page and no 500."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

from peersupport.accounts.models import Role, RoleGrant, User
from tests.access import world
from tests.access.table import TABLE
from tests.access.test_matrix import address

pytestmark = pytest.mark.django_db

ODD = ["\0", "x" * 5000, "9" * 30, "9" * 5000, "-1", "é漢\u202e", "'\"%00{{", ""]

NARROWS = [
    *("page", "q", "show", "refresh", "mine", "tick", "next", "worker", "ready"),
    *("site", "team", "staff_group", "cohort", "supervisor", "role", "free"),
    *("to-cohort", "to-supervisor", "to-on"),
]
"""Names in a query that change what a page shows."""

CHOOSES = ["with", "session", "group"]
"""Names in a query whose first wrong value ends the page."""

PAGES = [
    (name, cells[0] == "y")
    for name, method, *cells in map(str.split, TABLE.strip().splitlines()[1:])
    if method == "GET" and "y" in cells
]
"""Every page, and whether those who are not signed in see it too."""


@pytest.fixture
def ours() -> world.Organisation:
    """An organisation whose head holds every other role too, so that no page is closed to them."""
    ours = world.build("Riverside")
    for role in (Role.SUPERVISOR, Role.PSW, Role.IG_AUDITOR):
        RoleGrant.objects.create(organisation=ours.head.organisation, person=ours.head, role=role)
    return ours


def _client(viewer: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if viewer:
        client.force_login(viewer)
    return client


def _templates(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, list[str]]]:
    """Each address that takes something, as a template, with the names of what it takes."""
    for entry in resolver.url_patterns:
        [(template, names)] = normalize(entry.pattern.regex.pattern)
        if isinstance(entry, URLResolver):
            yield from _templates(entry, before + template)
        elif isinstance(entry, URLPattern) and names:
            yield before + template, names


def _broken(client: Client, addresses: list[str]) -> list[str]:
    return [url[:200] for url in addresses if client.get(url).status_code >= 500]


@pytest.mark.parametrize("signed_in", [False, True])
def test_nothing_odd_in_an_address_breaks_it(ours: world.Organisation, signed_in: bool) -> None:
    addresses = [
        template % {**dict.fromkeys(names, "1"), name: quote(value, safe="")}
        for template, names in _templates(get_resolver())
        for name in names
        for value in ODD
    ]

    assert len(addresses) > 200
    assert _broken(_client(ours.head if signed_in else None), addresses) == []


@pytest.mark.parametrize(("name", "open_to_all"), PAGES)
def test_nothing_odd_in_a_query_breaks_a_page(
    ours: world.Organisation, name: str, open_to_all: bool
) -> None:
    url = address(name, ours)
    start = f"{url}&" if "?" in url else f"{url}?"
    queries = [
        dict.fromkeys(names, value)
        for names in (NARROWS, *([each] for each in CHOOSES))
        for value in ("\0", "9" * 30, "é漢")
    ]
    viewers = [ours.head, None] if open_to_all else [ours.head]

    for viewer in viewers:
        assert _broken(_client(viewer), [f"{start}{urlencode(each)}" for each in queries]) == []
