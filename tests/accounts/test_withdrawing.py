"""Taking an invitation back before it is accepted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.invitations import invite, invite_everyone
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Invitation, Role, User
from peersupport.reminders import sender
from peersupport.reminders.models import Reminder
from tests import programme

pytestmark = pytest.mark.django_db

ADDRESS = "nia@trust.example"
WORDS = {"password": "three words unlike others"}


@pytest.fixture
def head() -> User:
    return programme.head(programme.organisation())


@pytest.fixture
def invitation(head: User) -> Invitation:
    invitee = Invitee(ADDRESS, "Nia", "Lloyd", Role.SUPERVISOR)
    return invite(invitee, organisation=head.organisation, by=head)


def _withdraw(client: Client, invitation: Invitation, by: User) -> str:
    client.force_login(by)
    url = reverse("invitation-withdraw", args=[invitation.pk])
    return client.post(url, follow=True).content.decode()


def test_withdrawing_asks_first(client: Client, head: User, invitation: Invitation) -> None:
    client.force_login(head)
    url = reverse("invitation-withdraw", args=[invitation.pk])

    listed = client.get(reverse("invitation-list")).content.decode()
    asked = client.get(url).content.decode()
    untouched = Invitation.objects.waiting().exists()
    done = client.post(url, follow=True).content.decode()

    assert f'href="{url}"' in listed
    assert "Withdraw the invitation of Nia Lloyd" in asked
    assert untouched
    assert "The invitation of Nia Lloyd is withdrawn. Its link no longer works" in done
    assert "Nobody is waiting to sign in" in done
    invitation.refresh_from_db()
    assert invitation.withdrawn_by == head
    assert invitation.withdrawn_at is not None


def test_a_withdrawn_invitation_lets_nobody_in(
    client: Client, head: User, invitation: Invitation
) -> None:
    _withdraw(client, invitation, head)
    stranger, link = Client(), reverse("invitation-accept", args=[invitation.key])

    answers = [stranger.get(link), stranger.post(link, WORDS)]
    stranger.post(reverse("invitation-lost"), {"email": ADDRESS})
    stranger.post(reverse("account_reset_password"), {"email": ADDRESS})
    sender.run()

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [reminder.reason for reminder in Reminder.objects.all()] == ["called_off"]
    assert [message.to for message in mail.outbox if "/invitation/" in message.body] == []
    assert not User.objects.filter(email=ADDRESS).exists()


def _accepted(client: Client, invitation: Invitation, by: User) -> None:
    Client().post(reverse("invitation-accept", args=[invitation.key]), WORDS)


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (_accepted, "Nia has accepted already. Find them under People"),
        (_withdraw, "This invitation is withdrawn already"),
    ],
)
def test_what_no_longer_waits_is_not_withdrawn(
    client: Client,
    head: User,
    invitation: Invitation,
    ended: Callable[[Client, Invitation, User], object],
    sentence: str,
) -> None:
    ended(client, invitation, head)
    before = Invitation.objects.values().get()

    shown = _withdraw(client, invitation, head)

    assert sentence in shown
    assert client.get(reverse("invitation-withdraw", args=[invitation.pk])).status_code == 404
    assert Invitation.objects.values().get() == before


def test_the_roster_keeps_whose_invitation_is_withdrawn(client: Client, head: User) -> None:
    User.objects.filter(pk=head.pk).update(last_login=timezone.now())
    newcomer = programme.psw(head.organisation)
    invite_everyone(head)
    person = reverse("cohorts:person-detail", args=[newcomer.pk])

    _withdraw(client, Invitation.objects.get(), head)
    shown, home = client.get(person).content.decode(), client.get("/").content.decode()
    again = invite_everyone(head)

    assert "Not invited yet" in shown
    assert "1 person to invite" in home
    assert again == 1
    assert Invitation.objects.count() == 2
    assert User.objects.get(pk=newcomer.pk).roles == {Role.PSW}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"withdrawn_at": timezone.now()}, "invitation_withdrawn_by_someone_at_some_time"),
        (
            {"withdrawn_by": "head", "withdrawn_at": timezone.now(), "accepted_at": timezone.now()},
            "invitation_accepted_or_withdrawn",
        ),
    ],
)
def test_an_invitation_ends_once_and_by_somebody(
    head: User, invitation: Invitation, change: dict[str, object], constraint: str
) -> None:
    change = {field: head if value == "head" else value for field, value in change.items()}

    with pytest.raises(IntegrityError, match=constraint):
        Invitation.objects.filter(pk=invitation.pk).update(**change)


def test_one_invitation_of_an_address_waits_at_a_time(head: User, invitation: Invitation) -> None:
    with pytest.raises(IntegrityError, match="invitation_one_waiting_per_address"):
        Invitation.objects.create(
            organisation=head.organisation,
            email=ADDRESS.upper(),
            given_name="Nia",
            family_name="Lloyd",
            role=Role.PSW,
            expires_at=timezone.now() + timedelta(days=7),
        )
