"""The time of a session, and that nobody holds two at once."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from peersupport.accounts.models import User
from supervision.models import Session


@dataclass(frozen=True)
class Slot:
    """When and how people are to meet."""

    starts_at: datetime
    minutes: int = 20
    mode: str = Session.Mode.IN_PERSON

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def day(self) -> date:
        """The local date, as the people who meet say it."""
        return timezone.localtime(self.starts_at).date()


class SlotTaken(Exception):
    """The supervisor already has a session at this time; None when it is gone by now."""

    def __init__(self, session: Session | None) -> None:
        super().__init__(session)
        self.session = session


@contextmanager
def no_two_at_once(by: User, slot: Slot | None) -> Iterator[None]:
    """One transaction, in which the database's refusal of an overlap becomes SlotTaken.

    What is there already is found before anything is written; this is for two writing at once.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.constraint_name != Session.NO_TWO_AT_ONCE or not slot:
            raise
        taken = Session.objects.filter(overlaps(slot), supervisor=by)
        raise SlotTaken(taken.first()) from error


def overlaps(slot: Slot) -> Q:
    return Q(
        starts_at__lt=slot.ends_at,
        ends_at__gt=slot.starts_at,
        cancelled_at=None,
        outcome__in=["", Session.Outcome.HELD],
    )


def refuse_overlap(
    near: Iterable[Session], slot: Slot | None, *, by: User, free: Session | None = None
) -> None:
    """Refuse a slot in which `by` has another session than `free`.

    One booked with people whom `by` supervises no more, and therefore cannot see, is cancelled.
    """
    if slot is None:
        return
    for session in near:
        if session == free or not session.takes(slot.starts_at, slot.ends_at):
            continue
        if session.is_booked and not session.with_supervisee:  # type: ignore[attr-defined]
            Session.objects.filter(pk=session.pk).cancel(by=by)
        else:
            raise SlotTaken(session)
