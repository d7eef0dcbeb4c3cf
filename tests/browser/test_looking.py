"""What the visitor looks for is found when it is there."""

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.visitor import NARROW, Visitor


@pytest.fixture
def viewport() -> ViewportSize:
    return NARROW


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("document.querySelector('main').append(document.createElement('img'))", "image-alt"),
        ("document.querySelector('main').append(document.createElement('h1'))", "has the headings"),
        ("document.querySelector('h1').style.width = '400px'", "scrolls sideways"),
        ("document.title = 'Something else – Peer support'", "is headed Help lines"),
        ("document.title = 'Error: ' + document.title", "is named Error"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=color:red>')", "style"),
        ("console.error('Something is broken')", "Something is broken"),
    ],
)
def test_a_page_with_a_fault_is_not_let_through(
    visitor: Visitor, damage: str, complaint: str
) -> None:
    visitor.opens("/help-lines/")
    visitor.page.evaluate(damage)

    with pytest.raises(AssertionError, match=complaint):
        visitor.looks()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("document.addEventListener('keydown', event => event.preventDefault())", "does not come"),
        ("sheet.replaceSync(':focus { all: unset !important }')", "does not see"),
    ],
)
def test_a_control_that_hides_from_the_keyboard_is_not_let_through(
    visitor: Visitor, damage: str, complaint: str
) -> None:
    visitor.opens("/help-lines/")
    visitor.page.evaluate(
        "damage => { const sheet = new CSSStyleSheet();"
        f"document.adoptedStyleSheets = [sheet]; {damage}; }}"
    )

    with pytest.raises(AssertionError, match=complaint):
        visitor.reaches_everything_by_keyboard()
