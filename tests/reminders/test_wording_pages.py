"""The pages on which a head words the e-mails of the organisation."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds, outbox, sender, wordings
from peersupport.reminders.models import Wording
from peersupport.reminders.wordings import Draft, write
from tests import programme
from tests.reminders.programme import WORDS, session_in, word
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

COMING = "session_coming"
EDIT = f"/reminders/wording/{COMING}/"


@pytest.fixture
def head(riverside: Organisation) -> User:
    return programme.head(riverside)


@pytest.fixture
def signed_in(client: Client, head: User) -> Client:
    client.force_login(head)
    return client


def posted(client: Client, **typed: object) -> str:
    """The page that answers what is typed; empty where it was saved."""
    whole = {"subject": "Our talk", "words": WORDS, "shown": "", **typed}
    return client.post(EDIT, whole).content.decode()


def errors(page: str) -> list[str]:
    soup = BeautifulSoup(page, "html.parser")
    return [line.get_text(strip=True) for line in soup.select(".nhsuk-error-summary li")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"subject": ""}, "Enter a subject"),
        ({"subject": "x" * 79}, "Use 78 characters or fewer for the subject"),
        ({"subject": "Talk\r\nBcc: everybody@trust.example"}, "Write the subject on one line"),
        ({"subject": "Talk\nBcc: everybody@trust.example"}, "Write the subject on one line"),
        ({"subject": "Talk\tBcc"}, "Write the subject on one line"),
        (
            {"subject": "See you on {day}"},
            "Leave { and } out of the subject: nothing is filled in",
        ),
        ({"words": ""}, "Enter what the e-mail says"),
        ({"words": "x" * 601}, "Use 600 characters or fewer for what the e-mail says"),
        ({"words": f"{WORDS} {{nmae}}"}, "{nmae} is not something we can fill in"),
        (
            {"words": "See you on {day}, {minutes} minutes."},
            "Put {mode}, {time} in: people need to know it",
        ),
        (
            {"words": f"{WORDS} {{ day }}"},
            "Use { and } only around a name that is filled in, without spaces",
        ),
        (
            {"words": f"{WORDS} }}"},
            "Use { and } only around a name that is filled in, without spaces",
        ),
    ],
)
@pytest.mark.parametrize("button", [{}, {"preview": "1"}])
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(
    signed_in: Client, typed: dict[str, str], sentence: str, button: dict[str, str]
) -> None:
    page = posted(signed_in, **typed, **button)

    soup = BeautifulSoup(page, "html.parser")
    assert errors(page) == [sentence]
    assert soup.select_one(f"#id_{next(iter(typed))}")["aria-describedby"].endswith("_error")
    assert soup.select_one("[name=words]").get_text().lstrip() == typed.get("words", WORDS)
    assert soup.select_one("#preview") is None
    assert Wording.objects.count() == 0


def test_what_is_saved_is_remembered_with_who_wrote_it(signed_in: Client, head: User) -> None:
    answer = signed_in.post(EDIT, {"subject": " Our talk ", "words": f"Hello\r\n{WORDS}"})
    listed = signed_in.get("/reminders/wording/").content.decode()

    wording = Wording.objects.get()
    assert answer["Location"] == "/reminders/wording/"
    assert (wording.organisation, wording.kind) == (head.organisation, COMING)
    assert (wording.subject, wording.words) == ("Our talk", f"Hello\n{WORDS}")
    assert (wording.written_by, wording.written_at) == (head, timezone.now())
    assert f"{head}, 23 November 2026" in listed


def test_showing_how_it_looks_saves_nothing_and_loses_nothing(
    signed_in: Client, riverside: Organisation
) -> None:
    page = posted(signed_in, words=f"<b>Hello</b> {WORDS}", preview="1")

    soup = BeautifulSoup(page, "html.parser")
    box = soup.select_one("#preview ~ .app-box").get_text(" ", strip=True)
    assert "Our talk" in box
    assert str(riverside) in box
    assert "<b>Hello</b> See you on Tuesday 1 December at 14:00, for 20 minutes (video" in box
    assert "You get this up to two working days before" in box
    assert soup.select_one("[name=subject]")["value"] == "Our talk"
    assert soup.select_one("[name=words]").get_text().strip() == f"<b>Hello</b> {WORDS}"
    assert soup.select_one("main b") is None
    assert Wording.objects.count() == 0


def test_before_anything_is_typed_the_page_shows_what_is_sent_now(
    signed_in: Client, head: User
) -> None:
    before = signed_in.get(EDIT).content.decode()
    word(head)
    after = signed_in.get(EDIT).content.decode()

    assert "Your next supervision session is on Tuesday 1 December at 14:00" in before
    assert "See you on Tuesday 1 December at 14:00" in after


def test_our_wording_returns_in_one_press(
    signed_in: Client, head: User, riverside: Organisation, sink: Sink
) -> None:
    wording = word(head)

    signed_in.post(f"/reminders/wording/{wording.pk}/end/")
    worker = session_in(riverside)
    outbox.plan()
    sender.run()

    wording.refresh_from_db()
    assert (wording.ended_by, wording.ended_at) == (head, timezone.now())
    subjects = {one["To"]: one["Subject"] for one in sink.messages}
    assert subjects[worker.email] == "Your next session"


def test_a_wording_that_somebody_has_replaced_is_not_taken_back(
    signed_in: Client, head: User
) -> None:
    old = word(head)
    write(Draft(kinds.named(COMING), "Newer", WORDS, old.pk), by=head)

    page = signed_in.post(f"/reminders/wording/{old.pk}/end/", follow=True).content.decode()

    assert "Somebody has changed this e-mail meanwhile" in page
    assert Wording.objects.current().get().subject == "Newer"


def test_of_two_who_write_at_once_the_later_reads_the_earlier_first(
    signed_in: Client, head: User
) -> None:
    other = programme.head(head.organisation, given_name="Joanna", family_name="Kaur")
    write(Draft(kinds.named(COMING), "Joanna's", WORDS, None), by=other)
    theirs = Wording.objects.get()

    asked = posted(signed_in, subject="Mine")
    between = Wording.objects.current().get()
    shown = BeautifulSoup(asked, "html.parser").select_one("[name=shown]")["value"]
    posted(signed_in, subject="Mine", shown=shown)

    assert errors(asked) == [
        "Joanna Kaur has changed this e-mail meanwhile. Read their wording below, and save again "
        "if yours is to take its place"
    ]
    assert "Joanna&#x27;s" in asked
    assert 'value="Mine"' in asked
    assert between == theirs
    assert Wording.objects.current().get().subject == "Mine"
    theirs.refresh_from_db()
    assert theirs.ended_by == head


def test_of_two_who_write_at_once_the_later_hears_that_ours_is_back(
    signed_in: Client, head: User
) -> None:
    word(head).end(by=programme.head(head.organisation))

    asked = posted(signed_in, subject="Mine", shown=Wording.objects.get().pk)

    assert errors(asked) == [
        "Somebody has put the original wording back meanwhile. Save again if yours is to be used"
    ]
    assert not Wording.objects.current().exists()


def test_pressing_twice_saves_once(signed_in: Client) -> None:
    posted(signed_in)
    again = posted(signed_in)

    assert again == ""
    assert Wording.objects.count() == 1


def test_what_we_say_anyway_is_no_wording_of_its_own(signed_in: Client, head: User) -> None:
    kind, old = kinds.named(COMING), word(head)

    posted(signed_in, subject=str(kind.subject), words=str(kind.words), shown=old.pk)

    assert not wordings.of([head.organisation_id])
    assert Wording.objects.get().ended_by == head
