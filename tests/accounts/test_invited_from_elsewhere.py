"""Inviting never says whether an address has an account with another organisation."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cohorts.invitations import invite
from peersupport.accounts.actions import AddressTaken, Invitee, accept_invitation
from peersupport.accounts.models import Invitation, Role, User
from peersupport.reminders import sender
from tests import programme
from tests.access.test_matrix import ROWS

pytestmark = pytest.mark.django_db

ADDRESS = "qq.fresh@trust.example"
FACTS = {"email": ADDRESS, "given_name": "Qq", "family_name": "Fresh"}
PASSWORD = "three words unlike others"
MASKED = re.compile(
    r'(?:csrfmiddlewaretoken|whose)" value="\w+|name="organisation" value="\d+|/\d+/|head\d+@'
    r'|"seconds_since_\w+": \w+'
)


def _pages(client: Client) -> Iterator[tuple[str, str]]:
    """Every page that a head opens without a record in its address, and the searches."""
    urls = [f"{reverse('cohorts:person-list')}?q={word}" for word in ("qq", "fresh", ADDRESS)]
    urls.append(f"{reverse('reminders:reminder-list')}?coming=1")
    for name, method, cells in ROWS:
        if method == "GET" and cells["head"] == "y":
            with suppress(NoReverseMatch):
                urls.append(reverse(name.partition("?")[0]))
    for url in urls:
        yield url, MASKED.sub("", client.get(url).content.decode())


def _what_a_head_sees(client: Client, role: str) -> dict[str, str]:
    """A head of a new organisation invites the address, and looks everywhere twice."""
    where = programme.organisation()
    head = programme.head(where, email=f"head{where.pk}@trust.example", family_name="Kaur")
    client.force_login(head)
    answer = client.post(reverse("invitation-new"), {**FACTS, "role": role}, follow=True)
    seen = {"answer": MASKED.sub("", answer.content.decode())}
    seen |= {f"{url} before": page for url, page in _pages(client)}
    sender.run()
    return seen | {f"{url} after": page for url, page in _pages(client)}


@pytest.mark.parametrize("role", Role.values)
def test_every_page_of_a_head_is_the_same_whoever_has_the_address(
    client: Client, time_machine: object, role: str
) -> None:
    time_machine.move_to(timezone.now(), tick=False)  # type: ignore[attr-defined]

    nobody = _what_a_head_sees(client, role)
    programme.psw(programme.organisation(), email=ADDRESS, last_login=timezone.now())
    somebody = _what_a_head_sees(client, role)

    assert "Qq is invited" in nobody["answer"]
    assert "Qq Fresh" in nobody["/cohorts/people/invitations/ after"]
    assert "Qq Fresh" in nobody["/reminders/?coming=1 before"]
    assert "Qq Fresh" in nobody["/reminders/ after"]
    assert [page for page in nobody if nobody[page] != somebody[page]] == []
    assert [message.to for message in mail.outbox] == [[ADDRESS]] * 2


def _link() -> str:
    found = re.search(r"/invitation/\S+/", str(mail.outbox[-1].body))
    assert found
    return found[0]


def _invited(role: str = Role.PSW) -> Invitation:
    """The address, invited by a new organisation; its letter is the last one sent."""
    head = programme.head(programme.organisation())
    invitation = invite(Invitee(**FACTS, role=role), organisation=head.organisation, by=head)
    sender.run()
    return invitation


def test_an_account_of_elsewhere_is_left_as_it_is(client: Client) -> None:
    programme.psw(programme.organisation(), email=ADDRESS)
    before = User.objects.filter(email=ADDRESS).values().get()
    invitation = _invited(Role.HEAD)

    page = client.get(_link())
    answer = client.post(_link(), {"password": PASSWORD})

    for shown in (page, answer):
        assert "This address signs in already" in shown.content.decode()
        assert "Choose a password" not in shown.content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.filter(email=ADDRESS).values().get() == before
    assert User.objects.get(email=ADDRESS).roles == {Role.PSW}
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_an_account_made_elsewhere_while_one_accepts_is_left_too() -> None:
    invitation = _invited(Role.HEAD)
    programme.psw(programme.organisation(), email=ADDRESS.title())
    before = User.objects.filter(email__iexact=ADDRESS).values().get()

    with pytest.raises(AddressTaken):
        accept_invitation(invitation, password=PASSWORD)

    assert User.objects.filter(email__iexact=ADDRESS).values().get() == before
    assert Invitation.objects.waiting().get() == invitation


def test_of_two_organisations_the_one_accepted_first_has_the_person(client: Client) -> None:
    first = _invited(Role.PSW)
    link = _link()
    _invited(Role.HEAD)

    client.post(link, {"password": PASSWORD})
    late = Client().post(_link(), {"password": f"{PASSWORD} again"})

    person = User.objects.get(email=ADDRESS)
    assert (person.organisation, person.roles) == (first.organisation, {Role.PSW})
    assert person.check_password(PASSWORD)
    assert "This address signs in already" in late.content.decode()


def test_who_is_invited_is_a_person_here_once_they_accept(client: Client) -> None:
    invitation = _invited(Role.SUPERVISOR)
    before = User.objects.filter(email=ADDRESS).count()

    client.post(_link(), {"password": PASSWORD})

    person = User.objects.get(email=ADDRESS)
    assert before == 0
    assert (person.name, person.organisation) == ("Qq Fresh", invitation.organisation)
    grant = person.role_grants.get()
    assert (grant.role, grant.granted_by) == (Role.SUPERVISOR, invitation.invited_by)
