"""Whatever happens in whatever order: nothing is lost, nothing doubled, one message a day."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cohorts import actions as cohort_actions
from cohorts.models import Leave, Membership
from peersupport.accounts.models import User
from peersupport.reminders import claims, kinds, outbox, sender
from peersupport.reminders.bundles import bundled
from peersupport.reminders.models import Reminder
from peersupport.reminders.post import post
from supervision import actions, leave
from supervision.models import Session
from supervision.slots import Slot, SlotTaken
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk
from tests.reminders.sink import Sink

PEOPLE = st.integers(0, 2)
STEPS = st.sampled_from(["claimed", "sending", "handed over"])


class Programme(RuleBasedStateMachine):
    """A supervisor and three PSWs over some days, with senders that die at any step."""

    sink: Sink

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # what is durable may stand inside of it, as in any test
        self.atomic.__enter__()
        self.clock = time_machine.travel(MONDAY_MORNING, tick=False)
        self.now = self.clock.start()
        self.sink.messages.clear()
        self.crashes = self.looked_at = 0
        where = programme.organisation()
        self.head = programme.head(where)
        self.supervisor = programme.supervisor(where)
        cohort = programme.cohort(where)
        self.workers = [self.member(cohort) for _ in range(3)]

    def member(self, cohort: object) -> User:
        worker = programme.psw(self.head.organisation)
        joined_on = MONDAY_MORNING.date() - timedelta(days=14)
        membership = programme.member(worker, cohort, joined_on=joined_on)
        programme.supervised(membership, self.supervisor, next_due_on=MONDAY_MORNING.date())
        return worker

    def teardown(self) -> None:
        if not hasattr(self, "clock"):
            return
        try:
            self.leases_end()
            self.send()
            self.nothing_that_may_go_now_is_left()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule()
    def tick(self) -> None:
        outbox.plan()
        sender.run()

    @rule()
    def send(self) -> None:
        sender.run()

    @rule()
    def plan(self) -> None:
        outbox.plan()

    @rule(step=STEPS)
    def a_sender_dies(self, step: str) -> None:
        """After planning; of its batch the first message gets as far as `step`."""
        outbox.plan()
        batch = claims.claim(sender.BATCH, timezone.now())
        tally: Counter[str] = Counter()
        ready = sender._written(bundled(sender._said(batch, tally)), tally)
        if step == "claimed" or not ready:
            return
        bundle, letter = ready[0]
        if not claims.begin(bundle):
            return
        self.crashes += len(bundle.ids)
        if step == "handed over":
            way_out = post()
            way_out.open()
            way_out.send(letter)
            way_out.close()

    @rule()
    def leases_end(self) -> None:
        in_hand = Reminder.objects.filter(state__in=["claimed", "sending"])
        in_hand.update(claimed_until=timezone.now())

    @rule(hours=st.sampled_from([1, 5, 24, 72]))
    def time_goes_by(self, hours: int) -> None:
        self.now.shift(timedelta(hours=hours))

    @rule(person=PEOPLE, days=st.integers(1, 4), hour=st.integers(9, 16))
    def book(self, person: int, days: int, hour: int) -> None:
        at = self.at(days, hour)
        self.tries(
            lambda: actions.book_session(
                Slot(at), workers=[self.workers[person]], by=self.supervisor, form_key=uuid4()
            )
        )

    @rule(days=st.integers(1, 4), hour=st.integers(9, 16))
    def rearrange(self, days: int, hour: int) -> None:
        for session in self.booked():
            at = self.at(days, hour)
            self.tries(
                lambda session=session, at=at: actions.rearrange_session(
                    session, Slot(at), by=self.supervisor, form_key=uuid4()
                )
            )

    @rule()
    def call_off(self) -> None:
        for session in self.booked():
            actions.cancel_session(session, by=self.supervisor)

    @rule(person=PEOPLE)
    def log(self, person: int) -> None:
        record = actions.Record(held_on=timezone.localdate())
        self.tries(
            lambda: actions.log_session(
                record, workers=[self.workers[person]], by=self.supervisor, form_key=uuid4()
            )
        )

    @rule()
    def somebody_would_like_to_talk(self) -> None:
        asked_to_talk(self.supervisor)

    @rule(person=PEOPLE, pauses=st.booleans())
    def pause(self, person: int, pauses: bool) -> None:
        for membership in self.memberships(person):
            membership.pause() if pauses else membership.resume()

    @rule(person=st.integers(0, 3), days=st.integers(0, 4), first=st.integers(0, 2))
    def enter_leave(self, person: int, days: int, first: int) -> None:
        starts_on = timezone.localdate() + timedelta(days=first)
        who = [*self.workers, self.supervisor][person]
        self.tries(
            lambda: leave.enter(
                who, starts_on=starts_on, ends_on=starts_on + timedelta(days=days), by=who
            )
        )

    @rule(person=st.integers(0, 3))
    def end_leave(self, person: int) -> None:
        for entered in Leave.objects.filter(person=[*self.workers, self.supervisor][person]):
            leave.end(entered)

    @rule(person=PEOPLE)
    def leave(self, person: int) -> None:
        for membership in self.memberships(person):
            cohort_actions.end_membership(
                membership,
                left_on=timezone.localdate(),
                stage=Membership.Stage.STEPPED_DOWN,
                by=self.head,
            )

    def memberships(self, person: int) -> list[Membership]:
        return list(Membership.objects.filter(worker=self.workers[person], left_on=None))

    def booked(self) -> list[Session]:
        return list(Session.objects.to_come().order_by("pk")[:1])

    def at(self, days: int, hour: int) -> datetime:
        return timezone.now().replace(hour=hour, minute=0) + timedelta(days=days)

    def tries(self, action: object) -> None:
        """What the pages refuse with a sentence is no failure here."""
        try:
            with transaction.atomic():
                action()  # type: ignore[operator]
        except (SlotTaken, actions.NotSupervised, actions.NotBooked, actions.AlreadyLogged):
            pass
        except ValidationError:
            pass

    @invariant()
    def nothing_is_lost_doubled_or_silent(self) -> None:
        if not hasattr(self, "clock"):
            return
        arrived = Counter(self.sink.reminders)
        states = dict(Reminder.objects.values_list("pk", "state"))
        assert [one for one, times in arrived.items() if times > 1] == []
        assert [pk for pk, state in states.items() if state == "sent" and not arrived[pk]] == []
        may_have = {"sent", "uncertain", "sending"}
        assert [pk for pk in arrived if states[pk] not in may_have] == []
        assert Counter(states.values())["uncertain"] <= self.crashes

    @invariant()
    def nobody_gets_two_messages_a_day(self) -> None:
        if not hasattr(self, "clock"):
            return
        besides = {kind.name for kind in kinds.every() if not kind.bundled}
        days = Counter(
            (message["To"], message["Date"].datetime.date())
            for message in self.sink.messages
            if Reminder.objects.get(pk=int(message["X-Reminders"].split()[0])).kind not in besides
        )
        assert [one for one, times in days.items() if times > 1] == []

    @invariant()
    def nothing_that_can_wait_arrives_at_somebody_away(self) -> None:
        """Looked at after each step, as leave may be entered or ended on the same day."""
        if not hasattr(self, "clock"):
            return
        new, self.looked_at = self.sink.messages[self.looked_at :], len(self.sink.messages)
        away = set(Leave.objects.on().values_list("person", flat=True))
        for message in new:
            for reminder in Reminder.objects.filter(pk__in=message["X-Reminders"].split()):
                at_once = not kinds.named(reminder.kind).waits_for_office_hours
                assert at_once or reminder.recipient_id not in away

    def nothing_that_may_go_now_is_left(self) -> None:
        left = Reminder.objects.filter(state__in=["due", "retry"], try_at__lte=timezone.now())
        at_once = [kind.name for kind in kinds.every() if not kind.waits_for_office_hours]
        assert not left.filter(kind__in=at_once).exists()
        assert not Reminder.objects.filter(state__in=["claimed", "sending"]).exists()
        if 8 <= timezone.now().hour < 18 and timezone.now().weekday() < 5:
            assert not left.exists()


@pytest.fixture
def machine(sink: Sink, db: None) -> type[Programme]:
    Programme.sink = sink
    return Programme


def test_whatever_happens_in_whatever_order(machine: type[Programme]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=50,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
