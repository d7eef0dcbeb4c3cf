"""The delivery log, and one's own e-mails."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from peersupport.accounts.models import User
from peersupport.reminders import claims, sender
from peersupport.reminders.models import Reminder
from peersupport.reminders.post import Outcome
from tests import programme
from tests.reminders.programme import alone, asked_to_talk

pytestmark = pytest.mark.django_db

LIST = "/reminders/"


def _reminder(recipient: User, key: str, state: str = "sent", **facts: object) -> Reminder:
    now = timezone.now()
    settled = state in ("sent", "failed", "uncertain", "cancelled")
    usual = {"due_at": now, "try_at": now, "settled_at": now if settled else None}
    return Reminder.objects.create(
        organisation=recipient.organisation,
        recipient=recipient,
        kind="checkin_invitation",
        key=key,
        state=state,
        **{**usual, **facts},
    )


def _page(client: Client, user: User, query: str = "") -> str:
    client.force_login(user)
    return client.get(LIST + query).content.decode()


def test_a_head_sees_to_whom_and_an_auditor_only_what_and_whether(client: Client) -> None:
    where = programme.organisation()
    worker = programme.psw(where, family_name="Canaryname")
    stranger = programme.psw(programme.organisation(), family_name="Strangername")
    _reminder(worker, "ours")
    _reminder(stranger, "theirs")

    head = _page(client, programme.head(where))
    auditor = _page(client, programme.ig_auditor(where))

    assert "Canaryname" in head
    assert "Canaryname" not in auditor
    assert "Strangername" not in head + auditor
    assert head.count('<strong class="nhsuk-tag') == auditor.count('<strong class="nhsuk-tag') == 1


def test_nobody_else_reads_in_the_log_that_somebody_would_like_to_talk(client: Client) -> None:
    where = programme.organisation()
    supervisor, auditor = programme.supervisor(where), programme.ig_auditor(where)
    asked_to_talk(supervisor)
    sender.run()

    for other in (programme.head(where), auditor):
        assert "Someone would like to talk" not in _page(client, other)
        assert "An e-mail sent at once" in _page(client, other)
    assert "Someone would like to talk" in _page(client, supervisor)


def test_who_may_see_which_reminders() -> None:
    where, other = programme.organisation(), programme.organisation()
    worker, head, auditor = programme.psw(where), programme.head(where), programme.ig_auditor(where)
    supervisor, stranger = programme.supervisor(where), programme.psw(other)
    for recipient in (worker, head, stranger):
        _reminder(recipient, recipient.email)

    seen = {
        person: {one.recipient for one in Reminder.objects.visible_to(person)}
        for person in (worker, supervisor, head, auditor, stranger, programme.head(other))
    }

    assert list(seen.values()) == [
        *({worker}, set(), {worker, head}, {worker, head}, {stranger}, {stranger})
    ]


def test_everybody_else_sees_their_own(client: Client) -> None:
    where = programme.organisation()
    worker, supervisor = programme.psw(where), programme.supervisor(where)
    _reminder(worker, "mine")

    assert _page(client, worker).count('<strong class="nhsuk-tag') == 1
    assert "No e-mails yet" in _page(client, supervisor)


def test_a_head_reads_their_own_apart(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    _reminder(programme.psw(where), "another's")

    assert "No e-mails yet" in _page(client, head, "?mine=1")


def _settles(client: Client, head: User, reminder: Reminder, choice: str) -> str:
    """What the page says after `head` chose `choice`; the reminder is read anew."""
    client.force_login(head)
    url = reverse("reminders:reminder-settle", args=[reminder.pk])
    page = client.post(url, {"choice": choice}, follow=True).content.decode()
    reminder.refresh_from_db()
    return page


def test_what_may_have_arrived_is_settled_by_a_head_and_recorded(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    reminder = _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")
    page = _page(client, head)

    after = _settles(client, head, reminder, "arrived")

    assert "1 needs a decision" in page
    assert "It may have arrived." in page
    assert (reminder.state, reminder.settled_by) == ("sent", head)
    assert "Noted: it arrived" in after
    assert "needs a decision" not in after


def test_what_was_refused_is_sent_again_and_who_asked_is_recorded(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    worker = programme.psw(where)
    said = "550 5.1.1 no such mailbox"
    reminder = _reminder(worker, "k", "failed", reason="refused", reply=said, attempts=29)
    page = _page(client, head)

    after = _settles(client, head, reminder, "again")

    assert "It arrived" not in page
    assert "The mail server refused it. It said: 550 5.1.1 no such mailbox" in page
    assert "It will be sent again" in after
    assert (reminder.state, reminder.sent_again_by) == ("due", head)


@pytest.mark.usefixtures("monday_morning")
def test_what_is_sent_again_is_tried_as_often_as_the_first_time() -> None:
    where = programme.organisation()
    reminder = _reminder(programme.psw(where), "k", "failed", attempts=claims.MOST_ATTEMPTS)
    reminder.send_again(by=programme.head(where))
    (claimed,) = claims.claim(1, timezone.now())
    claims.begin(alone(claimed))

    claims.settle(alone(claimed), Outcome("retry", "put_off", "451 later"))

    claimed.refresh_from_db()
    assert (claimed.state, claimed.attempts) == ("retry", 1)


@pytest.mark.parametrize("state", ["failed", "uncertain"])
def test_what_nobody_needs_any_more_is_closed_and_who_said_so_is_recorded(
    client: Client, state: str
) -> None:
    where = programme.organisation()
    head = programme.head(where)
    reminder = _reminder(programme.psw(where), "k", state, reason="refused")

    after = _settles(client, head, reminder, "not_needed")

    assert (reminder.state, reminder.reason, reminder.settled_by) == (
        *("cancelled", "not_needed", head),
    )
    assert "Noted: it is no longer needed" in after
    assert "needs a decision" not in after
    assert "Not sent:" not in after


@pytest.mark.parametrize(
    ("state", "choice", "said"),
    [
        ("uncertain", "", "Choose “It arrived”, “Send again” or “No longer needed”"),
        ("uncertain", "Again", "Choose “It arrived”, “Send again” or “No longer needed”"),
        ("failed", "", "Choose “Send again” or “No longer needed”"),
        ("failed", "arrived", "Choose “Send again” or “No longer needed”"),
    ],
)
def test_anything_but_one_of_the_choices_changes_nothing_and_says_what_they_are(
    client: Client, state: str, choice: str, said: str
) -> None:
    where = programme.organisation()
    reminder = _reminder(programme.psw(where), "k", state, reason="refused")

    page = _settles(client, programme.head(where), reminder, choice)

    assert (reminder.state, reminder.settled_by, reminder.sent_again_by) == (state, None, None)
    assert said in page


def test_settling_twice_says_that_it_is_settled(client: Client) -> None:
    where = programme.organisation()
    reminder = _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")
    first, second = programme.head(where), programme.head(where)
    _settles(client, first, reminder, "arrived")

    pages = [
        _settles(client, second, reminder, choice) for choice in ("arrived", "again", "not_needed")
    ]

    said = "Somebody has decided about this e-mail already"
    assert [said in page for page in pages] == [True, True, True]
    assert (reminder.state, reminder.settled_by, reminder.sent_again_by) == ("sent", first, None)


def test_a_second_head_at_the_same_instant_changes_nothing() -> None:
    where = programme.organisation()
    reminder = _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")
    first, second = programme.head(where), programme.head(where)
    reminder.take_as_arrived(by=first)

    assert reminder.take_as_arrived(by=second) is False
    assert reminder.send_again(by=second) is False
    assert reminder.take_as_not_needed(by=second) is False

    reminder.refresh_from_db()
    assert (reminder.state, reminder.settled_by) == ("sent", first)


def test_the_page_says_how_many_more_need_a_decision(client: Client) -> None:
    where = programme.organisation()
    head, worker = programme.head(where), programme.psw(where)
    for number in range(50):
        _reminder(worker, f"k{number}", "failed", reason="refused")
    fifty = _page(client, head)
    _reminder(worker, "k50", "failed", reason="refused")

    one_more = _page(client, head)

    assert fifty.count("Send again<") == one_more.count("Send again<") == 50
    assert "51 need a decision" in one_more
    assert "1 more comes up here" not in fifty
    assert "1 more comes up here as these are decided." in one_more


def test_nobody_but_a_head_of_the_organisation_settles(client: Client) -> None:
    where = programme.organisation()
    worker = programme.psw(where)
    reminder = _reminder(worker, "k", "uncertain", reason="no_answer")
    url = reverse("reminders:reminder-settle", args=[reminder.pk])
    others = [
        worker,
        programme.supervisor(where),
        programme.ig_auditor(where),
        programme.head(programme.organisation()),
    ]

    for user in others:
        client.force_login(user)
        assert client.post(url, {"choice": "arrived"}).status_code == 404

    reminder.refresh_from_db()
    assert reminder.state == "uncertain"


def _rows(page: str) -> list[str]:
    """When, to whom, what and the state of each line of the table."""
    cells = re.findall(r'<td.*?aria-hidden="true">[^<]*</span>(.*?)</td>', page, re.S)
    words = [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]
    return [" | ".join(words[start : start + 4]) for start in range(0, len(words), 4)]


@pytest.mark.usefixtures("monday_morning")
def test_the_log_is_what_was_settled_latest_first_and_what_is_to_come_stands_apart(
    client: Client,
) -> None:
    where = programme.organisation()
    head = programme.head(where)
    wren = programme.psw(where, given_name="Wren", family_name="Jay")
    now = timezone.now()
    _reminder(wren, "friday", settled_at=now - timedelta(days=3), attempts=2)
    _reminder(wren, "today", "cancelled", reason="paused", attempts=0)
    _reminder(wren, "a year ago", settled_at=now - timedelta(days=365), attempts=3)
    _reminder(wren, "tomorrow", "due", try_at=now + timedelta(days=1))
    for number in range(60):
        _reminder(wren, f"later{number}", "due", try_at=now + timedelta(days=8))

    page = _page(client, head)
    to_come = _page(client, head, "?coming=1")

    assert _rows(page) == [
        "Today 09:00 | Wren Jay | Time to check in | Not sent: paused",
        "Friday 20 November, 09:00 | Wren Jay | Time to check in | Sent, second try",
        "Sunday 23 November 2025, 09:00 | Wren Jay | Time to check in | Sent, try 3",
    ]
    assert re.findall(r'href="\?coming=1">([^<]*)<', page) == ["61 are to come"]
    assert _rows(to_come)[:2] == [
        "Tuesday 24 November, 09:00 | Wren Jay | Time to check in | To be sent",
        "Tuesday 1 December, 09:00 | Wren Jay | Time to check in | To be sent",
    ]
    assert len(_rows(to_come)) == 50
    assert 'href="?coming=1&amp;page=2"' in to_come


def test_what_needs_a_decision_is_there_once(client: Client) -> None:
    where = programme.organisation()
    _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")

    assert _page(client, programme.head(where)).count("Time to check in</strong>") == 1
    assert _rows(_page(client, programme.head(where))) == []
    assert "May have arrived" in _page(client, programme.ig_auditor(where))


def test_one_s_own_e_mails_to_come_are_one_s_own(client: Client) -> None:
    where = programme.organisation()
    worker, head = programme.psw(where), programme.head(where)
    _reminder(worker, "a worker's", "due")
    _reminder(head, "a head's", "due")

    own = _page(client, head, "?mine=1")
    to_come = _page(client, head, "?mine=1&coming=1")

    assert 'href="?mine=1&amp;coming=1">1 is to come<' in own
    assert to_come.count('<strong class="nhsuk-tag') == 1
    assert _page(client, worker, "?coming=1").count('<strong class="nhsuk-tag') == 1
    assert "Nothing is to come" in _page(client, programme.psw(where), "?coming=1")


def test_only_its_recipient_opens_an_e_mail(client: Client) -> None:
    where = programme.organisation()
    worker = programme.psw(where)
    reminder = _reminder(worker, "k")
    url = reverse("reminders:reminder-detail", args=[reminder.pk])
    statuses = []

    for user in (worker, programme.head(where), programme.ig_auditor(where)):
        client.force_login(user)
        statuses.append(client.get(url).status_code)

    assert statuses == [200, 404, 404]


def test_the_embedded_service_shows_the_words_to_whoever_got_them(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.EMBEDDED = True
    reminder = asked_to_talk(programme.supervisor(programme.organisation()))
    sender.run()
    client.force_login(reminder.recipient)
    url = reverse("reminders:reminder-detail", args=[reminder.pk])

    embedded = client.get(url).content.decode()
    settings.EMBEDDED = False
    elsewhere = client.get(url).content.decode()

    assert "Sign in to see who it is" in embedded
    assert "Sign in to see who it is" not in elsewhere


def test_the_log_takes_as_many_queries_for_300_as_for_3(
    client: Client, django_assert_num_queries: object
) -> None:
    where = programme.organisation()
    client.force_login(programme.head(where))

    for number in (3, 297):
        worker = programme.psw(where)
        Reminder.objects.bulk_create(
            Reminder(
                organisation=where,
                recipient=worker,
                kind="checkin_invitation",
                key=f"many-{number}-{n}",
                state=("sent", "failed", "due")[n % 3],
                due_at=timezone.now() - timedelta(minutes=n),
                try_at=timezone.now(),
                settled_at=timezone.now() if n % 3 < 2 else None,
            )
            for n in range(number)
        )
        for url, queries in ((LIST, 10), (f"{LIST}?coming=1", 8)):
            with django_assert_num_queries(queries):  # type: ignore[operator]
                client.get(url)
