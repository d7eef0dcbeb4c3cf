"""What a worker does with an uploaded roster: check it, or write it once it is confirmed."""

import logging
import time
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.roster.columns import Line
from cohorts.roster.planning import Decision, Outcome, Plan, plan
from cohorts.roster.reading import Unreadable, read
from cohorts.roster.writing import write
from cohorts.roster_models import MOST_ATTEMPTS, ClaimLost, RosterImport, RosterImportRow

log = logging.getLogger(__name__)

_ON_THE_LIST = {"role", "site", "team"}  # what is shown of a new person
_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


def work_on_all() -> None:
    """Work on every roster import that waits, one after the other."""
    RosterImport.objects.expire()
    while (roster_import := RosterImport.objects.claim()) is not None:
        work_on(roster_import)


def work_on(roster_import: RosterImport) -> None:
    """Check or write a claimed import.

    Killed anywhere, its lease runs out and the next worker finishes the job: a check begins again,
    a writing goes on after the last chunk that was committed. Nothing else may be lost: what stops
    it three times ends in a sentence.
    """
    try:
        with timezone.override(roster_import.organisation.zone):
            _go_on(roster_import)
    except ClaimLost:
        log.info("Roster import %s is in other hands", roster_import.pk)
    except Exception:
        roster_import.let_go()
        raise


def _go_on(roster_import: RosterImport) -> None:
    """Take the next step, or say why there is none."""
    failed = RosterImport.State.FAILED
    if roster_import.attempts > MOST_ATTEMPTS:
        roster_import.settle(failed, _stopped(roster_import))
        return
    step = check if roster_import.state == RosterImport.State.CHECKING else write_confirmed
    try:
        step(roster_import)
    except Unreadable as unreadable:
        roster_import.settle(failed, str(unreadable))


def check(roster_import: RosterImport) -> None:
    """Compare the file with the programme and keep what would come of each row."""
    started = time.monotonic()
    planned = _plan(roster_import)
    with transaction.atomic():
        roster_import.hold(
            header=[_storable(cell) for cell in planned.table.header],
            columns_missing=planned.table.columns_missing,
            rows_total=planned.table.total,
            rows_done=0,
        )
        roster_import.rows.all().delete()
    for decisions in planned:
        with transaction.atomic():
            rows_done = roster_import.rows_done + len(decisions)
            _keep(roster_import, decisions, rows_done=rows_done)
    with transaction.atomic():
        _keep_missing(roster_import, planned)
        roster_import.hold(
            state=RosterImport.State.CHECKED,
            claimed_until=None,
            rows_total=roster_import.rows_done,
            seconds=time.monotonic() - started,
            **_counts(roster_import),
        )


def write_confirmed(roster_import: RosterImport) -> None:
    """Write a confirmed import, from where an earlier worker was stopped."""
    planned = _plan(roster_import)
    written_before, reached = roster_import.rows_done, 0
    for lines in planned.chunks():
        reached += len(lines)
        if reached <= written_before:
            planned.resume(lines, refused=_refused(roster_import, lines))
            continue
        # Bound now: when a chunk is undone and tried again, nothing is counted twice.
        keep = partial(_replace, roster_import, rows_done=reached, before=roster_import.differing)
        write(planned, lines, by=roster_import.confirmed_by, alongside=keep)
    with transaction.atomic():
        roster_import.rows.filter(outcome=Outcome.MISSING).delete()
        _keep_missing(roster_import, planned)
        roster_import.settle(RosterImport.State.DONE, **_counts(roster_import))


def _plan(roster_import: RosterImport) -> Plan:
    """The plan for the stored file. Raises Unreadable."""
    return plan(read(bytes(roster_import.content or b"")), roster_import.organisation)


def _keep(roster_import: RosterImport, decisions: list[Decision], **facts: object) -> None:
    """Keep what comes of these rows and how far we are, in the caller's transaction."""
    RosterImportRow.objects.bulk_create(_row(roster_import, decision) for decision in decisions)
    roster_import.hold(**facts)


def _replace(
    roster_import: RosterImport, decisions: list[Decision], *, rows_done: int, before: int
) -> None:
    """Keep what came of these rows instead of what the check said would come.

    `before` is how many rows before these came out otherwise than in the check.
    """
    now = {decision.line.number: decision.outcome for decision in decisions}
    checked = roster_import.rows.filter(number__in=now)
    was = dict(checked.values_list("number", "outcome"))
    checked.delete()
    differing = before + sum(now[number] != was.get(number) for number in now)
    _keep(roster_import, decisions, rows_done=rows_done, differing=differing)


def _refused(roster_import: RosterImport, lines: list[Line]) -> set[int]:
    """Which of these rows were refused when they were written."""
    between = (lines[0].number, lines[-1].number)
    rows = roster_import.rows.filter(outcome=Outcome.REFUSED, number__range=between)
    return {row.number for row in rows.only("number") if row.number is not None}


def _row(roster_import: RosterImport, decision: Decision) -> RosterImportRow:
    """A decision as it is kept. Only refused rows keep their cells, to be handed back."""
    if decision.row is None:
        details = [[cell.column, _storable(cell.value), cell.advice] for cell in decision.refusals]
    else:
        details = [
            [change.column, change.old, change.new]
            for change in decision.changes
            if decision.outcome == Outcome.UPDATED or change.column in _ON_THE_LIST
        ]
    return RosterImportRow(
        organisation_id=roster_import.organisation_id,
        roster_import=roster_import,
        number=decision.line.number,
        outcome=decision.outcome,
        person=decision.person,
        name=decision.row.name if decision.row else "",
        email=decision.row.email if decision.row else "",
        details=details,
        cells=[] if decision.row else [_storable(cell) for cell in decision.line.cells],
    )


def _keep_missing(roster_import: RosterImport, planned: Plan) -> None:
    """Keep who is in the programme and not in the file."""
    RosterImportRow.objects.bulk_create(
        RosterImportRow(
            organisation_id=roster_import.organisation_id,
            roster_import=roster_import,
            outcome=Outcome.MISSING,
            person=person,
            name=person.name,
            email=person.email,
        )
        for person in planned.missing()
    )


def _counts(roster_import: RosterImport) -> dict[str, Any]:
    """How many rows came out how."""
    counted = dict(roster_import.rows.values_list("outcome").annotate(Count("pk")))
    return {outcome: counted.get(outcome, 0) for outcome in Outcome.values}


def _storable(cell: str) -> str:
    """A cell without the signs that PostgreSQL cannot hold."""
    return cell.translate(_UNSTORABLE)


def _stopped(roster_import: RosterImport) -> str:
    """What to say of an import that no worker could finish."""
    if roster_import.rows_done and roster_import.confirmed_at:
        return _(
            "Importing stopped after %(done)s of %(total)s rows. Import the file again: what is "
            "done stays as it is"
        ) % {"done": roster_import.rows_done, "total": roster_import.rows_total}
    return _(
        "Something on our side stopped this import three times. Choose the file again; if it "
        "happens once more, tell whoever looks after this service"
    )
