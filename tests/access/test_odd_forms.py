"""Whatever is typed into any form of any page, it answers in this service's words."""

import re

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.access import world
from tests.access.table import TABLE, VIEWERS
from tests.access.test_matrix import address

pytestmark = pytest.mark.django_db

NOT_OURS = re.compile(
    "Ensure (?:this|that)|Enter a valid|is not a valid|Select a valid|Null characters|"
    "This field is required|You must type|Enter a whole number[.]|Enter a number[.]|"
    "Enter a list of|(?:No file was|The) submitted|email address"
)
"""The sentences with which Django and allauth refuse a value, and how they write e-mail."""

ODD = ["", "\0", "x" * 6000, "31/02/2026 25:61", "9" * 30, "name@"]


def _forms() -> dict[str, str]:
    """Each address that shows a form and takes it, and the first viewer who may do both."""
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    may = {(name, method): dict(zip(VIEWERS, cells, strict=True)) for name, method, *cells in rows}
    return {
        name: next(viewer for viewer in VIEWERS if posts[viewer] == gets[viewer] == "y")
        for name in sorted({name for name, _method in may})
        for gets, posts in [(may[name, "GET"], may[name, "POST"])]
        if any(gets[viewer] == posts[viewer] == "y" for viewer in VIEWERS)
    }


def _typed(page: bytes, value: str) -> dict[str, object]:
    """`value` in every control of the page's forms that somebody sees; files have their name."""
    typed: dict[str, object] = {}
    for control in BeautifulSoup(page, "html.parser").select("main [name]"):
        name = str(control["name"])
        if control.get("type") == "file":
            typed[name] = SimpleUploadedFile(f"{value[:300]}.csv".strip("\0"), value.encode())
        elif control.get("type") == "password":
            typed[name] = f"{value}{len(typed)}"  # never the same twice
        elif control.name != "button":
            hidden = control.get("type") == "hidden"
            typed[name] = str(control.get("value", "")) if hidden else value
    return typed


@pytest.mark.parametrize(("name", "viewer"), _forms().items())
def test_no_form_answers_in_the_words_of_its_framework(
    client: Client, name: str, viewer: str
) -> None:
    ours = world.build("Riverside")
    if viewer != "out":
        client.force_login(getattr(ours, viewer.removeprefix("x-")))
    url = address(name, ours)
    page = client.get(url, follow=True).content
    found = []

    for value in ODD:
        answer = client.post(url, _typed(page, value), follow=True).content
        words = BeautifulSoup(answer, "html.parser").get_text(" ", strip=True)
        found += [
            (value[:20], words[each.start() : each.end() + 60]) for each in NOT_OURS.finditer(words)
        ]

    assert found == []
