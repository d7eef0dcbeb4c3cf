"""A message as the bytes that go over the wire.

Python's own way takes longer than all the rest of sending: it parses each address and folds each
header anew. This writes what is the same in every message of ours, and nothing else: text and HTML
as alternatives, files beside them, all in seven bits and short lines, which every server takes.
"""

import binascii
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from peersupport.reminders.kinds import Attachment

END = "\r\n"


class BadHeader(ValueError):
    """A header would have more than one line: somebody tries to add headers of their own."""


def message(
    headers: Mapping[str, str],
    text: str,
    html: str,
    *,
    files: Iterable[Attachment] = (),
    at: datetime,
) -> bytes:
    """The whole message, dated `at`. Raises BadHeader."""
    words = _multipart("alternative", [_text(text, "text/plain"), _text(html, "text/html")])
    beside = [_text(file.text, file.type, name=file.name) for file in files]
    whole = _multipart("mixed", [words, *beside]) if beside else words
    lines = [f"{name}: {_value(value)}" for name, value in headers.items()]
    lines += [f"Date: {format_datetime(at)}", "MIME-Version: 1.0", whole]
    return END.join(lines).encode("ascii")


def _multipart(kind: str, parts: Iterable[str]) -> str:
    boundary = f"=_{secrets.token_hex(12)}"
    inside = "".join(f"--{boundary}{END}{part}{END}" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{END}'
    return f"{head}{END}{inside}--{boundary}--{END}"


def _text(words: str, type_: str, *, name: str = "") -> str:
    """A part of text, quoted-printable."""
    lines = words.replace("\r\n", "\n").encode()
    quoted = binascii.b2a_qp(lines, istext=True).decode("ascii").replace("\n", END)
    file = f'Content-Disposition: attachment; filename="{name}"{END}' if name else ""
    return (
        f'Content-Type: {type_}; charset="utf-8"{END}'
        f"Content-Transfer-Encoding: quoted-printable{END}{file}{END}{quoted}"
    )


@lru_cache
def _value(value: str) -> str:
    """A header's value in ASCII."""
    if "\n" in value or "\r" in value:
        raise BadHeader("a header of one line only")
    return value if value.isascii() else Header(value, "utf-8").encode(linesep=END)
