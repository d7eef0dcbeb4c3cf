"""Hour by hour over the days on which clocks go wrong: nothing doubled, and all in office hours."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
import time_machine

from peersupport.accounts.models import Organisation
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import booked
from tests.reminders.sink import Sink

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
UK = holidays.country_holidays("GB", subdiv="ENG")
DAYS = 6


@pytest.mark.parametrize(
    "day",
    [date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29)],
    ids=["clocks go forward", "clocks go back", "leap day"],
)
def test_each_comes_once_and_in_office_hours(
    riverside: Organisation, sink: Sink, day: date
) -> None:
    first = day - timedelta(days=3)
    workers = [programme.psw(riverside) for _ in range(3)]
    supervisor = programme.supervisor(riverside)
    cohort = programme.cohort(riverside, starts_on=first - timedelta(days=90))
    for back, worker in enumerate(workers, 12):
        joined_on = first - timedelta(days=back)
        membership = programme.member(worker, cohort, joined_on=joined_on)
        programme.supervised(membership, supervisor, next_due_on=day + timedelta(days=back))
        at = datetime(day.year, day.month, day.day, back, 30, tzinfo=UTC) + timedelta(days=2)
        booked(supervisor, worker, at=at)

    with time_machine.travel(datetime(first.year, first.month, first.day, tzinfo=UTC)) as clock:
        for _hour in range(24 * DAYS):
            outbox.plan()
            sender.run()
            clock.shift(timedelta(hours=1))

    times = [message["Date"].datetime.astimezone(LONDON) for message in sink.messages]
    to = Counter(
        (message["To"], at.date()) for message, at in zip(sink.messages, times, strict=True)
    )
    assert len(sink.messages) >= len(workers) + 1
    assert max(Counter(sink.reminders).values()) == 1
    assert max(to.values()) == 1
    assert [at for at in times if not in_office_hours(at)] == []
    waiting = Reminder.objects.exclude(state="sent")
    assert not waiting.filter(try_at__lt=times[-1] + timedelta(hours=1)).exists()


def in_office_hours(at: datetime) -> bool:
    return 8 <= at.hour < 18 and at.weekday() < 5 and at.date() not in UK
