"""Help lines: for everybody, by nation, and an organisation's own."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkins import actions
from checkins.models import HelpLine
from peersupport.accounts.models import Nation, Organisation
from tests import programme
from tests.checkins.conftest import People, signed_in

LIST = "/check-ins/help-lines/"
FACTS = {
    "name": "Staff support",
    "what": "Somebody to talk to at work",
    "phone": "0117 496 0000",
    "text": "",
    "web": "",
    "hours": "Weekdays, 09:00 to 17:00",
    "position": "1",
    "review_on": "2027-11-01",
}


@pytest.fixture(autouse=True)
def lines_of_the_service(db: None) -> None:
    """Those the migration adds; tests that commit empty every table, also for a later run."""
    if not HelpLine.objects.general().exists():
        import_module("checkins.migrations.0004_help_lines").add(apps, None)


def names(organisation: Organisation) -> list[str]:
    return [line.name for line in HelpLine.objects.shown_in(organisation)]


@pytest.mark.parametrize(
    ("nation", "own"),
    [
        (Nation.ENGLAND, "NHS 111, mental health option"),
        (Nation.WALES, "NHS 111 Wales, mental health option"),
        (Nation.SCOTLAND, "NHS 24, mental health option"),
        (Nation.NORTHERN_IRELAND, "Lifeline"),
    ],
)
def test_an_organisation_shows_those_of_its_nation(db: None, nation: Nation, own: str) -> None:
    where = programme.organisation(nation=nation)

    assert names(where) == ["Emergency services", own, "Samaritans", "Shout"]


def test_signed_out_one_sees_every_nation_and_which_is_which(db: None) -> None:
    shown = Client().get("/help-lines/")

    assert shown.status_code == 200
    assert len(shown.context["help_lines"]) == 7
    assert "(Scotland)" in shown.content.decode()


def test_numbers_are_links_that_a_phone_calls(people: People) -> None:
    shown = signed_in(people.blessing).get("/help-lines/").content.decode()

    assert '<a href="tel:116123"><strong>116 123</strong></a>' in shown


def test_help_lines_stand_beside_the_trend_after_saving(people: People) -> None:
    response = signed_in(people.blessing).post(
        "/check-ins/new/", {"energy": 1, "for_whom": "me"}, follow=True
    )

    assert "116 123" in response.content.decode()


def test_making_the_list_ours_copies_what_is_shown_once(people: People) -> None:
    client = signed_in(people.head)
    before = names(people.where)

    client.post(f"{LIST}copy/")
    client.post(f"{LIST}copy/")

    assert names(people.where) == before
    assert people.where.help_lines.count() == 4


def test_a_head_adds_edits_and_removes(people: People) -> None:
    client = signed_in(people.head)
    client.post(f"{LIST}copy/")

    client.post(f"{LIST}new/", FACTS)
    line = people.where.help_lines.get(name="Staff support")
    client.post(f"{LIST}{line.pk}/", {**FACTS, "name": "Staff helpline"})
    client.post(f"{LIST}{people.where.help_lines.get(name='Shout').pk}/remove/")

    assert names(people.where) == [
        "Emergency services",
        "Staff helpline",
        "NHS 111, mental health option",
        "Samaritans",
    ]
    line.refresh_from_db()
    assert (line.phone, line.review_on) == ("0117 496 0000", date(2027, 11, 1))


def test_with_the_last_one_removed_the_general_ones_come_back(people: People) -> None:
    actions.own_help_lines(people.where)

    people.where.help_lines.all().delete()

    assert "Samaritans" in names(people.where)


def test_another_organisation_keeps_its_list(people: People) -> None:
    elsewhere = programme.organisation("Elsewhere")
    actions.own_help_lines(people.where)
    people.where.help_lines.exclude(name="Shout").delete()

    assert len(names(elsewhere)) == 4


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        (
            {"phone": ""},
            "phone",
            "Enter a phone number, a text number or a web address",
        ),
        ({"name": "Samaritans"}, "__all__", "Another help line has this name"),
        ({"name": ""}, "name", "Enter what it is called"),
        ({"what": ""}, "what", "Enter what it is for"),
        ({"hours": ""}, "hours", "Enter when somebody answers"),
        ({"web": "not a page"}, "web", "Enter a web address that begins with https://"),
        ({"position": "first"}, "position", "Enter a whole number"),
        ({"review_on": "soon"}, "review_on", "Enter the day, like 23 November 2026 or 23/11/2026"),
    ],
)
def test_a_line_that_cannot_be_gets_a_sentence_and_keeps_what_was_typed(
    people: People, facts: dict[str, str], field: str, sentence: str
) -> None:
    actions.own_help_lines(people.where)

    response = signed_in(people.head).post(f"{LIST}new/", {**FACTS, **facts})

    assert response.context["form"].errors == {field: [sentence]}
    assert "Weekdays, 09:00 to 17:00" in response.content.decode() or field == "hours"
    assert people.where.help_lines.count() == 4


def test_a_line_to_be_reviewed_says_so(people: People) -> None:
    actions.own_help_lines(people.where)
    shown = []
    for days in (1, 0):
        people.where.help_lines.update(review_on=timezone.localdate() + timedelta(days=days))
        shown.append("Check it now" in signed_in(people.head).get(LIST).content.decode())

    assert shown == [False, True]


@pytest.mark.parametrize("who", ["anwen", "blessing"])
def test_only_a_head_keeps_the_list(people: People, who: str) -> None:
    actions.own_help_lines(people.where)
    pk = people.where.help_lines.get(name="Shout").pk
    client = signed_in(getattr(people, who))

    codes = [
        client.get(LIST).status_code,
        client.post(f"{LIST}copy/").status_code,
        client.get(f"{LIST}new/").status_code,
        client.get(f"{LIST}{pk}/").status_code,
        client.post(f"{LIST}{pk}/remove/").status_code,
    ]

    assert codes == [404] * 5


@pytest.mark.parametrize("which", ["general", "elsewhere"])
def test_a_head_changes_no_line_but_the_organisations_own(people: People, which: str) -> None:
    elsewhere = programme.organisation("Elsewhere")
    actions.own_help_lines(elsewhere)
    lines = {"general": HelpLine.objects.general(), "elsewhere": elsewhere.help_lines.all()}
    line = lines[which].get(name="Shout")
    client = signed_in(people.head)

    codes = [
        client.post(f"{LIST}{line.pk}/", FACTS).status_code,
        client.post(f"{LIST}{line.pk}/remove/").status_code,
    ]

    assert codes == [404, 404]
    assert HelpLine.objects.get(pk=line.pk).name == line.name


def test_a_posted_organisation_changes_nothing(people: People) -> None:
    elsewhere = programme.organisation("Elsewhere")
    actions.own_help_lines(people.where)

    signed_in(people.head).post(f"{LIST}new/", {**FACTS, "organisation": elsewhere.pk})

    assert people.where.help_lines.filter(name="Staff support").exists()
    assert not elsewhere.help_lines.exists()


@pytest.mark.parametrize("rows", [3, 300])
def test_the_list_takes_the_same_queries_however_long_it_is(
    people: People, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    HelpLine.objects.bulk_create(
        line(people.where, name=f"Line {number}") for number in range(rows)
    )
    client = signed_in(people.head)

    with django_assert_num_queries(5):
        response = client.get(LIST)

    assert len(response.context["help_lines"]) == rows


def line(organisation: Organisation | None, **facts: Any) -> HelpLine:
    facts = {**FACTS, "position": 1, "review_on": date(2027, 1, 1), **facts}
    return HelpLine(organisation=organisation, **facts)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("help_line_can_be_reached", {"phone": ""}),
        ("help_line_of_a_nation_or_an_organisation", {"nation": "ENG"}),
        ("help_line_name_once_in_an_organisation", {}),
    ],
)
def test_the_database_keeps_the_rules(people: People, name: str, facts: dict[str, str]) -> None:
    line(people.where, name="Staff support").save()
    facts = {"name": "Another", **facts} if facts else facts

    with pytest.raises(IntegrityError, match=name):
        line(people.where, **facts).save()
