"""A session that ran out while somebody was typing costs them a sign-in, and no word."""

import pytest
from django.contrib.sessions.models import Session as Cookie

from supervision.models import AgreedAction, Session
from tests.browser.conftest import Riverside, SignIn
from tests.browser.test_signed_out import WORDS, with_password
from tests.browser.visitor import Visitor

NOTE = 'She said "yes" & <b>no</b>.\n\nThen we stopped.'


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_what_was_typed_is_saved_after_signing_in_in_another_tab(
    sign_in: SignIn, sign_in_without_scripts: SignIn, riverside: Riverside, scripts: bool
) -> None:
    with_password(riverside.anwen)
    anwen = (sign_in if scripts else sign_in_without_scripts)(riverside.anwen)
    anwen.opens(f"/supervision/log/?with={riverside.blessing.pk}")
    anwen.chooses("Workload and time", "The team")
    anwen.enters("Ask about Fridays", at="Anything you agreed to do? (optional)")
    anwen.unfolds("Add a shared note (optional)")
    anwen.enters(NOTE, at="Shared note (optional)")
    Cookie.objects.all().delete()

    anwen.presses_button("Save session")
    anwen.sees("You were signed out", "Nothing you typed is lost.")
    with anwen.page.context.expect_page() as opened:
        anwen.page.get_by_role("link", name="Sign in (opens in a new tab)").click()
    tab = Visitor(opened.value, scripts=scripts)
    tab.enters(riverside.anwen.email, at="E-mail address")
    tab.enters(WORDS, at="Password")
    tab.presses_button("Sign in")
    tab.sees("The people you supervise")
    anwen.presses_button("Send what I typed")

    anwen.sees("Session with Blessing saved")
    session = Session.objects.get()
    assert session.shared_note.replace("\r\n", "\n") == NOTE
    assert session.themes == ["workload", "team"]
    assert AgreedAction.objects.get().words == "Ask about Fridays"
