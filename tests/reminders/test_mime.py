"""A message as bytes: what any mail program reads in it is what was written."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersupport.reminders import mime
from peersupport.reminders.kinds import Attachment

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEADERS = {"From": "Peer support <peer-support@trust.example>", "To": "zoe@trust.example"}
# Ends of lines other than \n are not written by any template of ours.
ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=ENDS), max_size=300)
SUBJECTS = st.text(st.characters(categories=("L", "N", "P")), min_size=1)


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def said(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


@given(text=WORDS, html=WORDS, subject=SUBJECTS)
def test_what_was_written_is_read(text: str, html: str, subject: str) -> None:
    message = read(mime.message({**HEADERS, "Subject": subject}, text, html, at=AT))

    plain, rich = message.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert (said(plain), said(rich)) == (text.rstrip("\n"), html.rstrip("\n"))
    assert message["Subject"] == subject
    assert message["Date"].datetime == AT
    assert message.defects == []


@given(WORDS)
def test_every_server_takes_it(text: str) -> None:
    raw = mime.message(HEADERS, text, text, at=AT)

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_files_stand_beside_the_words() -> None:
    words = "BEGIN:VCALENDAR\r\nX:é\r\nEND:VCALENDAR\r\n"
    file = Attachment("session.ics", words, "text/calendar; method=REQUEST")

    message = read(mime.message(HEADERS, "words", "<p>words", files=[file], at=AT))

    (part,) = message.iter_attachments()
    assert message.get_content_type() == "multipart/mixed"
    assert said(message.get_body(("plain",))) == "words"
    assert part.get_filename() == "session.ics"
    assert part.get_param("method") == "REQUEST"
    assert part.get_content().split() == words.split()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("name", ["Subject", "To", "List-Unsubscribe"])
def test_nobody_adds_a_header_of_their_own(name: str, end: str) -> None:
    headers = {**HEADERS, name: f"Hello{end}Bcc: everybody@trust.example"}

    with pytest.raises(mime.BadHeader):
        mime.message(headers, "words", "words", at=AT)
