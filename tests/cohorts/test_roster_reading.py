"""A roster is read in whatever clothes it comes, or refused with a sentence."""

import codecs
import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cohorts import roster
from cohorts.roster.columns import COLUMNS, REQUIRED
from tests.cohorts.rosters import as_csv, as_xlsx, people, person, saved

NOT_A_SPREADSHEET = (
    "This is not a spreadsheet. Save it as CSV or as an Excel workbook (.xlsx) and choose that file"
)
DAMAGED = "This Excel file is damaged. Open it in Excel, save it again and choose the new file"
EMPTY = "The file is empty. Choose one with a row for each person"


def read(content: bytes) -> list[dict[str, str]]:
    """Each row by our columns."""
    table = roster.read(content)
    return [{column: table.cell(line, column) for column in COLUMNS} for line in table.lines]


def numbered(content: bytes) -> list[tuple[int, str]]:
    table = roster.read(content)
    return [(line.number, table.cell(line, "employee_number")) for line in table.lines]


def sentence(content: bytes) -> str:
    """Why the file cannot be read, at once or while its rows are."""
    with pytest.raises(roster.Unreadable) as refused:
        list(roster.read(content).lines)
    return str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_delimiter_in_any_encoding_reads_the_same(delimiter: str, encoding: str) -> None:
    rows = [person(1, first_name="Siân", last_name="O’Brien"), person(2, site="Café, 2nd floor")]

    found = read(as_csv(rows, delimiter=delimiter, encoding=encoding))

    assert found == rows


def test_utf16_in_big_endian_with_its_mark_is_read() -> None:
    content = codecs.BOM_UTF16_BE + as_csv([person(1)], encoding="utf-16-be")

    assert read(content) == [person(1)]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize(
    "name", ["Zoë", "Müller", "René", "Siân", "Éloïse", "D’Arcy", "Ó Briain", "María"]
)
def test_a_single_accent_is_read_as_windows_and_as_a_mac_write_it(name: str, encoding: str) -> None:
    rows = [person(1, last_name=name), *people(20)]

    found = read(as_csv(rows, encoding=encoding))

    assert found[0]["last_name"] == name


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_as_they_do_anywhere(line_end: bytes) -> None:
    content = as_csv(people(3)).replace(b"\r\n", line_end)

    assert read(content) == people(3)


def test_the_delimiter_a_file_announces_is_used_and_its_line_not_counted() -> None:
    content = b"sep=;\r\n" + as_csv(people(1), delimiter=";")

    assert numbered(content) == [(2, "20000000")]


def test_a_workbook_reads_like_the_csv_file() -> None:
    assert read(as_xlsx(people(3))) == read(as_csv(people(3)))


def test_columns_may_stand_in_any_order_between_others() -> None:
    columns = ["cost_centre", *reversed(COLUMNS), "notes"]

    found = read(as_csv([person(1, cost_centre="X1", notes="…")], columns=columns))

    assert found == [person(1)]


def test_columns_are_known_by_the_names_people_give_them() -> None:
    named = "Employee No.;FORENAME;Surname;E-mail Address;Roles;Staff Group;Pay Band;Location;"
    named += "Department;Line manager's e-mail;Working days;Start date"
    values = ";".join(person(1).values())

    found = read(f"{named}\r\n{values}\r\n".encode("cp1252"))

    assert found == [person(1)]


def test_our_own_name_for_a_column_wins_over_another() -> None:
    columns = ["location", *COLUMNS]

    found = read(as_csv([person(1, location="Floor 2")], columns=columns))

    assert found[0]["site"] == "Riverside Hospital"


def test_rows_have_the_numbers_the_spreadsheet_shows() -> None:
    lines = as_csv(people(2)).split(b"\r\n")
    content = b"\r\n".join([b"Staff in post,,", b"", lines[0], lines[1], b",,,,", b"", lines[2]])

    assert numbered(content) == [(4, "20000000"), (7, "20000001")]


def test_a_cell_of_several_lines_is_one_row() -> None:
    rows = [person(1, site="Riverside\nHospital"), person(2)]

    assert numbered(as_csv(rows)) == [(2, "20000001"), (3, "20000002")]


def test_the_header_may_stand_below_a_title_in_a_workbook() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Staff in post", None, datetime(2026, 11, 23, 8, 0)])  # noqa: DTZ001
    sheet.append([])
    sheet.append(list(COLUMNS))
    sheet.append(list(person(1).values()))

    assert numbered(saved(book)) == [(4, "20000001")]


def test_the_sheet_with_the_header_is_found() -> None:
    book = Workbook()
    book.active.append(["Read me first"])
    sheet = book.create_sheet("Roster")
    sheet.append(list(COLUMNS))
    sheet.append(list(person(1).values()))

    assert read(saved(book)) == [person(1)]


def test_numbers_and_dates_of_a_workbook_become_the_words_people_see() -> None:
    row = person(
        1,
        employee_number=20000001,
        band=5.0,
        started_on=date(2025, 10, 24),
        team=datetime(2026, 3, 5, 9, 30),  # noqa: DTZ001
    )

    found = read(as_xlsx([row]))[0]

    assert (found["employee_number"], found["band"]) == ("20000001", "5")
    assert (found["started_on"], found["team"]) == ("2025-10-24", "2026-03-05 09:30:00")


def test_a_number_shown_with_leading_zeros_keeps_them() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(list(COLUMNS))
    sheet.append([417, *list(person(1).values())[1:]])
    sheet["A2"].number_format = "00000000"

    assert read(saved(book))[0]["employee_number"] == "00000417"


def test_one_cell_at_the_far_end_of_a_sheet_does_not_widen_the_rest() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(list(COLUMNS))
    sheet.append(list(person(1).values()))
    sheet["XFD1048576"] = "x"

    lines = list(roster.read(saved(book)).lines)

    assert [len(line.cells) for line in lines] == [len(COLUMNS)]


@pytest.mark.parametrize("content", [b"", b" \r\n \n", b",,,\r\n,,,\r\n", codecs.BOM_UTF8 + b"\n"])
def test_an_empty_file_says_so(content: bytes) -> None:
    assert sentence(content) == EMPTY


def test_an_empty_workbook_says_so() -> None:
    assert sentence(saved(Workbook())) == EMPTY


@pytest.mark.parametrize("content", [as_csv([]), as_xlsx([])], ids=["csv", "xlsx"])
def test_a_file_with_a_header_alone_says_so(content: bytes) -> None:
    assert (
        sentence(content)
        == "The file names its columns but has no people. Add a row for each person"
    )


def test_a_file_without_a_header_is_told_which_names_to_put() -> None:
    content = as_csv(people(2)).split(b"\r\n", 1)[1]

    assert sentence(content) == (
        "Row 1 does not name the columns. Put these names in it: "
        "employee_number, first_name, last_name, email, role"
    )


@pytest.mark.parametrize("column", REQUIRED)
def test_a_missing_column_is_named(column: str) -> None:
    columns = [each for each in COLUMNS if each != column]

    assert (
        sentence(as_csv(people(1), columns=columns))
        == f"There is no column named {column}. Add it and choose the file again"
    )


def test_several_missing_columns_are_named_together() -> None:
    assert sentence(as_csv(people(1), columns=["first_name", "last_name", "email"])) == (
        "There are no columns named employee_number and role. Add them and choose the file again"
    )


def test_columns_that_may_be_left_out_are_listed() -> None:
    columns = [each for each in COLUMNS if each not in ("site", "band")]

    assert roster.read(as_csv(people(1), columns=columns)).columns_missing == ["band", "site"]


def test_a_column_that_is_there_twice_is_named() -> None:
    assert (
        sentence(as_csv(people(1), columns=[*COLUMNS, "E-Mail"]))
        == "Two columns are named email. Keep one of them and choose the file again"
    )


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\x00\x01", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"],
    ids=["pdf", "png"],
)
def test_what_is_not_a_spreadsheet_says_so(content: bytes) -> None:
    assert sentence(content) == NOT_A_SPREADSHEET


def test_an_old_or_locked_excel_file_is_told_how_to_save() -> None:
    assert sentence(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600) == (
        "This Excel file is of an older kind or has a password. Save it as an Excel workbook "
        "(.xlsx) without a password and choose that file"
    )


def test_another_kind_of_archive_is_not_a_spreadsheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")

    assert sentence(out.getvalue()) == (
        "This is not a spreadsheet we can read. Save it as CSV or as an Excel workbook (.xlsx) "
        "and choose that file"
    )


def test_a_cut_off_workbook_is_damaged() -> None:
    content = as_xlsx(people(20))

    assert sentence(content[: len(content) // 2]) == DAMAGED


def test_a_workbook_damaged_within_is_damaged() -> None:
    assert (
        sentence(_with_part(as_xlsx(people(2)), "xl/worksheets/sheet1.xml", b"<worksheet><"))
        == DAMAGED
    )


def test_a_workbook_that_defines_entities_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'

    assert sentence(_with_part(as_xlsx(people(2)), "xl/worksheets/sheet1.xml", bomb)) == DAMAGED


def test_a_workbook_that_unpacks_to_far_too_much_is_refused_unopened() -> None:
    content = _with_part(as_xlsx(people(2)), "xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))

    assert len(content) < 100_000
    assert sentence(content) == (
        "This Excel file unpacks to more than 64 MB. Copy the roster alone to a new workbook and "
        "choose that file"
    )


def test_a_file_larger_than_ten_megabytes_is_refused() -> None:
    assert sentence(as_csv(people(1)) + b"," * roster.LARGEST_FILE) == (
        "The file is larger than 10 MB. Split it and import the parts one after the other"
    )


def test_a_file_of_more_rows_than_any_programme_has_is_refused() -> None:
    rows = b"1,A,B,a@b.example,psw\r\n" * 50_001

    assert sentence(b"employee_number,first_name,last_name,email,role\r\n" + rows) == (
        "The file has more than 50,000 rows. Split it and import the parts one by one"
    )


def test_a_cell_longer_than_a_cell_can_be_names_its_row() -> None:
    content = as_csv([person(1), person(2, team='x"' + "y" * 140_000)])

    assert sentence(content) == "Row 3 cannot be read. Look for a quotation mark that is not closed"


def test_a_quotation_mark_left_open_swallows_nothing_in_silence() -> None:
    content = as_csv(people(3)).replace(b"\r\n", b"\r\n", 1)
    lines = content.decode().splitlines()
    lines[2] = lines[2].replace(",", ',"', 1)

    assert sentence("\r\n".join(lines).encode()) == (
        "Row 3 cannot be read. Look for a quotation mark that is not closed"
    )


def test_the_last_row_is_read_with_and_without_an_end_of_line() -> None:
    content = as_csv(people(3))

    assert read(content.rstrip()) == read(content.rstrip() + b"\r\n") == read(content)
    assert len(read(content)) == 3


def test_a_sign_that_nobody_can_see_refuses_no_file() -> None:
    (row,) = read(as_csv([person(1, first_name="An\x07na")]))

    assert row["employee_number"] == person(1)["employee_number"]


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b"PK\x03\x04")
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    _read_or_refused(content)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_damage_to_a_roster_ends_in_rows_or_a_sentence(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([CSV, XLSX])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    _read_or_refused(bytes(content))


CSV, XLSX = as_csv(people(3)), as_xlsx(people(3))


def _read_or_refused(content: bytes) -> None:
    """Anything but rows of text or a sentence is an error of ours."""
    with suppress(roster.Unreadable):
        assert all(
            isinstance(cell, str) for line in roster.read(content).lines for cell in line.cells
        )


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with another part in place of `name`."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info))
    return out.getvalue()
