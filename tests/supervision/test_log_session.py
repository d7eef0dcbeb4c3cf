"""Logging a session: one row for one meeting, and what follows from it."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from time_machine import TimeMachineFixture

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from supervision import actions
from supervision.actions import AlreadyLogged, NotBooked, NotSupervised, Record
from supervision.models import AgreedAction, Attendance, Session
from supervision.slots import Slot, SlotTaken
from tests import programme
from tests.supervision.conftest import Team, at

TODAY = date(2026, 11, 23)


def log(team: Team, *workers: User, **facts: object) -> Session:
    """Log a session, held today with Blessing unless said otherwise."""
    how = {
        name: facts.pop(name)
        for name in ("booked_pk", "group", "another", "form_key")
        if name in facts
    }
    how.setdefault("form_key", uuid4())
    record = replace(Record(held_on=TODAY), **facts)
    return actions.log_session(
        record,
        workers=workers or [team.blessing],
        by=team.supervisor,
        **how,
    )


def book(team: Team, *workers: User, starts_at: object = None, **how: object) -> Session:
    """Book a session, today at ten with Blessing unless said otherwise."""
    slot = Slot(starts_at or at(2026, 11, 23))
    how.setdefault("form_key", uuid4())
    return actions.book_session(slot, workers=workers or [team.blessing], by=team.supervisor, **how)


def assignment(worker: User) -> SupervisorAssignment:
    return SupervisorAssignment.objects.get(worker=worker, ends_on=None)


def test_a_session_held_moves_the_due_date_by_the_cadence(team: Team) -> None:
    log(team, held_on=date(2026, 11, 20))

    kept = assignment(team.blessing)
    assert kept.last_held_on == date(2026, 11, 20)
    assert kept.next_due_on == date(2026, 12, 18)


def test_after_six_months_sessions_are_further_apart(
    team: Team, monday_morning: TimeMachineFixture
) -> None:
    monday_morning.move_to(at(2026, 12, 2), tick=False)

    log(team, held_on=date(2026, 11, 30))
    log(team, team.rhys, held_on=date(2026, 12, 1))

    assert assignment(team.blessing).next_due_on == date(2026, 12, 28)
    assert assignment(team.rhys).next_due_on == date(2027, 1, 12)


@pytest.mark.parametrize("outcome", [Session.Outcome.NOT_HELD, Session.Outcome.REARRANGED])
def test_a_session_that_was_not_held_does_not_count(team: Team, outcome: str) -> None:
    log(team, held_on=date(2026, 11, 2))

    log(team, outcome=outcome)

    assert assignment(team.blessing).last_held_on == date(2026, 11, 2)


def test_an_older_session_logged_later_does_not_move_the_last_one_back(team: Team) -> None:
    log(team, held_on=date(2026, 11, 20))

    log(team, held_on=date(2026, 10, 23))

    kept = assignment(team.blessing)
    assert (kept.last_held_on, kept.next_due_on) == (date(2026, 11, 20), date(2026, 12, 18))


def test_the_session_counts_only_for_those_who_were_there(team: Team) -> None:
    booked = book(team, team.blessing, team.rhys, group=True)

    log(team, team.rhys, booked_pk=booked.pk, group=True)

    assert assignment(team.rhys).last_held_on == TODAY
    assert assignment(team.blessing).last_held_on is None
    there = dict(Attendance.objects.filter(session=booked).values_list("worker", "attended"))
    assert there == {team.blessing.pk: False, team.rhys.pk: True}


def test_a_group_session_is_one_row_with_an_attendance_for_each_person(team: Team) -> None:
    session = log(team, team.blessing, team.rhys, group=True, next_at=at(2026, 12, 21))

    upcoming = Session.objects.booked().get()
    assert session.kind == upcoming.kind == Session.Kind.GROUP
    everybody = {team.blessing, team.rhys}
    assert {each.worker for each in session.attendances.all()} == everybody
    assert {each.worker for each in upcoming.attendances.all()} == everybody


def test_somebody_absent_from_a_group_is_asked_to_the_next(team: Team) -> None:
    booked = book(team, team.blessing, team.rhys, group=True)

    log(team, team.rhys, booked_pk=booked.pk, group=True, next_at=at(2026, 12, 21))

    upcoming = Session.objects.booked().get()
    asked = dict(upcoming.attendances.values_list("worker", "attended"))
    assert asked == {team.blessing.pk: True, team.rhys.pk: True}


def test_somebody_supervised_by_others_now_is_not_asked_to_the_next(team: Team) -> None:
    booked = book(team, team.blessing, team.rhys, group=True)
    team.rhys.supervised_in.update(ends_on=TODAY, next_due_on=None)

    log(team, booked_pk=booked.pk, group=True, next_at=at(2026, 12, 21))

    upcoming = Session.objects.booked().get()
    assert [each.worker for each in upcoming.attendances.all()] == [team.blessing]
    assert booked.attendances.get(worker=team.rhys).attended is False


def test_a_booked_session_is_filled_in_and_not_written_again(team: Team) -> None:
    booked = book(team)

    log(team, booked_pk=booked.pk, themes=["workload"], shared_note="Protected time")

    session = Session.objects.get()
    assert session.pk == booked.pk
    assert session.outcome == Session.Outcome.HELD
    assert session.themes == ["workload"]
    assert session.shared_note == "Protected time"
    assert session.booked_by == session.logged_by == team.supervisor


def test_the_next_session_is_booked_and_what_was_agreed_is_due_by_then(team: Team) -> None:
    session = log(team, agreed="Ask about protected time", next_at=at(2026, 12, 21), minutes=30)

    upcoming = Session.objects.booked().get()
    assert upcoming.starts_at == at(2026, 12, 21)
    assert upcoming.ends_at == at(2026, 12, 21, 10, 30)
    assert upcoming.held_on == date(2026, 12, 21)
    agreed = AgreedAction.objects.get()
    assert (agreed.session, agreed.owner) == (session, team.blessing)
    assert agreed.due_on == date(2026, 12, 21)


def test_the_same_form_twice_is_one_session(team: Team) -> None:
    key = uuid4()

    first = log(team, form_key=key, agreed="Ask", next_at=at(2026, 12, 21))
    second = log(team, form_key=key, agreed="Ask", next_at=at(2026, 12, 21))

    assert first == second
    assert Session.objects.count() == 2
    assert AgreedAction.objects.count() == 1


def test_two_forms_about_one_day_ask_before_a_second_session(team: Team) -> None:
    first = log(team)

    with pytest.raises(AlreadyLogged) as refusal:
        log(team)

    assert refusal.value.session == first
    log(team, another=True)
    assert Session.objects.held().count() == 2


def test_a_session_logged_meanwhile_is_not_logged_again(team: Team) -> None:
    booked = book(team)
    log(team, booked_pk=booked.pk, outcome=Session.Outcome.NOT_HELD)

    with pytest.raises(NotBooked):
        log(team, booked_pk=booked.pk)

    assert Session.objects.get().outcome == Session.Outcome.NOT_HELD


@pytest.mark.parametrize("group", [True, False])
def test_a_booking_is_filled_in_only_as_what_it_is(team: Team, group: bool) -> None:
    workers = [team.blessing] if group else [team.blessing, team.rhys]
    booked = book(team, *workers, group=not group)

    with pytest.raises(NotBooked):
        log(team, *workers, booked_pk=booked.pk, group=group)

    booked.refresh_from_db()
    assert booked.is_booked


def test_only_current_supervisees_can_be_logged(team: Team) -> None:
    colleague = programme.supervisor(team.organisation)
    theirs = programme.supervised_psw(colleague, team.cohort)
    left = programme.psw(team.organisation)
    membership = programme.member(left, team.cohort)
    programme.supervised(membership, team.supervisor, ends_on=TODAY)
    later = programme.psw(team.organisation)
    joining = programme.member(later, team.cohort, joined_on=date(2026, 11, 24))
    programme.supervised(joining, team.supervisor)

    for worker in (theirs, left, later, team.supervisor):
        with pytest.raises(NotSupervised):
            log(team, worker)
    with pytest.raises(NotSupervised):
        log(team, team.blessing, theirs, group=True)

    assert not Session.objects.exists()


def test_a_next_session_that_overlaps_saves_nothing(team: Team) -> None:
    other = book(team, team.rhys, starts_at=at(2026, 12, 21, 10, 10))

    with pytest.raises(SlotTaken) as refusal:
        log(team, next_at=at(2026, 12, 21))

    assert refusal.value.session == other
    assert Session.objects.get() == other
    assert assignment(team.blessing).last_held_on is None


def test_sessions_one_after_the_other_do_not_overlap(team: Team) -> None:
    book(team, team.rhys, starts_at=at(2026, 12, 21, 9, 40))
    book(team, team.rhys, starts_at=at(2026, 12, 21, 10, 20))

    log(team, next_at=at(2026, 12, 21))

    assert Session.objects.booked().count() == 3


def test_a_rearranged_session_gives_its_time_back(team: Team) -> None:
    booked = book(team, starts_at=at(2026, 11, 23, 9, 50))

    log(
        team,
        booked_pk=booked.pk,
        outcome=Session.Outcome.REARRANGED,
        next_at=at(2026, 11, 23, 10),
    )

    assert Session.objects.booked().get().starts_at == at(2026, 11, 23, 10)


def test_a_time_booked_with_somebody_supervised_no_more_is_free(team: Team) -> None:
    orphan = book(team, team.rhys, starts_at=at(2026, 12, 21))
    ended = assignment(team.rhys)
    ended.ends_on, ended.next_due_on = TODAY, None
    ended.save()

    log(team, next_at=at(2026, 12, 21))

    orphan.refresh_from_db()
    assert orphan.cancelled_by == team.supervisor
    assert Session.objects.booked().get().starts_at == at(2026, 12, 21)


def test_another_supervisors_sessions_are_in_nobodys_way(team: Team) -> None:
    colleague = programme.supervisor(team.organisation)
    theirs = programme.supervised_psw(colleague, team.cohort)
    slot = Slot(at(2026, 12, 21))
    actions.book_session(slot, workers=[theirs], by=colleague, form_key=uuid4())

    log(team, next_at=at(2026, 12, 21))

    assert Session.objects.booked().count() == 2
