"""When reminders may arrive."""

from datetime import UTC, date, datetime

import pytest

from peersupport.reminders.office_hours import OfficeHours

ENGLAND = OfficeHours("Europe/London", "ENG")
SCOTLAND = OfficeHours("Europe/London", "SCT")
NORTHERN_IRELAND = OfficeHours("Europe/London", "NIR")


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T18:00", "2026-11-24T08:00"),
        ("2026-11-27T18:30", "2026-11-30T08:00"),
        ("2026-11-28T12:00", "2026-11-30T08:00"),
        ("2026-12-24T18:00", "2026-12-29T08:00"),
    ],
)
def test_reminders_wait_for_eight_to_six_on_a_working_day(now: str, expected: str) -> None:
    assert ENGLAND.next_open(at(now)) == at(expected)


@pytest.mark.parametrize(
    ("friday", "monday_at_eight"),
    [
        ("2027-03-26T20:00", "2027-03-30T07:00"),  # Easter, and the clocks go forward on Sunday
        ("2027-10-29T20:00", "2027-11-01T08:00"),  # the clocks go back on Sunday
    ],
)
def test_eight_is_eight_on_the_clock_after_each_change_of_2027(
    friday: str, monday_at_eight: str
) -> None:
    opens = ENGLAND.next_open(at(friday))

    assert opens == at(monday_at_eight)
    assert opens.astimezone(ENGLAND.zone).hour == 8


def test_it_closes_at_six_on_the_clock_in_summer() -> None:
    assert ENGLAND.is_open(at("2027-07-01T16:59"))
    assert not ENGLAND.is_open(at("2027-07-01T17:00"))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2027, 3, 17), {"ENG": True, "NIR": False, "SCT": True, "WLS": True}),
        (date(2027, 3, 29), {"ENG": False, "NIR": False, "SCT": True, "WLS": False}),
        (date(2027, 11, 30), {"ENG": True, "NIR": True, "SCT": False, "WLS": True}),
        (date(2028, 2, 29), {"ENG": True, "NIR": True, "SCT": True, "WLS": True}),
    ],
)
def test_each_nation_keeps_its_own_bank_holidays(day: date, working: dict[str, bool]) -> None:
    kept = {
        nation: OfficeHours("Europe/London", nation).is_working_day(day)
        for nation in ("ENG", "NIR", "SCT", "WLS")
    }

    assert kept == working


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        (ENGLAND, date(2026, 11, 23), date(2026, 11, 25)),
        (ENGLAND, date(2026, 11, 27), date(2026, 12, 1)),
        (ENGLAND, date(2027, 3, 25), date(2027, 3, 31)),
        (SCOTLAND, date(2027, 3, 25), date(2027, 3, 30)),
        (NORTHERN_IRELAND, date(2027, 3, 16), date(2027, 3, 19)),
    ],
)
def test_two_working_days_ahead_skips_weekends_and_holidays(
    hours: OfficeHours, day: date, expected: date
) -> None:
    assert hours.working_days_after(day, 2) == expected


def test_a_local_day_is_over_at_its_own_midnight() -> None:
    assert ENGLAND.midnight_after(date(2027, 3, 28)) == at("2027-03-28T23:00")
    assert ENGLAND.midnight_after(date(2027, 10, 31)) == at("2027-11-01T00:00")
