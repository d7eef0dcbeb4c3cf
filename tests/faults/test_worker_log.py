"""What a real worker logs when the database refuses a row."""

from pathlib import Path

import pytest

from tests.faults.conftest import Start
from tests.reminders.children import wait_until
from tests.reminders.sink import free_port
from tests.supervision.conftest import make_team
from tests.test_logs import RULE, assert_nothing_of_the_row, nothing_more_in, uploads_a_roster

CELERY = ("-m", "celery", "--quiet", "-A", "peersupport")


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_worker_logs_the_rule_and_nothing_of_the_row(
    broker: str, start: Start, tmp_path: Path
) -> None:
    uploads_a_roster(make_team())
    log = tmp_path / "processes.log"

    with nothing_more_in("cohorts_rosterimportrow"):
        for command in (("worker", "--concurrency=1"), ("beat", f"--schedule={tmp_path}/beat")):
            start(*CELERY, *command, mail_port=free_port(), REDIS_URL=broker)
        wait_until(lambda: RULE in log.read_text(), 60)

    assert f"django.db.utils.IntegrityError (23514, {RULE})" in log.read_text()
    assert_nothing_of_the_row(log.read_text())
