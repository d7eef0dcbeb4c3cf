"""Another address to sign in with: asked for by oneself or by a head, and confirmed by oneself."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from bs4 import BeautifulSoup
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cohorts.addresses import ask, mend
from cohorts.invitations import invite
from peersupport.accounts.actions import (
    AddressLinkUsed,
    AddressTaken,
    Invitee,
    accept_invitation,
    confirm_address,
)
from peersupport.accounts.models import AddressChange, Invitation, User
from peersupport.reminders import sender
from tests import programme

pytestmark = pytest.mark.django_db

OLD, NEW, PASSWORD = "ana@trust.example", "ana.new@trust.example", "three words unlike others"
MINE, ONE_OF_THE_TOO_MANY = "/me/address/", 11
MASKED = re.compile(r'(?:csrfmiddlewaretoken|whose)" value="\w+|\d\d:\d\d|/\d+/')


@pytest.fixture(autouse=True)
def nobody_has_tried_before() -> None:
    cache.clear()


@pytest.fixture
def ana() -> User:
    person = programme.psw(programme.organisation(), email=OLD, given_name="Ana")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


@pytest.fixture
def head(ana: User) -> User:
    return programme.head(ana.organisation, given_name="Joanna", family_name="Kaur")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def asked_by_ana(ana: User, email: str = NEW) -> HttpResponse:
    return signed_in(ana).post(MINE, {"email": email, "password": PASSWORD}, follow=True)


def asked_by(head: User, ana: User, email: str = NEW) -> HttpResponse:
    page = f"/cohorts/people/{ana.pk}/address/"
    return signed_in(head).post(page, {"email": email}, follow=True)


def letters() -> dict[str, str]:
    """What each address is sent, once everything that is owed is sent."""
    mail.outbox.clear()
    sender.run()
    return {message.to[0]: str(message.body) for message in mail.outbox}


def link(letter: str) -> str:
    found = re.search(r"https?://[^/]+(/address/\S+)", letter)
    assert found
    return found[1]


def errors(answer: HttpResponse) -> list[str]:
    page = BeautifulSoup(answer.content, "html.parser")
    return [line.get_text(strip=True) for line in page.select(".nhsuk-error-summary li")]


def address_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_a_person_changes_their_address_by_the_link_that_goes_to_it(ana: User) -> None:
    EmailAddress.objects.create(user=ana, email=OLD, primary=True, verified=True)

    answer = asked_by_ana(ana, NEW.title())
    sent = letters()
    before = address_of(ana)
    client = signed_in(ana)
    page = client.get(link(sent[NEW])).content.decode()
    opened = address_of(ana)
    pressed = client.post(link(sent[NEW]), follow=True)

    assert f"A link is on its way to {NEW}" in answer.content.decode()
    assert sent.keys() == {OLD, NEW}
    assert "Somebody with your password has asked" in sent[OLD]
    assert NEW not in sent[OLD]
    assert ana.name not in sent[OLD] + sent[NEW]
    assert 'type="password"' not in page
    assert (before, opened, address_of(ana)) == (OLD, OLD, NEW)
    assert f"From now on you sign in with {NEW}" in pressed.content.decode()
    assert not EmailAddress.objects.filter(user=ana).exists()
    assert [signs_in(OLD), signs_in(NEW)] == [False, True]


def signs_in(email: str) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "not this one"}, "Enter the password you have now"),
        ({"password": ""}, "Enter the password you have now"),
        ({"email": ""}, "Enter your new work e-mail address"),
        ({"email": "ana@"}, "Enter a whole e-mail address, like name@example.nhs.uk"),
        ({"email": OLD.upper()}, f"Enter another address than {OLD}, which there is now"),
    ],
)
def test_without_the_password_and_another_address_nothing_is_sent(
    ana: User, typed: dict[str, str], sentence: str
) -> None:
    answer = signed_in(ana).post(MINE, {"email": NEW, "password": PASSWORD, **typed})

    assert errors(answer) == [sentence]
    assert letters() == {}
    assert AddressChange.objects.count() == 0


def test_a_head_cannot_let_themself_in_by_an_address_of_their_own(head: User, ana: User) -> None:
    answer = asked_by(head, ana, "of-the-head@trust.example")
    sent = letters()
    Client().post("/accounts/password/reset/", {"email": "of-the-head@trust.example"})
    asked_for_a_password = mail.outbox[1:]
    opened = signed_in(head).get(link(sent["of-the-head@trust.example"]))
    pressed = signed_in(head).post(link(sent["of-the-head@trust.example"]), {"password": PASSWORD})

    assert "The old one holds until then" in answer.content.decode()
    assert sent.keys() == {"of-the-head@trust.example"}
    assert asked_for_a_password == []
    assert (opened.status_code, pressed.status_code) == (404, 404)
    assert address_of(ana) == OLD


def test_what_a_head_entered_takes_the_password_of_whose_it_is(head: User, ana: User) -> None:
    asked_by(head, ana)
    address = link(letters()[NEW])
    at_an_open_screen = signed_in(ana)

    page = at_an_open_screen.get(address).content.decode()
    guessed = at_an_open_screen.post(address, {"password": "not this one"})
    empty = at_an_open_screen.post(address)
    before = address_of(ana)
    at_an_open_screen.post(address, {"password": PASSWORD})

    assert "Joanna Kaur entered it for you." in page
    assert errors(guessed) == errors(empty) == ["Enter the password you have now"]
    assert (before, address_of(ana)) == (OLD, NEW)


def test_whoever_opens_the_link_signed_out_signs_in_first_as_before(ana: User) -> None:
    asked_by_ana(ana)
    address = link(letters()[NEW])
    client = Client()

    asked = client.get(address)
    back = client.post(asked["Location"], {"login": OLD, "password": PASSWORD})

    assert back["Location"] == address
    assert "Is this your address?" in client.get(address).content.decode()


def test_a_link_that_is_not_for_whoever_opens_it_is_as_if_it_never_was(ana: User) -> None:
    asked_by_ana(ana)
    address = link(letters()[NEW])
    other = signed_in(programme.head(programme.organisation()))

    theirs, never = other.get(address), other.get("/address/1.never/")

    assert (theirs.status_code, never.status_code) == (404, 404)
    assert MASKED.sub("", theirs.content.decode()) == MASKED.sub("", never.content.decode())
    assert ana.name not in theirs.content.decode()


def test_a_link_works_once_for_seven_days_and_the_newest_only(
    ana: User, time_machine: object
) -> None:
    changes = [ask(ana, f"ana{number}@trust.example", by=ana) for number in range(3)]
    addresses = [f"/address/{change.key}/" for change in changes]
    client = signed_in(ana)

    replaced = client.post(addresses[0]).status_code
    time_machine.move_to(changes[2].expires_at - timedelta(seconds=5))  # type: ignore[attr-defined]
    in_time = signed_in(ana).get(addresses[2]).status_code
    time_machine.move_to(changes[2].expires_at + timedelta(seconds=5))  # type: ignore[attr-defined]
    late = signed_in(ana).post(addresses[2]).status_code
    last = ask(ana, NEW, by=ana)
    once = signed_in(ana).post(f"/address/{last.key}/").status_code
    again = signed_in(User.objects.get(pk=ana.pk)).post(f"/address/{last.key}/").status_code

    assert changes[2].expires_at - changes[2].asked_at == pytest.approx(
        timedelta(days=7), abs=timedelta(seconds=1)
    )
    assert (replaced, in_time, late, once, again) == (404, 200, 404, 302, 404)
    assert address_of(ana) == NEW


def test_nobody_confirms_twice_or_for_somebody_else(ana: User, head: User) -> None:
    change = ask(ana, NEW, by=head)

    with pytest.raises(AddressLinkUsed):
        confirm_address(change, by=head)
    confirm_address(change, by=ana)
    with pytest.raises(AddressLinkUsed):
        confirm_address(change, by=ana)

    assert (address_of(ana), address_of(head)) == (NEW, head.email)


def test_what_was_replaced_or_confirmed_is_not_sent_any_more(ana: User) -> None:
    ask(ana, "first@trust.example", by=ana)
    confirm_address(ask(ana, NEW, by=ana), by=ana)

    sent = letters()

    assert sent.keys() == {OLD}


def test_all_other_sessions_end_and_this_one_stays(ana: User) -> None:
    here, elsewhere = signed_in(ana), signed_in(ana)
    before = elsewhere.get("/me/").status_code

    here.post(f"/address/{ask(ana, NEW, by=ana).key}/")

    assert before == 200
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.parametrize("changes", [False, True])
def test_a_password_link_that_went_to_the_old_address_is_worth_nothing(
    ana: User, changes: bool
) -> None:
    Client().post("/accounts/password/reset/", {"email": OLD})
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    if changes:
        confirm_address(ask(ana, NEW, by=ana), by=ana)

    client = Client()
    page = client.get(found[1], follow=True)
    where = page.redirect_chain[-1][0] if page.redirect_chain else found[1]
    client.post(where, {"password1": "four words, all new", "password2": "four words, all new"})

    assert User.objects.get(pk=ana.pk).check_password(PASSWORD) is changes


@pytest.mark.parametrize("where", ["nowhere", "here", "elsewhere"])
def test_asking_says_the_same_whoever_has_the_address(
    head: User, ana: User, where: str, time_machine: object
) -> None:
    time_machine.move_to(timezone.now(), tick=False)  # type: ignore[attr-defined]
    plain = [asked_by_ana(ana), asked_by(head, ana)]
    has_it = {"here": ana.organisation, "elsewhere": programme.organisation("Elsewhere")}
    if where in has_it:
        programme.psw(has_it[where], email=NEW.title())

    answers = [asked_by_ana(ana), asked_by(head, ana)]

    said = [MASKED.sub("", one.content.decode()) for one in plain]
    assert [MASKED.sub("", one.content.decode()) for one in answers] == said


def test_an_address_that_signs_in_already_stays_whose_it_is(ana: User) -> None:
    change = ask(ana, NEW, by=ana)
    other = programme.psw(programme.organisation("Elsewhere"), email=NEW.title())

    answer = signed_in(ana).post(f"/address/{change.key}/")
    with pytest.raises(AddressTaken):
        confirm_address(change, by=ana)

    page = answer.content.decode()
    assert "There is an account with" in page
    assert other.name not in page
    assert (address_of(ana), address_of(other)) == (OLD, NEW.title())
    change.refresh_from_db()
    assert change.confirmed_at is None


def test_an_address_nobody_has_signed_in_with_is_put_right_at_once(head: User) -> None:
    rhys = programme.psw(head.organisation, email="rhyss@trust.example")
    User.objects.filter(pk=rhys.pk).update(password="!none")
    invitee = Invitee("rhyss@trust.example", "Rhys", "Kowalska", "psw")
    old = invite(invitee, organisation=head.organisation, by=head)

    answer = asked_by(head, rhys, "rhys@trust.example")
    sent = letters()

    assert "The address is right now" in answer.content.decode()
    assert address_of(rhys) == "rhys@trust.example"
    assert sent.keys() == {"rhys@trust.example"}
    old.refresh_from_db()
    assert old.withdrawn_by == head
    new = Invitation.objects.waiting().get()
    assert accept_invitation(new, password=PASSWORD) == rhys
    change = AddressChange.objects.get()
    assert (change.asked_by, change.confirmed_by) == (head, head)


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_an_address_of_somebody_elses_puts_nothing_right(head: User, where: str) -> None:
    has_it = {"here": head.organisation, "elsewhere": programme.organisation("Elsewhere")}
    programme.psw(has_it[where], email=NEW)
    rhys = programme.psw(head.organisation, email="rhyss@trust.example")
    User.objects.filter(pk=rhys.pk).update(password="!none")

    answer = asked_by(head, rhys)

    assert errors(answer) == ["This e-mail address cannot be used here. Ask for their work address"]
    assert address_of(rhys) == "rhyss@trust.example"
    assert AddressChange.objects.count() == 0


@pytest.mark.parametrize("facts", [{"password": "a hash"}, {"last_login": timezone.now()}])
def test_an_account_that_is_taken_up_meanwhile_is_its_owners_to_change(
    head: User, facts: dict[str, object]
) -> None:
    rhys = programme.psw(head.organisation, email="rhyss@trust.example")
    User.objects.filter(pk=rhys.pk).update(password="!none")
    stale = User.objects.get(pk=rhys.pk)
    User.objects.filter(pk=rhys.pk).update(**facts)

    holds = mend(stale, NEW, by=head)

    assert holds is False
    assert address_of(rhys) == "rhyss@trust.example"


def test_every_change_is_kept_with_who_asked_and_who_confirmed(head: User, ana: User) -> None:
    ask(ana, "first@trust.example", by=ana)
    confirm_address(ask(ana, NEW, by=head), by=ana)

    kept = AddressChange.objects.order_by("pk").values_list(
        "old_email", "email", "asked_by", "confirmed_by"
    )
    page = signed_in(User.objects.get(pk=ana.pk)).get(MINE).content.decode()

    assert list(kept) == [(OLD, "first@trust.example", ana.pk, None), (OLD, NEW, head.pk, ana.pk)]
    assert "entered by Joanna Kaur" in page
    assert "first@" not in page


def test_one_cannot_ask_without_end(ana: User) -> None:
    client = signed_in(ana)

    codes = [
        client.post(MINE, {"email": NEW, "password": "guess"}).status_code
        for _ in range(ONE_OF_THE_TOO_MANY)
    ]

    assert codes == [200] * (ONE_OF_THE_TOO_MANY - 1) + [429]
    assert client.get(MINE).status_code == 200


def test_a_head_changes_their_own_address_as_everybody_does(head: User) -> None:
    answer = signed_in(head).get(f"/cohorts/people/{head.pk}/address/")

    assert answer["Location"] == MINE
