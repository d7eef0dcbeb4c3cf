"""A time-out loses nothing that was typed, and opens no door."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.sessions.models import Session as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from peersupport.accounts import kept
from peersupport.accounts.models import User
from supervision.models import Session
from tests import programme

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
NOTE = 'She said "yes" & <b>no</b>.\r\n\r\n  Then we stopped. '
PASSWORD = programme.PASSWORD


@pytest.fixture
def anwen() -> User:
    where = programme.organisation()
    anwen = programme.supervisor(where, given_name="Anwen")
    programme.supervised_psw(anwen, programme.cohort(where), given_name="Blessing")
    anwen.set_password(PASSWORD)
    anwen.save(update_fields=["password"])
    return anwen


def browser() -> Client:
    """One that sends what a browser sends with a form of ours, and meets the CSRF check."""
    return Client(enforce_csrf_checks=True, headers={"Origin": HERE})


def token(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found
    return found[1]


def sign_in(client: Client, user: User) -> None:
    """As people do, so that the CSRF token changes."""
    page = client.get(reverse("account_login"))
    fields = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token(page)}
    assert client.post(reverse("account_login"), fields).status_code == 302


def address(anwen: User) -> str:
    return f"{reverse('supervision:log')}?with={anwen.supervises_in.get().worker_id}"


def typed() -> dict[str, Any]:
    return {
        "form_key": uuid4(),
        "outcome": "held",
        "held_on": timezone.localdate().isoformat(),
        "minutes": "25",
        "mode": "video",
        "themes": ["workload", "team"],
        "agreed": "Ask about Fridays",
        "shared_note": NOTE,
    }


def left_open(client: Client, anwen: User) -> dict[str, Any]:
    """The form, filled in, whose session has run out meanwhile."""
    sign_in(client, anwen)
    fields = {**typed(), "csrfmiddlewaretoken": token(client.get(address(anwen)))}
    SignIn.objects.all().delete()
    return fields


def hidden(page: Any) -> dict[str, list[str]]:
    """The fields that the page's one form would send."""
    form = BeautifulSoup(page.content, "html.parser").select_one("main form")
    assert form is not None
    found: dict[str, list[str]] = {}
    for field in form.select("input"):
        assert field["type"] == "hidden"
        found.setdefault(str(field["name"]), []).append(str(field["value"]))
    return found


def words(page: Any) -> str:
    return BeautifulSoup(page.content, "html.parser").get_text(" ", strip=True)


def test_what_was_typed_comes_back_whole_with_the_way_to_sign_in(anwen: User) -> None:
    client = browser()
    fields = left_open(client, anwen)

    page = client.post(address(anwen), fields)

    form = BeautifulSoup(page.content, "html.parser").select_one("main form")
    link = BeautifulSoup(page.content, "html.parser").select_one("main a")
    sent = hidden(page)
    assert page.status_code == 403
    assert "You were signed out" in words(page)
    assert "Nothing you typed is lost." in words(page)
    assert form is not None
    assert form["action"] == address(anwen)
    assert link is not None
    assert (link["href"], link["target"]) == (reverse("account_login"), "_blank")
    assert sent.keys() - {"csrfmiddlewaretoken", "kept"} == typed().keys()
    assert sent["themes"] == ["workload", "team"]
    assert sent["shared_note"] == [NOTE]
    assert "<b>no" not in page.content.decode()


def test_one_press_after_signing_in_saves_every_word(anwen: User) -> None:
    client = browser()
    sent = hidden(client.post(address(anwen), left_open(client, anwen)))

    sign_in(client, anwen)
    answer = client.post(address(anwen), sent)

    assert answer.status_code == 302
    session = Session.objects.get()
    assert (session.shared_note, session.themes) == (NOTE.strip(), ["workload", "team"])


def test_pressed_before_signing_in_it_is_kept_again(anwen: User) -> None:
    client = browser()
    sent = hidden(client.post(address(anwen), left_open(client, anwen)))

    again = hidden(client.post(address(anwen), sent))
    sign_in(client, anwen)
    answer = client.post(address(anwen), again)

    assert again["shared_note"] == [NOTE]
    assert answer.status_code == 302


@pytest.fixture
def other() -> User:
    """Somebody of another organisation, at the same machine."""
    other = programme.supervisor(programme.organisation("Elsewhere"), given_name="Other")
    other.set_password(PASSWORD)
    other.save(update_fields=["password"])
    return other


def of_form(page: Any) -> dict[str, Any]:
    """What the page's form says of itself, and what is typed into it."""
    form = BeautifulSoup(page.content, "html.parser").select_one("main form")
    return {**typed(), **{name: form.select_one(f"[name={name}]")["value"] for name in OF_ITSELF}}


OF_ITSELF = ("csrfmiddlewaretoken", "whose")


def test_what_one_typed_is_never_saved_as_the_next_persons(anwen: User, other: User) -> None:
    client = browser()
    sign_in(client, anwen)
    fields = of_form(client.get(address(anwen)))
    SignIn.objects.all().delete()
    sent = hidden(client.post(address(anwen), fields))
    sign_in(client, other)

    page = client.post(address(anwen), sent)
    again = client.post(address(anwen), hidden(page))
    nobody_yet = Session.objects.count()
    client.post(reverse("account_logout"), {"csrfmiddlewaretoken": token(again)})
    sign_in(client, anwen)
    saved = client.post(address(anwen), hidden(again))

    for each in (page, again):
        assert each.status_code == 403
        assert "Somebody else is signed in" in words(each)
        assert "Other Okafor" in words(each)
        assert NOTE.split()[0] not in words(each)
    assert nobody_yet == 0
    assert saved.status_code == 302
    assert Session.objects.get().logged_by == anwen


def test_a_form_left_in_a_tab_is_not_the_next_persons_either(anwen: User, other: User) -> None:
    client = browser()
    sign_in(client, anwen)
    fields = of_form(client.get(address(anwen)))
    client.post(reverse("account_logout"), {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]})
    sign_in(client, other)

    stale = client.post(address(anwen), fields)
    fresh = client.post(address(anwen), {**fields, "csrfmiddlewaretoken": token(stale)})

    for each in (stale, fresh):
        assert "Somebody else is signed in" in words(each)
    assert Session.objects.count() == 0


def test_signing_out_needs_nobodys_form(anwen: User, other: User) -> None:
    client = browser()
    sign_in(client, anwen)
    fields = of_form(client.get(address(anwen)))
    sign_out = {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"], "whose": kept.whose(other)}

    answer = client.post(reverse("account_logout"), sign_out)

    assert answer.status_code == 302


def test_no_cache_keeps_it_and_no_log_nor_table_of_ours(
    anwen: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = browser()
    fields = left_open(client, anwen)
    caplog.set_level("INFO")

    page = client.post(address(anwen), fields)

    assert "no-store" in page["Cache-Control"]
    assert not SignIn.objects.exists()
    assert "shared_note" not in caplog.text
    assert "Fridays" not in caplog.text
    assert "Fridays" not in str(page.cookies)


def test_signing_in_elsewhere_meanwhile_costs_one_press(anwen: User) -> None:
    client = browser()
    sign_in(client, anwen)
    fields = {**typed(), "csrfmiddlewaretoken": token(client.get(address(anwen)))}
    sign_in_anew = browser()
    sign_in(sign_in_anew, anwen)
    client.cookies = sign_in_anew.cookies

    page = client.post(address(anwen), fields)
    answer = client.post(address(anwen), hidden(page))

    assert "This form was open for too long" in words(page)
    assert "Sign in" not in words(page)
    assert answer.status_code == 302
    assert Session.objects.get().shared_note == NOTE.strip()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": HERE, "Sec-Fetch-Site": "same-site"},
        {"Referer": "https://elsewhere.example/"},
        {},
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_another_page_sends_is_refused_and_not_shown(
    anwen: User, headers: dict[str, str], signed_in: bool
) -> None:
    client = browser()
    sent = hidden(client.post(address(anwen), left_open(client, anwen)))
    if signed_in:
        sign_in(client, anwen)
    stranger = Client(enforce_csrf_checks=True, headers=headers)
    stranger.cookies = client.cookies

    without = {**sent, "csrfmiddlewaretoken": [""]}
    page = stranger.post(address(anwen), without)

    assert page.status_code == 403
    assert "Nothing was saved." in words(page)
    assert "Fridays" not in page.content.decode()
    assert not Session.objects.exists()


def test_over_https_a_referer_from_elsewhere_is_refused_too(anwen: User) -> None:
    client = Client(enforce_csrf_checks=True)

    page = client.post(
        address(anwen), typed(), secure=True, headers={"Referer": "https://elsewhere.example/"}
    )

    assert "Nothing was saved." in words(page)


@pytest.mark.parametrize("wrong", ["another address", "too old", "forged", "none"])
def test_only_what_our_page_said_lately_for_this_address_stands_for_a_token(
    anwen: User, time_machine: Any, wrong: str
) -> None:
    client = browser()
    kept_page = client.post(address(anwen), left_open(client, anwen))
    sent = hidden(kept_page)
    if wrong == "another address":
        sent["kept"] = hidden(client.post("/check-ins/new/", {"energy": "5"}))["kept"]
    elif wrong == "too old":
        time_machine.move_to(timezone.now() + kept.LASTS + timedelta(seconds=1))
    elif wrong == "forged":
        sent["kept"] = [sent["kept"][0][:-1] + "!"]
    else:
        del sent["kept"]
    sign_in(client, anwen)

    page = client.post(address(anwen), sent)
    saved_unasked = Session.objects.exists()
    answer = client.post(address(anwen), hidden(page))

    assert not saved_unasked
    assert "This form was open for too long" in words(page)
    assert answer.status_code == 302


def test_it_takes_no_more_than_any_form_does(anwen: User) -> None:
    client = browser()
    fields = left_open(client, anwen)
    fields["shared_note"] = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    page = client.post(address(anwen), fields)

    assert page.status_code == 400
    assert "xxx" not in page.content.decode()


def test_a_password_is_never_kept_and_the_page_says_so(anwen: User) -> None:
    client = browser()
    fields = left_open(client, anwen)
    passwords = {"oldpassword": "old words", "password1": "new words", "password2": "new words"}

    page = client.post(
        reverse("account_change_password"),
        {**passwords, "csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]},
    )

    assert hidden(page).keys() == {"csrfmiddlewaretoken", "kept"}
    assert "words" not in page.content.decode()
    assert "A password is never kept." in words(page)


def test_on_the_sign_in_page_the_address_is_kept_and_nobody_is_sent_elsewhere() -> None:
    client = browser()

    page = client.post(
        reverse("account_login"), {"login": "ana@trust.example", "password": "secret words"}
    )

    assert hidden(page)["login"] == ["ana@trust.example"]
    assert "secret words" not in page.content.decode()
    assert "This form was open for too long" in words(page)
    assert "Sign in (opens" not in words(page)


def test_a_file_cannot_be_kept_and_the_page_says_so(anwen: User) -> None:
    client = browser()
    fields = left_open(client, anwen)
    file = SimpleUploadedFile("staff.csv", b"words in a file")

    page = client.post(
        reverse("cohorts:roster-import"),
        {"file": file, "csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]},
    )

    assert "A file cannot be kept." in words(page)
    assert "words in a file" not in page.content.decode()
    assert "staff.csv" not in page.content.decode()


def test_a_stranger_learns_nothing_about_what_is_there(anwen: User) -> None:
    client = browser()
    secret = token(client.get(reverse("account_login")))
    worker = anwen.supervises_in.get().worker_id

    def page(url: str) -> str:
        answer = client.post(url, {"csrfmiddlewaretoken": secret, "energy": "5"})
        told = hidden(answer)
        assert told.keys() == {"csrfmiddlewaretoken", "kept", "energy"}
        return words(answer)

    assert page(f"/cohorts/people/{worker}/roles/") == page("/cohorts/people/987654/roles/")
    assert client.post("/nowhere/", {"csrfmiddlewaretoken": secret}).status_code == 404


def test_the_address_is_one_of_ours_however_it_is_written(anwen: User) -> None:
    client = browser()
    secret = token(client.get(reverse("account_login")))

    page = client.post(
        "/check-ins/new/?next=//elsewhere.example/&a=<b>", {"csrfmiddlewaretoken": secret}
    )

    form = BeautifulSoup(page.content, "html.parser").select_one("main form")
    assert form is not None
    assert str(form["action"]).startswith("/check-ins/new/?")


def test_signing_out_when_signed_out_already_just_leads_to_sign_in(anwen: User) -> None:
    client = browser()
    fields = left_open(client, anwen)

    answer = client.post(
        reverse("account_logout"), {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_opening_a_page_signed_out_still_leads_to_sign_in(anwen: User) -> None:
    answer = browser().get(address(anwen))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
