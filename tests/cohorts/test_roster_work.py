"""What workers do with uploaded rosters: once, to the end, whoever dies on the way."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cohorts.models import RosterEntry, RosterImport, RosterImportRow
from cohorts.roster import work, writing
from cohorts.roster.planning import CHUNK
from cohorts.roster_models import LEASE, ClaimLost
from cohorts.tasks import work_on_roster_imports
from peersupport.accounts.models import Organisation, User
from tests import programme
from tests.cohorts.conftest import Riverside
from tests.cohorts.rosters import as_csv, import_, people, person

State = RosterImport.State


class Killed(BaseException):
    """The worker's process ends here: no handler of ours may run after it."""


def upload(by: User, content: bytes, **facts: Any) -> RosterImport:
    return RosterImport.objects.create(
        organisation=by.organisation,
        uploaded_by=by,
        file_name="roster.csv",
        content=content,
        **facts,
    )


def checked(by: User, content: bytes) -> RosterImport:
    uploaded = upload(by, content)
    work_on_roster_imports()
    uploaded.refresh_from_db()
    assert uploaded.state == State.CHECKED
    return uploaded


def counts(roster_import: RosterImport) -> dict[str, int]:
    return {
        outcome: getattr(roster_import, outcome)
        for outcome in RosterImportRow.Outcome.values
        if getattr(roster_import, outcome)
    }


def imported(where: Organisation) -> int:
    return RosterEntry.objects.filter(organisation=where).count()


def test_a_check_counts_and_keeps_every_row_and_changes_nothing(riverside: Riverside) -> None:
    import_(as_csv(people(4)), riverside.organisation)
    rows = [person(0, site="Northgate"), person(1), person(8), person(9, email="no")]

    found = checked(riverside.head, as_csv(rows))

    assert counts(found) == {
        "created": 1, "updated": 1, "unchanged": 1, "refused": 1, "missing": 5,
    }  # fmt: skip
    assert (found.rows_done, found.rows_total) == (4, 4)
    assert found.content is not None
    rows_kept = found.rows.exclude(number=None).order_by("number")
    assert list(rows_kept.values_list("number", "outcome", "details")) == [
        (2, "updated", [["site", "Riverside Hospital", "Northgate"]]),
        (3, "unchanged", []),
        (4, "created", [["site", "", "Riverside Hospital"], ["team", "", "Community Nursing"],
                        ["role", "", "psw"]]),
        (5, "refused", [["email", "no", "Enter a whole e-mail address"]]),
    ]  # fmt: skip
    assert imported(riverside.organisation) == 4


def test_nothing_is_written_until_somebody_confirms(riverside: Riverside) -> None:
    checked(riverside.head, as_csv(people(3)))

    work_on_roster_imports()

    assert imported(riverside.organisation) == 0


def test_a_confirmed_import_is_written_and_its_file_let_go(riverside: Riverside) -> None:
    found = checked(riverside.head, as_csv([*people(3), person(9, role="")]))
    found.confirm(by=riverside.anwen)

    work_on_roster_imports()

    found.refresh_from_db()
    assert (found.state, found.content) == (State.DONE, None)
    assert counts(found) == {"created": 3, "refused": 1, "missing": 3}
    assert found.differing == 0
    grant = User.objects.get(email="ada.okoro0@trust.example").role_grants.get()
    assert grant.granted_by == riverside.anwen
    assert found.rows.get(number=2).person.email == "ada.okoro0@trust.example"


def test_confirmed_twice_it_is_written_once(riverside: Riverside) -> None:
    found = checked(riverside.head, as_csv(people(3)))

    presses = [found.confirm(by=riverside.head), found.confirm(by=riverside.head)]
    work_on_roster_imports()
    presses.append(found.confirm(by=riverside.head))
    work_on_roster_imports()

    assert presses == [True, False, False]
    assert imported(riverside.organisation) == 3


def test_what_changed_since_the_check_is_seen_and_counted(riverside: Riverside) -> None:
    found = checked(riverside.head, as_csv(people(5)))
    import_(as_csv([person(1)]), riverside.organisation)
    programme.psw(programme.organisation("Castle Hill"), email="ada.okoro2@trust.example")
    found.confirm(by=riverside.head)

    work_on_roster_imports()

    found.refresh_from_db()
    assert counts(found) == {"created": 3, "unchanged": 1, "refused": 1, "missing": 3}
    assert found.differing == 2


def test_progress_is_saved_while_rows_are_read(riverside: Riverside) -> None:
    found = upload(riverside.head, as_csv(people(2 * CHUNK + 5)))
    seen = list(_progress(found))

    assert seen == [(0, 1005), (500, 1005), (1000, 1005), (1005, 1005), (1005, 1005)]


def _progress(found: RosterImport) -> Iterator[tuple[int, int | None]]:
    """How far it is said to be, after each step that is written down."""
    steps: list[tuple[int, int | None]] = []
    hold = RosterImport.hold

    def noted(self: RosterImport, **facts: object) -> None:
        hold(self, **facts)
        steps.append((self.rows_done, self.rows_total))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RosterImport, "hold", noted)
        work_on_roster_imports()
    found.refresh_from_db()
    assert found.state == State.CHECKED
    yield from steps


def test_a_file_that_cannot_be_read_fails_with_a_sentence(riverside: Riverside) -> None:
    found = upload(riverside.head, as_csv([]))

    work_on_roster_imports()

    found.refresh_from_db()
    assert (found.state, found.content) == (State.FAILED, None)
    assert found.reason == (
        "The file names its columns but has no people. Add a row for each person"
    )


def test_days_are_those_of_the_organisation(riverside: Riverside) -> None:
    """Kiritimati is already in tomorrow, and its furthest start date with it."""
    where = programme.organisation("Line Islands", time_zone="Pacific/Kiritimati")
    head = programme.head(where)

    late, too_late = checked(
        head, as_csv([person(1, started_on="22/11/2028"), person(2, started_on="23/11/2028")])
    ).rows.filter(number__isnull=False).order_by("number")  # fmt: skip

    assert (late.outcome, too_late.outcome) == ("created", "refused")


def test_a_killed_check_begins_again_when_its_lease_is_over(
    riverside: Riverside, monday_morning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = upload(riverside.head, as_csv(people(2 * CHUNK)))
    _kill_after(monkeypatch, "_keep", chunks=1)

    work_on_roster_imports()
    found.refresh_from_db()
    at_once = (found.state, found.rows_done)
    monday_morning.shift(LEASE + timedelta(seconds=1))
    work_on_roster_imports()

    found.refresh_from_db()
    assert at_once == (State.CHECKING, CHUNK)
    assert found.state == State.CHECKED
    assert counts(found) == {"created": 2 * CHUNK, "missing": 3}


def test_a_killed_import_goes_on_where_it_was(
    riverside: Riverside, monday_morning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*people(CHUNK + 20), person(3), person(4, employee_number="9")]
    found = checked(riverside.head, as_csv(rows))
    found.confirm(by=riverside.head)
    _kill_after(monkeypatch, "_replace", chunks=1)

    work_on_roster_imports()
    found.refresh_from_db()
    at_once = (found.state, found.rows_done, imported(riverside.organisation))
    monday_morning.shift(LEASE + timedelta(seconds=1))
    work_on_roster_imports()

    found.refresh_from_db()
    assert at_once == (State.APPLYING, CHUNK, CHUNK)
    assert found.state == State.DONE
    assert counts(found) == {"created": CHUNK + 20, "unchanged": 1, "refused": 1, "missing": 3}
    assert (found.differing, imported(riverside.organisation)) == (0, CHUNK + 20)


def _kill_after(monkeypatch: pytest.MonkeyPatch, step: str, *, chunks: int) -> None:
    """End the first worker when it has finished this many chunks and begins the next."""
    real, done = getattr(work, step), []

    def once(*args: Any, **kwargs: Any) -> None:
        if len(done) == chunks:
            monkeypatch.setattr(work, step, real)
            raise Killed
        real(*args, **kwargs)
        done.append(1)

    monkeypatch.setattr(work, step, once)
    run = work.work_on_all
    monkeypatch.setattr(work, "work_on_all", lambda: _until_killed(run))


def _until_killed(run: Any) -> None:
    try:
        run()
    except Killed:
        return


def test_a_worker_that_lost_its_claim_changes_nothing_more(
    riverside: Riverside, monday_morning: Any
) -> None:
    upload(riverside.head, as_csv(people(2)))
    slow = RosterImport.objects.claim()
    monday_morning.shift(LEASE + timedelta(seconds=1))
    quick = RosterImport.objects.claim()
    assert slow is not None
    assert quick is not None

    with pytest.raises(ClaimLost):
        work.check(slow)
    work.work_on(quick)

    assert counts(RosterImport.objects.get()) == {"created": 2, "missing": 3}


def test_a_claimed_import_is_nobody_elses_until_its_lease_ends(
    riverside: Riverside, monday_morning: Any
) -> None:
    upload(riverside.head, as_csv(people(2)))
    first = RosterImport.objects.claim()
    monday_morning.shift(LEASE - timedelta(seconds=1))

    assert first is not None
    assert RosterImport.objects.claim() is None


def test_what_stops_a_worker_three_times_ends_in_a_sentence(
    riverside: Riverside, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = upload(riverside.head, as_csv(people(2)))

    def broken(*_args: object) -> None:
        raise RuntimeError("our fault")

    monkeypatch.setattr(work, "_plan", broken)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            work_on_roster_imports()
    work_on_roster_imports()

    found.refresh_from_db()
    assert (found.state, found.content) == (State.FAILED, None)
    assert found.reason.startswith("Something on our side stopped this import three times.")


def test_an_import_that_stops_half_way_says_how_far_it_came(
    riverside: Riverside, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checked(riverside.head, as_csv(people(CHUNK + 1)))
    found.confirm(by=riverside.head)
    real = work.write

    def only_whole_chunks(plan: Any, lines: list[Any], **kwargs: Any) -> Any:
        if len(lines) < CHUNK:
            raise RuntimeError("our fault")
        return real(plan, lines, **kwargs)

    monkeypatch.setattr(work, "write", only_whole_chunks)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            work_on_roster_imports()
    work_on_roster_imports()

    found.refresh_from_db()
    assert found.reason == (
        "Importing stopped after 500 of 501 rows. Import the file again: what is done stays as "
        "it is"
    )


def test_a_chunk_tried_twice_is_counted_once(
    riverside: Riverside, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checked(riverside.head, as_csv([*people(3), person(1)]))
    import_(as_csv([person(0)]), riverside.organisation)
    found.confirm(by=riverside.head)
    real, tries = work._replace, []

    def collides_at_first(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("somebody else was quicker")

    monkeypatch.setattr(work, "_replace", collides_at_first)
    work_on_roster_imports()

    found.refresh_from_db()
    assert len(tries) == 2
    assert (found.rows_done, found.differing) == (4, 1)
    assert counts(found) == {"created": 2, "unchanged": 2, "missing": 3}


def test_what_collides_every_time_is_not_swallowed(
    riverside: Riverside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collides(*_args: object) -> None:
        raise IntegrityError("always")

    monkeypatch.setattr(writing, "_write", collides)

    with pytest.raises(IntegrityError):
        import_(as_csv(people(1)), riverside.organisation)


def test_a_discarded_file_is_gone_with_its_rows(riverside: Riverside) -> None:
    found = checked(riverside.head, as_csv(people(3)))

    assert found.discard()

    found.refresh_from_db()
    assert (found.state, found.content, found.rows.count()) == (State.DISCARDED, None, 0)
    assert not found.confirm(by=riverside.head)


def test_an_import_that_is_being_written_cannot_be_discarded(riverside: Riverside) -> None:
    found = checked(riverside.head, as_csv(people(3)))
    found.confirm(by=riverside.head)

    assert not found.discard()

    found.refresh_from_db()
    assert found.state == State.CONFIRMED


def test_a_file_nobody_confirms_is_let_go_after_a_week(
    riverside: Riverside, monday_morning: Any
) -> None:
    found = checked(riverside.head, as_csv(people(3)))
    monday_morning.shift(timedelta(days=6, hours=23))
    work_on_roster_imports()
    before = RosterImport.objects.get().state
    monday_morning.shift(timedelta(hours=2))

    work_on_roster_imports()

    found.refresh_from_db()
    assert before == State.CHECKED
    assert (found.state, found.content, found.rows.count()) == (State.DISCARDED, None, 0)


def test_the_rows_of_an_import_are_forgotten_after_a_month(
    riverside: Riverside, monday_morning: Any
) -> None:
    found = checked(riverside.head, as_csv(people(3)))
    found.confirm(by=riverside.head)
    work_on_roster_imports()
    monday_morning.shift(timedelta(days=29))
    work_on_roster_imports()
    before = found.rows.count()
    monday_morning.shift(timedelta(days=2))

    work_on_roster_imports()

    assert (before, found.rows.count()) == (6, 0)
    assert RosterImport.objects.get().created == 3


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"content": None}, "roster_import_holds_its_file_until_it_is_settled"),
        ({"state": "discarded"}, "roster_import_holds_its_file_until_it_is_settled"),
        ({"state": "checking"}, "roster_import_claimed_until_its_lease_ends"),
        ({"state": "confirmed"}, "roster_import_written_only_when_confirmed"),
    ],
    ids=str,
)
def test_the_database_refuses_an_import_that_cannot_be(
    riverside: Riverside, facts: dict[str, Any], name: str
) -> None:
    found = upload(riverside.head, b"x")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RosterImport.objects.filter(pk=found.pk).update(**facts)


def test_the_database_wants_to_know_who_confirmed(riverside: Riverside) -> None:
    found = upload(riverside.head, b"x")

    with (
        pytest.raises(IntegrityError, match="roster_import_confirmed_by_someone_at_some_time"),
        transaction.atomic(),
    ):
        RosterImport.objects.filter(pk=found.pk).update(confirmed_at=timezone.now())


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"number": 2, "outcome": "created"}, "roster_row_once_in_an_import"),
        ({"outcome": "created"}, "roster_row_has_a_number_unless_it_is_not_in_the_file"),
    ],
    ids=str,
)
def test_the_database_refuses_a_row_that_cannot_be(
    riverside: Riverside, row: dict[str, Any], name: str
) -> None:
    found = checked(riverside.head, as_csv(people(1)))

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        found.rows.create(organisation=riverside.organisation, **row)


def test_the_database_keeps_rows_and_people_of_an_import_in_one_organisation(
    riverside: Riverside,
) -> None:
    found = checked(riverside.head, as_csv(people(1)))
    stranger = programme.head(programme.organisation("Castle Hill"))

    found.rows.update(person=stranger)

    with pytest.raises(IntegrityError, match="same_organisation"):
        connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_take_the_same_import() -> None:
    head = programme.head(programme.organisation("Here"))
    for _ in range(6):
        upload(head, as_csv(people(30)))
    together = threading.Barrier(2)
    taken: list[int] = []

    def worker() -> None:
        try:
            together.wait(10)
            while (claimed := RosterImport.objects.claim()) is not None:
                taken.append(claimed.pk)
                work.work_on(claimed)
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)

    assert sorted(taken) == sorted(RosterImport.objects.values_list("pk", flat=True))
    assert set(RosterImport.objects.values_list("state", "created")) == {(State.CHECKED, 30)}


@pytest.mark.django_db(transaction=True)
def test_a_claim_held_in_an_open_transaction_is_passed_over() -> None:
    head = programme.head(programme.organisation("Here"))
    first, second = upload(head, b"x"), upload(head, b"x")
    found: list[int | None] = []

    def another_worker() -> None:
        try:
            claimed = RosterImport.objects.claim()
            found.append(claimed.pk if claimed else None)
        finally:
            connection.close()

    with transaction.atomic():
        RosterImport.objects.select_for_update().get(pk=first.pk)
        other = threading.Thread(target=another_worker)
        other.start()
        other.join(10)

    assert found == [second.pk]
