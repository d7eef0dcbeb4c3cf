"""Each cell of a roster is read, or refused with what to do."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from cohorts import roster
from cohorts.roster import values
from cohorts.roster.columns import COLUMNS
from peersupport.accounts.models import RoleGrant, User
from tests.cohorts.conftest import Riverside
from tests.cohorts.rosters import as_csv, as_xlsx, import_, person, refusals, saved

TODAY = date(2026, 11, 23)


def read(content: bytes) -> values.Row | list[values.Refusal]:
    table = roster.read(content)
    return values.row(next(table.lines), table, values.readers_of(table, today=TODAY))


def row(**facts: Any) -> values.Row:
    found = read(as_csv([person(1, **facts)]))
    assert isinstance(found, values.Row), found
    return found


def advice(**facts: Any) -> str:
    """What to do about the one thing that is wrong."""
    found = read(as_csv([person(1, **facts)]))
    assert isinstance(found, list)
    [refusal] = found
    assert [refusal.column] == list(facts)
    return refusal.advice


@pytest.mark.parametrize(
    "written",
    [
        "24/10/2025", "24.10.2025", "24-10-2025", "24 10 2025", "2025-10-24", "2025/10/24",
        "24 October 2025", "24 oct 2025", "24-OCT-2025", "24th October, 2025", "Fri 24 Oct 2025",
        "24/10/2025 00:00", "2025-10-24T00:00:00Z", "2025-10-24 09:30:00", "45954", "45954.5",
    ],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    assert row(started_on=written).details["started_on"] == date(2025, 10, 24)


def test_a_date_is_read_day_first() -> None:
    assert row(started_on="03/04/2026").details["started_on"] == date(2026, 4, 3)


@pytest.mark.parametrize(
    "cell",
    [date(2025, 10, 24), datetime(2025, 10, 24, 9, 30), 45954, 45954.5, "24/10/2025"],  # noqa: DTZ001
)
def test_a_date_of_a_workbook_is_read_however_it_is_kept(cell: Any) -> None:
    found = read(as_xlsx([person(1, started_on=cell)]))

    assert isinstance(found, values.Row)
    assert found.details["started_on"] == date(2025, 10, 24)


def test_a_day_counted_from_1904_is_read() -> None:
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    book.active.append(list(COLUMNS))
    book.active.append(list(person(1, started_on=45954 - 1462).values()))

    found = read(saved(book))

    assert isinstance(found, values.Row)
    assert found.details["started_on"] == date(2025, 10, 24)


@pytest.mark.parametrize(
    ("written", "what_to_do"),
    [
        ("31/02/2026", "Enter a real date: February 2026 has 28 days"),
        ("2026-02-29", "Enter a real date: February 2026 has 28 days"),
        ("31 April 2026", "Enter a real date: April 2026 has 30 days"),
        ("00/04/2026", "Enter a real date: April 2026 has 30 days"),
        ("10/24/2025", "There is no month 24. Enter the day first"),
        ("24/24/2025", "Enter a real date: months go from 1 to 12"),
        ("24/10/25", "Enter the year with four digits"),
        ("soon", "Enter a date such as 24/10/2025"),
        ("24 Octember 2025", "Enter a date such as 24/10/2025"),
        ("24/10", "Enter a date such as 24/10/2025"),
        ("0/0/0000", "Enter a date such as 24/10/2025"),
        ("01/01/1899", "Enter a date between 1 January 1940 and 22 November 2028"),
        ("01/01/2999", "Enter a date between 1 January 1940 and 22 November 2028"),
        ("999999", "Enter a date between 1 January 1940 and 22 November 2028"),
    ],
)
def test_an_impossible_date_says_why(written: str, what_to_do: str) -> None:
    assert advice(started_on=written) == what_to_do


@pytest.mark.parametrize(
    "written",
    [
        " Leila.Pugh@TRUST.example ",
        "leila.pugh@trust.example\u00a0",
        "\u200bleila.pugh@trust.example",
        "mailto:leila.pugh@trust.example",
        "<leila.pugh@trust.example>",
    ],
)
def test_an_address_loses_its_spaces_and_capitals(written: str) -> None:
    assert row(email=written).email == "leila.pugh@trust.example"


@pytest.mark.parametrize(
    ("facts", "what_to_do"),
    [
        ({"email": "tariq.singh@"}, "Enter a whole e-mail address"),
        ({"email": "two@a.example three@a.example"}, "Enter a whole e-mail address"),
        ({"email": ""}, "Enter an e-mail address"),
        (
            {"line_manager_email": "Omar Reid"},
            "Enter a whole e-mail address, or leave the cell empty",
        ),
        ({"employee_number": " "}, "Enter the employee number"),
        (
            {"employee_number": "2.00E+07"},
            "The spreadsheet has shortened this. Enter the whole employee number",
        ),
        ({"employee_number": "9" * 33}, "Shorten this to 32 characters"),
        ({"first_name": ""}, "Enter the first name"),
        ({"last_name": "\u200b"}, "Enter the last name"),
        ({"first_name": "x" * 151}, "Shorten this to 150 characters"),
        ({"site": "x" * 101}, "Shorten this to 100 characters"),
        ({"role": ""}, "Enter psw, supervisor or head; several with a space between them"),
        (
            {"role": "psw ig_auditor"},
            "Enter psw, supervisor or head; several with a space between them",
        ),
        ({"availability": "Mon Xyz"}, "Enter days such as Mon Tue Fri"),
        ({"availability": "Fri-Mon"}, "Enter days such as Mon Tue Fri"),
        ({"availability": "M"}, "Enter days such as Mon Tue Fri"),
        ({"team": "#REF!"}, "Replace this error with a value"),
        ({"team": "a\nb\nc\nd\ne"}, "Close the quotation mark at the beginning of this cell"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_says_what_to_do(facts: dict[str, str], what_to_do: str) -> None:
    assert advice(**facts) == what_to_do


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("psw", ("psw",)),
        ("PSW Supervisor", ("supervisor", "psw")),
        ("psw, head", ("head", "psw")),
        ("Peer support worker", ("psw",)),
        ("Supervisor and PSW", ("supervisor", "psw")),
        ("psw psw", ("psw",)),
    ],
)
def test_roles_are_read_however_they_are_joined(written: str, roles: tuple[str, ...]) -> None:
    assert row(role=written).roles == roles


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Mon Tue Fri", ["Mon", "Tue", "Fri"]),
        ("fri, monday;TUES.", ["Mon", "Tue", "Fri"]),
        ("Mon-Wed", ["Mon", "Tue", "Wed"]),
        ("Mondays and Thursdays", ["Mon", "Thu"]),
        ("Mon to Wed, Sat", ["Mon", "Tue", "Wed", "Sat"]),
        ("", []),
    ],
)
def test_days_are_read_however_they_are_written(written: str, days: list[str]) -> None:
    assert row(availability=written).details["availability"] == days


def test_only_columns_the_file_has_are_known() -> None:
    content = as_csv([person(1)], columns=["employee_number", "first_name", "last_name", "email",
                                           "role", "team"])  # fmt: skip

    found = read(content)

    assert isinstance(found, values.Row)
    assert found.details == {"team": "Community Nursing"}


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    found = read(as_csv([person(1, email="no", started_on="31/02/2026")]))

    assert isinstance(found, list)
    assert [refusal.column for refusal in found] == ["email", "started_on"]


def test_a_cell_divided_by_its_own_comma_is_noticed() -> None:
    header = b"employee_number,first_name,last_name,email,role,site\r\n"

    found = read(header + b"1,Ada,Okoro,ada@trust.example,psw,Cafe, 2nd floor\r\n")

    assert found == [
        values.Refusal(
            "",
            "2nd floor",
            "There are more cells than columns. Put quotation marks round the divided one",
        )
    ]


def test_a_row_shorter_than_its_header_is_empty_at_its_end() -> None:
    header = b"employee_number,first_name,last_name,email,role,site,team\r\n"

    found = read(header + b"1,Ada,Okoro,ada@trust.example,psw\r\n")

    assert isinstance(found, values.Row)
    assert found.details == {"site": "", "team": ""}


@pytest.mark.parametrize(
    "danger", ["=1+1", '=HYPERLINK("http://x.example","Ada")', "@SUM(1)", "+1", "-1"]
)
def test_what_looks_like_a_formula_in_a_text_file_is_text(danger: str) -> None:
    assert row(team=danger).details["team"] == danger
    assert row(team=f"'{danger}").details["team"] == danger


def test_a_number_that_a_text_file_keeps_as_text_is_the_number() -> None:
    assert row(employee_number='="00000417"').employee_number == "00000417"


def test_a_formula_of_a_workbook_is_refused_with_what_it_says(riverside: Riverside) -> None:
    content = as_xlsx([person(1, first_name='=HYPERLINK("http://x.example")')])

    assert refusals(content, riverside.organisation) == [
        (2, "first_name", '=HYPERLINK("http://x.example")', "Replace this formula with its value")
    ]


def test_an_address_that_is_a_formula_is_no_address() -> None:
    assert advice(email="=A1") == "Enter a whole e-mail address"


@given(st.text(max_size=60))
def test_any_text_in_any_column_is_read_or_refused_with_a_sentence(text: str) -> None:
    for column in COLUMNS:
        table = roster.read(as_csv([person(1)]))
        line = next(table.lines)
        line.cells[table.positions[column]] = text

        found = values.row(line, table, values.readers_of(table, today=TODAY))

        if isinstance(found, list):
            assert [refusal.column for refusal in found] == [column]
            assert all(refusal.advice for refusal in found)


def test_odd_text_is_written_as_it_was_read(riverside: Riverside) -> None:
    """Whatever passes the reading also passes the database."""
    import_(as_csv([person(1, team="'=1+1", site="Caf\u00e9\u0301 \U0001f642 \u202eabc")]), riverside.organisation)  # fmt: skip  # noqa: E501

    entry = User.objects.get(email="ada.okoro1@trust.example").roster_entry

    assert (entry.team, entry.site) == ("=1+1", "Caf\u00e9\u0301 \U0001f642 abc")
    assert RoleGrant.objects.filter(person=entry.person).count() == 1
