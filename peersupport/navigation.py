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


# Addresses that begin like those of another part.
_ALSO = {"cohorts:person-list": ("cohorts:place", "cohorts:roster-import")}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The navigation of whoever is signed in; the longest matching address says where they are."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    pages = _pages(user)
    parts = {reverse(each): name for _label, name in pages for each in (name, *_ALSO.get(name, ()))}
    inside = [url for url in parts if url != "/" and request.path.startswith(url)]
    nowhere = "home" if request.path == "/" else ""
    current = parts[max(inside, key=len)] if inside else nowhere
    return {"navigation": [Item(label, reverse(name), name == current) for label, name in pages]}
