"""What people choose to get, and the link with which a mail program says so."""

import re

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from peersupport.accounts.models import Organisation, Role, User
from peersupport.reminders import kinds, outbox, sender
from peersupport.reminders.models import Reminder, TurnedOff
from peersupport.reminders.turned_off import choose, stop_link, turn_off
from tests import programme
from tests.reminders.programme import asked_to_talk
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

CHOOSE = "/me/e-mails/"
CHECK_IN = "checkin_invitation"


@pytest.fixture
def worker(riverside: Organisation) -> User:
    """An active PSW who is invited to check in today."""
    worker = programme.psw(riverside)
    cohort = programme.cohort(riverside)
    programme.member(worker, cohort, joined_on=programme.today().replace(day=9))
    return worker


def stop_address(sink: Sink) -> str:
    """The path that the last message gives to a mail program."""
    header = str(sink.messages[-1]["List-Unsubscribe"]).strip()
    return re.fullmatch(r"<https?://[^/]+(/.+)>", header)[1]


def test_what_is_turned_off_is_not_planned(worker: User) -> None:
    turn_off(worker, [CHECK_IN])

    outbox.plan()

    assert Reminder.objects.filter(kind=CHECK_IN).count() == 0


def test_what_is_turned_off_after_planning_is_not_sent(worker: User, sink: Sink) -> None:
    outbox.plan()
    turn_off(worker, [CHECK_IN])

    sender.run()

    reminder = Reminder.objects.get(kind=CHECK_IN)
    assert (reminder.state, reminder.reason) == ("cancelled", "turned_off")
    assert sink.messages == []


def test_the_page_offers_what_ones_roles_may_get_and_keeps_what_is_chosen(
    client: Client, worker: User
) -> None:
    client.force_login(worker)
    ticked = {"session_coming", CHECK_IN}

    before = boxes(client)
    client.post(CHOOSE, {"kind": sorted(ticked - {CHECK_IN})})
    after = boxes(client)

    mine = {one.name for one in kinds.every() if Role.PSW in one.roles and not one.stays_on}
    assert ticked <= set(before) == mine
    assert {name for name, on in before.items() if on} == mine
    assert {name for name, on in after.items() if on} == {"session_coming"}
    assert TurnedOff.objects.filter(person=worker, kind=CHECK_IN).count() == 1


def boxes(client: Client) -> dict[str, bool]:
    """Each kind on the page, and whether it is ticked."""
    page = BeautifulSoup(client.get(CHOOSE).content, "html.parser")
    return {box["value"]: box.has_attr("checked") for box in page.select("input[name=kind]")}


def test_what_cannot_be_turned_off_says_why_and_stays_on(
    client: Client, riverside: Organisation
) -> None:
    supervisor = programme.supervisor(riverside)
    client.force_login(supervisor)

    page = client.get(CHOOSE).content.decode()
    client.post(CHOOSE, {})
    turn_off(supervisor, ["talk_request", "supervision_due"])

    assert "It stays on: somebody waits for you." in page
    assert not TurnedOff.objects.filter(kind__in=["talk_request", "supervision_due"]).exists()


def test_choosing_again_turns_it_on_again(worker: User) -> None:
    choose(worker, [])
    choose(worker, [CHECK_IN])

    assert CHECK_IN not in set(worker.turned_off.values_list("kind", flat=True))


def test_a_message_says_how_to_stop_it_in_one_press(
    client: Client, worker: User, sink: Sink
) -> None:
    outbox.plan()
    sender.run()
    strict = Client(enforce_csrf_checks=True)
    address = stop_address(sink)

    asked = strict.get(address)
    nothing_yet = TurnedOff.objects.count()
    pressed = strict.post(
        address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert sink.messages[-1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (asked.status_code, pressed.status_code) == (200, 200)
    assert nothing_yet == 0
    assert [(one.person, one.kind) for one in TurnedOff.objects.all()] == [(worker, CHECK_IN)]
    for page in (asked, pressed):
        assert "Time to check in" in page.content.decode()
        assert worker.name not in page.content.decode()
        assert worker.email not in page.content.decode()


def test_what_cannot_be_turned_off_says_no_way_to(riverside: Organisation, sink: Sink) -> None:
    asked_to_talk(programme.supervisor(riverside))

    sender.run()

    assert sink.messages[-1]["List-Unsubscribe"] is None


def test_a_link_that_is_not_ours_is_not_there(client: Client, worker: User) -> None:
    address = stop_link(worker, [CHECK_IN]).partition("//")[2].partition("/")[2]

    assert client.post(f"/{address[:-4]}xyz/").status_code == 404
    assert TurnedOff.objects.count() == 0


def test_every_message_to_a_person_says_why_it_came_and_where_to_choose(
    worker: User, sink: Sink
) -> None:
    outbox.plan()

    sender.run()

    text, html = (part.get_content() for part in sink.messages[-1].iter_parts())
    for words in (text, html):
        assert "Every active peer support worker gets this" in words
        assert reverse("my-e-mails") in words
