"""What the database refuses about check-ins and shares, whatever a form lets through."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from checkins.models import CheckIn, Share
from peersupport.accounts.models import User
from tests import programme
from tests.checkins.conftest import People, check_in


def broken(name: str, row: Any) -> None:
    """`row` breaks the constraint `name`, whatever the forms say."""
    with pytest.raises(IntegrityError, match=name):
        save_and_check(row)


@transaction.atomic
def save_and_check(row: Any) -> None:
    """Save, and ask for the constraints that wait for the end of the transaction."""
    row.save()
    connection.check_constraints()


def test_the_database_keeps_one_check_in_a_day(people: People) -> None:
    first = check_in(people.blessing)

    first.pk = None

    broken("check_in_once_a_day", first)


def test_the_database_wants_an_answer(people: People) -> None:
    mine = check_in(people.blessing)

    mine.answers = {}

    broken("check_in_has_an_answer", mine)


@pytest.mark.parametrize("score", [Decimal("-0.01"), Decimal("100.01")])
def test_the_database_keeps_scores_in_range(people: People, score: Decimal) -> None:
    mine = check_in(people.blessing)

    mine.score = score

    broken("check_in_score_between_0_and_100", mine)


def shared(mine: CheckIn, with_: User, **facts: Any) -> Share:
    return Share(
        organisation=mine.organisation,
        check_in=mine,
        worker=mine.worker,
        shared_with=with_,
        **facts,
    )


def test_the_database_keeps_one_share_at_a_time(people: People) -> None:
    mine = check_in(people.blessing)
    shared(mine, people.anwen, taken_back_at=timezone.now()).save()
    shared(mine, people.anwen).save()

    broken("share_once_at_a_time", shared(mine, people.anwen))


def test_the_database_shares_with_somebody_else(people: People) -> None:
    mine = check_in(people.blessing)

    broken("share_is_with_somebody_else", shared(mine, people.blessing))


def test_the_database_keeps_shares_inside_one_organisation(people: People) -> None:
    outsider = programme.supervisor(programme.organisation("Elsewhere"))
    mine = check_in(people.blessing)

    broken("checkins_share_shared_with_same_organisation", shared(mine, outsider))


def test_the_database_lets_nobody_share_what_another_wrote(people: People) -> None:
    colleague = programme.supervised_psw(people.anwen, people.cohort)
    theirs = shared(check_in(people.blessing), people.anwen)

    theirs.worker = colleague

    broken("checkins_share_check_in_same_organisation", theirs)
