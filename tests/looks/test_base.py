"""What every page shares: nothing inline, errors first, and an error page that stands alone."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

TEMPLATES = Path(settings.BASE_DIR, "templates")
PAGES = sorted(page for page in TEMPLATES.rglob("*.html") if "email" not in str(page.parent))
INLINE = re.compile(
    r'<style|\sstyle="|\son[a-z]+="|<script(?![^>]*\ssrc=)|javascript:', re.IGNORECASE
)


class DateForm(forms.Form):
    """A form with something to mend."""

    on = forms.DateField(error_messages={"required": "Enter the date"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_a_page_carries_no_script_and_no_style_of_its_own(page: Path) -> None:
    assert INLINE.findall(page.read_text()) == []


def test_a_form_that_failed_says_so_in_the_title_and_before_the_heading() -> None:
    page = BeautifulSoup(
        render_to_string("account/password_reset.html", {"form": DateForm({})}), "html.parser"
    )

    assert page.title
    assert page.title.text == "Error: Forgotten your password? – Peer support"
    assert [tag.get_text(strip=True) for tag in page.select("h2, h1")] == [
        "There is a problem",
        "Forgotten your password?",
    ]


def test_a_form_not_yet_sent_shows_no_error() -> None:
    page = BeautifulSoup(
        render_to_string("account/password_reset.html", {"form": DateForm()}), "html.parser"
    )

    assert page.title
    assert page.title.text == "Forgotten your password? – Peer support"
    assert page.select(".nhsuk-error-summary") == []


def test_the_page_for_our_own_mistakes_needs_no_database_and_no_request() -> None:
    page = BeautifulSoup(render_to_string("500.html"), "html.parser")

    assert [tag.text for tag in page.select("h1")] == ["Something went wrong on our side"]
    assert next(tag.text for tag in page.select("footer a")) == "Help lines"


@pytest.mark.django_db
def test_signed_out_the_page_names_the_service_and_nothing_else(client: Client) -> None:
    page = BeautifulSoup(client.get("/accounts/login/").content, "html.parser")

    assert [" ".join(tag.text.split()) for tag in page.select("header")] == ["Peer support"]


def test_help_is_the_last_thing_on_each_page() -> None:
    page = BeautifulSoup(render_to_string("404.html"), "html.parser")

    assert [tag.text for tag in page.select("body > :last-child a")] == [
        "Help lines",
        "Who can see what",
        "Accessibility",
        "Privacy",
    ]
