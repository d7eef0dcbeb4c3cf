"""Booking, moving, cancelling and logging sessions: each one transaction.

Every form carries a key. The same key again, also at the same moment, changes nothing and gives
back what it made the first time: whoever comes second waits for the lock on the assignments, and
then finds the session.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision import due
from supervision.models import AgreedAction, Attendance, Session
from supervision.slots import Slot, no_two_at_once, overlaps, refuse_overlap

Supervised = Mapping[int, list[str]]
"""The purposes for which somebody is supervised, by the worker's id."""


class NotSupervised(Exception):
    """Somebody is not, or no longer, supervised by whoever writes this."""


class NotBooked(Exception):
    """The session is no longer booked: it was logged, moved or cancelled in the meantime."""


class AlreadyLogged(Exception):
    """A session held with one of these people on the same day has been logged."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session


@dataclass(frozen=True)
class Record:
    """What a supervisor writes down about a session. `next_at` books the next one."""

    held_on: date
    minutes: int = 20
    mode: str = Session.Mode.IN_PERSON
    outcome: str = Session.Outcome.HELD
    themes: Sequence[str] = field(default_factory=list)
    agreed: str = ""
    shared_note: str = ""
    next_at: datetime | None = None

    @property
    def next_slot(self) -> Slot | None:
        return Slot(self.next_at, self.minutes, self.mode) if self.next_at else None


def log_session(
    record: Record,
    *,
    workers: Sequence[User],
    by: User,
    form_key: UUID,
    group: bool = False,
    booked_pk: int | None = None,
    another: bool = False,
) -> Session:
    """Write down what became of a session with `workers`, those who were there.

    A session that was booked is filled in, never written a second time; those who were asked to it
    and are not among `workers` were not there. `another` allows a second one held on one day.
    Raises NotSupervised, NotBooked, AlreadyLogged or SlotTaken.
    """
    slot = record.next_slot
    with no_two_at_once(by, slot):
        absent = _asked_but(workers, booked_pk, by=by) if group and booked_pk else []
        supervised = _supervised(due.lock([*workers, *absent], by=by), by=by, begun=True)
        _refuse_others(workers, supervised)
        near = _near(by, form_key, slot, _same_meeting(record, workers, booked_pk))
        if (saved := _saved(near, form_key)) is not None:
            return saved
        booked = _booking_of(near, booked_pk, workers, group=group)
        if not another:
            _refuse_second_on_one_day(near, record)
        refuse_overlap(near, slot, by=by, free=booked)
        session = _logged(record, booked, by=by, group=group, form_key=form_key)
        upcoming = [_booking(slot, by=by, kind=session.kind)] if slot else []
        if booked and upcoming and record.outcome == Session.Outcome.REARRANGED:
            _takes_the_place_of(session, upcoming[0])
        _write(session, *upcoming, there=workers, absent=absent, supervised=supervised)
        if record.agreed:
            owner = by if group else workers[0]
            _agree(record.agreed, session, owner=owner, by_the=upcoming)
        due.bring_up_to_date([*workers, *absent])
    return session


def book_session(
    slot: Slot, *, workers: Sequence[User], by: User, form_key: UUID, group: bool = False
) -> Session:
    """Book a session with `workers`. Raises NotSupervised or SlotTaken."""
    with no_two_at_once(by, slot):
        supervised = _supervised(due.lock(workers, by=by), by=by)
        _refuse_others(workers, supervised)
        near = _near(by, form_key, slot)
        if (saved := _saved(near, form_key)) is not None:
            return saved
        refuse_overlap(near, slot, by=by)
        kind = Session.Kind.GROUP if group else Session.Kind.ONE_TO_ONE
        session = _booking(slot, by=by, kind=kind, form_key=form_key)
        _write(session, there=workers, supervised=supervised)
    return session


def rearrange_session(session: Session, slot: Slot, *, by: User, form_key: UUID) -> Session:
    """Move a booked session to `slot`: the old one stays as rearranged, the new one is booked.

    It is for those of the old one whom `by` still supervises. Raises NotSupervised, NotBooked or
    SlotTaken.
    """
    asked = User.objects.filter(attendances__session=session)
    with no_two_at_once(by, slot):
        supervised = _supervised(due.lock(asked, by=by), by=by)
        workers = [each for each in asked if each.pk in supervised]
        if not workers:
            raise NotSupervised
        near = _near(by, form_key, slot, Q(pk=session.pk))
        if (saved := _saved(near, form_key)) is not None:
            return saved
        old = _still_booked(near, session.pk)
        refuse_overlap(near, slot, by=by, free=old)
        old.outcome = Session.Outcome.REARRANGED
        old.logged_at, old.logged_by = timezone.now(), by
        old.save(update_fields=["outcome", "logged_at", "logged_by"])
        new = _booking(slot, by=by, kind=old.kind, form_key=form_key)
        _takes_the_place_of(old, new)
        _write(new, there=workers, supervised=supervised)
    return new


def cancel_session(session: Session, *, by: User) -> bool:
    """Cancel a booked session; False when it was no longer booked."""
    return bool(Session.objects.filter(pk=session.pk).cancel(by=by))


def finish_action(action: AgreedAction, *, by: User) -> bool:
    """Mark what was agreed as done; False when it was already."""
    still_open = AgreedAction.objects.open().filter(pk=action.pk)
    return bool(still_open.update(done_at=timezone.now(), done_by=by))


def _supervised(
    assignments: Iterable[SupervisorAssignment], *, by: User, begun: bool = False
) -> Supervised:
    """Whom `by` supervises now, and for what; with `begun`, not those from a later day on."""
    today = timezone.localdate()
    supervised: dict[int, list[str]] = {}
    for each in assignments:
        holds = each.ends_on is None or each.ends_on > max(today, each.starts_on)
        if each.supervisor_id == by.pk and holds and not (begun and each.starts_on > today):
            supervised.setdefault(each.worker_id, []).append(each.purpose)
    return supervised


def _asked_but(workers: Collection[User], booked_pk: int, *, by: User) -> list[User]:
    """Those asked to a session that `by` booked, and not among `workers`."""
    asked = User.objects.filter(attendances__session=booked_pk, attendances__session__supervisor=by)
    return list(asked.exclude(pk__in=[worker.pk for worker in workers]))


def _refuse_others(workers: Collection[User], supervised: Supervised) -> None:
    if not workers or any(worker.pk not in supervised for worker in workers):
        raise NotSupervised


def _near(by: User, form_key: UUID, slot: Slot | None, more: Q | None = None) -> list[Session]:
    """Sessions of `by` that this form made, that overlap with `slot`, or are asked for in `more`.

    Each has `asked`, the ids of those asked to it, and `with_supervisee`, whether `by` still
    supervises any of them.
    """
    supervised = SupervisorAssignment.objects.current().filter(
        supervisor=by, worker=OuterRef("worker")
    )
    attendances = Attendance.objects.filter(session=OuterRef("pk")).order_by("worker")
    which = Q(form_key=form_key)
    if slot:
        which |= overlaps(slot)
    if more:
        which |= more
    sessions = Session.objects.filter(which, supervisor=by).order_by("pk")
    described = sessions.annotate(
        asked=ArraySubquery(attendances.values("worker")),
        with_supervisee=Exists(attendances.filter(Exists(supervised))),
    )
    return list(described.select_for_update(of=("self",)))


def _same_meeting(record: Record, workers: Iterable[User], booked_pk: int | None) -> Q:
    """The booked session, and those with one of `workers` held on the day of `record`."""
    there = Attendance.objects.filter(worker__in=workers, attended=True)
    held = Q(pk__in=there.values("session"), held_on=record.held_on, outcome=Session.Outcome.HELD)
    return held | Q(pk=booked_pk) if booked_pk else held


def _saved(near: Iterable[Session], form_key: UUID) -> Session | None:
    """What this very form has already written."""
    return next((session for session in near if session.form_key == form_key), None)


def _still_booked(near: Iterable[Session], pk: int) -> Session:
    """The booked session as it is now, locked."""
    for session in near:
        if session.pk == pk and session.is_booked:
            return session
    raise NotBooked


def _booking_of(
    near: Iterable[Session], pk: int | None, workers: Collection[User], *, group: bool
) -> Session | None:
    """The booked session `pk`, of this kind; a one-to-one only with whom it was booked."""
    if pk is None:
        return None
    session = _still_booked(near, pk)
    asked = session.asked  # type: ignore[attr-defined]
    if session.is_group != group or not (group or asked == [each.pk for each in workers]):
        raise NotBooked
    return session


def _refuse_second_on_one_day(near: Iterable[Session], record: Record) -> None:
    if record.outcome != Session.Outcome.HELD:
        return
    for session in near:
        if session.outcome == Session.Outcome.HELD and session.held_on == record.held_on:
            raise AlreadyLogged(session)


def _logged(
    record: Record, booked: Session | None, *, by: User, group: bool, form_key: UUID
) -> Session:
    """The session that says what `record` does: the booked one, or a new one."""
    session = booked or Session(
        organisation_id=by.organisation_id,
        supervisor=by,
        kind=Session.Kind.GROUP if group else Session.Kind.ONE_TO_ONE,
    )
    session.held_on = record.held_on
    session.minutes = record.minutes
    session.mode = record.mode
    session.outcome = record.outcome
    session.themes = list(record.themes)
    session.shared_note = record.shared_note
    session.form_key = form_key
    session.logged_at, session.logged_by = timezone.now(), by
    return session


def _booking(slot: Slot, *, by: User, kind: str, form_key: UUID | None = None) -> Session:
    return Session(
        organisation_id=by.organisation_id,
        supervisor=by,
        kind=kind,
        mode=slot.mode,
        held_on=slot.day,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        minutes=slot.minutes,
        form_key=form_key,
        booked_at=timezone.now(),
        booked_by=by,
    )


def _takes_the_place_of(old: Session, new: Session) -> None:
    """Say so; in people's calendars it is the same event."""
    new.rearranged_from = old
    new.calendar_uid = old.calendar_uid
    new.calendar_sequence = old.calendar_sequence + 1


def _write(
    *sessions: Session,
    there: Iterable[User],
    absent: Iterable[User] = (),
    supervised: Supervised,
) -> None:
    """Save what was logged or booked, and who was there.

    Only the first can have been there before; those absent from it are asked to the second, if
    they are still supervised.
    """
    session, *upcoming = sessions
    if session.pk is not None:
        session.save(
            update_fields=[
                *("held_on", "minutes", "mode", "outcome", "themes", "shared_note", "form_key"),
                *("logged_at", "logged_by"),
            ]
        )
    Session.objects.bulk_create([each for each in sessions if each.pk is None])
    was_there = [(session, worker, True) for worker in there]
    was_not = [(session, worker, False) for worker in absent]
    asked = [
        (each, worker, True)
        for each in upcoming
        for worker in (*there, *absent)
        if worker.pk in supervised
    ]
    Attendance.objects.bulk_create(
        [
            Attendance(
                organisation_id=each.organisation_id,
                session=each,
                worker=worker,
                attended=attended,
                purposes=supervised.get(worker.pk, []),
            )
            for each, worker, attended in (*was_there, *was_not, *asked)
        ],
        update_conflicts=True,
        unique_fields=["session", "worker"],
        update_fields=["attended", "purposes"],
    )


def _agree(words: str, session: Session, *, owner: User, by_the: Sequence[Session]) -> None:
    """Write down what was agreed, to be done by the time people meet again."""
    AgreedAction.objects.create(
        organisation_id=session.organisation_id,
        session=session,
        owner=owner,
        words=words,
        due_on=by_the[0].held_on if by_the else None,
    )
