"""The page that checks before placing: what it says, what settles it, and what it keeps."""

from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import User
from tests import programme
from tests.cohorts.conftest import MONDAY, Riverside

CHECK = "/cohorts/place/check/"


@pytest.fixture
def browser(client: Client, riverside: Riverside) -> Client:
    """The head of Riverside, signed in."""
    client.force_login(riverside.head)
    return client


def asked(riverside: Riverside, *workers: User, **answers: object) -> dict[str, object]:
    """These workers, ticked for Winter 2026 with Anwen from Monday."""
    return {
        "worker": [worker.pk for worker in workers],
        "to-cohort": riverside.winter.pk,
        "to-supervisor": riverside.anwen.pk,
        "to-on": MONDAY.isoformat(),
        **{name.replace("_", "-"): answer for name, answer in answers.items()},
    }


def checked(browser: Client, answers: Mapping[str, object]) -> BeautifulSoup:
    """The page that answers."""
    response = browser.post(CHECK, answers)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def headings(page: BeautifulSoup) -> list[str]:
    return [each.get_text(strip=True) for each in page.select("main form h2")]


def green_button(page: BeautifulSoup) -> str:
    return page.select_one("main .nhsuk-button:not(.nhsuk-button--secondary)").get_text(strip=True)  # type: ignore[union-attr]


def test_the_button_counts_who_is_placed_and_the_rest_stays(
    browser: Client, riverside: Riverside
) -> None:
    ifeoma, tariq, ruth = riverside.psw("Ifeoma"), riverside.psw("Tariq"), riverside.psw("Ruth")
    programme.roster_entry(tariq, line_manager_email=riverside.anwen.email)
    programme.member(ruth, riverside.autumn)

    page = checked(browser, asked(riverside, ifeoma, tariq, ruth))

    assert headings(page) == ["1 is ready", "2 need a decision"]
    assert green_button(page) == "Place 2 people"
    chosen = page.select_one(f"select[name=supervisor-{tariq.pk}] option[selected]")
    assert chosen is not None
    assert chosen["value"] == str(riverside.leila.pk)


def test_what_is_on_the_page_is_what_is_done(browser: Client, riverside: Riverside) -> None:
    ifeoma, tariq, ruth = riverside.psw("Ifeoma"), riverside.psw("Tariq"), riverside.psw("Ruth")
    programme.roster_entry(tariq, line_manager_email=riverside.anwen.email)
    programme.member(ruth, riverside.autumn)
    answers = asked(riverside, ifeoma, tariq, ruth, confirm="1", ready=[ifeoma.pk])
    answers[f"supervisor-{tariq.pk}"] = riverside.leila.pk

    response = browser.post(CHECK, answers, follow=True)

    assert "2 people are placed. You can undo this until 09:20 tomorrow." in (
        response.content.decode()
    )
    supervisors = SupervisorAssignment.objects.values_list("worker", "supervisor")
    assert dict(supervisors) == {ifeoma.pk: riverside.anwen.pk, tariq.pk: riverside.leila.pk}
    assert [each.cohort for each in ruth.memberships.all()] == [riverside.autumn]


def test_nobody_is_placed_when_somebody_ready_is_not_any_more(
    browser: Client, riverside: Riverside
) -> None:
    ifeoma, ruth = riverside.psw("Ifeoma"), riverside.psw("Ruth")
    programme.member(ruth, riverside.autumn)
    answers = asked(riverside, ifeoma, ruth, confirm="1", ready=[ifeoma.pk, ruth.pk])

    page = checked(browser, answers)

    assert "Nobody is placed yet. Look at what needs a decision." in page.get_text()
    assert "Already in Autumn 2025. Placing Ruth here ends that on 22 November." in page.get_text()
    assert Membership.objects.filter(cohort=riverside.winter).count() == 0


def test_without_room_one_leaves_people_out_or_takes_another_cohort(
    browser: Client, riverside: Riverside
) -> None:
    five = [riverside.psw() for _ in range(5)]

    page = checked(browser, asked(riverside, *five))
    less = checked(browser, asked(riverside, *five) | {f"leave-{five[0].pk}": "on"})
    elsewhere = checked(browser, asked(riverside, *five, to_cohort=riverside.autumn.pk))

    sentence = "Winter 2026 has 4 places left, and you have chosen 5 people."
    assert sentence in page.get_text()
    assert green_button(page) == "Check again"
    assert len(page.select("input[name^=leave-]")) == 5
    assert page.select_one("select[name=to-cohort]") is not None
    assert green_button(less) == "Place 4 people"
    assert less.select_one(f"input[name=leave-{five[0].pk}][checked]") is not None
    assert sentence not in elsewhere.get_text()
    assert green_button(elsewhere) == "Place 5 people"


def test_whoever_cannot_be_placed_holds_nobody_up(browser: Client, riverside: Riverside) -> None:
    ifeoma, there = riverside.psw("Ifeoma"), riverside.psw("Mei")
    programme.member(there, riverside.winter)

    page = checked(browser, asked(riverside, ifeoma, there))
    browser.post(CHECK, asked(riverside, ifeoma, there, confirm="1", ready=[ifeoma.pk]))

    assert headings(page) == ["1 is ready", "1 stays as they are"]
    assert "Mei is already in Winter 2026." in page.get_text()
    assert riverside.winter.memberships.count() == 2


def test_a_heavy_load_is_a_note_and_no_more(browser: Client, riverside: Riverside) -> None:
    for _ in range(7):
        programme.supervised_psw(riverside.anwen, riverside.autumn)
    one, two = riverside.psw(), riverside.psw()

    eight = checked(browser, asked(riverside, one))
    nine = checked(browser, asked(riverside, one, two))

    note = "Anwen Haddad would then have 9 people. More than 8 is a lot for one supervisor."
    assert "More than 8" not in eight.get_text()
    assert note in nine.get_text()
    assert green_button(nine) == "Place 2 people"


def test_the_first_day_lies_in_the_cohorts_time(browser: Client, riverside: Riverside) -> None:
    riverside.autumn.ends_on = MONDAY
    riverside.autumn.save()
    ruth = riverside.psw()

    early = checked(browser, asked(riverside, ruth, to_on="2026-11-22"))
    late = checked(
        browser, asked(riverside, ruth, to_cohort=riverside.autumn.pk, to_on="2026-11-24")
    )

    assert "Winter 2026 starts on 23 November. Enter that day or a later one" in early.get_text()
    assert "Autumn 2025 ends on 23 November. Enter that day or an earlier one" in late.get_text()
    assert early.select_one(f"#worker-{ruth.pk}[checked]") is not None


def test_a_closed_cohort_and_one_who_stopped_supervising_are_not_offered(
    browser: Client, riverside: Riverside
) -> None:
    riverside.autumn.stage = "closed"
    riverside.autumn.save()
    riverside.leila.is_active = False
    riverside.leila.save()

    page = BeautifulSoup(browser.get("/cohorts/place/").content, "html.parser")

    cohorts = [each.get_text() for each in page.select("select[name=to-cohort] option")]
    supervisors = [each.get_text() for each in page.select("select[name=to-supervisor] option")]
    assert cohorts == ["Choose a cohort", "Winter 2026 (4 places left)"]
    assert supervisors == ["No supervisor yet", "Anwen Haddad (0 people)"]


def test_going_back_keeps_the_ticks_and_the_answers(browser: Client, riverside: Riverside) -> None:
    ruth = riverside.psw()

    response = browser.post("/cohorts/place/", asked(riverside, ruth))

    page = BeautifulSoup(response.content, "html.parser")
    chosen = [each["value"] for each in page.select(".app-sticky option[selected]")]
    assert chosen == [str(riverside.winter.pk), str(riverside.anwen.pk)]
    assert page.select_one(f"#worker-{ruth.pk}[checked]") is not None
    assert page.select(".nhsuk-error-message") == []


def test_more_than_one_press_can_place_are_refused(browser: Client, riverside: Riverside) -> None:
    people = [riverside.psw() for _ in range(301)]

    page = checked(browser, asked(riverside, *people))

    assert "Tick at most 300 people at once" in page.get_text()


@pytest.mark.parametrize("garbage", ["x", "-1", "", "9" * 30, "\u0663", "1 OR 1=1", "\x00"])
def test_what_is_no_person_is_left_out(browser: Client, riverside: Riverside, garbage: str) -> None:
    ruth = riverside.psw()
    answers = asked(riverside, ruth, to_supervisor="")
    answers["worker"] = [ruth.pk, garbage]
    answers[f"supervisor-{ruth.pk}"] = garbage

    page = checked(browser, answers)

    assert green_button(page) == "Place 1 person"


@pytest.mark.parametrize("garbage", ["x", "9" * 30, "\x00", "'"])
@pytest.mark.parametrize("name", ["site", "team", "staff_group", "free", "cohort", "page"])
def test_filters_that_make_no_sense_narrow_nothing(
    browser: Client, riverside: Riverside, name: str, garbage: str
) -> None:
    ruth = riverside.psw("Ruth", family_name="Clarke")

    for url in ("/cohorts/place/", "/cohorts/people/"):
        response = browser.get(url, {name: garbage})

        assert response.status_code == 200
        assert ruth.name in response.content.decode()
