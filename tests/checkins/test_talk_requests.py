""" "I'd like to talk": whom it reaches, what it says, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from checkins.models import TalkRequest
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User
from peersupport.reminders.models import Reminder
from tests import programme
from tests.checkins.conftest import People, signed_in

NEW = "/check-ins/talk/"


def ask(worker: User, asked: User) -> TalkRequest:
    return TalkRequest.objects.create(organisation=worker.organisation, worker=worker, asked=asked)


def test_the_page_names_who_is_told_before_anything_is_sent(people: People) -> None:
    shown = signed_in(people.blessing).get(NEW).content.decode()

    assert "Anwen Haddad is told that you would like to talk." in shown
    assert "This service is not watched round the clock." in shown
    assert not TalkRequest.objects.exists()


def test_asking_owes_the_supervisor_one_email_at_once(people: People) -> None:
    signed_in(people.blessing).post(NEW, {"asked": people.anwen.pk})

    request = TalkRequest.objects.get()
    reminder = Reminder.objects.get()
    assert (request.worker, request.asked) == (people.blessing, people.anwen)
    assert (reminder.kind, reminder.key) == ("talk_request", f"talk-request:{request.pk}")
    assert (reminder.recipient, reminder.about) == (people.anwen, {"talk_request": request.pk})
    assert reminder.due_at <= timezone.now()


def test_asking_with_a_check_in_shares_no_answer(people: People) -> None:
    signed_in(people.blessing).post(
        "/check-ins/new/", {"energy": 2, "for_whom": f"talk-{people.anwen.pk}"}
    )

    assert TalkRequest.objects.get().asked == people.anwen
    assert Reminder.objects.count() == 1
    assert not people.blessing.check_ins.get().shares.exists()


def test_somebody_else_than_the_page_named_is_never_asked(people: People) -> None:
    response = signed_in(people.blessing).post(NEW, {"asked": people.head.pk})

    assert response.status_code == 200
    assert "Somebody else is asked now" in response.content.decode()
    assert not TalkRequest.objects.exists()


def test_without_a_supervisor_the_head_longest_in_the_role_is_asked(people: People) -> None:
    worker = programme.psw(people.where)
    programme.head(people.where)
    client = signed_in(worker)

    shown = client.get(NEW).content.decode()
    client.post(NEW, {"asked": people.head.pk})

    assert "Morgan Reid is told" in shown
    assert TalkRequest.objects.get().asked == people.head


def test_a_head_finds_at_home_who_asked_them(people: People) -> None:
    waiting = ask(programme.psw(people.where, given_name="Ffion"), people.head)
    client = signed_in(people.head)

    before = client.get("/").content.decode()
    client.post(f"/check-ins/talk/{waiting.pk}/")
    after = client.get("/").content.decode()

    assert f"/check-ins/talk/{waiting.pk}/" in before
    assert "would like to talk" not in after


def test_with_nobody_to_ask_the_page_leads_to_help_lines(db: None) -> None:
    alone = programme.psw(programme.organisation())

    shown = signed_in(alone).get(NEW).content.decode()

    assert "There is nobody here to ask yet" in shown


def test_one_request_waits_at_a_time(people: People) -> None:
    client = signed_in(people.blessing)
    client.post(NEW, {"asked": people.anwen.pk})

    client.post(NEW, {"asked": people.anwen.pk})
    labels = client.get("/check-ins/new/").context["form"].fields["for_whom"].choices

    assert TalkRequest.objects.count() == 1
    assert "I'd like to talk" not in [label for _value, label in labels]


def test_it_is_neutral_and_waits_on_the_supervisors_page(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)

    home = signed_in(people.anwen).get("/").content.decode()
    page = signed_in(people.anwen).get(f"/check-ins/talk/{waiting.pk}/").content.decode()

    assert "Blessing Adeyemi would like to talk" in home
    assert "You are not told why, and not what any check-in says." in page


def test_acknowledging_takes_it_from_the_page_and_tells_the_worker(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    before = signed_in(people.blessing).get("/check-ins/").content.decode()

    signed_in(people.anwen).post(f"/check-ins/talk/{waiting.pk}/")

    after = signed_in(people.blessing).get("/check-ins/").content.decode()
    assert "Anwen has not answered yet" in before
    assert "Anwen Haddad has answered that you would like to talk" in after
    assert "would like to talk" not in signed_in(people.anwen).get("/").content.decode()


def test_acknowledging_twice_keeps_the_first_time(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    client = signed_in(people.anwen)
    client.post(f"/check-ins/talk/{waiting.pk}/")
    first = TalkRequest.objects.get().acknowledged_at

    again = client.post(f"/check-ins/talk/{waiting.pk}/")

    assert again.status_code == 302
    assert TalkRequest.objects.get().acknowledged_at == first


def test_an_answer_is_shown_for_a_fortnight(people: People) -> None:
    answered = ask(people.blessing, people.anwen)
    client = signed_in(people.blessing)

    shown = []
    for days in (13, 15):
        answered.acknowledged_at = timezone.now() - timedelta(days=days)
        answered.save()
        shown.append(client.get("/check-ins/").context["talk_request"])

    assert shown == [answered, None]


def test_taking_it_back_lets_one_ask_again(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    client = signed_in(people.blessing)

    client.post(f"/check-ins/talk/{waiting.pk}/withdraw/")
    client.post(NEW, {"asked": people.anwen.pk})

    assert TalkRequest.objects.waiting().count() == 1
    assert TalkRequest.objects.count() == 2
    assert signed_in(people.anwen).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404


def test_whoever_was_asked_keeps_it_when_the_supervisor_changes(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    successor = programme.supervisor(people.where)
    SupervisorAssignment.objects.update(ends_on=timezone.localdate(), next_due_on=None)
    programme.supervised(
        people.blessing.memberships.get(), successor, starts_on=timezone.localdate()
    )

    mine = signed_in(people.blessing).get("/check-ins/").content.decode()
    codes = [
        signed_in(person).get(f"/check-ins/talk/{waiting.pk}/").status_code
        for person in (people.anwen, successor)
    ]

    assert "You have asked to talk to Anwen Haddad" in mine
    assert codes == [200, 404]


@pytest.mark.parametrize("who", ["worker", "colleague", "head", "other", "outsider"])
def test_nobody_else_acknowledges_it(people: People, who: str) -> None:
    others = {
        "worker": people.blessing,
        "colleague": programme.supervised_psw(people.anwen, people.cohort),
        "head": people.head,
        "other": programme.supervisor(people.where),
        "outsider": programme.supervisor(programme.organisation("Elsewhere")),
    }
    waiting = ask(people.blessing, people.anwen)
    client = signed_in(others[who])

    responses = [
        client.get(f"/check-ins/talk/{waiting.pk}/"),
        client.post(f"/check-ins/talk/{waiting.pk}/"),
    ]

    assert [response.status_code for response in responses] == [404, 404]
    assert TalkRequest.objects.waiting().get() == waiting


@pytest.mark.parametrize("who", ["anwen", "head"])
def test_nobody_else_takes_it_back(people: People, who: str) -> None:
    waiting = ask(people.blessing, people.anwen)

    response = signed_in(getattr(people, who)).post(f"/check-ins/talk/{waiting.pk}/withdraw/")

    assert response.status_code == 404
    assert TalkRequest.objects.waiting().get() == waiting


def broken(name: str, **facts: Any) -> None:
    with pytest.raises(IntegrityError, match=name):
        TalkRequest.objects.create(**facts)


def test_the_database_lets_one_wait_per_worker(people: People) -> None:
    ask(people.blessing, people.anwen)

    broken(
        "talk_request_one_waiting_per_worker",
        organisation=people.where,
        worker=people.blessing,
        asked=people.head,
    )


def test_the_database_asks_somebody_else(people: People) -> None:
    broken(
        "talk_request_is_to_somebody_else",
        organisation=people.where,
        worker=people.blessing,
        asked=people.blessing,
    )


def test_the_database_keeps_one_ending(people: People) -> None:
    broken(
        "talk_request_acknowledged_or_withdrawn_not_both",
        organisation=people.where,
        worker=people.blessing,
        asked=people.anwen,
        acknowledged_at=timezone.now(),
        withdrawn_at=timezone.now(),
    )
