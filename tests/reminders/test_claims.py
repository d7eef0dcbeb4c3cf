"""How reminders pass from hand to hand, and what the database lets nobody do."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import claims, outbox
from peersupport.reminders.models import Reminder
from peersupport.reminders.post import Outcome
from tests import programme
from tests.reminders.programme import alone, asked_to_talk

State = Reminder.State

FINAL = {State.SENT, State.FAILED, State.UNCERTAIN, State.CANCELLED}
MOVES = {
    State.DUE: {State.CLAIMED, State.CANCELLED},
    State.RETRY: {State.CLAIMED, State.CANCELLED},
    State.CLAIMED: {State.DUE, State.SENDING, State.RETRY, State.FAILED, State.CANCELLED},
    State.SENDING: {State.SENT, State.RETRY, State.FAILED, State.UNCERTAIN},
    State.UNCERTAIN: {State.SENT, State.RETRY, State.FAILED, State.DUE, State.CANCELLED},
    State.FAILED: {State.DUE, State.CANCELLED},
    State.SENT: set(),
    State.CANCELLED: set(),
}


def facts(state: str) -> dict[str, object]:
    """What a reminder in this state must say of itself."""
    now = timezone.now()
    in_hand = state in (State.CLAIMED, State.SENDING)
    return {
        "state": state,
        "settled_at": now if state in FINAL else None,
        "claimed_at": now if in_hand else None,
        "claimed_until": now + claims.LEASE if in_hand else None,
    }


def reminder(where: Organisation, state: str = State.DUE) -> Reminder:
    now = timezone.now()
    number = Reminder.objects.count()
    return Reminder.objects.create(
        organisation=where,
        recipient=programme.psw(where),
        kind="talk_request",
        key=f"test:{number}",
        due_at=now,
        try_at=now,
        **facts(state),
    )


def refusal(one: Reminder, **change: object) -> str:
    """The constraint that refuses this change; nothing when it is made."""
    try:
        with transaction.atomic():
            Reminder.objects.filter(pk=one.pk).update(**change)
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    return ""


@pytest.mark.parametrize("before", State.values)
def test_the_database_refuses_every_move_but_these(riverside: Organisation, before: str) -> None:
    allowed = set()
    for after in set(State.values) - {before}:
        one = reminder(riverside, before)
        if refusal(one, **facts(after)) != "reminder_keeps_to_its_moves":
            allowed.add(after)

    assert allowed == MOVES[State(before)]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": State.CLAIMED}, "reminder_claimed_until_its_lease_ends"),
        ({"state": State.CANCELLED}, "reminder_settled_when_nothing_more_happens"),
        ({"settled_by_id": 1}, "reminder_settled_by_someone_at_some_time"),
        ({"recipient_id": None}, "reminder_to_a_person_or_an_address_invited"),
    ],
)
def test_the_database_refuses_half_a_move(
    riverside: Organisation, change: dict[str, object], constraint: str
) -> None:
    one = reminder(riverside)

    assert refusal(one, **change) == constraint


def test_nobody_is_owed_by_another_organisation(riverside: Organisation) -> None:
    one = reminder(riverside)
    elsewhere = programme.organisation("Elsewhere")
    Reminder.objects.filter(pk=one.pk).update(organisation=elsewhere)

    with pytest.raises(IntegrityError) as refused, connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    name = refused.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert name == "reminders_reminder_recipient_same_organisation"


def test_owing_the_same_again_changes_nothing(riverside: Organisation) -> None:
    first, second = programme.psw(riverside), programme.psw(riverside)
    outbox.owe(kind="talk_request", key="talk-request:1", recipient=first)

    outbox.owe(kind="talk_request", key="talk-request:1", recipient=second)

    assert Reminder.objects.get().recipient == first


def test_a_kind_that_nobody_registered_cannot_be_owed(riverside: Organisation) -> None:
    with pytest.raises(KeyError):
        outbox.owe(kind="newsletter", key="newsletter:1", recipient=programme.psw(riverside))


@pytest.mark.django_db(transaction=True)
def test_what_is_owed_goes_with_its_transaction() -> None:
    person = programme.psw(programme.organisation())

    with transaction.atomic():
        outbox.owe(kind="talk_request", key="talk-request:1", recipient=person)
        transaction.set_rollback(True)

    assert Reminder.objects.count() == 0


def elsewhere(action: Callable[[], None]) -> Thread:
    """Run `action` over a connection of its own."""

    def run() -> None:
        try:
            action()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_share_and_do_not_wait() -> None:
    where = programme.organisation()
    everything = {reminder(where).pk for _ in range(10)}
    claimed, done = Event(), Event()
    theirs: set[int] = set()

    def other() -> None:
        with transaction.atomic():
            theirs.update(one.pk for one in claims.claim(4, timezone.now()))
            claimed.set()
            done.wait(10)

    thread = elsewhere(other)
    claimed.wait(10)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            ours = {one.pk for one in claims.claim(10, timezone.now())}
    finally:
        done.set()
        thread.join()

    assert (len(ours), len(theirs)) == (6, 4)
    assert ours | theirs == everything


@pytest.mark.django_db(transaction=True)
def test_planning_twice_at_once_plans_each_once() -> None:
    where = programme.organisation()
    cohort = programme.cohort(where)
    now = timezone.now()
    for _ in range(20):
        programme.member(
            programme.psw(where), cohort, joined_on=timezone.localdate() - timedelta(days=14)
        )
    planned: list[int] = []

    def plan() -> None:
        planned.append(outbox.plan(now)["checkin_invitation"])

    threads = [elsewhere(plan) for _ in range(3)]
    for thread in threads:
        thread.join()

    assert (len(planned), sum(planned)) == (3, Reminder.objects.count())
    assert Reminder.objects.count() == 20


@pytest.fixture
def claimed(riverside: Organisation) -> Reminder:
    """A reminder in somebody's hands."""
    reminder(riverside)
    return claims.claim(1, timezone.now())[0]


def end_lease(one: Reminder) -> None:
    Reminder.objects.filter(pk=one.pk).update(claimed_until=timezone.now())


def test_a_claim_whose_sender_died_is_due_again(claimed: Reminder) -> None:
    end_lease(claimed)

    claims.take_from_the_dead(timezone.now())

    claimed.refresh_from_db()
    assert (claimed.state, claimed.attempts) == ("due", 0)


def test_one_being_sent_when_its_sender_died_is_uncertain(claimed: Reminder) -> None:
    claims.begin(alone(claimed))
    end_lease(claimed)

    claims.take_from_the_dead(timezone.now())

    claimed.refresh_from_db()
    assert (claimed.state, claimed.reason) == ("uncertain", "cut_off")


def test_nothing_is_taken_from_the_living(claimed: Reminder) -> None:
    claims.take_from_the_dead(timezone.now())

    claimed.refresh_from_db()
    assert claimed.state == "claimed"


def test_a_sender_that_was_too_slow_does_not_send(claimed: Reminder) -> None:
    end_lease(claimed)
    claims.take_from_the_dead(timezone.now())
    claims.claim(1, timezone.now())

    assert claims.begin(alone(claimed)) is False


def test_a_lease_that_has_ended_is_not_begun_although_nobody_took_it(claimed: Reminder) -> None:
    end_lease(claimed)

    began = claims.begin(alone(claimed))

    claimed.refresh_from_db()
    assert (began, claimed.state, claimed.attempts) == (False, "claimed", 0)


def test_a_sender_that_was_slow_to_hear_settles_its_own(claimed: Reminder) -> None:
    claims.begin(alone(claimed))
    end_lease(claimed)
    claims.take_from_the_dead(timezone.now())

    claims.settle(alone(claimed), Outcome(State.SENT))

    claimed.refresh_from_db()
    assert claimed.state == "sent"


def test_but_not_once_a_person_has_settled_it(claimed: Reminder) -> None:
    claims.begin(alone(claimed))
    end_lease(claimed)
    claims.take_from_the_dead(timezone.now())
    head: User = programme.head(claimed.organisation)
    Reminder.objects.update(state="sent", settled_at=timezone.now(), settled_by=head)

    claims.settle(alone(claimed), Outcome(State.RETRY))

    claimed.refresh_from_db()
    assert claimed.state == "sent"


def test_a_claim_costs_the_same_for_one_and_for_many(
    riverside: Organisation, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in (1, 30):
        for _ in range(number):
            asked_to_talk(programme.supervisor(riverside))
        with django_assert_num_queries(3):  # type: ignore[attr-defined]
            claims.claim(50, timezone.now())


@pytest.mark.parametrize("reason", Reminder.Reason.values)
def test_only_what_passes_is_owed_again(riverside: Organisation, reason: str) -> None:
    one = reminder(riverside, State.CANCELLED)
    Reminder.objects.filter(pk=one.pk).update(reason=reason)

    refused = refusal(one, **facts(State.DUE))

    assert (refused == "") == (reason in Reminder.PASSING)
