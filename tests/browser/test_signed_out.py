"""Somebody who has not signed in."""

import re

from django.core import mail

from cohorts.invitations import invite
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Role, User
from tests.browser.conftest import Riverside
from tests.browser.visitor import Visitor

WORDS = "three words unlike others"
MOST_TRIES = 5


def test_signing_in_says_what_is_wrong_and_then_lets_one_in(
    visitor: Visitor, riverside: Riverside
) -> None:
    with_password(riverside.blessing)

    visitor.opens("/")
    visitor.presses_button("Sign in")
    visitor.sees("Enter your e-mail address", "Enter your password")
    visitor.enters(riverside.blessing.email, at="E-mail address")
    visitor.enters("not these words", at="Password")
    visitor.presses_button("Sign in")
    typed = visitor.has_at("E-mail address")
    visitor.enters(WORDS, at="Password")
    visitor.presses_button("Sign in")

    visitor.sees("Blessing")
    assert typed == riverside.blessing.email
    visitor.presses_button("Sign out")
    visitor.sees("Sign in")


def test_a_forgotten_password_is_chosen_anew(visitor: Visitor, riverside: Riverside) -> None:
    with_password(riverside.anwen)

    visitor.opens("/accounts/login/")
    visitor.follows("Forgotten your password?")
    visitor.presses_button("Send me a link")
    visitor.sees("Enter your e-mail address")
    visitor.enters(riverside.anwen.email, at="E-mail address")
    visitor.presses_button("Send me a link")
    visitor.opens(link_in_last_mail())
    visitor.enters("short", at="New password")
    visitor.enters("short", at="The new password again")
    visitor.presses_button("Save the new password")
    visitor.enters(f"{WORDS} altogether", at="New password")
    visitor.enters(f"{WORDS} altogether", at="The new password again")
    visitor.presses_button("Save the new password")
    visitor.presses_button("Sign in")
    visitor.enters(riverside.anwen.email, at="E-mail address")
    visitor.enters(f"{WORDS} altogether", at="Password")
    visitor.presses_button("Sign in")

    visitor.sees("Anwen")


def test_help_lines_are_one_press_from_the_sign_in_page(visitor: Visitor) -> None:
    visitor.opens("/accounts/login/")

    visitor.follows("Help lines")

    visitor.sees("Samaritans", "116 123", "If a life is at risk now, call 999.")


def test_an_invitation_lets_one_in_once(visitor: Visitor, riverside: Riverside) -> None:
    invitee = Invitee("nia@trust.example", "Nia", "Lloyd", Role.PSW)
    invitation = invite(invitee, organisation=riverside.organisation, by=riverside.head)

    visitor.opens(f"/invitation/{invitation.key}/")
    visitor.enters("short", at="Choose a password")
    visitor.presses_button("Save and sign in")
    visitor.enters(WORDS, at="Choose a password")
    visitor.presses_button("Save and sign in")
    visitor.sees("Nia", "How are you?")
    visitor.presses_button("Sign out")
    visitor.opens(f"/invitation/{invitation.key}/")

    visitor.sees("This link no longer works")
    visitor.follows("ask for a new link")
    visitor.sees("What is your work e-mail address?")


def test_an_address_that_leads_nowhere_says_so(visitor: Visitor) -> None:
    visitor.opens("/nowhere/at/all/")

    visitor.sees("There is nothing here")


def test_a_form_that_stood_too_long_is_kept_but_for_the_password(visitor: Visitor) -> None:
    visitor.opens("/accounts/login/")
    visitor.enters("anwen@trust.example", at="E-mail address")
    visitor.enters("not these words", at="Password")
    visitor.page.context.clear_cookies()

    visitor.presses_button("Sign in")
    visitor.sees("This form was open for too long", "A password is never kept.")
    visitor.presses_button("Send what I typed")

    visitor.sees("Enter your password")
    assert visitor.has_at("E-mail address") == "anwen@trust.example"


def test_too_many_tries_are_answered_with_a_pause(visitor: Visitor, riverside: Riverside) -> None:
    with_password(riverside.anwen)
    visitor.opens("/accounts/login/")

    for number in range(MOST_TRIES + 1):
        visitor.enters(riverside.anwen.email, at="E-mail address")
        visitor.enters(f"not these words {number}", at="Password")
        with visitor.page.expect_navigation():
            visitor.page.get_by_role("button", name="Sign in").click()

    visitor.looks()
    visitor.sees("Too many")


def with_password(user: User) -> None:
    user.set_password(WORDS)
    user.save(update_fields=["password"])


def link_in_last_mail() -> str:
    """The address in the last e-mail, without the host."""
    [found] = re.findall(r"https?://[^/\s]+(/\S+/key/\S+)", str(mail.outbox[-1].body))
    return str(found)
