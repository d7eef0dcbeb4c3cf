"""Who may open what: every address of the URLconf, every method, every relation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from peersupport.accounts.models import User
from tests.access import world
from tests.access.table import TABLE, VIEWERS


@dataclass
class World:
    """Ours and theirs."""

    ours: world.Organisation
    theirs: world.Organisation

    def viewer(self, name: str) -> User | None:
        if name == "out":
            return None
        where = self.theirs if name.startswith("x-") else self.ours
        person: User = getattr(where, name.removeprefix("x-"))
        return person


@pytest.fixture(scope="module")
def two_organisations(django_db_setup: None, django_db_blocker: object) -> Iterator[World]:
    """Built once; each request below is undone."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield World(world.build("Riverside"), world.build("Elsewhere"))
        transaction.set_rollback(True)


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The names of all addresses, as reverse() takes them."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def _rows() -> list[tuple[str, str, dict[str, str]]]:
    rows = []
    for line in TABLE.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, method, *cells = line.split()
        rows.append((name, method, dict(zip(VIEWERS, cells, strict=True))))
    return rows


ROWS = _rows()


def address(name: str, ours: world.Organisation) -> str:
    """The address `name`, with the worker's record where it takes one."""
    return reverse(name, kwargs=RECORDS[name](ours)) if name in RECORDS else reverse(name)


RECORDS: dict[str, Callable[[world.Organisation], dict[str, Any]]] = {}


def _answer(response: HttpResponseBase) -> str:
    """What a response is, in a letter of the table."""
    if response.status_code == 404:
        return "n"
    if response.status_code == 405:
        return "-"
    if response.status_code == 302 and response["Location"].startswith(reverse(settings.LOGIN_URL)):
        return "s"
    return "y" if response.status_code in (200, 302) else str(response.status_code)


def test_every_address_is_in_the_table() -> None:
    in_table = {(name, method) for name, method, _expected in ROWS}

    expected = {(name, method) for name in _names(get_resolver()) for method in ("GET", "POST")}

    assert in_table == expected


@pytest.mark.parametrize(("name", "method", "expected"), ROWS, ids=lambda value: str(value)[:40])
def test_each_person_gets_what_the_table_says(
    two_organisations: World,
    django_db_blocker: object,
    name: str,
    method: str,
    expected: dict[str, str],
) -> None:
    url = address(name, two_organisations.ours)
    got = {}

    for viewer in VIEWERS:
        client = Client(raise_request_exception=True)
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            if person := two_organisations.viewer(viewer):
                client.force_login(person)
            got[viewer] = _answer(client.generic(method, url))
            transaction.set_rollback(True)

    assert got == expected


@pytest.mark.parametrize("name", sorted({name for name, _method, _expected in ROWS}))
def test_words_between_two_people_are_on_nobody_elses_page(
    two_organisations: World, django_db_blocker: object, name: str
) -> None:
    url = address(name, two_organisations.ours)
    readers = {"worker", "supervisor"}
    leaks = []

    for viewer in VIEWERS:
        client = Client()
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            if person := two_organisations.viewer(viewer):
                client.force_login(person)
            page = client.get(url).content.decode()
            transaction.set_rollback(True)
        if viewer not in readers and (world.NOTE in page or world.ACTION in page):
            leaks.append(viewer)

    assert leaks == []
