"""Saving a check-in, changing it on the same day, sharing it and taking it back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkins import actions
from checkins.models import CheckIn, Share, TalkRequest
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from tests import programme
from tests.checkins.conftest import ANSWERS, People, check_in, signed_in

NEW = "/check-ins/new/"


def posted(user: User, **answers: Any) -> Any:
    return signed_in(user).post(NEW, {"for_whom": "me", **answers})


def page(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def test_a_check_in_is_saved_with_its_score_and_for_nobody_else(people: People) -> None:
    response = posted(people.blessing, energy=6, strain=4, supported=8)

    saved = CheckIn.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/check-ins/")
    assert (saved.worker, saved.answers) == (people.blessing, ANSWERS)
    assert (saved.instrument, saved.instrument_version) == ("pulse", 1)
    assert saved.score == Decimal("66.67")
    assert saved.answered_on == timezone.localdate()
    assert not Share.objects.exists()


def test_the_page_says_who_will_read_before_the_first_question(people: People) -> None:
    response = signed_in(people.blessing).get(NEW)

    words = page(response).get_text(" ", strip=True)
    assert words.index("Only you will see your answers.") < words.index("How much energy")


def test_just_for_me_is_chosen_and_nothing_else(people: People) -> None:
    response = signed_in(people.blessing).get(NEW)

    chosen = [field["value"] for field in page(response).select("input[checked]")]
    assert chosen == ["me"]


def test_a_question_can_be_left_out_and_there_is_no_score_then(people: People) -> None:
    posted(people.blessing, energy=6, supported=8)

    saved = CheckIn.objects.get()
    assert (saved.answers, saved.score) == ({"energy": 6, "supported": 8}, None)
    shown = signed_in(people.blessing).get("/check-ins/")
    assert "Not all answered" in shown.content.decode()


def test_at_least_one_question_is_answered(people: People) -> None:
    response = posted(people.blessing)

    assert response.context["form"].errors == {"energy": ["Answer at least one question"]}
    summary = page(response).select_one(".nhsuk-error-summary a")
    assert summary is not None
    assert [field["value"] for field in page(response).select(str(summary["href"]))] == ["0"]
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("answer", ["11", "-1", "six", "5.5"])
def test_an_answer_that_cannot_be_gets_a_sentence_and_keeps_the_others(
    people: People, answer: str
) -> None:
    response = posted(people.blessing, energy=answer, strain=4)

    assert response.context["form"].errors == {"energy": ["Choose a number, 0 to 10"]}
    kept = page(response).select("input[name=strain][checked]")
    assert [field["value"] for field in kept] == ["4"]


def test_who_it_is_for_has_to_be_chosen(people: People) -> None:
    response = signed_in(people.blessing).post(NEW, {"energy": 6})

    assert response.context["form"].errors == {"for_whom": ["Choose who this is for"]}


def test_checking_in_again_on_the_same_day_changes_todays(people: People) -> None:
    posted(people.blessing, energy=1, strain=9, supported=2)

    again = signed_in(people.blessing).get(NEW)
    posted(people.blessing, energy=6, strain=4, supported=8)

    assert "You have checked in today already" in again.content.decode()
    chosen = {field["name"]: field["value"] for field in page(again).select("input[checked]")}
    assert chosen == {"energy": "1", "strain": "9", "supported": "2", "for_whom": "me"}
    assert CheckIn.objects.get().answers == ANSWERS


def test_changing_todays_can_leave_an_answer_out_again(people: People) -> None:
    posted(people.blessing, energy=1, strain=9, supported=2)

    posted(people.blessing, strain=9)

    assert (CheckIn.objects.get().answers, CheckIn.objects.get().score) == ({"strain": 9}, None)


def test_yesterdays_check_in_stays_as_it_was(people: People) -> None:
    yesterdays = check_in(people.blessing, days_ago=1)

    posted(people.blessing, energy=1)

    yesterdays.refresh_from_db()
    assert yesterdays.answers == ANSWERS
    assert CheckIn.objects.count() == 2


def test_today_is_the_day_where_the_organisation_is(db: None, time_machine: Any) -> None:
    auckland = programme.organisation(time_zone="Pacific/Auckland")
    worker = programme.psw(auckland)
    time_machine.move_to("2026-11-23T12:30:00Z")

    posted(worker, energy=6)

    assert CheckIn.objects.get().answered_on == date(2026, 11, 24)


@pytest.mark.django_db(transaction=True)
def test_two_saves_at_once_leave_one_check_in_and_no_error(
    people: People, at_once: Callable[..., list[Any]]
) -> None:
    def save() -> Any:
        return posted(
            people.blessing,
            energy=6,
            strain=4,
            supported=8,
            for_whom=f"share-{people.anwen.pk}",
        ).status_code

    codes = at_once(save, save, save)

    assert codes == [302, 302, 302]
    assert CheckIn.objects.get().answers == ANSWERS
    assert Share.objects.in_force().count() == 1


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Runs each in its own thread, with its own connection, all starting together."""

    def run(*works: Callable[[], Any]) -> list[Any]:
        start = Barrier(len(works))
        results: list[Any] = []

        def one(work: Callable[[], Any]) -> None:
            try:
                start.wait(10)
                results.append(work())
            except Exception as problem:
                results.append(problem)
            finally:
                connection.close()

        threads = [Thread(target=one, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return results

    return run


@pytest.mark.django_db(transaction=True)
def test_asking_to_talk_twice_at_once_asks_once(
    people: People, at_once: Callable[..., list[Any]]
) -> None:
    def ask() -> Any:
        return actions.ask_to_talk(people.blessing, asked=people.anwen).pk

    pks = at_once(ask, ask, ask)

    assert set(pks) == {TalkRequest.objects.get().pk}


def test_sharing_this_one_shares_it_and_no_other(people: People) -> None:
    earlier = check_in(people.blessing, days_ago=7)

    posted(people.blessing, energy=6, for_whom=f"share-{people.anwen.pk}")

    readable = CheckIn.objects.readable_by(people.anwen)
    assert [found.answered_on for found in readable] == [timezone.localdate()]
    assert earlier not in readable


def test_saving_todays_again_as_just_for_me_takes_it_back(people: People) -> None:
    posted(people.blessing, energy=6, for_whom=f"share-{people.anwen.pk}")

    again = signed_in(people.blessing).get(NEW)
    posted(people.blessing, energy=6)

    chosen = page(again).select_one("input[name=for_whom][checked]")
    assert chosen is not None
    assert chosen["value"] == f"share-{people.anwen.pk}"
    assert not CheckIn.objects.readable_by(people.anwen).exists()


def test_saving_todays_again_with_the_same_person_keeps_the_share(people: People) -> None:
    for energy in (6, 7):
        posted(people.blessing, energy=energy, for_whom=f"share-{people.anwen.pk}")

    assert Share.objects.get().taken_back_at is None


def test_a_check_in_can_be_shared_later_and_taken_back_and_shared_again(people: People) -> None:
    mine = check_in(people.blessing)
    client = signed_in(people.blessing)

    seen = []
    for step in ("share", "share", "take-back", "take-back", "share"):
        client.post(f"/check-ins/{mine.pk}/{step}/", {"person": people.anwen.pk})
        seen.append(CheckIn.objects.readable_by(people.anwen).exists())

    assert seen == [True, True, False, False, True]
    assert Share.objects.count() == 2


@pytest.mark.parametrize("stranger", ["head", "colleague", "other_supervisor", "self", "outsider"])
def test_a_check_in_is_shared_only_with_somebody_who_supervises_now(
    people: People, stranger: str
) -> None:
    strangers = {
        "head": people.head,
        "colleague": programme.supervised_psw(people.anwen, people.cohort),
        "other_supervisor": programme.supervisor(people.where),
        "self": people.blessing,
        "outsider": programme.supervisor(programme.organisation("Elsewhere")),
    }
    mine = check_in(people.blessing)

    response = signed_in(people.blessing).post(
        f"/check-ins/{mine.pk}/share/", {"person": strangers[stranger].pk}
    )
    tried = posted(people.blessing, energy=6, for_whom=f"share-{strangers[stranger].pk}")

    assert (response.status_code, tried.status_code) == (404, 200)
    with pytest.raises(actions.NotTheirSupervisor):
        actions.share(mine, with_=strangers[stranger])
    assert not Share.objects.exists()


def test_the_choice_names_each_supervisor_once_light_touch_first(people: People) -> None:
    other = programme.supervisor(people.where, given_name="Carys", family_name="Lloyd")
    membership = people.blessing.memberships.get()
    for purpose in (
        SupervisorAssignment.Purpose.REFLECTIVE,
        SupervisorAssignment.Purpose.LIVED_EXPERIENCE,
    ):
        programme.supervised(
            membership, other, purpose=purpose, starts_on=people.cohort.starts_on + timedelta(9)
        )

    response = signed_in(people.blessing).get(NEW)

    labels = [label for _value, label in response.context["form"].fields["for_whom"].choices]
    assert labels == [
        "Just for me",
        "Share this one with Anwen Haddad",
        "Share this one with Carys Lloyd",
        "I'd like to talk",
    ]


def test_without_a_supervisor_there_is_nobody_to_share_with_and_a_head_to_talk_to(
    people: People,
) -> None:
    new = programme.psw(people.where)
    programme.head(people.where)

    response = signed_in(new).get(NEW)

    choices = response.context["form"].fields["for_whom"].choices
    assert choices == [("me", "Just for me"), (f"talk-{people.head.pk}", "I'd like to talk")]
    assert "Morgan Reid is told that you would like to talk, not your answers" in page(
        response
    ).get_text(" ", strip=True)


def test_what_was_answered_is_in_no_message_address_or_session(people: People) -> None:
    client = signed_in(people.blessing)

    response = client.post(NEW, {"energy": 6, "strain": 4, "supported": 8, "for_whom": "me"})

    (message,) = get_messages(response.wsgi_request)
    assert str(message) == "Check-in saved. Only you can read it"
    assert response["Location"] == "/check-ins/"
    assert {name for name in client.session.keys() if not name.startswith("_auth")} == set()  # noqa: SIM118


def test_nothing_that_was_answered_is_logged(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="")
    caplog.set_level("WARNING", logger="django.db.backends")

    posted(people.blessing, energy=6, strain=4, supported=8)

    assert not [record for record in caplog.records if "energy" in record.getMessage()]


def test_saving_takes_eleven_queries(
    people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(people.blessing)

    with django_assert_num_queries(11):
        client.post(NEW, {"energy": 6, "strain": 4, "supported": 8, "for_whom": "me"})


@pytest.mark.parametrize("rows", [3, 300])
def test_my_list_takes_the_same_queries_however_long_it_is(
    people: People, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days_ago in range(rows):
        mine = check_in(people.blessing, days_ago=days_ago)
        if days_ago % 2:
            actions.share(mine, with_=people.anwen)
    client = signed_in(people.blessing)

    with django_assert_num_queries(10):
        response = client.get("/check-ins/")

    assert len(response.context["entries"]) == min(rows, 10)


@pytest.mark.parametrize("rows", [3, 300])
def test_the_list_of_what_is_shared_with_me_takes_the_same_queries_too(
    people: People, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days_ago in range(rows):
        actions.share(check_in(people.blessing, days_ago=days_ago), with_=people.anwen)
    client = signed_in(people.anwen)

    with django_assert_num_queries(6):
        response = client.get("/check-ins/shared/")

    assert len(response.context["page"].object_list) == min(rows, 10)
