"""Which part of the navigation is marked as the one a person is in."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from tests import programme

pytestmark = pytest.mark.django_db


def _marked(page: bytes) -> list[str]:
    items = BeautifulSoup(page, "html.parser").select("nav [aria-current]")
    return [item.get_text(strip=True) for item in items]


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/", ["Home"]),
        ("/cohorts/", ["Cohorts"]),
        ("/cohorts/new/", ["Cohorts"]),
        ("/cohorts/people/", ["People"]),
        ("/cohorts/people/invitations/", ["People"]),
        ("/cohorts/place/", ["People"]),
        ("/cohorts/roster/import/", ["People"]),
        ("/supervision/unsupervised/", ["Supervision"]),
        ("/reminders/", ["Reminders"]),
        ("/me/", ["Me"]),
        ("/privacy/", []),
    ],
)
def test_a_head_sees_which_part_they_are_in(
    client: Client, address: str, marked: list[str]
) -> None:
    client.force_login(programme.head(programme.organisation()))

    assert _marked(client.get(address).content) == marked
