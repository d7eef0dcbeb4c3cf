"""The people of the measured database, and browsers in which they are signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Organisation, Role, User

SESSIONS_EACH = 24
CHECK_INS_EACH = 10
LARGEST_ORGANISATION = 10_000  # PSWs; the rest are other organisations'


@dataclass(frozen=True)
class World:
    """A seeded database of `psws`, called `size`."""

    size: str
    psws: int

    def make(self) -> None:
        """Make the tables and fill them."""
        call_command("migrate", verbosity=0)
        call_command(
            "seed_scale",
            organisations=-(-self.psws // LARGEST_ORGANISATION),
            psws=self.psws,
            sessions_each=SESSIONS_EACH,
            check_ins_each=CHECK_INS_EACH,
        )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    @cached_property
    def organisation(self) -> Organisation:
        return Organisation.objects.get(slug="scale-1")

    @cached_property
    def head(self) -> User:
        return self._first(Role.HEAD)

    @cached_property
    def supervisor(self) -> User:
        return self._first(Role.SUPERVISOR)

    def _first(self, role: Role) -> User:
        holding = User.objects.holding(role).filter(organisation=self.organisation)
        return holding.order_by("pk")[0]

    @cached_property
    def to_be_logged(self) -> Iterator[SupervisorAssignment]:
        """PSWs without a session logged today: one after another, never the same twice."""
        current = SupervisorAssignment.objects.current().exclude(last_held_on=timezone.localdate())
        return current.select_related("worker", "supervisor").order_by("pk").iterator()


def signed_in(user: User) -> Client:
    """A browser in which `user` is signed in."""
    browser = Client(raise_request_exception=True)
    browser.force_login(user)
    return browser


def page(browser: Client, address: str, data: Any = None) -> HttpResponse:
    """A page, or what comes of a form that is sent; anything but success is an error here."""
    response = browser.get(address) if data is None else browser.post(address, data)
    wanted = 200 if data is None else 302
    if response.status_code != wanted:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return response  # type: ignore[return-value]
