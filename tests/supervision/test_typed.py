"""Days, times and lengths as people write them, and words that look like somebody's."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from cohorts.fields import DayField
from supervision.discretion import looks_like
from supervision.fields import ClockField, LengthField

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Today", date(2026, 11, 23)),
        ("Today, 23 November 2026", date(2026, 11, 23)),
        (" yesterday ", date(2026, 11, 22)),
        ("tomorrow", date(2026, 11, 24)),
        ("23 November 2026", date(2026, 11, 23)),
        ("Mon 23 Nov", date(2026, 11, 23)),
        ("Friday, 20th November", date(2026, 11, 20)),
        ("23/11/2026", date(2026, 11, 23)),
        ("3.2.26", date(2026, 2, 3)),
        ("2026-11-23", date(2026, 11, 23)),
        ("20/11", date(2026, 11, 20)),
        ("24 Dec", date(2026, 12, 24)),
        ("30 June", date(2026, 6, 30)),
    ],
)
def test_a_day_is_read_as_people_write_it(words: str, day: date) -> None:
    assert DayField().clean(words) == day


@pytest.mark.parametrize(
    ("words", "past", "coming"),
    [
        ("4 January", date(2026, 1, 4), date(2027, 1, 4)),
        ("22 November", date(2026, 11, 22), date(2027, 11, 22)),
        ("23 November", date(2026, 11, 23), date(2026, 11, 23)),
        ("1 December", date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_a_day_without_a_year_is_the_nearest_in_its_direction(
    words: str, past: date, coming: date
) -> None:
    assert DayField(coming=False).clean(words) == past
    assert DayField(coming=True).clean(words) == coming


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 11, 23), "Today, 23 November"),
        (date(2026, 11, 20), "Friday 20 November"),
        (date(2025, 12, 31), "Wednesday 31 December 2025"),
    ],
)
def test_a_day_is_shown_so_that_it_can_be_read_again(day: date, shown: str) -> None:
    field = DayField(coming=False)

    assert field.prepare_value(day) == shown
    assert field.clean(shown) == day


@pytest.mark.parametrize(
    ("words", "day", "shown"),
    [
        ("4 January", date(2027, 1, 4), "4 January 2027"),
        ("30 June", date(2026, 6, 30), "30 June 2026"),
        ("today", date(2026, 11, 23), "23 November 2026"),
    ],
)
def test_a_day_that_may_be_past_or_to_come_is_the_nearest_and_shows_its_year(
    words: str, day: date, shown: str
) -> None:
    field = DayField()

    assert field.clean(words) == day
    assert field.prepare_value(day) == shown
    assert field.clean(shown) == day


@pytest.mark.parametrize(
    "words",
    [
        "last week",
        "soon",
        "31/02/2026",
        "2026-13-01",
        "0/0/0",
        "1 Smarch",
        "9",
        "1203",
        "3/mm/2027",
    ],
)
def test_what_is_no_day_gets_a_sentence(words: str) -> None:
    with pytest.raises(ValidationError, match=r"^\['(Enter the day|There is no such day)"):
        DayField().clean(words)


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("10:00", time(10)),
        ("10", time(10)),
        ("10.30", time(10, 30)),
        ("1430", time(14, 30)),
        ("2pm", time(14)),
        ("2.30 PM", time(14, 30)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("02:00", time(2)),
        ("8", time(8)),
    ],
)
def test_a_time_is_read_as_people_write_it(words: str, clock: time) -> None:
    assert ClockField().clean(words) == clock


@pytest.mark.parametrize("words", ["25:00", "10:60", "13pm", "0am", "noonish", "10:0"])
def test_what_is_no_time_gets_a_sentence(words: str) -> None:
    with pytest.raises(ValidationError, match="Enter the time, like 10:00"):
        ClockField().clean(words)


def test_two_o_clock_could_be_night_or_day() -> None:
    with pytest.raises(ValidationError, match="2am, or 14:30"):
        ClockField().clean("2.30")


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("20", 20),
        ("20 minutes", 20),
        ("45 min", 45),
        ("5m", 5),
        ("1 hour", 60),
        ("1.5 hours", 90),
        ("240", 240),
    ],
)
def test_a_length_is_read_as_people_write_it(words: str, minutes: int) -> None:
    assert LengthField().clean(words) == minutes


@pytest.mark.parametrize("words", ["4", "241", "0", "-20", "5 hours", "a while", ""])
def test_what_is_no_length_gets_a_sentence(words: str) -> None:
    with pytest.raises(ValidationError, match=r"Enter (a length between|how many minutes)"):
        LengthField().clean(words)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("Rang 07700 900123 about it", "a phone number"),
        ("+44 7700 900123", "a phone number"),
        ("0161 496 0000", "a phone number"),
        ("Patient 943 476 5919", "an NHS number"),
        ("9434765919", "an NHS number"),
        ("born 4/5/1981", "a date of birth"),
        ("dob 04-05-1981", "a date of birth"),
        ("Meet on 1/12 at 10:00, room 214", None),
        ("12 people, 45 minutes, 3 themes", None),
        ("", None),
    ],
)
def test_words_that_look_like_somebodys_are_asked_about(words: str, what: str | None) -> None:
    found = looks_like(words)

    assert (str(found) if found else None) == what
