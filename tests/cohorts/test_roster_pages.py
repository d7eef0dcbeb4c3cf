"""The pages of a roster import: choose, look, confirm, see what was done."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cohorts import roster
from cohorts.models import RosterEntry, RosterImport
from cohorts.roster.columns import COLUMNS
from cohorts.roster.planning import CHUNK
from cohorts.tasks import work_on_roster_imports
from peersupport.accounts.models import User
from tests import programme
from tests.cohorts.conftest import Riverside
from tests.cohorts.rosters import as_csv, as_xlsx, import_, people, person

AssertQueries = Callable[[int], AbstractContextManager[object]]
State = RosterImport.State
IMPORT = "/cohorts/roster/import/"


@pytest.fixture
def head(client: Client, riverside: Riverside) -> Client:
    """The browser of the head of wellbeing."""
    client.force_login(riverside.head)
    return client


def choose(head: Client, content: bytes, name: str = "roster-november.csv") -> HttpResponse:
    return head.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def checked(head: Client, content: bytes, name: str = "roster-november.csv") -> str:
    """Upload a file and let a worker check it; the address of its page."""
    address = choose(head, content, name)["Location"]
    work_on_roster_imports()
    return str(address)


def page(head: Client, address: str) -> BeautifulSoup:
    response = head.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(found: Any) -> str:
    return " ".join(found.get_text().split())


def rows(found: BeautifulSoup) -> list[list[str]]:
    """The cells of the page's table, without the headings phones show."""
    for heading in found.select(".nhsuk-table-responsive__heading"):
        heading.decompose()
    return [[words(cell) for cell in row.select("td")] for row in found.select("tbody tr")]


def test_a_file_goes_to_a_page_that_waits_for_a_worker(head: Client, riverside: Riverside) -> None:
    response = choose(head, as_csv(people(3)))
    found = page(head, response["Location"])

    uploaded = RosterImport.objects.get()
    assert response["Location"] == f"{IMPORT}{uploaded.pk}/"
    assert bytes(uploaded.content or b"") == as_csv(people(3))
    assert (uploaded.organisation, uploaded.uploaded_by) == (riverside.organisation, riverside.head)
    assert words(found.h1) == "Reading roster-november.csv"
    assert "Waiting for its turn" in words(found)


def test_a_page_that_waits_looks_again_by_itself_until_told_not_to(head: Client) -> None:
    address = choose(head, as_csv(people(3)))["Location"]

    assert head.get(address)["Refresh"] == "2"
    assert "Refresh" not in head.get(f"{address}?refresh=no")
    work_on_roster_imports()
    assert "Refresh" not in head.get(address)


def test_how_far_it_is_stands_on_the_page(head: Client) -> None:
    address = choose(head, as_csv(people(3)))["Location"]
    claimed = RosterImport.objects.claim()
    assert claimed is not None
    claimed.hold(rows_done=4200, rows_total=10000)

    found = page(head, address)

    assert "4,200 of 10,000 rows read." in words(found)
    assert found.progress is not None
    assert (found.progress["value"], found.progress["max"]) == ("4200", "10000")


def test_a_checked_file_shows_four_figures_that_lead_to_their_rows(
    head: Client, riverside: Riverside
) -> None:
    import_(as_csv(people(3)), riverside.organisation)
    address = checked(
        head, as_csv([person(0, site="Northgate"), person(1), person(8), person(9, email="no@")])
    )

    found = page(head, address)

    assert words(found.h1) == "Check roster-november.csv"
    assert words(found.title) == "Check roster-november.csv – Peer support"
    assert words(found.select_one(".nhsuk-lede-text")).startswith(
        "Nothing has been changed yet. 4 rows read in "
    )
    assert [words(card) for card in found.select(".app-figure")] == [
        "1 new person", "1 will be updated", "1 is the same", "1 row cannot be read",
    ]  # fmt: skip
    shown = [
        rows(page(head, address + link["href"])) for link in found.select("a.app-figure__label")
    ]
    assert shown == [
        [["4", "Ada Okoro8ada.okoro8@trust.example", "psw", "Riverside HospitalCommunity Nursing"]],
        [["2", "Ada Okoro0ada.okoro0@trust.example", "site Riverside Hospital → Northgate"]],
        [["3", "Ada Okoro1ada.okoro1@trust.example"]],
        [["5", "email", "no@", "Enter a whole e-mail address"]],
    ]


def test_rows_that_cannot_be_read_come_first(head: Client) -> None:
    address = checked(head, as_csv([*people(3), person(5, started_on="31/02/2026")]))

    assert rows(page(head, address)) == [
        ["5", "started_on", "31/02/2026", "Enter a real date: February 2026 has 28 days"]
    ]


def test_who_is_not_in_the_file_is_named(head: Client, riverside: Riverside) -> None:
    address = checked(head, as_csv(people(1)))

    found = page(head, address)
    names = [row[0] for row in rows(page(head, f"{address}?show=missing"))]

    assert (
        "3 people in the programme are not in this file. See who. They are not changed."
        in words(found)
    )
    assert sorted(names) == sorted(
        f"{each.name}{each.email}" for each in (riverside.head, riverside.anwen, riverside.leila)
    )


def test_columns_left_out_are_named(head: Client) -> None:
    columns = [each for each in COLUMNS if each not in ("site", "band")]

    found = page(head, checked(head, as_csv(people(1), columns=columns)))

    assert "The file has no band, site. What is known of them stays as it is." in words(found)


def test_the_second_press_imports_and_says_what_next(head: Client, riverside: Riverside) -> None:
    address = checked(head, as_csv([*people(3), person(9, role="")]))
    button = page(head, address).select_one(f'form[action="{address}apply/"] button')

    pressed = head.post(f"{address}apply/")
    waiting = page(head, address)
    work_on_roster_imports()
    done = page(head, address)

    assert words(button) == "Import 3 changes"
    assert pressed["Location"] == address
    assert words(waiting.h1) == "Importing roster-november.csv"
    assert words(done.h1) == "roster-november.csv is imported"
    assert "3 people were added and 0 updated." in words(done)
    assert [link["href"] for link in done.select("a.nhsuk-button")] == [
        reverse("cohorts:place"),
        reverse("invitation-list"),
    ]
    assert RosterEntry.objects.filter(organisation=riverside.organisation).count() == 3


def test_pressed_twice_it_imports_once(head: Client, riverside: Riverside) -> None:
    address = checked(head, as_csv(people(3)))

    for _ in range(2):
        assert head.post(f"{address}apply/")["Location"] == address
    work_on_roster_imports()
    head.post(f"{address}apply/")
    work_on_roster_imports()

    assert RosterEntry.objects.count() == 3
    assert RosterImport.objects.get().state == State.DONE


def test_what_changed_since_the_check_is_said(head: Client, riverside: Riverside) -> None:
    address = checked(head, as_csv(people(3)))
    import_(as_csv([person(1)]), riverside.organisation)

    head.post(f"{address}apply/")
    work_on_roster_imports()

    assert (
        "Details changed between the check and the import. "
        "1 row came out otherwise than in the check."
    ) in words(page(head, address))


def test_a_file_with_nothing_new_has_no_button(head: Client, riverside: Riverside) -> None:
    import_(as_csv(people(3)), riverside.organisation)

    found = page(head, checked(head, as_csv(people(3))))

    assert "Everything in this file is known already. There is nothing to import." in words(found)
    assert not found.select('form[action$="apply/"]')


def test_another_file_discards_this_one(head: Client) -> None:
    address = checked(head, as_csv(people(3)))

    response = head.post(f"{address}discard/", follow=True)
    after = page(head, address)

    assert response.redirect_chain == [(IMPORT, 302)]
    assert "roster-november.csv was discarded. Nothing was changed" in response.content.decode()
    assert RosterImport.objects.get().content is None
    assert words(after.h1) == "roster-november.csv was discarded"
    assert after.select_one(f'a[href="{IMPORT}"].nhsuk-button') is not None


def test_what_a_worker_cannot_read_is_said_with_a_way_back(head: Client) -> None:
    address = checked(head, as_xlsx([]), "roster.xlsx")

    found = page(head, address)

    assert words(found.h1) == "roster.xlsx could not be imported"
    assert words(found.select_one(".nhsuk-lede-text")) == (
        "The file names its columns but has no people. Add a row for each person."
    )
    assert found.select_one(f'a[href="{IMPORT}"].nhsuk-button') is not None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "The file is empty. Choose one with a row for each person"),
        ("blank.csv", b"\r\n\r\n", "The file is empty. Choose one with a row for each person"),
        (
            "scan.pdf",
            b"%PDF-1.7\x00",
            "This is not a spreadsheet. Save it as CSV or as an Excel workbook (.xlsx) and choose "
            "that file",
        ),
        (
            "letter.docx",
            b"PK\x03\x04 and no more",
            "This Excel file is damaged. Open it in Excel, save it again and choose the new file",
        ),
        (
            "roster.csv",
            as_csv(people(1), columns=COLUMNS[:4]),
            "There is no column named role. Add it and choose the file again",
        ),
        (
            "huge.csv",
            as_csv(people(1)) + b" " * roster.LARGEST_FILE,
            "The file is larger than 10 MB. Split it and import the parts one after the other",
        ),
    ],
    ids=["empty", "blank", "pdf", "docx", "no role", "huge"],
)
def test_what_is_wrong_at_first_sight_is_said_beside_the_file(
    head: Client, name: str, content: bytes, said: str
) -> None:
    response = choose(head, content, name)

    found = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 200
    assert words(found.title).startswith("Error: Import a roster")
    assert words(found.select_one(".nhsuk-error-summary__list")) == said
    assert said in words(found.select_one(".nhsuk-error-message"))
    assert not RosterImport.objects.exists()


def test_without_a_file_one_is_asked_for(head: Client) -> None:
    found = BeautifulSoup(head.post(IMPORT).content, "html.parser")

    assert words(found.select_one(".nhsuk-error-summary__list")) == "Choose a file"


def test_the_name_of_a_file_is_text_of_a_bearable_length(head: Client) -> None:
    address = checked(head, as_csv(people(1)), "<b>\u202e" + "x" * 240 + ".csv")

    heading = page(head, address).h1

    assert heading is not None
    assert heading.b is None
    assert words(heading).startswith("Check <b>xxx")
    assert len(RosterImport.objects.get().file_name) == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_has_every_column_and_imports_once_filled_in(
    head: Client, riverside: Riverside, kind: str
) -> None:
    response = head.get(f"{IMPORT}template.{kind}")

    header = _table(response, kind)[0]
    assert header == list(COLUMNS)
    assert f'filename="roster-template.{kind}"' in response["Content-Disposition"]


def _table(response: HttpResponse, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(response.content)).active
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_refused_rows_come_back_as_they_were_with_their_reasons(head: Client, kind: str) -> None:
    columns = ["cost_centre", *reversed(COLUMNS)]
    bad = person(2, email="no@", started_on="31/02/2026", cost_centre="X9", first_name="Zoë")
    address = checked(head, as_csv([person(1), bad], columns=columns))

    response = head.get(f"{address}refused.{kind}")

    assert _table(response, kind) == [
        [*columns, "reason"],
        [
            *(bad[column] for column in columns),
            "started_on: Enter a real date: February 2026 has 28 days; "
            "email: Enter a whole e-mail address",
        ],
    ]
    assert f'filename="roster-november-to-mend.{kind}"' in response["Content-Disposition"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_mended_rows_are_imported_and_their_reasons_ignored(
    head: Client, riverside: Riverside, kind: str
) -> None:
    address = checked(head, as_csv([person(1, email="no@", team="=1+1", site="+Site")]))
    response = head.get(f"{address}refused.{kind}")
    mended = [
        [cell.replace("no@", "ada@trust.example") for cell in row] for row in _table(response, kind)
    ]
    out = io.StringIO()
    csv.writer(out).writerows(mended)

    import_(out.getvalue().encode(), riverside.organisation)

    entry = RosterEntry.objects.select_related("person").get()
    assert (entry.person.email, entry.team, entry.site) == ("ada@trust.example", "=1+1", "+Site")


def test_reasons_do_not_pile_up_when_a_mended_file_is_refused_again(head: Client) -> None:
    columns = [*COLUMNS, "reason"]
    address = checked(head, as_csv([person(1, email="no@", reason="old")], columns=columns))

    header, row = _table(head.get(f"{address}refused.csv"), "csv")

    assert header == columns
    assert row[-1] == "email: Enter a whole e-mail address"


@pytest.mark.parametrize("danger", ["=1+1", "@SUM(1)", "+1", "-1", "\t=1+1", '=HYPERLINK("x")'])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_handed_back_is_ever_a_formula(head: Client, kind: str, danger: str) -> None:
    columns = [*COLUMNS, danger]
    address = checked(head, as_csv([person(1, email=danger, site=danger)], columns=columns))

    response = head.get(f"{address}refused.{kind}")

    cells = [cell for row in _table(response, kind) for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@")]
    assert len([cell for cell in cells if cell.startswith("'")]) == 3
    if kind == "xlsx":
        sheet = load_workbook(io.BytesIO(response.content)).active
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_an_unknown_kind_of_file_is_not_there(head: Client) -> None:
    address = checked(head, as_csv([person(1, email="no")]))

    assert head.get(f"{address}refused.pdf").status_code == 404
    assert head.get(f"{IMPORT}template.pdf").status_code == 404


def test_latest_imports_can_be_found_again(head: Client) -> None:
    address = checked(head, as_csv(people(1)), "first.csv")

    found = page(head, IMPORT)

    assert [
        (link["href"], words(link.parent).rpartition("·")[2].strip())
        for link in found.select(".app-list__row a")
    ] == [(address, "Waiting for you")]


def test_nobody_but_a_head_knows_of_rosters(client: Client, riverside: Riverside) -> None:
    client.force_login(riverside.head)
    address = checked(client, as_csv([person(1, email="no")]))
    elsewhere = programme.head(programme.organisation("Castle Hill"))
    outsiders: list[User] = [riverside.anwen, riverside.psw(), elsewhere]
    outsiders.append(programme.ig_auditor(riverside.organisation))
    pages = ["", "refused.csv", "?show=missing"]

    for user in outsiders:
        client.force_login(user)
        statuses = [client.get(address + each).status_code for each in pages]
        statuses += [client.post(f"{address}{each}/").status_code for each in ("apply", "discard")]
        assert statuses == [404] * 5
        if user is not elsewhere:
            assert client.get(IMPORT).status_code == 404
            assert choose(client, as_csv(people(1))).status_code == 404
            assert client.get(f"{IMPORT}template.csv").status_code == 404

    assert RosterImport.objects.get().state == State.CHECKED


def test_another_organisations_imports_are_not_listed(client: Client, riverside: Riverside) -> None:
    client.force_login(riverside.head)
    checked(client, as_csv(people(1)), "secret.csv")
    client.force_login(programme.head(programme.organisation("Castle Hill")))

    assert "secret.csv" not in client.get(IMPORT).content.decode()


@pytest.mark.parametrize("number", [3, CHUNK + 100])
def test_a_list_of_any_length_costs_the_same(
    head: Client, django_assert_num_queries: AssertQueries, number: int
) -> None:
    bad = [person(5000 + each, email="no") for each in range(number)]
    address = checked(head, as_csv([*people(number), *bad]))

    for shown in ("created", "refused", "updated", "unchanged", "missing"):
        with django_assert_num_queries(7 if shown in ("created", "refused", "missing") else 6):
            head.get(f"{address}?show={shown}")


def test_lists_are_turned_by_pages_of_fifty(head: Client) -> None:
    address = checked(head, as_csv(people(120)))

    lengths = [
        len(rows(page(head, f"{address}?show=created&page={each}"))) for each in (1, 2, 3, 99)
    ]

    assert lengths == [50, 50, 20, 20]


@pytest.mark.parametrize("query", ["?show=nonsense", "?page=x", "?show=created&page=-1"])
def test_a_nonsense_address_shows_a_page(head: Client, query: str) -> None:
    address = checked(head, as_csv(people(3)))

    assert len(rows(page(head, address + query))) == 3


def test_looking_changes_nothing(head: Client) -> None:
    address = checked(head, as_csv(people(3)))

    assert head.get(f"{address}apply/").status_code == 405
    assert head.get(f"{address}discard/").status_code == 405
    assert RosterImport.objects.get().state == State.CHECKED


def test_without_celery_a_command_works_on_the_files_that_wait(head: Client) -> None:
    address = str(choose(head, as_csv(people(2)))["Location"])

    call_command("work_on_imports")

    assert "Import 2 changes" in words(page(head, address))
