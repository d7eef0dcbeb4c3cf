"""How we work: what a head says about the organisation, and that it holds at once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from peersupport.accounts.models import Organisation, User
from tests import programme

pytestmark = pytest.mark.django_db

URL = "/organisation/"
SAID = {
    "name": "Castle Hill",
    "time_zone": "Europe/London",
    "nation": "ENG",
    "line_manager_rule": "refuse",
    "talk_hours": 48,
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def head() -> User:
    return programme.head(programme.organisation("Riverside"))


def test_a_head_finds_the_page_at_home_with_what_holds_now(head: User) -> None:
    client = signed_in(head)

    home = client.get("/").content.decode()
    form = client.get(URL).context["form"]

    assert f'<a href="{URL}">How we work</a>' in home
    assert {name: form[name].value() for name in form.fields} == {**SAID, "name": "Riverside"}


def test_what_a_head_saves_is_said_and_shown_at_the_top_of_each_page(head: User) -> None:
    said = {
        "name": "Castell",
        "time_zone": "Europe/Dublin",
        "nation": "WLS",
        "line_manager_rule": "warn",
        "talk_hours": 48,
    }

    page = signed_in(head).post(URL, said, follow=True).content.decode()

    assert "Saved. It holds from now on" in page
    assert "Peer support · Castell" in page
    assert Organisation.objects.filter(pk=head.organisation_id, **said).exists()


def test_a_head_may_accept_a_line_manager_as_soon_as_the_rule_is_a_warning(head: User) -> None:
    cohort = programme.cohort(head.organisation, starts_on=date(2026, 1, 5))
    worker = programme.psw(head.organisation)
    programme.member(worker, cohort)
    manager = programme.supervisor(head.organisation)
    programme.roster_entry(worker, line_manager_email=manager.email)
    url = f"/cohorts/people/{worker.pk}/supervisor/"
    chosen = {"supervisor": manager.pk, "on": "2026-11-01", "line_manager_accepted": "on"}
    client = signed_in(head)

    refused = client.post(url, chosen)
    client.post(URL, {**SAID, "line_manager_rule": "warn"})
    accepted = client.post(url, chosen)

    assert (refused.status_code, accepted.status_code) == (200, 302)
    assert worker.supervised_in.get().supervisor == manager


def test_the_time_is_that_of_the_new_zone_at_once(head: User, time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T11:00:00Z")
    client = signed_in(head)

    in_london = client.get("/").content.decode()
    client.post(URL, {**SAID, "time_zone": "Asia/Tokyo"})
    in_tokyo = client.get("/").content.decode()

    assert "Good morning, Sam" in in_london
    assert "Good evening, Sam" in in_tokyo


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Enter the name of your organisation"),
        ("name", "x" * 201, "Use 200 characters or fewer"),
        ("time_zone", "", "Enter a time zone such as Europe/London"),
        ("time_zone", "London", "Enter a time zone such as Europe/London"),
        ("time_zone", "../etc/passwd", "Enter a time zone such as Europe/London"),
        ("time_zone", "x" * 65, "Enter a time zone such as Europe/London"),
        ("nation", "FRA", "Choose whose bank holidays you keep"),
        ("nation", "", "Choose whose bank holidays you keep"),
        ("line_manager_rule", "allow", "Choose what happens"),
        ("line_manager_rule", "", "Choose what happens"),
    ],
)
def test_what_cannot_be_gets_one_sentence_and_changes_nothing(
    head: User, field: str, value: str, sentence: str
) -> None:
    response = signed_in(head).post(URL, {**SAID, field: value})

    assert response.context["form"].errors == {field: [sentence]}
    assert Organisation.objects.get().name == "Riverside"
    assert "Peer support · Riverside" in response.content.decode()


def test_a_head_changes_no_other_organisation_and_not_its_address(head: User) -> None:
    other = programme.organisation("Elsewhere")

    signed_in(head).post(
        URL, {**SAID, "id": other.pk, "organisation": other.pk, "slug": "taken", "pk": other.pk}
    )

    other.refresh_from_db()
    assert other.name == "Elsewhere"
    assert Organisation.objects.get(name="Castle Hill").slug == head.organisation.slug


@pytest.mark.parametrize("role", ["supervisor", "psw", "ig_auditor"])
def test_it_is_there_for_heads_only(role: str) -> None:
    where = programme.organisation("Riverside")
    client = signed_in(getattr(programme, role)(where))

    codes = [client.get(URL).status_code, client.post(URL, SAID).status_code]

    assert codes == [404, 404]
    assert Organisation.objects.get().name == "Riverside"
