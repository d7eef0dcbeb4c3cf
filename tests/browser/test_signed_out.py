"""Somebody who has not signed in."""

from tests.browser.visitor import Visitor


def test_help(visitor: Visitor) -> None:
    visitor.opens("/help-lines/")
    visitor.sees("Samaritans")
