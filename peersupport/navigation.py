"""What stands in the navigation, by role."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peersupport.accounts.models import User


@dataclass(frozen=True)
class Item:
    """One link of the navigation."""

    label: str | Promise
    url: str
    current: bool


def _pages(user: User) -> list[tuple[str | Promise, str]]:
    """Labels and URL names for the roles `user` holds, in the order they are shown."""
    pages: list[tuple[str | Promise, str]] = [(_("Home"), "home")]
    if user.is_head:
        pages += [(_("Cohorts"), "cohorts:cohort-list"), (_("People"), "cohorts:person-list")]
    if user.is_head or user.is_supervisor:
        pages.append((_("Supervision"), "supervision:caseload"))
    if user.is_psw:
        pages += [
            (_("Check-ins"), "checkins:check-in-list"),
            (_("My supervision"), "supervision:my-supervision"),
            (_("My cohort"), "cohorts:my-cohort"),
        ]
    if user.is_head or user.is_ig_auditor:
        pages.append((_("Reminders"), "reminders:reminder-list"))
    pages.append((_("Me"), "me"))
    return pages


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The navigation of whoever is signed in; the longest matching address is the current one."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    pages = [(label, reverse(name)) for label, name in _pages(user)]
    inside = [url for _label, url in pages if url != "/" and request.path.startswith(url)]
    current = max(inside, key=len, default="/" if request.path == "/" else "")
    return {"navigation": [Item(label, url, url == current) for label, url in pages]}
