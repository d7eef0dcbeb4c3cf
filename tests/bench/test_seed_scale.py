"""A large programme keeps every rule that a small one keeps."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from checkins.models import CheckIn
from cohorts.models import Membership, SupervisorAssignment
from peersupport.accounts.models import Organisation, Role, User
from peersupport.scale.rows import TABLES, Programme
from peersupport.scale.shape import Size, shares
from supervision import due
from supervision.models import Attendance, Session
from tests import programme

pytestmark = pytest.mark.django_db


def seed(**size: Any) -> str:
    """Run the command; gives what it said."""
    size = {"organisations": 2, "psws": 100, "sessions_each": 8, "check_ins_each": 3, **size}
    said = StringIO()
    call_command("seed_scale", stdout=said, **size)
    return said.getvalue()


def rules() -> list[tuple[str, ...]]:
    """Every constraint and index of the database: its table, its name and what kind it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass::text, conname, concat(contype, condeferrable, convalidated)
            FROM pg_constraint
            UNION ALL
            SELECT tgrelid::regclass::text, tgname, tgenabled::text
            FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL
            SELECT indrelid::regclass::text, indexrelid::regclass::text, concat(indisunique, indkey)
            FROM pg_index
            ORDER BY 1, 2, 3
            """
        )
        return cursor.fetchall()


def test_as_much_is_made_as_was_asked_for() -> None:
    seed()

    assert Organisation.objects.count() == 2
    assert User.objects.holding(Role.PSW).count() == 100
    assert Membership.objects.current().count() == 100
    assert Session.objects.exclude(outcome="").count() == 800
    assert Attendance.objects.exclude(session__outcome="").count() == 800
    assert CheckIn.objects.count() == 300


def test_due_dates_are_those_that_follow_from_the_sessions() -> None:
    seed()

    assert due.differences() == 0
    assert SupervisorAssignment.objects.exclude(last_held_on=None).count() == 100


def test_a_programme_that_has_only_begun_has_due_dates_too() -> None:
    seed(sessions_each=0)

    assert due.differences() == 0
    assert not SupervisorAssignment.objects.exclude(last_held_on=None).exists()


def test_every_rule_and_index_is_there_again() -> None:
    before = rules()

    seed()

    assert rules() == before


def test_its_rows_keep_what_triggers_look_at() -> None:
    """They are off while rows are copied: here each is asked about every row."""
    seed()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE cohorts_cohort SET capacity = capacity")
        cursor.execute("UPDATE cohorts_membership SET joined_on = joined_on, left_on = left_on")
        cursor.execute("UPDATE cohorts_supervisorassignment SET starts_on = starts_on")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_next_row_of_each_table_has_a_free_id() -> None:
    seed()

    by = programme.supervisor(Organisation.objects.get(slug="scale-1"))
    worker = programme.supervised_psw(by, programme.cohort(by.organisation, name="One more"))

    assert SupervisorAssignment.objects.latest("pk").worker == worker == User.objects.latest("pk")


def test_it_comes_beside_what_is_there() -> None:
    other = programme.psw(programme.organisation())

    seed()

    assert User.objects.exclude(organisation=other.organisation).count() == 100 + 10 + 4
    assert due.differences() == 0


def test_a_second_time_is_refused_with_a_sentence() -> None:
    seed()

    with pytest.raises(CommandError, match="There is an organisation scale-1 already"):
        seed()


def test_fewer_people_than_organisations_are_refused() -> None:
    with pytest.raises(CommandError, match="one PSW in each"):
        seed(organisations=3, psws=2)


def test_it_says_how_far_it_has_come() -> None:
    said = seed()

    assert "100 rows in cohorts_membership" in said
    assert said.endswith("100 PSWs are there\n")


def test_organisations_are_as_equal_as_they_can_be() -> None:
    sizes = [share.psws for share in shares(Size(3, 100, 0, 0))]

    assert sizes == [33, 33, 34]


def test_the_same_day_gives_the_same_people() -> None:
    def everything() -> list[str]:
        made = Programme(
            Size(2, 60, 7, 3),
            ["here", "there"],
            today=date(2026, 11, 23),
            first={table.name: 1 for table in TABLES},
        )
        return [row for table in TABLES for row in table.rows(made)]

    assert everything() == everything()
