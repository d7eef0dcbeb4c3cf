"""The demo's people: they sign in, also after a real roster has been imported."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cohorts.models import Cohort, Leave, Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, RecordRead, User
from peersupport.demo import history
from peersupport.demo.build import PASSWORD
from peersupport.reminders.models import Reminder
from supervision import programme as supervised
from supervision.models import Session
from tests import programme
from tests.cohorts import rosters

HOUR = timedelta(hours=1)
ACCOUNTS = {
    "head@demo.example",
    "supervisor@demo.example",
    "psw@demo.example",
    "ig@demo.example",
    "head@other.example",
    "supervisor@other.example",
    "psw@other.example",
}

pytestmark = pytest.mark.django_db


def sign_in(email: str) -> bool:
    answer = Client().post("/accounts/login/", {"login": email, "password": PASSWORD})
    return answer.status_code == 302 and answer["Location"] == "/"


def test_the_demo_is_alive_and_a_roster_changes_nobody_in_it() -> None:
    call_command("seed_demo", verbosity=0)
    demo = Organisation.objects.get(slug="demo")
    head = demo.people.get(email="head@demo.example")
    psws = Membership.objects.filter(organisation=demo).values("worker").distinct()
    stages = set(Cohort.objects.filter(organisation=demo).values_list("stage", flat=True))

    outcome = rosters.import_(rosters.as_csv(rosters.people(40)), demo)

    assert stages == set(Cohort.Stage.values)
    assert psws.count() >= 120
    mine = SupervisorAssignment.objects.filter(supervisor__email="supervisor@demo.example")
    worker = demo.people.get(email="psw@demo.example")
    assert supervised.due(head).exists()
    assert supervised.due_this_week(mine.all()).filter(next_due_on=timezone.localdate()).exists()
    assert Session.objects.coming_for(worker).count() == 1
    assert RecordRead.objects.about(worker).exclude(reader=worker).exists()
    assert supervised.unsupervised(head).exists()
    assert mine.filter(worker__in=Leave.objects.on().values("person")).count() == 1
    assert outcome == {"created": 40}
    assert {email for email in ACCOUNTS if sign_in(email)} == ACCOUNTS


def test_the_demo_s_delivery_log_has_a_history_and_two_to_decide() -> None:
    call_command("seed_demo", verbosity=0)

    for slug in ("demo", "other"):
        client = Client()
        client.force_login(User.objects.get(email=f"head@{slug}.example"))
        page = client.get("/reminders/").content.decode()
        theirs = Reminder.objects.filter(organisation__slug=slug)
        settled = theirs.exclude(settled_at=None)

        assert "2 need a decision" in page
        assert "The mail server refused it. It said: 550 5.1.1 no such mailbox" in page
        assert "It may have arrived." in page
        assert "Sent, second try" in page
        assert settled.filter(state="sent").count() > 10
        assert {each.settled_at.weekday() for each in settled} <= {0, 1, 2, 3, 4}
        assert not theirs.filter(settled_at=None, due_at__lt=timezone.now() - HOUR).exists()


def test_the_demo_s_group_meets_also_where_somebody_was_met_that_day() -> None:
    where = programme.organisation()
    supervisor, cohort = programme.supervisor(where), programme.cohort(where)
    assignments = [
        programme.supervised(programme.member(programme.psw(where), cohort), supervisor)
        for _ in range(2)
    ]
    on, random = programme.today() - timedelta(days=1), Random(1)
    history.meet_as_a_group(assignments[:1], on=on, random=random)

    history.meet_as_a_group(assignments, on=on, random=random)

    assert Session.objects.filter(held_on=on).count() == 2
