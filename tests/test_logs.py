"""What is logged when the database refuses a row: which rule, and never the row."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.test import Client

from cohorts.models import RosterImport
from cohorts.tasks import work_on_roster_imports
from peersupport.reminders import outbox
from tests import programme
from tests.cohorts import rosters
from tests.reminders import children
from tests.supervision.conftest import Team, make_team
from tests.supervision.test_logging import LOG, answers

SECRET = "Canary words that Blessing typed"
RULE = "nothing_more_is_kept"


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the service's own handler writes, as it is set up."""
    [handler] = [one for one in logging.getLogger().handlers if one.get_name() == "console"]
    assert isinstance(handler, logging.StreamHandler)
    words = StringIO()
    before = handler.setStream(words)
    yield words
    handler.setStream(before)


@contextmanager
def nothing_more_in(table: str) -> Iterator[None]:
    """Let the database refuse every row more in `table`."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {RULE} CHECK (false) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {RULE}")


def a_roster() -> bytes:
    """A file with one new person, whom nobody may read about in a log."""
    return rosters.as_csv([rosters.person(1, last_name=SECRET)])


def uploads_a_roster(team: Team) -> None:
    RosterImport.objects.create(
        organisation=team.organisation,
        uploaded_by=team.head,
        file_name="roster.csv",
        content=a_roster(),
    )


def logs_a_session(team: Team) -> int:
    """The status of the answer to a supervisor who logs a session with words of confidence."""
    client = Client(raise_request_exception=False)
    client.force_login(team.supervisor)
    words = answers(shared_note=SECRET, held_on="today", agreed=SECRET, themes=["workload"])
    return client.post(f"{LOG}?with={team.blessing.pk}", words).status_code


@pytest.mark.django_db(transaction=True)
def test_a_request_that_fails_logs_the_rule_and_nothing_of_the_row(logged: StringIO) -> None:
    team = make_team()

    with nothing_more_in("supervision_session"):
        status = logs_a_session(team)

    assert status == 500
    assert f"Internal Server Error: {LOG}" in logged.getvalue()
    assert f"django.db.utils.IntegrityError (23514, {RULE})" in logged.getvalue()
    assert f"psycopg2.errors.CheckViolation (23514, {RULE})" in logged.getvalue()
    assert "supervision/actions.py" in logged.getvalue()
    assert_nothing_of_the_row(logged.getvalue())


@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_logs_the_rule_and_nothing_of_the_row(logged: StringIO) -> None:
    uploads_a_roster(make_team())

    with nothing_more_in("cohorts_rosterimportrow"):
        result = work_on_roster_imports.apply()

    assert result.failed()
    assert "Task cohorts.tasks.work_on_roster_imports" in logged.getvalue()
    assert f"django.db.utils.IntegrityError (23514, {RULE})" in logged.getvalue()
    assert_nothing_of_the_row(logged.getvalue())


@pytest.mark.django_db(transaction=True)
def test_a_command_that_fails_says_the_rule_and_nothing_of_the_row(tmp_path: Path) -> None:
    team = make_team()
    (tmp_path / "roster.csv").write_bytes(a_roster())

    with nothing_more_in("accounts_user"):
        done = subprocess.run(
            [
                *(sys.executable, "manage.py", "import_roster", f"{tmp_path}/roster.csv"),
                *("--organisation", team.organisation.slug),
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": children.database_url()},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert f"django.db.utils.IntegrityError (23514, {RULE})" in done.stderr
    assert_nothing_of_the_row(done.stdout + done.stderr)


def test_celery_brings_no_handlers_of_its_own_and_keeps_the_level_asked_for() -> None:
    program = (
        "import django, logging; django.setup(); from peersupport.celery import app;"
        "app.log.setup_logging_subsystem(loglevel='ERROR');"
        "task = logging.getLogger('celery.task').handlers;"
        "print(*(type(each).__name__ for each in task), logging.getLogger().level)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "peersupport.settings"}

    said = subprocess.check_output(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, text=True
    )

    assert said == "NullHandler 40\n"


@pytest.mark.django_db(transaction=True)
def test_an_error_that_passes_on_what_the_database_said_is_logged_without_it(
    logged: StringIO,
) -> None:
    person = programme.psw(programme.organisation(), given_name=SECRET, email="ana@trust.example")
    other = programme.psw(person.organisation)
    logger = logging.getLogger("peersupport")

    try:
        try:
            other.email = person.email
            other.save(update_fields=["email"])
        except DatabaseError as error:
            logger.warning("It went wrong: %s", error)
            logger.warning("It went wrong: %r, and on we go", error)
            raise RuntimeError(f"Because of {error}") from None
    except RuntimeError as error:
        logger.exception("Given up")
        logger.error("Given up: %s", error)

    assert "It went wrong: django.db.utils.IntegrityError (23505, " in logged.getvalue()
    assert ", and on we go" in logged.getvalue()
    because = "Because of django.db.utils.IntegrityError (23505, "
    assert f"RuntimeError: {because}" in logged.getvalue()
    assert f"Given up: {because}" in logged.getvalue()
    assert "ana@" not in logged.getvalue()
    assert "DETAIL" not in logged.getvalue()


@pytest.mark.django_db(transaction=True)
def test_what_was_written_by_another_handler_first_is_not_taken_over(
    logged: StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    logger, person = logging.getLogger("peersupport"), programme.psw(programme.organisation())
    logger.addHandler(caplog.handler)
    try:
        with nothing_more_in("reminders_reminder"):
            outbox.owe(kind="talk_request", key=SECRET, recipient=person)
    except DatabaseError:
        logger.exception("Not kept")
    finally:
        logger.removeHandler(caplog.handler)

    assert SECRET in caplog.text
    assert f"(23514, {RULE})" in logged.getvalue()
    assert_nothing_of_the_row(logged.getvalue())


@pytest.mark.django_db
def test_why_the_database_cannot_be_reached_is_logged(logged: StringIO) -> None:
    away = connections.create_connection("default")
    away.settings_dict = {**away.settings_dict, "HOST": "/nowhere"}
    try:
        away.ensure_connection()
    except DatabaseError:
        logging.getLogger("peersupport").exception("Away")

    assert 'connection to server on socket "/nowhere/' in logged.getvalue()


def test_other_errors_are_logged_with_what_they_say_and_where_they_came_from(
    logged: StringIO,
) -> None:
    try:
        try:
            {}["colour"]
        except KeyError as error:
            raise ValueError("no such colour") from error
    except ValueError:
        logging.getLogger("peersupport").exception("Painted nothing")

    words = logged.getvalue()
    assert "Painted nothing\nTraceback" in words
    assert words.index("KeyError: 'colour'") < words.index("ValueError: no such colour")


def assert_nothing_of_the_row(words: str) -> None:
    assert "Canary" not in words
    assert "DETAIL" not in words
    assert "Failing row" not in words
