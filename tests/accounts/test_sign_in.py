"""Signing in and out, forgotten passwords, and what every signed-in page carries."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from peersupport.accounts.models import Role, RoleGrant, User
from tests import programme

pytestmark = pytest.mark.django_db

PASSWORD = "three words unlike others"


@pytest.fixture
def person() -> User:
    user = programme.psw(programme.organisation(), email="ana.jones@trust.example")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def _sign_in(client: Client, email: str, password: str) -> str:
    answer = client.post(reverse("account_login"), {"login": email, "password": password})
    return answer.headers.get("Location", answer.content.decode())


@pytest.mark.parametrize("email", ["ana.jones@trust.example", "Ana.Jones@TRUST.example"])
def test_a_person_signs_in_whatever_the_capitals(client: Client, person: User, email: str) -> None:
    assert _sign_in(client, email, PASSWORD) == "/"
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(
    client: Client, person: User
) -> None:
    wrong = _sign_in(client, person.email, "not this one at all")
    unknown = _sign_in(client, "nobody@trust.example", "not this one at all")

    sentence = re.compile(r'nhsuk-error-summary__list">(.*?)</ul>', re.S)
    assert sentence.findall(wrong) == sentence.findall(unknown)
    assert 'value="ana.jones@trust.example"' in wrong


def test_a_person_who_is_no_longer_active_cannot_sign_in(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)

    _sign_in(client, person.email, PASSWORD)

    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404


def test_a_forgotten_password_is_set_anew_by_e_mail(client: Client, person: User) -> None:
    client.post(reverse("account_reset_password"), {"email": person.email})
    [message] = mail.outbox
    link = re.search(r"https?://[^/]+(/\S+)", str(message.body))
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": "four words, all new", "password2": "four words, all new"})

    assert _sign_in(client, person.email, "four words, all new") == "/"
    assert person.name not in f"{message.subject} {message.body}"


def test_asking_for_a_password_says_the_same_for_every_address(
    client: Client, person: User
) -> None:
    url = reverse("account_reset_password")

    known = client.post(url, {"email": person.email}, follow=True)
    unknown = client.post(url, {"email": "nobody@trust.example"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert [message.to for message in mail.outbox] == [[person.email]]


def test_signing_in_is_slowed_down_after_many_wrong_passwords(client: Client, person: User) -> None:
    answers = [_sign_in(client, person.email, f"guess number {n}") for n in range(12)]

    assert "Too many" in answers[-1]
    assert "Too many" not in answers[0]


def test_signed_in_pages_are_kept_nowhere(client: Client, person: User) -> None:
    client.force_login(person)

    page = client.get("/")

    assert "no-store" in page["Cache-Control"]
    assert page["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in page["Content-Security-Policy"]


def test_three_cookies_are_all_there_are_and_what_was_said_is_gone(
    client: Client, person: User
) -> None:
    RoleGrant.objects.create(organisation=person.organisation, person=person, role=Role.HEAD)
    invitee = {"given_name": "Wren", "family_name": "Jay", "email": "wren@trust.example"}
    names: set[str] = set()

    client.get(reverse("account_login"))
    names |= client.cookies.keys()
    _sign_in(client, person.email, PASSWORD)
    answer = client.post(reverse("invitation-new"), {**invitee, "role": "psw"})
    names |= client.cookies.keys()
    invited = client.get(answer.headers["Location"]).content.decode()
    client.post(reverse("account_logout"))
    names |= client.cookies.keys()
    signed_out = client.get(reverse("account_login")).content.decode()

    assert "Wren is invited" in invited
    assert "You are signed out" in signed_out
    assert names == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"}
    assert client.cookies["messages"].value == ""
    assert "Wren" not in str(client.session.items())
