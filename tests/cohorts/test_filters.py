"""What narrows the lists of people."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from cohorts.filters import MOST_LISTED, PersonFilter
from peersupport.accounts.models import Organisation, User
from tests import programme

pytestmark = pytest.mark.django_db

PEOPLE, PLACE = "/cohorts/people/", "/cohorts/place/"


@pytest.fixture
def head() -> User:
    return programme.head(programme.organisation())


def cohorts(where: Organisation, number: int) -> None:
    for one in range(number):
        programme.cohort(where, name=f"Intake {one}")


def offered(client: Client, address: str, name: str) -> list[str] | None:
    """The words of a list on a page; nothing where it is a box to type in."""
    page = BeautifulSoup(client.get(address).content, "html.parser")
    control = page.find(attrs={"name": name})
    options = control.find_all("option")
    return [option.get_text() for option in options] if control.name == "select" else None


def test_what_the_roster_says_is_offered_once_and_in_order(head: User) -> None:
    where = head.organisation
    for site, team, group in [
        ("Castle Hill", "Theatres", "Nursing"),
        ("Castle Hill", "Wards", "Nursing"),
        ("Amber House", "", "Allied"),
    ]:
        programme.roster_entry(programme.psw(where), site=site, team=team, staff_group=group)
    elsewhere = programme.psw(programme.organisation("Elsewhere"))
    programme.roster_entry(elsewhere, site="Far away", team="Far away", staff_group="Far away")

    filters = PersonFilter({}, by=head)

    assert {name: [label for _value, label in pairs] for name, pairs in filters.words.items()} == {
        "site": ["Amber House", "Castle Hill"],
        "team": ["Theatres", "Wards"],
        "staff_group": ["Allied", "Nursing"],
        "cohort": [],
    }


@pytest.mark.parametrize(
    ("address", "first"),
    [(PEOPLE, ["Any cohort", "None yet"]), (PLACE, ["None yet", "Any cohort"])],
)
def test_of_too_many_cohorts_one_types_a_part_of_the_name(
    client: Client, head: User, address: str, first: list[str]
) -> None:
    cohorts(head.organisation, MOST_LISTED)
    client.force_login(head)

    names = offered(client, address, "cohort")
    programme.cohort(head.organisation, name="Ward 9 in spring")
    box = offered(client, address, "cohort")

    assert names == first + sorted(f"Intake {one}" for one in range(MOST_LISTED))
    assert box is None


@pytest.mark.parametrize("address", [PEOPLE, PLACE])
@pytest.mark.parametrize(
    ("typed", "found"),
    [("WARD 9", ["Iris Wardle"]), ("any", []), ("none", []), ("intake", ["Sam Intake"])],
)
def test_a_part_of_a_cohorts_name_finds_who_is_in_it(
    client: Client, head: User, address: str, typed: str, found: list[str]
) -> None:
    where = head.organisation
    cohorts(where, MOST_LISTED)
    ward, intake = programme.cohort(where, name="Ward 9 in spring"), where.cohorts.first()
    programme.member(programme.psw(where, given_name="Iris", family_name="Wardle"), ward)
    programme.member(programme.psw(where, given_name="Sam", family_name="Intake"), intake)
    programme.psw(where, given_name="Nobody", family_name="Placed")
    client.force_login(head)

    page = client.get(address, {"cohort": typed})

    assert [person.name for person in page.context["page"]] == found
    assert f'value="{typed}"' in page.content.decode()
