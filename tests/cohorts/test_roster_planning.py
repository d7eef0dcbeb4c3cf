"""A roster beside the programme: what would change, and that writing changes just that."""

import random
import threading
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cohorts import roster
from cohorts.models import Membership, RosterEntry
from cohorts.roster.planning import CHUNK
from peersupport.accounts.models import Organisation, Role, RoleGrant, User
from tests import programme
from tests.cohorts.conftest import Riverside
from tests.cohorts.rosters import as_csv, as_xlsx, import_, people, person, refusals, would_do

REAL_ROSTER = Path(settings.BASE_DIR).parent / "shared/real-input/roster.csv"


def changes(content: bytes, where: Organisation) -> list[tuple[str, Any, Any]]:
    """Everything that would be new: column, old, new."""
    return [
        (change.column, change.old, change.new)
        for decisions in roster.plan(roster.read(content), where)
        for decision in decisions
        for change in decision.changes
    ]


def known(where: Organisation) -> list[tuple[Any, ...]]:
    """All the programme knows about its people."""
    people = User.objects.filter(organisation=where).order_by("pk")
    return [
        *people.values_list("pk", "email", "given_name", "family_name", "password"),
        *RosterEntry.objects.filter(organisation=where).order_by("pk").values_list(),
        *RoleGrant.objects.filter(organisation=where).order_by("pk").values_list(),
    ]


def test_a_new_person_is_created_with_everything_the_file_says(riverside: Riverside) -> None:
    content = as_csv([person(1, role="psw supervisor", email="Ada.Okoro1@Trust.Example ")])

    import_(content, riverside.organisation, by=riverside.head)

    ada = User.objects.get(email="ada.okoro1@trust.example")
    assert (ada.given_name, ada.family_name) == ("Ada", "Okoro1")
    assert (ada.organisation, ada.is_active) == (riverside.organisation, True)
    assert not ada.has_usable_password()
    assert ada.roles == {"psw", "supervisor"}
    assert {grant.granted_by for grant in ada.role_grants.all()} == {riverside.head}
    entry = ada.roster_entry
    assert (entry.employee_number, entry.staff_group, entry.band, entry.site, entry.team) == (
        "20000001",
        "Nursing and Midwifery Registered",
        "5",
        "Riverside Hospital",
        "Community Nursing",
    )
    assert entry.line_manager_email == "omar.reid@trust.example"
    assert (entry.availability, entry.started_on) == (["Mon", "Tue", "Fri"], date(2025, 10, 24))


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(riverside: Riverside) -> None:
    import_(as_csv(people(10)), riverside.organisation)
    rows = [person(2, site="Northgate"), *people(2), person(77), person(78, email="no")]
    before = known(riverside.organisation)

    said = would_do(as_csv(rows), riverside.organisation)

    assert known(riverside.organisation) == before
    assert said == Counter(updated=1, unchanged=2, created=1, refused=1)
    assert import_(as_csv(rows), riverside.organisation) == said


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_the_same_file_twice_changes_nothing(riverside: Riverside, write: Any) -> None:
    content = write(people(20))
    import_(content, riverside.organisation)
    before = known(riverside.organisation)

    again = import_(content, riverside.organisation)

    assert again == Counter(unchanged=20)
    assert known(riverside.organisation) == before


def test_the_order_of_rows_and_columns_does_not_matter(riverside: Riverside) -> None:
    rows = people(20)
    import_(as_csv(rows), riverside.organisation)
    random.Random(1).shuffle(rows)
    columns = list(reversed(rows[0]))

    again = import_(as_csv(rows, columns=columns, delimiter=";"), riverside.organisation)

    assert again == Counter(unchanged=20)


def test_what_changes_is_said_with_what_it_was(riverside: Riverside) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    new = person(
        1, last_name="Okoro-Reid", site="", availability="Wed", started_on="", role="supervisor"
    )

    assert changes(as_csv([new]), riverside.organisation) == [
        ("last_name", "Okoro1", "Okoro-Reid"),
        ("site", "Riverside Hospital", ""),
        ("availability", "Mon Tue Fri", "Wed"),
        ("started_on", "2025-10-24", ""),
        ("role", "psw", "psw supervisor"),
    ]


def test_changes_are_written(riverside: Riverside) -> None:
    import_(as_csv(people(3)), riverside.organisation)
    new = person(1, first_name="Adanna", site="Northgate", started_on="2025-11-01")

    outcome = import_(as_csv([new]), riverside.organisation)

    entry = RosterEntry.objects.select_related("person").get(employee_number="20000001")
    assert outcome == Counter(updated=1)
    assert (entry.person.given_name, entry.site) == ("Adanna", "Northgate")
    assert entry.started_on == date(2025, 11, 1)
    assert RosterEntry.objects.get(employee_number="20000002").site == "Riverside Hospital"


def test_columns_the_file_does_not_have_stay_as_they_are(riverside: Riverside) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    columns = ["employee_number", "first_name", "last_name", "email", "role", "team"]

    import_(as_csv([person(1, team="Critical Care")], columns=columns), riverside.organisation)

    entry = RosterEntry.objects.get(employee_number="20000001")
    assert (entry.team, entry.site, entry.band) == ("Critical Care", "Riverside Hospital", "5")


def test_a_file_of_the_five_needed_columns_alone_imports(riverside: Riverside) -> None:
    columns = ["employee_number", "first_name", "last_name", "email", "role"]
    content = as_csv(people(3), columns=columns)

    assert import_(content, riverside.organisation) == Counter(created=3)
    assert import_(content, riverside.organisation) == Counter(unchanged=3)


def test_roles_are_added_and_never_ended(riverside: Riverside) -> None:
    import_(as_csv([person(1, role="psw head")]), riverside.organisation)

    outcome = import_(as_csv([person(1, role="supervisor")]), riverside.organisation)
    again = import_(as_csv([person(1, role="supervisor")]), riverside.organisation)

    ada = User.objects.get(email="ada.okoro1@trust.example")
    assert (outcome, again) == (Counter(updated=1), Counter(unchanged=1))
    assert ada.roles == {"psw", "head", "supervisor"}


def test_someone_already_in_the_programme_is_found_by_address(riverside: Riverside) -> None:
    ruth = riverside.psw(email="Ruth.Pugh@trust.example")
    row = person(1, first_name="Ruth", last_name=ruth.family_name, email="ruth.pugh@trust.example")

    outcome = import_(as_csv([row]), riverside.organisation)

    assert outcome == Counter(updated=1)
    assert RosterEntry.objects.get(employee_number="20000001").person == ruth
    assert import_(as_csv([row]), riverside.organisation) == Counter(unchanged=1)


def test_a_new_address_replaces_the_old_one_wherever_it_signs_in(riverside: Riverside) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    ada = User.objects.get(email="ada.okoro1@trust.example")
    EmailAddress.objects.create(user=ada, email=ada.email, primary=True, verified=True)

    outcome = import_(as_csv([person(1, email="ada.reid@trust.example")]), riverside.organisation)

    ada.refresh_from_db()
    assert outcome == Counter(updated=1)
    assert ada.email == "ada.reid@trust.example"
    assert not EmailAddress.objects.filter(user=ada).exists()


def test_a_new_line_manager_is_also_that_of_the_current_membership(riverside: Riverside) -> None:
    import_(as_csv(people(2)), riverside.organisation)
    ada, other = User.objects.filter(email__startswith="ada.okoro").order_by("pk")
    facts = {"line_manager_email": "omar.reid@trust.example", "placed_by": riverside.head}
    past = programme.member(
        ada, riverside.winter, **facts, joined_on=date(2026, 1, 5), left_on=date(2026, 3, 2)
    )
    now = programme.member(ada, riverside.autumn, **facts, joined_on=date(2026, 6, 1))
    others = programme.member(other, riverside.autumn, **facts)

    import_(
        as_csv([person(0, line_manager_email="mei.khan@trust.example"), person(1, site="X")]),
        riverside.organisation,
    )

    assert [
        Membership.objects.get(pk=each.pk).line_manager_email for each in (past, now, others)
    ] == ["omar.reid@trust.example", "mei.khan@trust.example", "omar.reid@trust.example"]


def test_a_line_manager_set_by_hand_stays_when_the_roster_is_the_same(
    riverside: Riverside,
) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    ada = User.objects.get(email="ada.okoro1@trust.example")
    now = programme.member(
        ada, riverside.autumn, line_manager_email="by.hand@trust.example", placed_by=riverside.head
    )

    import_(as_csv([person(1, site="Northgate")]), riverside.organisation)

    now.refresh_from_db()
    assert now.line_manager_email == "by.hand@trust.example"


def test_the_same_row_twice_counts_once(riverside: Riverside) -> None:
    content = as_csv([person(1), person(1, email=" ADA.okoro1@trust.example")])

    assert would_do(content, riverside.organisation) == Counter(created=1, unchanged=1)
    assert import_(content, riverside.organisation) == Counter(created=1, unchanged=1)
    assert import_(content, riverside.organisation) == Counter(unchanged=2)


@pytest.mark.parametrize(
    ("second", "column", "what_to_do"),
    [
        (
            {"employee_number": "2", "first_name": "Mei"},
            "email",
            "Row 2 has this e-mail with another name. Keep one of them",
        ),
        (
            {"employee_number": "2"},
            "email",
            "Row 2 has this e-mail with another employee number. Keep one of them",
        ),
        (
            {"email": "mei@trust.example"},
            "employee_number",
            "Row 2 has this employee number with other details. Keep one of them",
        ),
    ],
)
def test_two_rows_that_contradict_each_other_name_the_row_to_compare(
    riverside: Riverside, second: dict[str, str], column: str, what_to_do: str
) -> None:
    rows = [person(1), person(1, **second)]

    [(number, where, value, said)] = refusals(as_csv(rows), riverside.organisation)

    assert (number, where, value, said) == (3, column, rows[1][column], what_to_do)


def test_a_row_after_a_refused_one_of_the_same_person_is_taken(riverside: Riverside) -> None:
    content = as_csv([person(1, started_on="31/02/2026"), person(1)])

    assert import_(content, riverside.organisation) == Counter(refused=1, created=1)


def test_contradictions_are_seen_from_one_chunk_to_the_next(riverside: Riverside) -> None:
    rows = [*people(CHUNK + 3), person(1, employee_number="9"), person(2)]

    said = would_do(as_csv(rows), riverside.organisation)

    assert said == Counter(created=CHUNK + 3, refused=1, unchanged=1)
    assert import_(as_csv(rows), riverside.organisation) == said
    assert import_(as_csv(rows), riverside.organisation) == Counter(unchanged=CHUNK + 4, refused=1)


def test_an_address_of_another_organisation_is_refused_without_saying_so(
    riverside: Riverside,
) -> None:
    elsewhere = programme.organisation("Castle Hill")
    programme.psw(elsewhere, email="Ada.Okoro1@trust.example")

    assert refusals(as_csv([person(1)]), riverside.organisation) == [
        (
            2,
            "email",
            "ada.okoro1@trust.example",
            "This e-mail address cannot be used here. Ask the person for their work address",
        )
    ]


def test_an_employee_number_of_another_organisation_is_nobody_here(riverside: Riverside) -> None:
    elsewhere = programme.organisation("Castle Hill")
    import_(as_csv([person(1)]), elsewhere)
    row = person(1, email="somebody.else@trust.example")

    outcome = import_(as_csv([row]), riverside.organisation)

    assert outcome == Counter(created=1)
    assert User.objects.get(email="ada.okoro1@trust.example").organisation == elsewhere


def test_an_address_of_another_employee_number_is_refused(riverside: Riverside) -> None:
    import_(as_csv(people(2)), riverside.organisation)
    rows = [
        person(1, email="ada.okoro0@trust.example"),
        person(7, email="ada.okoro0@trust.example"),
    ]

    said = "Employee number 20000000 has this e-mail. Keep one of them"
    assert refusals(as_csv(rows), riverside.organisation) == [
        (2, "email", "ada.okoro0@trust.example", said),
        (3, "email", "ada.okoro0@trust.example", said),
    ]


def test_an_address_of_somebody_without_a_number_is_refused(riverside: Riverside) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    riverside.psw(given_name="Ruth", family_name="Pugh", email="ruth@trust.example")

    assert refusals(as_csv([person(1, email="ruth@trust.example")]), riverside.organisation) == [
        (2, "email", "ruth@trust.example", "Ruth Pugh has this e-mail. Enter another one")
    ]


def test_an_account_that_is_taken_up_is_not_moved_to_another_address(riverside: Riverside) -> None:
    import_(as_csv(people(2)), riverside.organisation)
    ada = User.objects.get(email="ada.okoro1@trust.example")
    ada.set_password(programme.PASSWORD)
    ada.save(update_fields=["password"])
    rows = [
        person(0, email="never.signed.in@trust.example"),
        person(1, email="somebody.else@trust.example"),
    ]

    said = "Ada Okoro1 signs in as ada.okoro1@trust.example, which a file cannot change. Enter that"
    assert refusals(as_csv(rows), riverside.organisation) == [
        (3, "email", "somebody.else@trust.example", said)
    ]
    assert import_(as_csv(rows), riverside.organisation) == Counter(updated=1, refused=1)
    assert User.objects.filter(email="ada.okoro1@trust.example", pk=ada.pk).exists()


def test_an_employee_number_does_not_pass_to_somebody_else(riverside: Riverside) -> None:
    import_(as_csv([person(1)]), riverside.organisation)
    row = person(1, first_name="Bea", email="bea@trust.example")

    said = "This is the employee number of Ada Okoro1, ada.okoro1@trust.example. Enter another one"
    assert refusals(as_csv([row]), riverside.organisation) == [
        (2, "employee_number", "20000001", said)
    ]


@pytest.mark.parametrize("between", [0, CHUNK])
def test_an_address_given_up_in_the_same_file_waits_for_the_next_import(
    riverside: Riverside, between: int
) -> None:
    import_(as_csv([person(0)]), riverside.organisation)
    rows = [person(0, email="new@trust.example")]
    rows += [person(100 + each) for each in range(between)]
    rows += [person(1, email="ada.okoro0@trust.example")]
    said = "Row 2 gives this e-mail up. Import this row again after the others"

    assert [each[3] for each in refusals(as_csv(rows), riverside.organisation)] == [said]
    assert import_(as_csv(rows), riverside.organisation) == Counter(
        {"updated": 1, "refused": 1, **({"created": between} if between else {})}
    )
    assert import_(as_csv(rows[-1:]), riverside.organisation) == Counter(created=1)


def test_who_is_in_the_programme_but_not_in_the_file_is_listed(riverside: Riverside) -> None:
    import_(as_csv(people(3)), riverside.organisation)
    riverside.psw(given_name="Ruth", family_name="Pugh")
    riverside.psw(given_name="Gone", is_active=False)
    programme.ig_auditor(riverside.organisation)
    programme.psw(programme.organisation("Castle Hill"))
    rows = [person(0), person(1, email="not an address"), person(9)]

    plan = roster.plan(roster.read(as_csv(rows)), riverside.organisation)
    list(plan)

    staff = {riverside.head.name, riverside.anwen.name, riverside.leila.name}
    assert {each.name for each in plan.missing()} == {"Ada Okoro2", "Ruth Pugh", *staff}


def test_those_just_created_are_not_missing(riverside: Riverside) -> None:
    plan = roster.plan(roster.read(as_csv(people(3))), riverside.organisation)
    list(roster.apply(plan, by=riverside.head))

    assert "Ada Okoro0" not in {each.name for each in plan.missing()}


def test_a_plan_asks_three_questions_a_chunk(riverside: Riverside) -> None:
    import_(as_csv(people(300)), riverside.organisation)
    counted = []
    for number in (3, 300):
        plan = roster.plan(roster.read(as_csv(people(number))), riverside.organisation)
        with CaptureQueriesContext(connection) as asked:
            list(plan)
        counted.append(len(asked))

    assert counted == [3, 3]


@pytest.mark.parametrize("again", [False, True], ids=["created", "updated"])
def test_writing_takes_as_many_queries_for_few_as_for_many(
    riverside: Riverside, again: bool
) -> None:
    counted = []
    for number in (3, 300):
        rows = people(number)
        if again:
            import_(as_csv(rows), riverside.organisation)
            rows = [{**row, "last_name": "New", "email": f"{number}{row['email']}"} for row in rows]
        plan = roster.plan(roster.read(as_csv(rows)), riverside.organisation)
        with CaptureQueriesContext(connection) as asked:
            list(roster.apply(plan, by=riverside.head))
        counted.append(len([query for query in asked if "SAVEPOINT" not in query["sql"]]))
        RosterEntry.objects.all().delete()
        RoleGrant.objects.filter(person__email__contains="ada.okoro").delete()
        User.objects.filter(email__contains="ada.okoro").delete()

    assert counted[0] == counted[1] <= 8


@pytest.mark.django_db(transaction=True)
def test_an_address_taken_elsewhere_meanwhile_refuses_its_row_alone() -> None:
    here, elsewhere = programme.organisation("Here"), programme.organisation("Elsewhere")
    outcomes: list[Counter[str]] = []
    importing = threading.Thread(
        target=lambda: outcomes.append(_in_its_own_connection(as_csv(people(3)), here))
    )

    with transaction.atomic():
        programme.psw(elsewhere, email="ada.okoro1@trust.example")
        importing.start()
        importing.join(0.5)
        still_waiting = importing.is_alive()
    importing.join(10)

    assert still_waiting
    assert outcomes == [Counter(created=2, refused=1)]


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_create_each_person_once() -> None:
    here = programme.organisation("Here")
    content = as_csv(people(700))
    outcomes: list[Counter[str]] = []
    both = [
        threading.Thread(target=lambda: outcomes.append(_in_its_own_connection(content, here)))
        for _ in range(2)
    ]

    for importing in both:
        importing.start()
    for importing in both:
        importing.join(30)

    assert sum(outcomes, Counter()) == Counter(created=700, unchanged=700)
    assert User.objects.filter(organisation=here).count() == 700


@pytest.mark.django_db(transaction=True)
def test_imports_of_one_organisation_wait_for_each_other() -> None:
    """Else two files with the same people in another order could each wait for the other."""
    here = programme.organisation("Here")
    importing = threading.Thread(target=lambda: _in_its_own_connection(as_csv(people(3)), here))

    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=here.pk)
        importing.start()
        importing.join(0.5)
        still_waiting = importing.is_alive()
    importing.join(10)

    assert still_waiting
    assert User.objects.filter(organisation=here).count() == 3


@pytest.mark.skipif(not REAL_ROSTER.exists(), reason="no real roster beside the project")
def test_a_real_roster_imports_whole(riverside: Riverside) -> None:
    content = REAL_ROSTER.read_bytes()

    outcome = import_(content, riverside.organisation, by=riverside.head)

    assert outcome == Counter(created=260)
    people = User.objects.filter(organisation=riverside.organisation, roster_entry__isnull=False)
    granted = RoleGrant.objects.filter(person__in=people).values_list("role", flat=True)
    assert Counter(granted)[Role.HEAD] == 2
    assert import_(content, riverside.organisation) == Counter(unchanged=260)


def _in_its_own_connection(content: bytes, where: Organisation) -> Counter[str]:
    try:
        return import_(content, where)
    finally:
        connection.close()
