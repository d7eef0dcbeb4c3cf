"""Scores: what the publishers print, and the wrong formulas that are in use elsewhere."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkins import instruments
from checkins.scoring import ImpossibleAnswers, Result, shown


def scored(key: str, *answers: int | None) -> Result:
    """The result of these answers in the instrument's order; None was skipped."""
    instrument = instruments.get(key)
    given = zip(instrument.items, answers, strict=True)
    return instrument.score({item.key: answer for item, answer in given if answer is not None})


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ((0, 10, 0), "0.00"),
        ((10, 0, 10), "100.00"),
        ((5, 5, 5), "50.00"),
        ((6, 4, 8), "66.67"),
        ((10, 10, 10), "66.67"),
        ((0, 0, 0), "33.33"),
    ],
)
def test_the_pulse_is_the_mean_of_three_times_ten_with_strain_reversed(
    answers: tuple[int, ...], score: str
) -> None:
    assert scored("pulse", *answers) == Result(Decimal(score))


@pytest.mark.parametrize("answers", [(6, 4, None), (None, 4, 8), (None, None, 8), (None,) * 3])
def test_the_pulse_has_no_score_unless_all_three_are_answered(
    answers: tuple[int | None, ...],
) -> None:
    assert scored("pulse", *answers).score is None


@pytest.mark.parametrize(
    ("answers", "score", "band"),
    [
        ((2, 3, 2, 3, 2), 48, "low"),
        ((3, 3, 3, 2, 2), 52, None),
        ((2, 1, 1, 2, 1), 28, "very low"),
        ((2, 2, 2, 1, 1), 32, "low"),
        ((0, 0, 0, 0, 0), 0, "very low"),
        ((5, 5, 5, 5, 5), 100, None),
    ],
)
def test_who5_is_the_sum_times_four_and_not_the_sum_less_five(
    answers: tuple[int, ...], score: int, band: str | None
) -> None:
    assert scored("who5", *answers) == Result(Decimal(score), band)


def test_who5_needs_all_five() -> None:
    assert scored("who5", 3, 3, 3, 3, None).score is None


@pytest.mark.parametrize(
    ("answers", "score", "band", "gmc", "gmc_band"),
    [
        ((100,) * 7, "85.71", "high", "14.29", "high"),
        ((50,) * 7, "50.00", "moderate", "50.00", "moderate"),
        ((100,) * 6 + (0,), "100.00", "severe", "0.00", "high"),
        ((0,) * 6 + (100,), "0.00", "low", "100.00", "low"),
        ((75, 75, 75, 75, 75, 75, 25), "75.00", "high", "25.00", "high"),
        ((25, 25, 25, 25, 25, 25, 75), "25.00", "low", "75.00", "low"),
        ((75, 75, 75, 75, 75, 75, 50), "71.43", "moderate", "28.57", "moderate"),
        ((50, 50, 50, 50, None, None, None), "50.00", "moderate", "50.00", "moderate"),
    ],
)
def test_cbi_is_the_mean_with_the_last_reversed_and_its_bands_are_not_quarters(
    answers: tuple[int | None, ...], score: str, band: str, gmc: str, gmc_band: str
) -> None:
    expected = Result(Decimal(score), band, turned=Result(Decimal(gmc), gmc_band))

    assert scored("cbi_work", *answers) == expected


def test_cbi_needs_four_of_seven() -> None:
    result = scored("cbi_work", 50, 50, 50, None, None, None, None)

    assert result == Result(None)


@pytest.mark.parametrize(
    ("answers", "score", "band"),
    [
        ((1,) * 7, "7.00", "low"),
        ((3,) * 7, "19.25", "low"),
        ((3,) * 6 + (4,), "19.98", None),
        ((4,) * 7, "25.03", None),
        ((4,) * 4 + (5, 5, 5), "28.13", "high"),
        ((5,) * 7, "35.00", "high"),
    ],
)
def test_swemwbs_gives_the_metric_score_and_never_the_raw_total(
    answers: tuple[int, ...], score: str, band: str | None
) -> None:
    assert scored("swemwbs", *answers) == Result(Decimal(score), band)


def test_ons4_has_a_band_for_each_answer_and_no_score() -> None:
    result = scored("ons4", 4, 5, 9, 2)

    assert result.score is None
    assert result.item_bands == {
        "satisfaction": "low",
        "worthwhile": "medium",
        "happy": "very high",
        "anxiety": "low",
    }


@pytest.mark.parametrize(
    ("anxiety", "band"),
    [(1, "very low"), (2, "low"), (4, "medium"), (5, "medium"), (6, "high"), (10, "high")],
)
def test_ons4_reads_anxiety_by_its_own_bands(anxiety: int, band: str) -> None:
    assert scored("ons4", 5, 5, 5, anxiety).item_bands["anxiety"] == band


@pytest.mark.parametrize(
    ("key", "answers", "sentence"),
    [
        ("pulse", {"energy": 11}, "11 is not one of 0 to 10"),
        ("pulse", {"energy": -1}, "-1 is not one of 0 to 10"),
        ("pulse", {"energy": True}, "True is not one of 0 to 10"),
        ("pulse", {"mood": 3}, "Pulse has no item 'mood'"),
        ("swemwbs", {"1": 0}, "0 is not one of 1 to 5"),
        ("cbi_work", {"1": 30}, "30 is not one of 0, 25, 50, 75, 100"),
    ],
)
def test_answers_that_cannot_be_are_refused_in_a_sentence(
    key: str, answers: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ImpossibleAnswers) as problem:
        instruments.get(key).score(answers)

    assert str(problem.value) == sentence


@pytest.mark.parametrize(("score", "whole"), [("66.67", 67), ("66.50", 67), ("33.33", 33)])
def test_pages_show_whole_scores_with_halves_upwards(score: str, whole: int) -> None:
    assert shown(Decimal(score)) == whole


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("score", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_score_band_and_rule_as_json() -> None:
    facts = json.loads(command("cbi_work", *["100"] * 7, "--json"))

    assert facts == {
        "instrument": "cbi_work",
        "version": 1,
        "score": 85.71,
        "band": "high",
        "rule": "mean; 4 of 7 answers needed; 0 to 100, higher is worse",
        "gmc": {"score": 14.29, "band": "high"},
    }


def test_the_command_prints_one_fact_a_line_for_people() -> None:
    assert command("who5", "2", "3", "2", "3", "2").splitlines() == [
        "instrument: who5",
        "version: 1",
        "score: 48.0",
        "band: low",
        "rule: sum × 4; 5 of 5 answers needed; 0 to 100, higher is better",
    ]


def test_the_command_takes_a_dash_for_a_skipped_question() -> None:
    assert json.loads(command("pulse", "6", "-", "8", "--json"))["score"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("pulse", "6", "4", "11"), "11 is not one of 0 to 10"),
        (("pulse", "6", "4", "-1"), "-1 is not one of 0 to 10"),
        (("pulse", "6", "4"), "Pulse has 3 items, but 2 were answered"),
        (("pulse", "6", "four", "8"), "Answers are numbers, 0 to 10"),
        (("pulse", "6", "4.5", "8"), "Answers are numbers, 0 to 10"),
        (
            ("mbi", "1"),
            "There is no instrument 'mbi'; there are cbi_work, ons4, pulse, swemwbs, who5",
        ),
    ],
)
def test_the_command_refuses_what_cannot_be_with_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError) as problem:
        command(*arguments)

    assert (str(problem.value), problem.value.returncode) == (sentence, 2)
