"""A head of wellbeing: imports a roster, starts a cohort, places people, invites."""

import re

import pytest

from cohorts.models import Membership, SupervisorAssignment
from cohorts.tasks import work_on_roster_imports
from peersupport.accounts.models import User
from peersupport.reminders.models import Reminder
from tests import programme
from tests.browser.conftest import Riverside, SignIn
from tests.browser.visitor import Visitor, starts
from tests.cohorts import rosters

BAR = "Where to place them"


def test_a_roster_changes_nothing_until_the_second_press(
    sign_in: SignIn, riverside: Riverside
) -> None:
    joanna = sign_in(riverside.head)

    joanna.opens("/")
    joanna.follows("Import a roster")
    joanna.presses_button("Check this file")
    joanna.sees("Choose a file")
    brings_a_roster(joanna)
    joanna.sees("Nothing has been changed yet", "1 row cannot be read", "tariq@")
    nobody_yet = User.objects.filter(email="ifeoma@trust.example").exists()
    joanna.presses_button("Import 2 changes")
    works_while_one_waits(joanna)

    joanna.sees("2 people were added and 0 updated.", "row was left out")
    assert not nobody_yet
    assert User.objects.filter(email="ifeoma@trust.example").exists()
    joanna.follows("Place people in cohorts")
    joanna.sees("Ifeoma Santos", "2 people have no cohort.")


def test_a_new_cohort_takes_people_and_gives_them_up_again(
    sign_in: SignIn, riverside: Riverside
) -> None:
    where = riverside.organisation
    ana = programme.psw(where, given_name="Ana", family_name="Silva")
    tom = programme.psw(where, given_name="Tom", family_name="Reid")
    programme.roster_entry(ana, site="Riverside", line_manager_email=riverside.anwen.email)
    programme.roster_entry(tom, site="Castle Hill")
    joanna = sign_in(riverside.head)

    joanna.opens("/")
    joanna.follows("Start a cohort")
    joanna.presses_button("Start cohort")
    joanna.sees("Enter a name", "Enter the date")
    joanna.enters("Night shift network", at="What is the cohort called?")
    joanna.enters(programme.today().isoformat(), at="When does it start?")
    joanna.presses_button("Start cohort")
    joanna.sees("Night shift network is started", "Nobody is in it yet")

    joanna.opens("/cohorts/place/")
    joanna.presses_button("Check before placing")
    joanna.sees("Tick at least one person to place", "Choose a cohort")
    joanna.chooses("Ana Silva", "Tom Reid")
    joanna.selects("Cohort", "Night shift network", of=BAR)
    joanna.selects("Supervisor", "Anwen Haddad", of=BAR)
    joanna.presses_button("Check before placing")
    joanna.sees("1 needs a decision", "line manager. Choose another supervisor.", "1 is ready")
    joanna.selects("Supervisor for Ana", "Leila Pugh")
    joanna.presses_button("Place 2 people")
    joanna.sees("2 people placed", "With Anwen Haddad", "With Leila Pugh")
    placed = supervisors_of(ana, tom)

    joanna.presses_button(starts("Undo"))

    joanna.sees("Undone. Everybody is where they were before", "Nobody is in it yet")
    assert placed == {ana: riverside.leila, tom: riverside.anwen}
    assert not Membership.objects.current().filter(worker__in=[ana, tom]).exists()


def test_somebody_in_a_cohort_moves_only_if_that_is_said(
    sign_in: SignIn, riverside: Riverside
) -> None:
    other = programme.cohort(riverside.organisation, name="Maternity circle")
    joanna = sign_in(riverside.head)

    joanna.opens(f"/cohorts/place/?worker={riverside.blessing.pk}")
    joanna.selects("Cohort", "Maternity circle", of=BAR)
    joanna.presses_button("Check before placing")
    joanna.sees("Already in Riverside wards.")
    joanna.presses_button("Check again")
    joanna.chooses("Move Blessing")
    joanna.presses_button("Check again")
    joanna.presses_button("Place 1 person")

    joanna.sees("1 person placed")
    assert [each.worker for each in other.memberships.current()] == [riverside.blessing]


def test_somebody_is_given_another_supervisor(sign_in: SignIn, riverside: Riverside) -> None:
    joanna = sign_in(riverside.head)

    joanna.opens("/cohorts/people/")
    joanna.follows("Rhys Kowalska")
    joanna.follows(re.compile("^Change.*supervisor$"))
    joanna.selects("Who supervises them?", "Leila Pugh")
    joanna.presses_button("Save")

    joanna.sees("Saved", "Leila Pugh")
    assert supervisors_of(riverside.rhys) == {riverside.rhys: riverside.leila}


def test_a_person_is_invited_by_e_mail(sign_in: SignIn, riverside: Riverside) -> None:
    joanna = sign_in(riverside.head)

    joanna.opens("/")
    joanna.follows("Invite people")
    joanna.follows("Invite a person")
    joanna.presses_button("Send invitation")
    joanna.sees("Enter their first name", "Enter their work e-mail address")
    joanna.enters("Nia", at="What is their first name?")
    joanna.enters("Lloyd", at="What is their last name?")
    joanna.enters("nia@trust.example", at="What is their work e-mail address?")
    joanna.chooses("Peer support worker")
    joanna.presses_button("Send invitation")

    joanna.sees("Nia is invited", "nia@trust.example")
    owed = Reminder.objects.get()
    assert (owed.kind, owed.to.email) == ("invitation", "nia@trust.example")


def test_without_scripts_a_roster_is_imported(
    sign_in_without_scripts: SignIn, riverside: Riverside
) -> None:
    joanna = sign_in_without_scripts(riverside.head)

    joanna.opens("/cohorts/roster/import/")
    brings_a_roster(joanna)
    joanna.presses_button("Import 2 changes")
    works_while_one_waits(joanna)

    joanna.sees("2 people were added and 0 updated.")


def brings_a_roster(joanna: Visitor) -> None:
    """Two people who can be read, and one whose e-mail address cannot."""
    people = [
        rosters.person(1, first_name="Ifeoma", last_name="Santos", email="ifeoma@trust.example"),
        rosters.person(2),
        rosters.person(3, email="tariq@"),
    ]
    joanna.brings("roster.csv", rosters.as_csv(people))
    joanna.presses_button("Check this file")
    works_while_one_waits(joanna)


def works_while_one_waits(joanna: Visitor) -> None:
    """What the worker does every three seconds; the page then shows it by itself."""
    work_on_roster_imports()
    joanna.waits_until_gone("Look again now")


def supervisors_of(*workers: User) -> dict[User, User]:
    current = SupervisorAssignment.objects.current().filter(worker__in=workers)
    return {each.worker: each.supervisor for each in current}


@pytest.mark.parametrize(
    "name", ["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "W" * 100]
)
def test_a_name_of_one_long_word_pushes_no_page_sideways(
    sign_in: SignIn, riverside: Riverside, name: str
) -> None:
    riverside.cohort.name = name
    riverside.cohort.save(update_fields=["name"])
    cohort = riverside.cohort.get_absolute_url()
    pages = {
        riverside.head: ("/", "/cohorts/", cohort, f"{cohort}edit/", "/cohorts/people/"),
        riverside.anwen: ("/", "/supervision/"),
        riverside.blessing: ("/", "/cohorts/mine/", "/me/"),
    }

    for person, addresses in pages.items():
        visitor = sign_in(person)
        for address in addresses:
            visitor.opens(address)
