"""The delivery log, and one's own e-mails."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from peersupport.accounts.models import User
from peersupport.reminders import sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import asked_to_talk

pytestmark = pytest.mark.django_db

LIST = "/reminders/"


def _reminder(recipient: User, key: str, state: str = "sent", **facts: object) -> Reminder:
    now = timezone.now()
    settled = state in ("sent", "failed", "uncertain", "cancelled")
    return Reminder.objects.create(
        organisation=recipient.organisation,
        recipient=recipient,
        kind="checkin_invitation",
        key=key,
        state=state,
        due_at=now,
        try_at=now,
        settled_at=now if settled else None,
        **facts,
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


def test_what_may_have_arrived_is_settled_by_a_head_and_recorded(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    reminder = _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")
    page = _page(client, head)

    client.post(reverse("reminders:reminder-settle", args=[reminder.pk]), {"choice": "arrived"})

    assert "1 needs a decision" in page
    assert "It may have arrived." in page
    reminder.refresh_from_db()
    assert (reminder.state, reminder.settled_by) == ("sent", head)
    assert "needs a decision" not in _page(client, head)


def test_what_was_refused_is_sent_again_and_who_asked_is_recorded(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    worker = programme.psw(where)
    said = "550 5.1.1 no such mailbox"
    reminder = _reminder(worker, "k", "failed", reason="refused", reply=said)
    page = _page(client, head)

    client.post(reverse("reminders:reminder-settle", args=[reminder.pk]), {"choice": "again"})

    assert "It arrived" not in page
    assert "The mail server refused it. It said: 550 5.1.1 no such mailbox" in page
    reminder.refresh_from_db()
    assert (reminder.state, reminder.sent_again_by) == ("due", head)


def test_settling_twice_says_that_it_is_settled(client: Client) -> None:
    where = programme.organisation()
    reminder = _reminder(programme.psw(where), "k", "uncertain", reason="no_answer")
    first, second = programme.head(where), programme.head(where)

    assert Reminder.objects.get(pk=reminder.pk).take_as_arrived(by=first) is True
    assert reminder.send_again(by=second) is False
    assert reminder.take_as_arrived(by=second) is False

    reminder.refresh_from_db()
    assert reminder.settled_by == first


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
                state="sent",
                due_at=timezone.now() - timedelta(minutes=n),
                try_at=timezone.now(),
                settled_at=timezone.now(),
            )
            for n in range(number)
        )
        with django_assert_num_queries(9):  # type: ignore[operator]
            client.get(LIST)
