"""A definition that contradicts itself is refused, with a sentence that says where and why."""

from pathlib import Path

import pytest
from django.utils import translation

from checkins import instruments
from checkins.instruments import DefinitionError
from checkins.scoring import Question

GOOD = """
name = "Two questions"
version = 1
higher_is = "better"
interval_days = 14
source = "Somebody, 2020."
licence = "Free to use."

[response]
lowest = 1
highest = 5

[score]
rule = "sum"
multiplier = 2
minimum_answered = 2
lowest = 4
highest = 20

[[items]]
key = "a"

[[items]]
key = "b"
reversed = true

[[bands]]
name = "low"
at_most = 10

[wording.en-gb.a]
question = "How are you?"
low = "Bad"
high = "Good"

[wording.en-gb.b]
question = "How tired are you?"
low = "Not"
high = "Very"
"""


def read(folder: Path, words: str) -> instruments.Instrument:
    path = folder / "two.toml"
    path.write_text(words, encoding="utf-8")
    return instruments.read(path)


def test_a_new_definition_takes_no_code(tmp_path: Path) -> None:
    two = read(tmp_path, GOOD)

    result = two.score({"a": 1, "b": 4})

    assert (result.score, result.band) == (6, "low")
    assert two.question("a") == Question("How are you?", "Bad", "Good")


def test_every_definition_that_comes_with_the_service_can_be_read() -> None:
    names = {key: instruments.get(key).key for key in instruments.names()}

    assert names == {key: key for key in ("cbi_work", "ons4", "pulse", "swemwbs", "who5")}


def test_only_our_own_pulse_brings_wording() -> None:
    worded = [key for key in instruments.names() if instruments.get(key).wording is not None]

    assert worded == ["pulse"]


def test_the_pulse_says_that_it_is_not_validated() -> None:
    pulse = instruments.get("pulse")

    assert "Not a validated measure" in pulse.source
    assert pulse.interval_days == 7


def test_wording_falls_back_to_english(tmp_path: Path) -> None:
    two = read(tmp_path, GOOD)

    with translation.override("cy"):
        assert two.question("a").words == "How are you?"


def test_wording_follows_the_readers_language(tmp_path: Path) -> None:
    welsh = GOOD.replace("en-gb", "cy").replace("How are you?", "Sut wyt ti?")
    two = read(tmp_path, GOOD + welsh[welsh.index("[wording") :])

    with translation.override("cy"):
        assert two.question("a").words == "Sut wyt ti?"


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        ('name = "Two questions"', "", "the definition: name must be words"),
        ("version = 1", "version = 0", "the definition: version must be 1 or more"),
        ("version = 1", "version = true", "the definition: version must be a whole number"),
        (
            'higher_is = "better"',
            'higher_is = "nicer"',
            "the definition: higher_is must be one of better, worse",
        ),
        ("version = 1", "version = 1\ncolour = 3", "the definition: colour is not known here"),
        ("lowest = 1\n", "lowest = 5\n", "response: lowest must be below highest"),
        (
            "highest = 5\n",
            "highest = 5\nstep = 3\n",
            "response: steps of 3 do not lead from 1 to 5",
        ),
        ("highest = 5\n", 'highest = "5"\n', "response: highest must be a whole number"),
        ('key = "b"', 'key = "a"', "item a: appears more than once"),
        ("reversed = true", 'reversed = "yes"', "item b: reversed must be true or false"),
        ("reversed = true", "revered = true", "item b: revered is not known here"),
        ('rule = "sum"', 'rule = "median"', "score: rule must be one of sum, mean, none"),
        ('rule = "sum"', 'rule = "none"', "score: a rule of none takes nothing else"),
        ("minimum_answered = 2", "minimum_answered = 1", "score: a sum needs every item answered"),
        (
            "minimum_answered = 2",
            "minimum_answered = 3",
            "score: minimum_answered is more than the 2 items",
        ),
        ("lowest = 4", "lowest = 0", "score: lowest is 0, but the answers reach 4"),
        ("multiplier = 2", "multiplier = 1", "score: lowest is 4, but the answers reach 2"),
        ("highest = 20", "highest = 200", "score: lowest to highest must lie within 0 to 100"),
        ("highest = 20", "highest = 100", "score: highest is 100, but the answers reach 20"),
        (
            "multiplier = 2",
            "table = [4, 20]",
            "score: the table has 2 values for 9 sums",
        ),
        (
            "multiplier = 2",
            "table = [4, 5, 6, 7, 8, 9, 10, 11, 19]",
            "score: the table must run from lowest to highest",
        ),
        (
            "multiplier = 2",
            "table = [4, 5, 6, 7, 8, 8, 10, 11, 20]",
            "score: the table's values must rise",
        ),
        (
            "at_most = 10",
            "at_most = 10\nbelow = 11",
            "bands: low needs one bound, not 2",
        ),
        (
            "at_most = 10",
            'at_most = 10\n[[bands]]\nname = "lower"\nat_most = 5',
            "bands: the bounds must rise",
        ),
        (
            "at_most = 10",
            '[[bands]]\nname = "lower"\nat_most = 5',
            "bands: low hides the bands after it",
        ),
        ("wording.en-gb.b", "wording.en-gb.c", "wording: en-gb must word each item once"),
        ("en-gb", "cy", "wording: there is none in en-gb"),
        ('low = "Not"', "", "wording of b: low must be words"),
        ("[response]", "[answers]", "the definition: answers is not known here"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    tmp_path: Path, good: str, bad: str, sentence: str
) -> None:
    assert good in GOOD

    with pytest.raises(DefinitionError) as problem:
        read(tmp_path, GOOD.replace(good, bad))

    assert str(problem.value) == f"two.toml: {sentence}"


def test_a_definition_without_questions_is_refused(tmp_path: Path) -> None:
    words = GOOD[: GOOD.index("[[items]]")]

    with pytest.raises(DefinitionError, match=r"two\.toml: items: is missing"):
        read(tmp_path, words)


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"^two\.toml: is not TOML: "):
        read(tmp_path, "name = ")
