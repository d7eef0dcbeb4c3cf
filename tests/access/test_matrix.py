"""Who may open what: every address of the URLconf, every method, every relation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from peersupport.accounts.models import User
from peersupport.reminders.turned_off import stop_link
from tests.access import world
from tests.access.bodies import BODIES, body
from tests.access.table import TABLE, VIEWERS

# Without the mark pytest-django makes no test database, and this would write in the real one.
pytestmark = pytest.mark.django_db


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
        yield World(world.build("Riverside"), world.build("Elsewhere", note="", action="Theirs"))
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


def _stop_token(ours: world.Organisation) -> str:
    """What a mail program sends back to turn an invitation to check in off."""
    return stop_link(ours.worker, ["checkin_invitation"]).rstrip("/").rpartition("/")[2]


Record = Callable[[world.Organisation], Any]


def _pk(record: Record) -> Record:
    return lambda ours: {"pk": record(ours).pk}


RECORDS: dict[str, Record] = {
    "account_reset_password_from_key": lambda ours: {"uidb36": "1", "key": "no-such-key"},
    "address-confirm": lambda ours: {"key": ours.address_change.key},
    "checkins:check-in-detail": _pk(lambda ours: ours.private),
    "checkins:check-in-share": _pk(lambda ours: ours.private),
    "checkins:check-in-take-back": _pk(lambda ours: ours.shared),
    "checkins:help-line-edit": _pk(lambda ours: ours.help_line),
    "checkins:help-line-remove": _pk(lambda ours: ours.help_line),
    "checkins:talk-request-acknowledge": _pk(lambda ours: ours.talk),
    "checkins:talk-request-withdraw": _pk(lambda ours: ours.talk),
    "cohorts:cohort-detail": _pk(lambda ours: ours.cohort),
    "cohorts:cohort-edit": _pk(lambda ours: ours.cohort),
    "cohorts:person-address": _pk(lambda ours: ours.worker),
    "cohorts:person-detail": _pk(lambda ours: ours.worker),
    "cohorts:person-end": _pk(lambda ours: ours.worker),
    "cohorts:person-pause": _pk(lambda ours: ours.worker),
    "cohorts:person-roles": _pk(lambda ours: ours.worker),
    "cohorts:person-supervisor": _pk(lambda ours: ours.worker),
    "cohorts:placing-undo": _pk(lambda ours: ours.placing),
    "cohorts:roster-import-apply": _pk(lambda ours: ours.roster_import),
    "cohorts:roster-import-detail": _pk(lambda ours: ours.roster_import),
    "cohorts:roster-import-discard": _pk(lambda ours: ours.roster_import),
    "cohorts:roster-import-refused": lambda ours: {"pk": ours.roster_import.pk, "kind": "csv"},
    "cohorts:roster-import-template": lambda ours: {"kind": "csv"},
    "e-mails-stop": lambda ours: {"token": _stop_token(ours)},
    "invitation-accept": lambda ours: {"key": ours.invitation.key},
    "invitation-again": _pk(lambda ours: ours.invitation),
    "invitation-withdraw": _pk(lambda ours: ours.invitation),
    "leave-edit": _pk(lambda ours: ours.leave),
    "leave-end": _pk(lambda ours: ours.leave),
    "person-leave": _pk(lambda ours: ours.worker),
    "person-leave-new": _pk(lambda ours: ours.worker),
    "reminders:reminder-detail": _pk(lambda ours: ours.reminder),
    "reminders:reminder-settle": _pk(lambda ours: ours.undecided),
    "reminders:wording-edit": lambda ours: {"kind": "session_passed"},
    "reminders:wording-end": _pk(lambda ours: ours.wording),
    "supervision:action-done": _pk(lambda ours: ours.action),
    "supervision:session-cancel": _pk(lambda ours: ours.booked),
    "supervision:session-held": _pk(lambda ours: ours.booked),
    "supervision:session-detail": _pk(lambda ours: ours.session),
    "supervision:session-rearrange": _pk(lambda ours: ours.booked),
}
"""Which of the worker's records an address names."""


def address(name: str, ours: world.Organisation) -> str:
    """The address `name`, with the worker's record where it takes one."""
    if name == "check-in-shared":
        return reverse("checkins:check-in-detail", args=[ours.shared.pk])
    if name.endswith("?with"):
        return f"{reverse(name.removesuffix('?with'))}?with={ours.worker.pk}"
    return reverse(name, kwargs=RECORDS[name](ours)) if name in RECORDS else reverse(name)


BY_LINK = ("account", "invitation-accept", "e-mails-stop")
"""Addresses whose form does something for whoever has the link, or for whoever fills it in."""

MORE = {"check-in-shared", "supervision:log?with", "supervision:session-new?with"}
"""Lines of the table that are a second record of an address, or name somebody in the query."""


def _answer(response: HttpResponseBase) -> str:
    """What a response is, in a letter of the table."""
    if response.status_code == 404:
        return "n"
    if response.status_code == 405:
        return "-"
    if response.status_code == 302 and response["Location"].startswith(reverse(settings.LOGIN_URL)):
        return "s"
    if response.status_code == 403 and b"You were signed out" in response.content:  # type: ignore[attr-defined]
        return "s"
    return "y" if response.status_code in (200, 302) else str(response.status_code)


def _sends(client: Client, name: str, method: str, ours: world.Organisation) -> HttpResponseBase:
    """GET the address `name`, or POST a whole form to it."""
    url = address(name, ours)
    return client.get(url) if method == "GET" else client.post(url, body(name, ours))


def test_every_address_is_in_the_table() -> None:
    in_table = {(name, method) for name, method, _expected in ROWS if name not in MORE}

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
    got = {}

    client = Client()
    for viewer in VIEWERS:
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            client.cookies.clear()
            if person := two_organisations.viewer(viewer):
                client.force_login(person)
            got[viewer] = _answer(_sends(client, name, method, two_organisations.ours))
            transaction.set_rollback(True)

    assert got == expected


DOES_NOTHING = {"account_reset_password_from_key", "cohorts:place", "e-mails-stop"}
"""A link that never was, and a form that another address answers; a link that must not redirect."""

POSTS = {name: cells for name, method, cells in ROWS if method == "POST" and "y" in cells.values()}


@pytest.mark.parametrize("name", sorted((POSTS.keys() & (RECORDS | BODIES)) - DOES_NOTHING))
def test_what_is_posted_does_something_for_whoever_may(
    two_organisations: World, django_db_blocker: object, name: str
) -> None:
    codes = set()

    for viewer, cell in POSTS[name].items():
        if cell != "y":
            continue
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            client = Client()
            if person := two_organisations.viewer(viewer):
                client.force_login(person)
            codes.add(_sends(client, name, "POST", two_organisations.ours).status_code)
            transaction.set_rollback(True)

    assert 302 in codes


def test_whatever_has_a_form_does_something_for_somebody() -> None:
    for_nobody = {
        name
        for name, method, cells in ROWS
        if method == "POST" and not {"y", "-"} & set(cells.values())
    }

    assert for_nobody == {"account_logout"}


def _rows_of(ours: world.Organisation) -> dict[str, list[Any]]:
    """Everything an organisation has, to see whether any of it changed."""
    return {
        model.__name__: list(
            model._default_manager.filter(organisation=ours.head.organisation_id)
            .order_by("pk")
            .values()
        )
        for model in apps.get_models()
        if any(field.name == "organisation" for field in model._meta.fields)
    }


@pytest.mark.parametrize("name", sorted(POSTS))
def test_what_another_organisation_posts_changes_nothing_here(
    two_organisations: World, django_db_blocker: object, name: str
) -> None:
    ours = two_organisations.ours
    changed = []

    for viewer in [each for each in VIEWERS if each.startswith("x-")]:
        if POSTS[name][viewer] != "y" or name.startswith(BY_LINK):
            continue
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            client = Client()
            client.force_login(two_organisations.viewer(viewer))
            before = _rows_of(ours)
            _sends(client, name, "POST", ours)
            changed += [viewer] if _rows_of(ours) != before else []
            transaction.set_rollback(True)

    assert changed == []


@pytest.mark.parametrize("name", sorted({name for name, _method, _expected in ROWS}))
def test_words_between_two_people_are_on_nobody_elses_page(
    two_organisations: World, django_db_blocker: object, name: str
) -> None:
    url = address(name, two_organisations.ours)
    readers = {"worker", "supervisor"}
    leaks = []

    client = Client()
    for viewer in VIEWERS:
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            client.cookies.clear()
            if person := two_organisations.viewer(viewer):
                client.force_login(person)
            page = client.get(url).content.decode()
            transaction.set_rollback(True)
        if viewer not in readers and (world.NOTE in page or world.ACTION in page):
            leaks.append(viewer)

    assert leaks == []
