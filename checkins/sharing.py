"""Who can read each check-in now, and whom else it could be shared with."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from checkins.models import CheckIn
from peersupport.accounts.models import RecordRead, User


@dataclass(frozen=True)
class Entry:
    """One check-in as its worker sees it in the list."""

    check_in: CheckIn
    readers: list[User]
    others: list[User]


def entries(check_ins: list[CheckIn], supervisors: list[User]) -> list[Entry]:
    """What the list shows, from `CheckIn.objects.with_shares()`. No query.

    A share with somebody who no longer supervises the worker lets nobody read it.
    """
    return [
        Entry(
            check_in,
            readers=[person for person in supervisors if person.pk in ids],
            others=[person for person in supervisors if person.pk not in ids],
        )
        for check_in in check_ins
        for ids in [set(check_in.shared_with_ids)]  # type: ignore[attr-defined]
    ]


def reads(check_in: CheckIn) -> list[RecordRead]:
    """The last time each other person opened it, the latest first."""
    each = (
        RecordRead.objects.filter(
            subject=check_in.worker_id, kind=check_in.READ_KIND, record_id=check_in.pk
        )
        .select_related("reader")
        .order_by("reader", "-read_at")
        .distinct("reader")
    )
    return sorted(each, key=lambda read: read.read_at, reverse=True)


def in_a_row(people: Iterable[User]) -> str:
    """Their names as one says them: Anwen Haddad, Leila Pugh and Carys Lloyd."""
    return get_text_list([person.name for person in people], _("and"))
