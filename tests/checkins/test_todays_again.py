"""Changing today's check-in: the page says who reads it now, and nobody loses it unsaid."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from checkins import actions
from checkins.models import CheckIn
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from tests import programme
from tests.checkins.conftest import People, check_in, signed_in

NEW = "/check-ins/new/"


@pytest.fixture
def carys(people: People) -> User:
    """Supervises Blessing too."""
    carys = programme.supervisor(people.where, given_name="Carys", family_name="Lloyd")
    reflective = SupervisorAssignment.Purpose.REFLECTIVE
    programme.supervised(people.blessing.memberships.get(), carys, purpose=reflective)
    return carys


def shown(user: User) -> str:
    """The page as it is read, without what is drawn."""
    page = BeautifulSoup(signed_in(user).get(NEW).content, "html.parser")
    return page.get_text(" ", strip=True)


def choices(user: User) -> list[tuple[str, str]]:
    page = signed_in(user).get(NEW)
    found: list[tuple[str, str]] = page.context["form"].fields["for_whom"].choices
    return found


def posted(user: User, for_whom: str) -> Any:
    return signed_in(user).post(NEW, {"energy": 6, "for_whom": for_whom}, follow=True)


def test_the_page_says_who_can_read_what_was_shared_today(people: People) -> None:
    actions.share(check_in(people.blessing), with_=people.anwen)

    words = shown(people.blessing)

    assert "Anwen Haddad can read today's check-in, and what you change in it" in words
    assert "Only you" not in words
    assert "It has been opened" not in words


def test_the_page_says_that_it_has_been_opened(people: People) -> None:
    todays = check_in(people.blessing)
    actions.share(todays, with_=people.anwen)
    signed_in(people.anwen).get(todays.get_absolute_url())

    shared = shown(people.blessing)
    actions.take_back(todays)
    taken_back = shown(people.blessing)

    assert "It has been opened by Anwen Haddad." in shared
    assert "Only you can read today's check-in now." in taken_back
    assert "It has been opened by Anwen Haddad." in taken_back


def test_a_form_with_an_error_says_who_can_read_it_too(people: People) -> None:
    actions.share(check_in(people.blessing), with_=people.anwen)

    page = signed_in(people.blessing).post(NEW, {"for_whom": "me"}).content.decode()

    assert "Anwen Haddad can read today's check-in" in page


def test_who_would_lose_it_is_said_at_each_choice(people: People) -> None:
    actions.share(check_in(people.blessing), with_=people.anwen)

    words = shown(people.blessing)

    assert "Just for me Anwen Haddad can no longer read it" in words
    assert "not your answers. Anwen Haddad can no longer read it" in words


@pytest.mark.usefixtures("carys")
def test_choosing_one_of_two_says_that_it_is_only_them(people: People) -> None:
    actions.share(check_in(people.blessing), with_=people.anwen)

    labels = [label for _value, label in choices(people.blessing)]

    assert labels == [
        "Just for me",
        "Share this one with Anwen Haddad",
        "Share this one with Carys Lloyd only",
        "I'd like to talk",
    ]


def test_two_who_can_read_it_are_both_shown_and_both_kept(people: People, carys: User) -> None:
    todays = check_in(people.blessing)
    for supervisor in (people.anwen, carys):
        actions.share(todays, with_=supervisor)

    page = BeautifulSoup(signed_in(people.blessing).get(NEW).content, "html.parser")
    (chosen,) = [field["value"] for field in page.select("input[name=for_whom][checked]")]
    after = posted(people.blessing, str(chosen))

    words = page.get_text(" ", strip=True)
    assert "Anwen Haddad and Carys Lloyd can read today's check-in" in words
    assert "Share this one with Anwen Haddad and Carys Lloyd, as now" in words
    assert "Check-in saved, and shared with Anwen Haddad and Carys Lloyd" in after.content.decode()
    for supervisor in (people.anwen, carys):
        assert CheckIn.objects.readable_by(supervisor).get().answers == {"energy": 6}


def test_one_of_two_can_be_chosen_and_the_other_loses_it_as_was_said(
    people: People, carys: User
) -> None:
    todays = check_in(people.blessing)
    for supervisor in (people.anwen, carys):
        actions.share(todays, with_=supervisor)
    words = shown(people.blessing)

    posted(people.blessing, f"share-{carys.pk}")

    assert "Share this one with Carys Lloyd only Anwen Haddad can no longer read it" in words
    assert CheckIn.objects.readable_by(carys).exists()
    assert not CheckIn.objects.readable_by(people.anwen).exists()


def test_as_now_never_gives_back_what_was_taken_back_meanwhile(people: People, carys: User) -> None:
    todays = check_in(people.blessing)
    actions.share(todays, with_=people.anwen)
    actions.share(todays, with_=carys)
    (as_now,) = [value for value, label in choices(people.blessing) if label.endswith("as now")]
    actions.take_back(todays)

    response = posted(people.blessing, as_now)

    assert response.context["form"].errors.keys() == {"for_whom"}
    assert not CheckIn.objects.readable_by(carys).exists()


def test_a_talk_asked_for_says_that_nobody_reads_it_any_more(people: People) -> None:
    actions.share(check_in(people.blessing), with_=people.anwen)

    after = posted(people.blessing, f"talk-{people.anwen.pk}")

    assert "is told that you would like to talk. Only you can read it" in after.content.decode()
    assert not CheckIn.objects.readable_by(people.anwen).exists()
