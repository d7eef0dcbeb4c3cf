"""The demo's people: they sign in, also after a real roster has been imported."""

import pytest
from django.core.management import call_command
from django.test import Client

from cohorts.models import Cohort, Membership
from peersupport.accounts.models import Organisation
from peersupport.demo.build import PASSWORD
from supervision import programme as supervised
from tests.cohorts import rosters

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
    assert supervised.due(head).exists()
    assert supervised.unsupervised(head).exists()
    assert outcome == {"created": 40}
    assert {email for email in ACCOUNTS if sign_in(email)} == ACCOUNTS
