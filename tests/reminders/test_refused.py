"""What a head can do about an address that a mail server refuses."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from cohorts.addresses import ask
from cohorts.invitations import invite
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Organisation, User
from peersupport.reminders import sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.reminders.programme import asked_to_talk
from tests.reminders.sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def head(riverside: Organisation) -> User:
    return programme.head(riverside)


def links(client: Client, head: User) -> list[tuple[str, str]]:
    """Where the page with what needs a decision leads, and in which words."""
    sender.run()
    client.force_login(head)
    page = BeautifulSoup(client.get("/reminders/").content, "html.parser")
    found = page.select(".app-list--decisions a")
    return [(str(link["href"]), " ".join(link.get_text().split())) for link in found]


def test_from_what_was_refused_a_head_gets_to_the_address(
    client: Client, head: User, sink: Sink
) -> None:
    anwen = programme.supervisor(head.organisation, email="refused@trust.example")
    asked_to_talk(anwen)

    found = links(client, head)

    assert found == [(f"/cohorts/people/{anwen.pk}/address/", f"Mend the address: {anwen}")]
    assert client.get(found[0][0]).status_code == 200


def test_what_may_have_arrived_is_not_the_addresss_fault(
    client: Client, head: User, sink: Sink
) -> None:
    asked_to_talk(programme.supervisor(head.organisation, email="vanish@trust.example"))

    assert links(client, head) == []
    assert Reminder.objects.get().state == "uncertain"


def test_an_invitation_that_was_refused_leads_to_another(
    client: Client, head: User, sink: Sink
) -> None:
    where = head.organisation
    # Whoever has this address elsewhere must not be found from here.
    programme.psw(programme.organisation(), email="refused.nia@trust.example")
    invite(Invitee("refused.nia@trust.example", "Nia", "Lloyd", "psw"), organisation=where, by=head)

    assert links(client, head) == [
        ("/cohorts/people/invitations/new/", "Invite with the right address: Nia Lloyd")
    ]


def test_an_invitation_of_somebody_from_the_roster_leads_to_them(
    client: Client, head: User, sink: Sink
) -> None:
    rhys = programme.psw(head.organisation, email="Refused.rhys@trust.example")
    invitee = Invitee("refused.rhys@trust.example", "Rhys", "Kowalska", "psw")
    invite(invitee, organisation=head.organisation, by=head)

    assert [href for href, _words in links(client, head)] == [f"/cohorts/people/{rhys.pk}/address/"]


def test_a_new_address_that_is_refused_too_is_there_to_decide(
    client: Client, head: User, sink: Sink
) -> None:
    ana = programme.psw(head.organisation, email="ana@trust.example")
    ask(ana, "refused.ana@trust.example", by=head)

    found = links(client, head)

    assert [href for href, _words in found] == [f"/cohorts/people/{ana.pk}/address/"]


def test_what_was_refused_goes_to_the_new_address_when_it_is_sent_again(
    client: Client, head: User, sink: Sink
) -> None:
    anwen = programme.supervisor(head.organisation, email="refused@trust.example")
    reminder = asked_to_talk(anwen)
    links(client, head)
    User.objects.filter(pk=anwen.pk).update(email="right@trust.example")

    client.post(f"/reminders/{reminder.pk}/settle/", {"choice": "again"})
    sender.run()

    assert sink.recipients == ["right@trust.example"]
