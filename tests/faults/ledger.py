"""What is owed against what arrived: the one question every fault test ends with."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders.models import Reminder
from tests import programme
from tests.faults.mail_server import MailServer

State = Reminder.State
TO_COME = [State.DUE, State.RETRY, State.CLAIMED, State.SENDING]


def owe(number: int, *, domain: str = "trust.example") -> None:
    """Owe so many people an answer to a wish to talk, each once: day or night, at once.

    Written by a few statements, as ten thousand of them have to be.
    """
    from checkins.models import TalkRequest

    where = programme.organisation()
    people = _people(where, 2 * number, domain)
    asked, workers = people[:number], people[number:]
    requests = TalkRequest.objects.bulk_create(
        TalkRequest(organisation=where, worker=worker, asked=supervisor)
        for worker, supervisor in zip(workers, asked, strict=True)
    )
    now = timezone.now()
    Reminder.objects.bulk_create(
        Reminder(
            organisation=where,
            recipient=request.asked,
            kind="talk_request",
            key=f"talk-request:{request.pk}",
            about={"talk_request": request.pk},
            planned_at=now,
            due_at=now,
            try_at=now,
        )
        for request in requests
    )


def owe_together(number: int) -> None:
    """Owe so many invitations to check in, two to each person: they go in one message."""
    from cohorts.models import Membership

    where = programme.organisation()
    most = 500  # in one cohort
    cohorts = [programme.cohort(where, capacity=most) for _ in range(number // most + 1)]
    people = _people(where, number // 2, "trust.example")
    Membership.objects.bulk_create(
        Membership(
            organisation=where,
            cohort=cohorts[place // most],
            worker=worker,
            stage=Membership.Stage.ACTIVE,
            joined_on=cohorts[0].starts_on,
            placed_by=worker,
        )
        for place, worker in enumerate(people)
    )
    now = timezone.now()
    Reminder.objects.bulk_create(
        Reminder(
            organisation=where,
            recipient=worker,
            kind="checkin_invitation",
            key=f"check-in-invitation:{worker.pk}:{time}",
            planned_at=now,
            due_at=now,
            try_at=now,
        )
        for worker in people
        for time in range(2)
    )


def _people(where: Organisation, number: int, domain: str) -> list[User]:
    return User.objects.bulk_create(
        User(
            organisation=where,
            email=f"person{n}@{domain}",
            given_name="Sam",
            family_name=f"Okafor{n}",
            password="none that works",
        )
        for n in range(number)
    )


def let_leases_end() -> None:
    """What five minutes do: whatever a dead sender held is free to be taken from it."""
    in_hand = Reminder.objects.filter(state__in=[State.CLAIMED, State.SENDING])
    with transaction.atomic():
        # What a living sender has just locked is not a dead one's.
        left = list(in_hand.select_for_update(skip_locked=True).values_list("pk", flat=True))
        in_hand.filter(pk__in=left).update(claimed_until=timezone.now())


def let_waits_end() -> None:
    """What an hour does: whatever waits to be tried again is tried now."""
    Reminder.objects.filter(state=State.RETRY).update(try_at=timezone.now())


@dataclass(frozen=True)
class Count:
    """How the accounts stand."""

    owed: int
    sent: int
    failed: int
    uncertain: int
    to_come: int
    doubled: int
    lost: int
    unasked: int

    def __str__(self) -> str:
        return (
            f"owed {self.owed} = sent {self.sent} + failed {self.failed} + uncertain "
            f"{self.uncertain} + to come {self.to_come}; doubled {self.doubled}, lost {self.lost}, "
            f"unasked {self.unasked}"
        )


def count(server: MailServer, rows: Iterable[tuple[int, str]] | None = None) -> Count:
    """Compare the table with what the mail server accepted, reminder by reminder.

    `rows` are ids and states, where the table is in another database than the test's. Lost: the
    table says that it was sent, and it did not arrive. Unasked: it arrived, and the table says that
    it was not sent, or will be sent again.
    """
    arrived = server.arrived()
    rows = list(Reminder.objects.values_list("pk", "state") if rows is None else rows)
    states = Counter(state for _pk, state in rows)
    state_of = dict(rows)
    return Count(
        owed=len(rows),
        sent=states[State.SENT],
        failed=states[State.FAILED],
        uncertain=states[State.UNCERTAIN],
        to_come=sum(states[state] for state in TO_COME),
        doubled=sum(times - 1 for times in arrived.values()),
        lost=sum(state == State.SENT and not arrived[one] for one, state in state_of.items()),
        unasked=sum(
            state_of.get(one) not in (State.SENT, State.UNCERTAIN, State.SENDING) for one in arrived
        ),
    )


TABLE: list[tuple[str, int, Count]] = []
"""Which test ended how, after how many kills: `make faults` prints it."""


def assert_sound(counted: Count, *, kills: int = 0, together: int = 1) -> None:
    """Nothing lost, doubled or silent; no more messages, of so many each, uncertain than killed."""
    name = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].removesuffix(" (call)")
    TABLE.append((name, kills, counted))
    added = counted.sent + counted.failed + counted.uncertain + counted.to_come
    assert added == counted.owed, counted
    assert (counted.doubled, counted.lost, counted.unasked) == (0, 0, 0), counted
    assert counted.uncertain <= kills * together, counted
