"""A gentle check that nobody supported is named: what looks like a number of theirs is asked about.

It warns and lets the supervisor decide; it never stores or logs what it found.
"""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A phone number stands before an NHS number, because ten digits after a 0 are the former.
_SHAPES: list[tuple[re.Pattern[str], str | Promise]] = [
    (re.compile(r"(?:\+44\s?|\b0)\d{2,4}[\s-]?\d{3}[\s-]?\d{3,4}\b"), _("a phone number")),
    (re.compile(r"\b[1-9]\d{2}[\s-]?\d{3}[\s-]?\d{4}\b"), _("an NHS number")),
    (
        re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}\b"),
        _("a date of birth"),
    ),
]


def looks_like(words: str) -> str | Promise | None:
    """What `words` seem to hold about a person, or None."""
    for shape, name in _SHAPES:
        if shape.search(words):
            return name
    return None
