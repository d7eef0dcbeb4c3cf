"""A PSW's own line: where its points stand, and the same figures as a table."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkins import trend
from tests.checkins.conftest import People, check_in, signed_in


def test_points_stand_by_date_and_score_the_oldest_first(people: People) -> None:
    for days_ago, score in ((20, "0"), (15, "50"), (0, "100")):
        check_in(people.blessing, days_ago=days_ago, score=Decimal(score))

    points = trend.of(people.blessing).points

    assert [(point.score, point.x, point.y) for point in points] == [
        (0, 10.0, 168.0),
        (50, 31.25, 98.0),
        (100, 95.0, 28.0),
    ]


def test_the_table_has_the_same_figures_the_latest_first(people: People, time_machine: Any) -> None:
    time_machine.move_to("2026-01-05T12:00:00Z")
    for days_ago, score in ((7, "66.67"), (0, "50")):
        check_in(people.blessing, days_ago=days_ago, score=Decimal(score))

    mine = trend.of(people.blessing)

    assert mine.rows == [("5 January", 50), ("29 December 2025", 67)]
    assert mine.sentence == (
        "2 check-ins from 29 December 2025 to 5 January. The latest came to 50 of 100; "
        "the lowest was 50 and the highest 67."
    )


def test_one_check_in_is_a_point_without_a_line(people: People) -> None:
    check_in(people.blessing)

    mine = trend.of(people.blessing)

    assert (len(mine.points), mine.lines, mine.last.x) == (1, [], 95.0)


def test_without_a_score_there_is_no_drawing(people: People) -> None:
    check_in(people.blessing, score=None)

    response = signed_in(people.blessing).get("/check-ins/")

    assert not trend.of(people.blessing)
    assert "app-chart" not in response.content.decode()


def test_it_is_mine_alone_with_one_instrument(people: People) -> None:
    check_in(people.anwen, score=Decimal("10"))
    check_in(people.blessing, score=Decimal("20"), instrument="who5")
    check_in(people.blessing, score=Decimal("30"))

    assert [point.score for point in trend.of(people.blessing).points] == [30]


def test_it_shows_the_latest_half_year_of_weekly_ones(people: People) -> None:
    for week in range(30):
        check_in(people.blessing, days_ago=7 * week, score=Decimal(week))

    mine = trend.of(people.blessing)

    assert [point.score for point in mine.points] == list(range(25, -1, -1))


def test_the_last_value_is_written_and_the_extremes_that_do_not_touch_it(people: People) -> None:
    for days_ago, score in ((100, 90), (60, 20), (1, 10), (0, 50)):
        check_in(people.blessing, days_ago=days_ago, score=Decimal(score))

    assert [point.score for point in trend.of(people.blessing).values] == [50, 90]


@pytest.mark.parametrize("days", [0, 20, 100, 180, 364])
def test_words_along_the_foot_never_touch(people: People, days: int) -> None:
    for days_ago in {0, days}:
        check_in(people.blessing, days_ago=days_ago)

    places = [mark.at for mark in trend.of(people.blessing).months]

    assert places == sorted(places)
    assert 1 <= len(places) <= trend.MOST_MONTHS
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert all(gap >= trend.CLOSE for gap in gaps)


def test_the_drawing_needs_no_style_and_says_what_it_shows(people: People) -> None:
    for days_ago in (14, 7, 0):
        check_in(people.blessing, days_ago=days_ago)

    drawing = BeautifulSoup(trend.of(people.blessing).svg, "html.parser").svg

    assert drawing is not None
    assert not drawing.select("[style]")
    assert str(drawing["aria-label"]).startswith("3 check-ins from")
    assert len(drawing.select("circle")) == 3
    assert len(drawing.select(".app-chart__line")) == 2


def test_numbers_in_the_drawing_keep_their_decimal_point(people: People, settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    for days_ago in (9, 4, 0):
        check_in(people.blessing, days_ago=days_ago, score=Decimal("66.67"))

    assert "," not in trend.of(people.blessing).svg.split(">", 1)[1]


@pytest.mark.parametrize("number", [1, 300])
def test_a_year_or_a_day_of_it_takes_one_query(
    people: People, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days_ago in range(number):
        check_in(people.blessing, days_ago=days_ago)

    with django_assert_num_queries(1):
        mine = trend.of(people.blessing)

    assert mine.last.on == timezone.localdate()
    assert timezone.localdate() - mine.points[0].on == timedelta(days=min(number, 26) - 1)
