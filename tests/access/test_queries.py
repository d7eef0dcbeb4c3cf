"""A page takes as many queries in a large programme as in a small one."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peersupport.accounts.models import User
from tests.access import many, world
from tests.access.test_matrix import ROWS, address

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 300
MOST_QUERIES = 25

TURNED = {
    "checkins:check-in-list": ["?page=2"],
    "cohorts:person-list": ["?page=2", "?role=psw"],
    "cohorts:place": ["?page=2"],
    "my-leave": ["?page=2"],
    "reminders:reminder-list": ["?mine=1"],
    "supervision:caseload": ["?show=all", "?show=due", "?show=on-schedule", "?show=held"],
    "supervision:my-supervision": ["?page=2"],
}
"""Other pages of the same address."""

Programmes = tuple[world.Organisation, world.Organisation]


@pytest.fixture(scope="module")
def programmes(django_db_setup: None, django_db_blocker: object) -> Iterator[Programmes]:
    """A small one and a large one, side by side."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        small, large = world.build("Riverside"), world.build("Elsewhere")
        many.grow(small, FEW)
        many.grow(large, MANY)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the database does by itself, a minute after
        yield small, large
        transaction.set_rollback(True)


def pages(ours: world.Organisation, person: User) -> dict[str, str]:
    """Every page that `person` may open, by what it is called in the matrix."""
    client, found = Client(), {}
    client.force_login(person)
    for name in [name for name, method, _cells in ROWS if method == "GET"]:
        url = address(name, ours)
        for more in ["", *TURNED.get(name, [])]:
            if client.get(url + more).status_code == 200:
                found[name + more] = url + more
    return found


def queries(person: User, urls: dict[str, str]) -> dict[str, int]:
    client, counts = Client(), {}
    client.force_login(person)
    for name, url in urls.items():
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts[name] = len(captured)
    return counts


@pytest.mark.parametrize("role", ["worker", "supervisor", "head", "auditor"])
def test_each_page_takes_as_many_queries_for_300_as_for_3(
    programmes: Programmes, django_db_blocker: object, role: str
) -> None:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        small, large = (
            queries(person, pages(ours, person))
            for ours in programmes
            for person in [getattr(ours, role)]
        )
        transaction.set_rollback(True)

    assert "home" in small
    assert "me" in small
    grown = {name: (small[name], large[name]) for name in small if small[name] != large[name]}
    assert grown == {}
    assert not {name for name in large.keys() - small.keys() if "?page=" not in name}
    assert max(large.values()) <= MOST_QUERIES, large
