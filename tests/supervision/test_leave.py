"""Leave and due dates: entering, changing and ending it moves them in the same transaction."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from pytest_django import DjangoAssertNumQueries

from cohorts import actions as cohort_actions
from cohorts.models import Leave, Membership, Placing, SupervisorAssignment
from cohorts.undo import undo
from peersupport.accounts.models import User
from supervision import actions, due, leave
from supervision.actions import Record
from supervision.models import Session
from supervision.slots import Slot
from tests import programme
from tests.supervision.conftest import Team, at, make_team
from tests.supervision.test_at_once import together

TODAY = date(2026, 11, 23)
DUE_ON = date(2026, 12, 21)


def december(day: int) -> date:
    return date(2026, 12, day)


def next_due(worker: User) -> date | None:
    return SupervisorAssignment.objects.get(worker=worker, ends_on=None).next_due_on


def log(team: Team, *workers: User) -> None:
    """Held today: due again on 21 December."""
    for worker in workers:
        actions.log_session(
            Record(held_on=TODAY), workers=[worker], by=team.supervisor, form_key=uuid4()
        )


def away(person: User, first: int, last: int) -> Leave:
    return leave.enter(person, starts_on=december(first), ends_on=december(last), by=person)


@pytest.mark.parametrize(
    ("first", "last", "due_on"),
    [(22, 24, 21), (18, 20, 21), (21, 21, 22), (14, 27, 28), (14, 21, 22), (21, 27, 28)],
)
@pytest.mark.parametrize("who", ["blessing", "supervisor"])
def test_a_due_date_in_leave_moves_to_the_day_after_it(
    team: Team, who: str, first: int, last: int, due_on: int
) -> None:
    log(team, team.blessing)

    away(getattr(team, who), first, last)

    assert next_due(team.blessing) == december(due_on)
    assert due.differences() == 0


def test_the_leave_of_a_supervisor_moves_everybody_they_supervise_and_nobody_else(
    team: Team,
) -> None:
    colleague = programme.supervisor(team.organisation)
    other = programme.supervised_psw(colleague, team.cohort)
    SupervisorAssignment.objects.filter(worker=other).update(next_due_on=DUE_ON)
    log(team, team.blessing, team.rhys)

    away(team.supervisor, 14, 27)

    assert next_due(team.blessing) == next_due(team.rhys) == december(28)
    assert next_due(other) == DUE_ON


def test_one_s_leave_moves_what_one_is_due_and_not_a_colleague(team: Team) -> None:
    log(team, team.blessing, team.rhys)

    away(team.blessing, 14, 27)

    assert next_due(team.blessing) == december(28)
    assert next_due(team.rhys) == DUE_ON


def test_leave_entered_first_counts_for_a_session_logged_later(team: Team) -> None:
    away(team.blessing, 14, 22)
    away(team.supervisor, 23, 27)

    log(team, team.blessing)

    assert next_due(team.blessing) == december(28)
    assert due.differences() == 0


def test_changed_dates_move_it_again_and_back(team: Team) -> None:
    log(team, team.blessing)
    entered = away(team.blessing, 14, 27)

    leave.change(entered, starts_on=december(14), ends_on=december(23))
    later = next_due(team.blessing)
    leave.change(entered, starts_on=december(14), ends_on=december(20))

    assert (later, next_due(team.blessing)) == (december(24), DUE_ON)
    assert due.differences() == 0


def test_leave_called_off_before_it_began_never_was(team: Team) -> None:
    log(team, team.blessing)

    leave.end(away(team.blessing, 14, 27))

    assert next_due(team.blessing) == DUE_ON
    assert not Leave.objects.exists()
    assert due.differences() == 0


def test_leave_that_has_begun_ends_the_day_before_and_stays_on_record(
    team: Team, monday_morning: object
) -> None:
    log(team, team.blessing)
    entered = away(team.supervisor, 14, 27)
    monday_morning.move_to(at(2026, 12, 22))  # type: ignore[attr-defined]

    leave.end(entered)

    entered.refresh_from_db()
    assert (entered.starts_on, entered.ends_on) == (december(14), december(21))
    assert next_due(team.blessing) == december(22)
    assert due.differences() == 0


def test_past_leave_is_not_ended_again(team: Team) -> None:
    past = programme.leave(team.blessing, date(2026, 11, 2), date(2026, 11, 6))

    leave.end(past)

    past.refresh_from_db()
    assert past.ends_on == date(2026, 11, 6)


def test_the_same_dates_entered_twice_are_one_leave(team: Team) -> None:
    assert away(team.blessing, 14, 27) == away(team.blessing, 14, 27)


def test_dates_in_the_way_are_refused_and_nothing_moves(team: Team) -> None:
    log(team, team.blessing)
    away(team.blessing, 1, 4)
    other = away(team.blessing, 7, 8)

    with pytest.raises(ValidationError):
        away(team.blessing, 4, 27)
    with pytest.raises(ValidationError):
        leave.change(other, starts_on=december(2), ends_on=december(27))

    assert next_due(team.blessing) == DUE_ON
    assert Leave.objects.count() == 2


def test_a_new_supervisor_s_leave_counts_from_the_first_day(team: Team) -> None:
    log(team, team.blessing)
    colleague = programme.supervisor(team.organisation)
    away(colleague, 14, 27)

    cohort_actions.assign_supervisor(
        Membership.objects.get(worker=team.blessing), supervisor=colleague, on=TODAY, by=team.head
    )

    assert next_due(team.blessing) == december(28)
    assert due.differences() == 0


def test_another_cadence_counts_with_leave(team: Team) -> None:
    log(team, team.blessing)
    away(team.blessing, 1, 6)
    team.cohort.days_at_first = 14

    cohort_actions.change_cohort(team.cohort)

    assert next_due(team.blessing) == december(7)
    assert due.differences() == 0


def test_what_would_move_past_the_end_is_not_due(team: Team) -> None:
    log(team, team.blessing)
    mine = SupervisorAssignment.objects.filter(worker=team.blessing)
    mine.update(ends_on=december(24))

    away(team.blessing, 14, 27)

    assert mine.get().next_due_on is None
    assert due.differences() == 0


def test_whoever_is_away_is_not_expected_meanwhile(team: Team) -> None:
    expected = SupervisorAssignment.objects.expected().filter(worker=team.blessing)
    before = expected.exists()

    programme.leave(team.blessing, TODAY, TODAY)

    assert (before, expected.exists()) == (True, False)


def test_a_supervisor_of_many_takes_the_same_queries(
    team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        with django_assert_num_queries(19):
            entered = away(team.supervisor, 14, 27)
        leave.end(entered)
        team.cohort.capacity = 60
        team.cohort.save()
        for _more in range(20):
            programme.supervised_psw(team.supervisor, team.cohort)


def booked(team: Team, worker: User, day: int) -> Session:
    return actions.book_session(
        Slot(at(2026, 12, day)), workers=[worker], by=team.supervisor, form_key=uuid4()
    )


def test_sessions_in_it_are_those_booked_with_the_person_on_its_days(team: Team) -> None:
    booked(team, team.blessing, 13)
    first = booked(team, team.blessing, 14)
    hers = booked(team, team.rhys, 15)
    last = booked(team, team.blessing, 18)
    booked(team, team.blessing, 19)
    actions.cancel_session(booked(team, team.blessing, 16), by=team.supervisor)

    def found(person: User) -> list[Session]:
        return list(leave.sessions_in(person, december(14), december(18)))

    assert found(team.blessing) == [first, last]
    assert found(team.supervisor) == [first, hers, last]
    assert found(team.head) == []


@pytest.fixture
def pair(transactional_db: None, monday_morning: object) -> Team:
    return make_team()


Doing = Callable[[Team], object]


def give_to_colleague(team: Team) -> None:
    cohort_actions.assign_supervisor(
        Membership.objects.get(worker=team.blessing),
        supervisor=User.objects.get(given_name="Leila"),
        on=TODAY,
        by=team.head,
    )


def place_elsewhere(team: Team) -> None:
    cohort_actions.place(
        team.blessing,
        cohort=programme.cohort(team.organisation),
        on=TODAY,
        by=team.head,
        supervisor=User.objects.get(given_name="Leila"),
        move=True,
    )


def change_cadence(team: Team) -> None:
    team.cohort.days_at_first = 21
    cohort_actions.change_cohort(team.cohort)


@pytest.mark.parametrize(
    "doing",
    [
        lambda team: log(team, team.blessing),
        lambda team: log(team, team.rhys),
        give_to_colleague,
        place_elsewhere,
        change_cadence,
        lambda team: away(team.blessing, 10, 20),
    ],
)
@pytest.mark.parametrize("who", ["Anwen", "Leila", "Blessing"])
def test_leave_entered_while_something_else_is_written_counts(
    pair: Team, doing: Doing, who: str
) -> None:
    programme.supervisor(pair.organisation, given_name="Leila")

    for _ in range(3):
        person = User.objects.get(given_name=who)
        results = together(
            lambda person=person: leave.enter(
                person, starts_on=december(8), ends_on=december(27), by=person
            ),
            lambda: doing(pair),
        )

        errors = [each for each in results if isinstance(each, Exception)]
        assert [type(each).__name__ for each in errors if not allowed(each)] == []
        assert due.differences() == 0
        for each in Leave.objects.all():
            leave.end(each)


def take_from_colleague(team: Team) -> None:
    """Blessing, whom Leila supervises, is placed with Anwen, so that it can be undone."""
    give_to_colleague(team)
    cohort_actions.place(
        team.blessing,
        cohort=programme.cohort(team.organisation),
        on=TODAY,
        by=team.head,
        supervisor=team.supervisor,
        move=True,
    )


def undo_the_last_placing(team: Team) -> None:
    undo(Placing.objects.latest("pk"), by=team.head)


def enter_their_leave(team: Team) -> None:
    leave.enter(
        User.objects.get(given_name="Leila"),
        starts_on=december(8),
        ends_on=december(27),
        by=team.head,
    )


@pytest.mark.parametrize(
    ("before", "doing"),
    [
        (lambda team: None, give_to_colleague),
        (lambda team: None, place_elsewhere),
        (take_from_colleague, undo_the_last_placing),
        (give_to_colleague, enter_their_leave),
    ],
)
def test_whoever_s_leave_could_count_is_held_first(pair: Team, before: Doing, doing: Doing) -> None:
    """Else leave entered at the same moment and the due date would not know of each other."""
    colleague = programme.supervisor(pair.organisation, given_name="Leila")
    before(pair)

    def somebody_else_takes(person: User) -> None:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True, nowait=True).get(pk=person.pk)

    with transaction.atomic():
        doing(pair)
        refusals = together(
            lambda: somebody_else_takes(colleague), lambda: somebody_else_takes(pair.blessing)
        )

    assert [type(refusal) for refusal in refusals] == [OperationalError, OperationalError]


def allowed(error: Exception) -> bool:
    """What the pages answer with a sentence."""
    return isinstance(error, ValidationError | actions.AlreadyLogged | cohort_actions.NotPlaced)
