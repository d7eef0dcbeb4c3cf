"""The benchmark's own database comes and goes."""

import os
from contextlib import closing

import psycopg2
import pytest

from bench import database

NAME = f"bench_peersupport_test_{os.getpid()}"  # tests run in several processes at once


def ask(url: str, question: str) -> str:
    with closing(psycopg2.connect(url)) as server, server.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone() or ("",)
        return str(answer)


def is_there() -> bool:
    question = f"SELECT 'yes' FROM pg_database WHERE datname = '{NAME}'"
    return ask(os.environ["DATABASE_URL"], question) == "yes"


def test_it_is_there_for_the_length_of_the_block_only() -> None:
    with database.own(os.environ["DATABASE_URL"], NAME) as own:
        assert ask(own, "SELECT current_database()") == NAME
        assert is_there()

    assert not is_there()


def test_it_is_dropped_when_something_goes_wrong() -> None:
    with pytest.raises(ZeroDivisionError), database.own(os.environ["DATABASE_URL"], NAME):
        raise ZeroDivisionError

    assert not is_there()


def test_one_that_was_left_behind_is_replaced() -> None:
    with database.own(os.environ["DATABASE_URL"], NAME) as left_behind:
        with closing(psycopg2.connect(left_behind)) as server, server.cursor() as cursor:
            cursor.execute("CREATE TABLE old ()")
            server.commit()

        with database.own(os.environ["DATABASE_URL"], NAME) as own:
            assert ask(own, "SELECT to_regclass('old')") == "None"


def test_one_that_is_in_use_is_left_alone() -> None:
    with (
        database.own(os.environ["DATABASE_URL"], NAME) as own,
        closing(psycopg2.connect(own)),
        pytest.raises(database.InUse, match="another benchmark is running"),
        database.own(os.environ["DATABASE_URL"], NAME),
    ):
        pass
