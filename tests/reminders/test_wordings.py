"""What is sent where an organisation words its e-mails itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from peersupport.accounts.models import Organisation, User
from peersupport.reminders import kinds, outbox, sender
from peersupport.reminders.models import Reminder, Wording
from peersupport.reminders.turned_off import stop_link
from peersupport.reminders.wordings import ChangedMeanwhile, Draft, write
from tests import programme
from tests.reminders.programme import MONDAY_MORNING, WORDS, asked_to_talk, session_in, word
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

COMING, CHECK_IN = "session_coming", "checkin_invitation"


@pytest.fixture
def head(riverside: Organisation) -> User:
    return programme.head(riverside)


def sent(sink: Sink, to: User) -> EmailMessage:
    """The message to this person, once everything that is owed is sent."""
    outbox.plan()
    sender.run()
    [message] = [one for one in sink.messages if one["To"] == to.email]
    return message


def text(message: EmailMessage) -> str:
    return str(message.get_body(("plain",)).get_content())


def html(message: EmailMessage) -> str:
    return str(message.get_body(("html",)).get_content())


def test_what_an_organisation_wrote_is_what_is_sent(
    riverside: Organisation, head: User, sink: Sink
) -> None:
    word(head, words=f"Dear all,\n{WORDS}")
    worker = session_in(riverside)

    message = sent(sink, worker)

    filled_in = "See you on Wednesday 25 November at 09:00, for 20 minutes (in person)."
    assert message["Subject"] == "Our talk"
    assert f"Dear all,\n{filled_in}" in text(message).replace("\r\n", "\n")
    assert f"Dear all,<br>{filled_in}" in html(message)
    assert "Your next supervision session" not in text(message) + html(message)


def test_it_is_what_a_bundle_says_too(riverside: Organisation, head: User, sink: Sink) -> None:
    worker = session_in(riverside, starts_on=MONDAY_MORNING.date() - timedelta(days=14))
    word(head)
    word(head, CHECK_IN, "How are you?", "Three questions are waiting.")

    message = sent(sink, worker)

    assert "See you on Wednesday 25 November" in text(message)
    assert "Three questions are waiting." in text(message)
    assert "It is time to check in" not in text(message)


def test_nobody_gets_the_words_of_another_organisation(
    riverside: Organisation, head: User, sink: Sink
) -> None:
    elsewhere = programme.organisation("Elsewhere")
    word(programme.head(elsewhere), subject="Theirs")
    ours, theirs = session_in(riverside), session_in(elsewhere)

    assert sent(sink, ours)["Subject"] == "Your next session"
    assert sent(sink, theirs)["Subject"] == "Theirs"


def test_what_was_ended_is_not_sent(riverside: Organisation, head: User, sink: Sink) -> None:
    word(head, ended_at=timezone.now(), ended_by=head)
    worker = session_in(riverside)

    assert sent(sink, worker)["Subject"] == "Your next session"


def test_whoever_gets_them_chooses_by_the_subjects_that_are_sent(
    client: Client, riverside: Organisation, head: User
) -> None:
    worker = programme.psw(riverside)
    client.force_login(worker)
    word(head)
    word(head, CHECK_IN, words="{gone}")
    stop = stop_link(worker, [COMING, CHECK_IN]).removeprefix(settings.SITE_URL)

    for page in (client.get("/me/e-mails/"), client.get(stop)):
        words = page.content.decode()
        assert "Our talk" in words
        assert "Your next session" not in words
        assert "Time to check in" in words


@pytest.mark.parametrize("words", ["See you on {day}, {colour}.", "See you on {day}.", "See you."])
def test_words_that_no_longer_fit_the_kind_give_way_to_ours(
    riverside: Organisation, head: User, sink: Sink, words: str
) -> None:
    word(head, words=words)
    worker = session_in(riverside)

    message = sent(sink, worker)

    assert message["Subject"] == "Your next session"
    assert "Your next supervision session is on Wednesday 25 November at 09:00" in text(message)
    assert not Reminder.objects.filter(state=Reminder.State.FAILED).exists()


def test_what_is_typed_is_text_and_nothing_else(
    riverside: Organisation, head: User, sink: Sink
) -> None:
    typed = "<b>Hi</b> <script>alert(1)</script> https://intranet.example/ "
    word(head, subject="<i>Talk</i>", words=typed + WORDS)
    worker = session_in(riverside)

    message = sent(sink, worker)

    page = BeautifulSoup(html(message), "html.parser")
    assert message["Subject"] == "<i>Talk</i>"
    assert typed in text(message)
    assert page.find(["b", "i", "script"]) is None
    assert typed in page.get_text()
    assert not page.select('a[href*="intranet"]')


@pytest.mark.parametrize("number", [3, 30])
def test_one_query_reads_the_wordings_of_a_whole_claim(
    riverside: Organisation, head: User, sink: Sink, number: int
) -> None:
    word(head, "talk_request", "Somebody asks", "Somebody would like to talk with you.")
    for _ in range(number):
        asked_to_talk(programme.supervisor(riverside))

    with CaptureQueriesContext(connection) as queries:
        sender.run()

    assert {one["Subject"] for one in sink.messages} == {"Somebody asks"}
    assert len(sink.messages) == number
    assert len([one for one in queries if "reminders_wording" in one["sql"]]) == 1


def test_every_kind_says_what_stands_for_each_placeholder() -> None:
    for kind in kinds.every():
        assert kind.placeholders.keys() == kinds.placeholders(str(kind.words)), kind.name
        assert all(each.means and each.example for each in kind.placeholders.values())


@pytest.mark.parametrize(
    ("subject", "words", "name"),
    [
        ("Talk\nBcc: everybody@trust.example", WORDS, "wording_subject_on_one_line"),
        ("Talk\rBcc: everybody@trust.example", WORDS, "wording_subject_on_one_line"),
        ("Talk\u2028", WORDS, "wording_subject_on_one_line"),
        ("", WORDS, "wording_subject_on_one_line"),
        ("Our talk", "", "wording_says_something"),
        ("x" * 79, WORDS, "character varying"),
        ("Our talk", "x" * 601, "character varying"),
    ],
)
def test_the_database_takes_no_such_wording(
    head: User, subject: str, words: str, name: str
) -> None:
    with pytest.raises(Exception, match=name), transaction.atomic():
        word(head, subject=subject, words=words)


def test_an_organisation_says_one_thing_at_a_time(head: User) -> None:
    word(head)

    with pytest.raises(IntegrityError, match="wording_one_at_a_time"), transaction.atomic():
        word(head)


@pytest.mark.parametrize("half", ["ended_at", "ended_by"])
def test_whoever_ended_a_wording_did_so_at_some_time(head: User, half: str) -> None:
    facts = {"ended_at": timezone.now(), "ended_by": head}

    with pytest.raises(IntegrityError, match="wording_ended_by_someone"), transaction.atomic():
        word(head, **{half: facts[half]})


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_the_same_moment_one_comes_after_the_other() -> None:
    head, start = programme.head(programme.organisation()), Barrier(2)

    def save(subject: str) -> object:
        try:
            start.wait(10)
            return write(Draft(kinds.named(COMING), subject, WORDS, None), by=head)
        except Exception as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        became = list(pool.map(save, ["One", "Two"]))

    assert set(became) == {None, ChangedMeanwhile}
    assert Wording.objects.count() == 1
