"""Inviting people and accepting."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.invitations import invite, invite_everyone, send_again
from peersupport.accounts.actions import Invitee, end_role
from peersupport.accounts.models import Invitation, Role, User
from peersupport.reminders import sender
from peersupport.reminders.models import Reminder
from tests import programme

pytestmark = pytest.mark.django_db

WORDS = "three words unlike others"


def _facts(email: str = "new.person@trust.example") -> dict[str, str]:
    return {"email": email, "given_name": "Nia", "family_name": "Lloyd", "role": Role.SUPERVISOR}


def _invite(head: User) -> Invitation:
    return invite(Invitee(**_facts()), organisation=head.organisation, by=head)


def test_an_invited_person_chooses_a_password_and_is_in(client: Client) -> None:
    head = programme.head(programme.organisation())
    invitation = _invite(head)
    url = reverse("invitation-accept", args=[invitation.key])

    page = client.get(url)
    answer = client.post(url, {"password": WORDS})

    assert page.status_code == 200
    assert answer["Location"] == "/"
    user = User.objects.get(email="new.person@trust.example")
    assert user.is_supervisor
    assert client.session["_auth_user_id"] == str(user.pk)
    assert check_password(WORDS, user.password)


def test_a_link_works_once(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))
    url = reverse("invitation-accept", args=[invitation.key])
    client.post(url, {"password": WORDS})

    again = Client().post(url, {"password": "a stranger's own password"})

    assert again.status_code == 404
    user = User.objects.get(email="new.person@trust.example")
    assert check_password(WORDS, user.password)


def test_opening_a_link_does_not_use_it(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))

    client.get(reverse("invitation-accept", args=[invitation.key]))

    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_a_link_stands_nowhere_but_in_its_e_mail(client: Client) -> None:
    _invite(programme.head(programme.organisation()))

    sender.run()

    link = re.search(r"/invitation/(\S+)/", str(mail.outbox[0].body))
    assert link
    assert client.get(link[0]).status_code == 200
    kept = [*Invitation.objects.values(), *Reminder.objects.values()]
    assert len(kept) == 2
    assert link[1].rpartition(".")[2] not in str(kept)


def test_a_link_that_was_not_made_here_opens_nothing(client: Client) -> None:
    head = programme.head(programme.organisation())
    one, other = (
        _invite(head),
        invite(Invitee(**_facts("other@trust.example")), organisation=head.organisation, by=head),
    )
    signature = one.key.rpartition(".")[2]
    made_up = [
        f"{other.pk}-1.{signature}",
        f"{one.pk}-2.{signature}",
        f"{one.pk}-1",
        f"{one.pk}-1.{signature[:-1]}",
        Signer(sep=".").sign(f"{one.pk}-1"),
        signature,
    ]

    assert [client.get(f"/invitation/{key}/").status_code for key in made_up] == [404] * 6


def test_the_page_of_a_link_tells_no_other_address_of_it(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))

    page = client.get(reverse("invitation-accept", args=[invitation.key]))

    assert page["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize(("days", "status"), [(6, 200), (7, 404)])
def test_a_link_works_for_seven_days(
    client: Client, time_machine: object, days: int, status: int
) -> None:
    invitation = _invite(programme.head(programme.organisation()))

    time_machine.move_to(timezone.now() + timedelta(days=days, seconds=1))  # type: ignore[attr-defined]

    assert client.get(reverse("invitation-accept", args=[invitation.key])).status_code == status


def test_sending_again_gives_a_new_link_and_ends_the_old_one(client: Client) -> None:
    head = programme.head(programme.organisation())
    invitation = _invite(head)
    old = invitation.key

    send_again(invitation, by=head)

    assert client.get(reverse("invitation-accept", args=[old])).status_code == 404
    assert client.get(reverse("invitation-accept", args=[invitation.key])).status_code == 200
    assert Reminder.objects.filter(kind="invitation").count() == 2


def test_a_weak_password_is_refused_with_a_sentence(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))

    page = client.post(reverse("invitation-accept", args=[invitation.key]), {"password": "short"})

    assert page.status_code == 200
    assert "Use at least 12 characters" in page.content.decode()
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("1q2w3e4r5t6y", "Use a password that is harder to guess"),
        ("836149275034", "Use letters too, not only numbers"),
        ("rosalind.fitzgerald", "Use a password that is not like your name or e-mail address"),
    ],
)
def test_each_rule_about_passwords_says_what_to_do(
    client: Client, password: str, sentence: str
) -> None:
    head = programme.head(programme.organisation())
    invitee = Invitee("rosalind.fitzgerald@trust.example", "Rosalind", "Fitzgerald", Role.PSW)
    invitation = invite(invitee, organisation=head.organisation, by=head)

    page = client.post(reverse("invitation-accept", args=[invitation.key]), {"password": password})

    assert sentence in page.content.decode()


def test_inviting_an_address_that_waits_already_says_so(client: Client) -> None:
    head = programme.head(programme.organisation())
    client.force_login(head)
    facts = {"email": "ann@trust.example", "given_name": "Ann", "family_name": "New"}

    first = client.post(reverse("invitation-new"), {**facts, "role": "psw"}, follow=True)
    second = client.post(reverse("invitation-new"), {**facts, "role": "head"}, follow=True)

    assert "Ann is invited</" in first.content.decode()
    assert "This takes the place of the earlier invitation" in second.content.decode()


def test_asking_for_a_new_link_says_the_same_for_every_address(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))
    url = reverse("invitation-lost")

    known = client.post(url, {"email": invitation.email})
    unknown = client.post(url, {"email": "nobody@trust.example"})

    assert known.content == unknown.content
    assert Reminder.objects.filter(kind="invitation").count() == 2


def test_everyone_is_invited_once_but_those_who_have_signed_in() -> None:
    where = programme.organisation()
    head = programme.head(where)
    newcomer = programme.psw(where)
    programme.psw(where, last_login=timezone.now())
    programme.psw(where, is_active=False)
    programme.person(where)
    programme.psw(programme.organisation())

    first, second = invite_everyone(head), invite_everyone(head)

    assert (first, second) == (1, 0)
    assert [i.email for i in Invitation.objects.all()] == [newcomer.email]


def test_an_invitation_lets_in_whom_the_roster_brought_as_they_are(client: Client) -> None:
    where = programme.organisation()
    head = programme.head(where)
    newcomer = programme.psw(where, given_name="Sian")
    invitation = invite(
        Invitee(newcomer.email, "Shan", "Lloyd", Role.SUPERVISOR), organisation=where, by=head
    )
    before = User.objects.get(pk=newcomer.pk).roles

    client.post(reverse("invitation-accept", args=[invitation.key]), {"password": WORDS})

    person = User.objects.get(pk=newcomer.pk)
    assert person.check_password(WORDS)
    assert person.name == newcomer.name
    assert (before, person.roles) == ({Role.PSW}, {Role.PSW, Role.SUPERVISOR})


@pytest.mark.parametrize("asks_again", [False, True])
def test_a_role_that_ended_since_the_invitation_stays_ended(
    client: Client, asks_again: bool
) -> None:
    head = programme.head(programme.organisation())
    newcomer = programme.person(head.organisation, Role.PSW, Role.SUPERVISOR)
    invite_everyone(head)
    end_role(newcomer, Role.SUPERVISOR, by=head)
    if asks_again:
        client.post(reverse("invitation-lost"), {"email": newcomer.email})
    invitation = Invitation.objects.get()

    client.post(reverse("invitation-accept", args=[invitation.key]), {"password": WORDS})

    assert User.objects.get(pk=newcomer.pk).roles == {Role.PSW}
    assert invitation.invited_by == head


def test_whoever_is_no_longer_here_gets_no_invitation_and_uses_none(client: Client) -> None:
    head = programme.head(programme.organisation())
    gone = programme.psw(head.organisation, is_active=False)
    invitation = invite(
        Invitee(gone.email, "Sam", "Lee", Role.PSW), organisation=head.organisation, by=head
    )

    sender.run()
    answer = client.post(reverse("invitation-accept", args=[invitation.key]), {"password": WORDS})

    assert Reminder.objects.get().reason == "left"
    assert mail.outbox == []
    assert answer.status_code == 404


def test_inviting_again_takes_the_new_name_and_role(client: Client) -> None:
    head = programme.head(programme.organisation())
    wrong = Invitee("wrong.role@trust.example", "Nia", "Loyd", Role.HEAD)
    right = Invitee("Wrong.Role@trust.example", "Nia", "Lloyd", Role.PSW)
    for invitee in (wrong, right):
        invitation = invite(invitee, organisation=head.organisation, by=head)
    client.force_login(head)
    shown = client.get(reverse("invitation-list")).content.decode()

    Client().post(reverse("invitation-accept", args=[invitation.key]), {"password": WORDS})

    assert "Nia Lloyd" in shown
    assert "Loyd" not in shown
    assert "Head of wellbeing" not in shown
    person = User.objects.get(email=invitation.email)
    assert (person.name, person.roles) == ("Nia Lloyd", {Role.PSW})


def test_only_heads_invite(client: Client) -> None:
    where = programme.organisation()
    invitation = _invite(programme.head(where))

    for user in (programme.supervisor(where), programme.psw(where), programme.ig_auditor(where)):
        client.force_login(user)
        assert client.get(reverse("invitation-list")).status_code == 404
        assert client.post(reverse("invitation-new"), _facts("x@y.example")).status_code == 404
        assert client.post(reverse("invitation-everyone")).status_code == 404
        assert client.post(reverse("invitation-again", args=[invitation.pk])).status_code == 404

    assert Invitation.objects.count() == 1


def test_another_organisations_invitation_cannot_be_sent_again(client: Client) -> None:
    invitation = _invite(programme.head(programme.organisation()))
    client.force_login(programme.head(programme.organisation()))

    answer = client.post(reverse("invitation-again", args=[invitation.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "nia.lloyd@", "Enter a whole e-mail address"),
        ("email", "", "Enter their work e-mail address"),
        ("given_name", "", "Enter their first name"),
        ("family_name", "", "Enter their last name"),
        ("role", "king", "Choose what they will do"),
        ("role", "", "Choose what they will do"),
    ],
)
def test_a_bad_invitation_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, field: str, value: str, sentence: str
) -> None:
    client.force_login(programme.head(programme.organisation()))

    page = client.post(reverse("invitation-new"), {**_facts(), field: value}).content.decode()

    assert sentence in page
    assert "<title>Error: Invite a person" in page
    kept = "Lloyd" if field != "family_name" else "Nia"
    assert f'value="{kept}"' in page
    assert not Invitation.objects.exists()
