"""The roster from the command line: what it prints, what it writes, how it exits."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peersupport.accounts.models import RoleGrant, User
from tests.cohorts.conftest import Riverside
from tests.cohorts.rosters import as_csv, as_xlsx, people, person

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(riverside: Riverside, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Import a file's bytes with these options; the exit code and what is printed."""

    def run(content: bytes, *options: str, name: str = "roster.csv") -> tuple[int, str]:
        file = tmp_path / name
        file.write_bytes(content)
        code = 0
        try:
            call_command(
                "import_roster", str(file), "--organisation", riverside.organisation.slug, *options
            )
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        return code, capsys.readouterr().out

    return run


def imported() -> int:
    return User.objects.filter(email__startswith="ada.okoro").count()


def test_a_clean_file_is_imported_and_exits_0(run: Run) -> None:
    code, printed = run(as_csv(people(3)))

    assert (code, imported()) == (0, 3)
    assert printed == (
        "created: 3\nupdated: 0\nunchanged: 0\nrefused: 0\n"
        "In the programme but not in the file, and not changed: 3\n"
    )


def test_roles_from_the_command_line_were_granted_by_nobody_here(run: Run) -> None:
    run(as_csv(people(1)))

    grant = RoleGrant.objects.get(person__email="ada.okoro0@trust.example")
    assert grant.granted_by is None


def test_each_refusal_is_a_line_and_the_good_rows_are_kept(run: Run) -> None:
    rows = [person(1), person(2, email="tariq.singh@", started_on="31/02/2026"), person(3, role="")]

    code, printed = run(as_csv(rows))

    assert (code, imported()) == (1, 1)
    assert printed.splitlines()[:7] == [
        "created: 1",
        "updated: 0",
        "unchanged: 0",
        "refused: 2",
        'Row 3, email, "tariq.singh@": Enter a whole e-mail address',
        'Row 3, started_on, "31/02/2026": Enter a real date: February 2026 has 28 days',
        'Row 4, role, "": Enter psw, supervisor or head; several with a space between them',
    ]


def test_all_or_nothing_writes_nothing_when_a_row_is_refused(run: Run) -> None:
    code, printed = run(as_csv([person(1), person(2, email="no")]), "--all-or-nothing")

    assert (code, imported()) == (1, 0)
    assert printed.endswith("Nothing has been written.\n")


def test_all_or_nothing_writes_all_when_every_row_is_good(run: Run) -> None:
    code, _printed = run(as_csv(people(2)), "--all-or-nothing")

    assert (code, imported()) == (0, 2)


def test_a_dry_run_writes_nothing(run: Run) -> None:
    code, printed = run(as_xlsx(people(2)), "--dry-run", name="roster.xlsx")

    assert (code, imported()) == (0, 0)
    assert printed.startswith("created: 2\n")


def test_json_says_the_same(run: Run) -> None:
    code, printed = run(as_csv([person(1), person(2, email="no")]), "--json")

    outcome: dict[str, Any] = json.loads(printed)
    assert code == 1
    assert outcome == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "missing": 3,
        "refusals": [
            {
                "row": 3,
                "column": "email",
                "value": "no",
                "what_to_do": "Enter a whole e-mail address",
            }
        ],
        "written": True,
    }


def test_a_second_import_changes_nothing(run: Run) -> None:
    run(as_csv(people(3)))

    code, printed = run(as_csv(people(3)))

    assert code == 0
    assert printed.startswith("created: 0\nupdated: 0\nunchanged: 3\nrefused: 0\n")


def test_a_file_that_cannot_be_read_is_a_sentence_and_exits_2(run: Run) -> None:
    with pytest.raises(CommandError) as refused:
        run(b"%PDF-1.7\x00", name="roster.pdf")

    assert refused.value.returncode == 2
    assert str(refused.value) == (
        "roster.pdf: This is not a spreadsheet. Save it as CSV or as an Excel workbook (.xlsx) "
        "and choose that file."
    )


def test_a_file_that_is_not_there_is_a_sentence_and_exits_2(riverside: Riverside) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("import_roster", "nowhere.csv", organisation=riverside.organisation.slug)

    assert refused.value.returncode == 2
    assert str(refused.value) == "nowhere.csv cannot be opened: No such file or directory."


def test_an_unknown_organisation_is_a_sentence_that_names_the_known_ones(
    riverside: Riverside,
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("import_roster", "roster.csv", organisation="nowhere")

    assert refused.value.returncode == 2
    assert str(refused.value) == (
        f"There is no organisation nowhere. There is: {riverside.organisation.slug}."
    )
