"""A request to talk reaches somebody, whatever becomes of the person who was asked."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkins.models import TalkRequest
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Role, User
from peersupport.reminders import outbox, sender
from peersupport.reminders.models import Reminder
from tests import programme
from tests.checkins.conftest import People, signed_in

ALL = "/check-ins/talk/waiting/"


def ask(worker: User, asked: User, **facts: object) -> TalkRequest:
    return TalkRequest.objects.create(
        organisation=worker.organisation, worker=worker, asked=asked, **facts
    )


def end_supervision(people: People) -> None:
    today = timezone.localdate()
    SupervisorAssignment.objects.filter(worker=people.blessing).update(
        ends_on=today, next_due_on=None
    )


def end_role(person: User) -> None:
    person.role_grants.update(ended_at=timezone.now())


def deactivate(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def seen_at_home(user: User) -> bool:
    return "would like to talk" in signed_in(user).get("/").content.decode()


def test_while_the_supervisor_is_there_a_head_sees_nothing_of_it(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)

    assert not seen_at_home(people.head)
    assert signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404


@pytest.mark.parametrize("gone", ["supervision", "role", "account"])
def test_it_falls_to_the_head_when_whoever_was_asked_has_gone(people: People, gone: str) -> None:
    waiting = ask(people.blessing, people.anwen)
    {
        "supervision": lambda: end_supervision(people),
        "role": lambda: end_role(people.anwen),
        "account": lambda: deactivate(people.anwen),
    }[gone]()

    page = signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/")

    assert seen_at_home(people.head)
    assert "Anwen Haddad was asked" in page.content.decode()


def test_supervision_that_ends_later_strands_nothing_yet(people: People) -> None:
    ask(people.blessing, people.anwen)
    SupervisorAssignment.objects.update(ends_on=timezone.localdate() + timedelta(days=30))

    assert not seen_at_home(people.head)


def test_whoever_was_asked_sees_it_without_any_role(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    end_supervision(people)
    end_role(people.anwen)

    assert seen_at_home(people.anwen)
    assert signed_in(people.anwen).get(f"/check-ins/talk/{waiting.pk}/").status_code == 200
    assert signed_in(people.anwen).get(ALL).status_code == 200


def test_the_worker_reads_that_a_head_sees_it_now(people: People) -> None:
    ask(people.blessing, people.anwen)
    words = "A head of wellbeing sees it now, because Anwen no longer supervises you."

    before = signed_in(people.blessing).get("/check-ins/").content.decode()
    end_supervision(people)
    after = signed_in(people.blessing).get("/check-ins/").content.decode()

    assert words not in before
    assert words in after


def test_the_worker_reads_beforehand_who_could_see_it_later(people: People) -> None:
    words = signed_in(people.blessing).get("/check-ins/talk/").content.decode()

    assert (
        "If Anwen leaves, or has not answered within 48 hours, a head of wellbeing is told too."
        in words
    )


def test_the_worker_reads_which_head_has_answered(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    end_supervision(people)

    signed_in(people.head).post(f"/check-ins/talk/{waiting.pk}/")

    mine = signed_in(people.blessing).get("/check-ins/").content.decode()
    assert "Morgan Reid has answered that you would like to talk" in mine
    assert not seen_at_home(people.head)
    assert not seen_at_home(people.anwen)


def test_the_one_asked_still_answers_it_first(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    end_supervision(people)

    signed_in(people.anwen).post(f"/check-ins/talk/{waiting.pk}/")
    late = signed_in(people.head).post(f"/check-ins/talk/{waiting.pk}/")

    waiting.refresh_from_db()
    assert waiting.asked == people.anwen
    assert late.status_code == 404


def test_another_head_sees_what_was_asked_of_one_who_is_none_any_more(people: People) -> None:
    ask(programme.psw(people.where), people.head)
    other = programme.head(people.where)

    before = seen_at_home(other)
    end_role(people.head)

    assert not before
    assert seen_at_home(other)


def test_a_head_is_not_asked_to_answer_themself(people: People) -> None:
    both = programme.person(people.where, Role.HEAD, Role.PSW)
    waiting = ask(both, people.anwen)

    assert signed_in(both).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404
    assert signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").status_code == 200


def test_a_head_of_another_organisation_sees_nothing(people: People) -> None:
    waiting = ask(people.blessing, people.anwen)
    end_supervision(people)
    outsider = programme.head(programme.organisation("Elsewhere"))

    assert not seen_at_home(outsider)
    assert signed_in(outsider).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404
    assert not list(signed_in(outsider).get(ALL).context["page"])


def many(people: People, asked: User, number: int) -> list[TalkRequest]:
    """The first asked last, so that neither ids nor names give the order."""
    now = timezone.now()
    return [
        ask(
            programme.psw(people.where),
            asked,
            asked_at=now - timedelta(hours=hours),
        )
        for hours in range(number)
    ]


@pytest.mark.parametrize("role", ["anwen", "head"])
def test_home_shows_the_longest_waiting_first_and_leads_to_all(people: People, role: str) -> None:
    asked = getattr(people, role)
    waiting = many(people, asked, 10)
    client = signed_in(asked)

    home = client.get("/").content.decode()
    page = list(client.get(ALL).context["page"])

    links = [f"/check-ins/talk/{request.pk}/" for request in reversed(waiting)]
    shown = sorted((link for link in links if f'"{link}"' in home), key=home.index)
    assert shown == links[:8]
    assert f'<a href="{ALL}">Everybody who would like to talk</a>' in home
    assert page == waiting[::-1]


@pytest.mark.parametrize("role", ["anwen", "head"])
def test_home_leads_to_no_longer_list_where_all_are_shown(people: People, role: str) -> None:
    many(people, getattr(people, role), 8)

    home = signed_in(getattr(people, role)).get("/").content.decode()

    assert ALL not in home


def test_nobody_waiting_is_said(people: People) -> None:
    assert "Nobody is waiting" in signed_in(people.anwen).get(ALL).content.decode()


@pytest.mark.parametrize("rows", [3, 300])
def test_the_list_takes_the_same_queries_however_long_it_is(
    people: People, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many(people, people.anwen, rows)
    client = signed_in(people.anwen)

    with django_assert_num_queries(6):
        page = client.get(ALL).context["page"]

    assert len(page.object_list) == min(rows, 50)


HOURS = timedelta(hours=48)


def passed_on() -> set[tuple[str, User]]:
    """Who is owed an e-mail that somebody waits, and what became of it."""
    outbox.plan()
    sender.run()
    kind = Reminder.objects.filter(kind="talk_passed_on")
    return {(one.state, one.recipient) for one in kind}


def test_it_is_passed_on_to_every_head_when_nobody_answers_in_time(people: People) -> None:
    other = programme.head(people.head.organisation)
    waiting = ask(people.blessing, people.anwen, asked_at=timezone.now() - HOURS)

    told = passed_on()
    again = passed_on()

    assert told == again == {("sent", people.head), ("sent", other)}
    assert seen_at_home(people.head)
    assert signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").status_code == 200
    assert "because Anwen has not answered yet" in page_of_the_worker(people)


def page_of_the_worker(people: People) -> str:
    return signed_in(people.blessing).get("/check-ins/talk/").content.decode()


def test_before_its_time_no_head_is_told_nor_sees_it(people: People) -> None:
    waiting = ask(
        people.blessing, people.anwen, asked_at=timezone.now() - HOURS + timedelta(minutes=1)
    )

    assert passed_on() == set()
    assert signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404


def test_how_long_is_for_the_organisation_to_say(people: People) -> None:
    where = people.head.organisation
    where.talk_hours = 4
    where.save(update_fields=["talk_hours"])
    ask(people.blessing, people.anwen, asked_at=timezone.now() - timedelta(hours=5))

    told = passed_on()

    assert told == {("sent", people.head)}


def test_how_long_is_read_before_one_asks(people: People) -> None:
    where = people.head.organisation
    where.talk_hours = 4
    where.save(update_fields=["talk_hours"])

    assert "has not answered within 4 hours" in page_of_the_worker(people)


def test_a_head_is_told_at_once_when_whoever_was_asked_has_gone(people: People) -> None:
    ask(people.blessing, people.anwen)
    end_supervision(people)

    assert passed_on() == {("sent", people.head)}


def test_what_is_answered_or_taken_back_meanwhile_is_not_passed_on(people: People) -> None:
    ask(people.blessing, people.anwen, asked_at=timezone.now() - HOURS)
    outbox.plan()
    TalkRequest.objects.update(acknowledged_at=timezone.now())

    sender.run()

    assert Reminder.objects.get(kind="talk_passed_on").reason == "done"


def test_a_head_is_not_told_of_their_own_wish_nor_of_one_they_were_asked(people: People) -> None:
    ask(people.blessing, people.head, asked_at=timezone.now() - HOURS)

    assert passed_on() == set()


def go_away(person: User, days: int = 5) -> None:
    today = timezone.localdate()
    programme.leave(person, today, today + timedelta(days=days))


def test_a_head_is_told_at_once_while_whoever_was_asked_is_away(people: People) -> None:
    go_away(people.anwen)
    waiting = ask(people.blessing, people.anwen)

    told = passed_on()
    page = signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").content.decode()

    assert told == {("sent", people.head)}
    assert seen_at_home(people.head)
    assert "Anwen Haddad was asked, who is away." in page


def test_whoever_is_away_can_still_answer_and_is_told_too(people: People) -> None:
    go_away(people.anwen)
    waiting = ask(people.blessing, people.anwen)

    assert seen_at_home(people.anwen)
    assert signed_in(people.anwen).get(f"/check-ins/talk/{waiting.pk}/").status_code == 200


def test_back_again_it_is_theirs_alone(people: People) -> None:
    go_away(people.anwen)
    waiting = ask(people.blessing, people.anwen)
    outbox.plan()
    people.anwen.leaves.all().delete()

    sender.run()

    assert not seen_at_home(people.head)
    assert signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").status_code == 404
    assert Reminder.objects.get(kind="talk_passed_on").reason == "done"


def test_a_head_who_is_away_is_asked_no_more_alone(people: People) -> None:
    other = programme.head(people.where)
    ask(people.blessing, people.head)
    before = seen_at_home(other)
    go_away(people.head)

    assert (before, seen_at_home(other)) == (False, True)
    assert passed_on() == {("sent", other)}


def test_the_worker_reads_before_they_ask_that_the_supervisor_is_away(people: People) -> None:
    before = page_of_the_worker(people)
    go_away(people.anwen, days=0)
    after = page_of_the_worker(people)

    assert "away" not in before
    assert "Anwen is away until" in after
    assert "so your heads of wellbeing are told at once as well." in after
    assert "Nobody else is told" not in after


def test_the_worker_reads_that_a_head_sees_it_because_of_leave(people: People) -> None:
    ask(people.blessing, people.anwen)
    go_away(people.anwen)

    assert "A head of wellbeing sees it too, because Anwen is away." in page_of_the_worker(people)


def test_of_one_that_is_late_a_head_reads_that_nobody_has_answered(people: People) -> None:
    waiting = ask(people.blessing, people.anwen, asked_at=timezone.now() - HOURS)

    page = signed_in(people.head).get(f"/check-ins/talk/{waiting.pk}/").content.decode()

    assert "Anwen Haddad was asked, and has not answered yet." in page
