"""How long e-mails have waited, and the two commands."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from peersupport.accounts.models import Organisation
from peersupport.reminders.models import Reminder
from peersupport.reminders.outbox import oldest_unsent_seconds
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, asked_to_talk

pytestmark = pytest.mark.usefixtures("monday_morning")


def invitation(where: Organisation, due_at: datetime, **facts: object) -> Reminder:
    """A reminder that waits for office hours."""
    return Reminder.objects.create(
        organisation=where,
        recipient=programme.psw(where),
        kind="checkin_invitation",
        key=f"test:{Reminder.objects.count()}",
        due_at=due_at,
        try_at=due_at,
        **facts,
    )


def test_nothing_owed_waits_no_time(riverside: Organisation) -> None:
    invitation(riverside, MONDAY_MORNING + timedelta(hours=1))
    invitation(
        riverside, MONDAY_MORNING - timedelta(hours=1), state="sent", settled_at=MONDAY_MORNING
    )

    assert oldest_unsent_seconds() == 0


def test_the_oldest_counts_even_while_it_is_tried_again(riverside: Organisation) -> None:
    invitation(riverside, MONDAY_MORNING - timedelta(minutes=10))
    retry = invitation(riverside, MONDAY_MORNING - timedelta(minutes=30), state="retry")
    Reminder.objects.filter(pk=retry.pk).update(try_at=MONDAY_MORNING + timedelta(hours=1))

    assert oldest_unsent_seconds() == 30 * 60


@pytest.mark.parametrize(
    ("now", "minutes"),
    [("2026-11-23T17:59", 9), ("2026-11-23T18:00", 0), ("2026-11-24T08:05", 5)],
)
def test_hours_in_which_it_may_not_arrive_do_not_count(
    riverside: Organisation, now: str, minutes: int
) -> None:
    invitation(riverside, datetime(2026, 11, 23, 17, 50, tzinfo=UTC))

    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert oldest_unsent_seconds(instant) == minutes * 60


def test_a_talk_request_counts_at_night(
    riverside: Organisation, monday_morning: time_machine.Traveller
) -> None:
    monday_morning.move_to(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))
    asked_to_talk(programme.supervisor(riverside))

    assert oldest_unsent_seconds(datetime(2026, 11, 23, 23, 5, tzinfo=UTC)) == 5 * 60


def test_plan_reminders_says_how_many_are_new(riverside: Organisation) -> None:
    worker = programme.psw(riverside)
    programme.member(worker, programme.cohort(riverside, starts_on=date(2026, 11, 9)))
    said = StringIO()

    call_command("plan_reminders", now="2026-11-22T12:00", stdout=said)
    call_command("plan_reminders", now="2026-11-23T09:00:00+00:00", stdout=said)
    call_command("plan_reminders", stdout=said)

    numbers = [line for line in said.getvalue().splitlines() if line.startswith("checkin")]
    assert numbers == [f"checkin_invitation: {number} new" for number in (1, 0, 0)]
    assert Reminder.objects.get().due_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_plan_reminders_refuses_what_is_no_instant(db: None) -> None:
    with pytest.raises(CommandError, match="Write --now as"):
        call_command("plan_reminders", now="tomorrow")


def test_send_reminders_says_what_became_of_them(riverside: Organisation) -> None:
    asked_to_talk(programme.supervisor(riverside))
    said = StringIO()

    call_command("send_reminders", "--drain", stdout=said)

    assert "sent: 1" in said.getvalue()
    assert len(mail.outbox) == 1
