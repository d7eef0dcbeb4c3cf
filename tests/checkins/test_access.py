"""Nobody but its worker reads an answer by any address, unless that one is shared with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from checkins import actions
from checkins.models import CheckIn, Share
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import RecordRead, User
from tests import programme
from tests.checkins.conftest import People, check_in, signed_in

# A score that no other check-in has, and that no page writes for another reason.
CANARY = {"energy": 3, "strain": 9, "supported": 2}
CANARY_SCORE = "20.01"
SHOWN = re.compile(
    r"""20[.,]01 | <strong>20</strong>\ of\ 100 | >\ ?20</td>  # the score
    | (?:"|&quot;)energy(?:"|&quot;):\ ?3                    # the answers as they are stored
    | name="energy"[^>]*checked                            # the answers in the form
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Readers:
    """Everybody who is not the worker, by what they are to them."""

    former: User
    successor: User
    colleague: User
    other_supervisor: User
    head: User
    auditor: User
    outside_psw: User
    outside_supervisor: User
    outside_head: User
    outside_auditor: User


@pytest.fixture
def readers(people: People) -> Readers:
    """Anwen was the supervisor until today; her successor supervises from today."""
    successor = programme.supervisor(people.where)
    elsewhere = programme.organisation("Elsewhere")
    return Readers(
        former=people.anwen,
        successor=successor,
        colleague=programme.supervised_psw(people.anwen, people.cohort),
        other_supervisor=programme.supervisor(people.where),
        head=people.head,
        auditor=programme.ig_auditor(people.where),
        outside_psw=programme.psw(elsewhere),
        outside_supervisor=programme.supervisor(elsewhere),
        outside_head=programme.head(elsewhere),
        outside_auditor=programme.ig_auditor(elsewhere),
    )


def canary(worker: User) -> CheckIn:
    return check_in(worker, answers=CANARY, score=CANARY_SCORE)


def hand_over(people: People, successor: User) -> None:
    """End Anwen's assignment today and begin the successor's."""
    today = timezone.localdate()
    assignment = SupervisorAssignment.objects.get(worker=people.blessing)
    assignment.ends_on = today
    assignment.next_due_on = None
    assignment.save()
    programme.supervised(assignment.membership, successor, starts_on=today)


def every_address(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Each address of the service, as a path with its parameters in angle brackets."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, path)
        else:
            yield path


def addresses_about(mine: CheckIn) -> list[str]:
    """Each address without parameters, and those with a number, for the check-in and its worker."""
    found = []
    for path in every_address(get_resolver().url_patterns):
        if "logout" in path or "(?P" in path or "^" in path:
            continue
        for number in (mine.pk, mine.worker_id):
            found.append(re.sub(r"<int:\w+>", str(number), path))
    return sorted({path for path in found if "<" not in path})


def test_every_address_is_tried(people: People) -> None:
    mine = canary(people.blessing)

    addresses = addresses_about(mine)

    assert {"/", "/me/", "/check-ins/", f"/check-ins/{mine.pk}/", "/check-ins/shared/"} <= set(
        addresses
    )


@pytest.mark.parametrize("reader", list(Readers.__annotations__))
def test_no_address_gives_an_answer_to_anybody_else(
    people: People, readers: Readers, reader: str
) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)
    hand_over(people, readers.successor)
    User.objects.all().update(password=make_password(programme.PASSWORD))
    client = signed_in(User.objects.get(pk=getattr(readers, reader).pk))

    for address in addresses_about(mine):
        response = client.get(address)
        if not response.streaming:
            assert not SHOWN.search(response.content.decode()), address

    assert client.get(f"/check-ins/{mine.pk}/").status_code == 404
    assert not RecordRead.objects.exists()


def test_the_worker_finds_the_canary_so_that_the_test_above_can_fail(people: People) -> None:
    mine = canary(people.blessing)
    client = signed_in(people.blessing)

    seen = [
        address
        for address in ("/", "/check-ins/", "/check-ins/new/", f"/check-ins/{mine.pk}/")
        if SHOWN.search(client.get(address).content.decode())
    ]

    assert seen == ["/", "/check-ins/", "/check-ins/new/", f"/check-ins/{mine.pk}/"]


@pytest.mark.parametrize("reader", list(Readers.__annotations__))
@pytest.mark.parametrize("action", ["share", "take-back"])
def test_nobody_else_shares_or_takes_back(
    people: People, readers: Readers, reader: str, action: str
) -> None:
    mine = canary(people.blessing)
    client = signed_in(getattr(readers, reader))

    response = client.post(
        f"/check-ins/{mine.pk}/{action}/", {"person": getattr(readers, reader).pk}
    )

    assert response.status_code == 404
    assert not mine.shares.exists()


def test_a_colleague_shares_nobody_elses_with_the_supervisor_of_both(people: People) -> None:
    mine = canary(people.blessing)
    colleague = programme.supervised_psw(people.anwen, people.cohort)

    response = signed_in(colleague).post(
        f"/check-ins/{mine.pk}/share/", {"person": people.anwen.pk}
    )

    assert response.status_code == 404
    assert not Share.objects.exists()


def test_signed_out_one_is_sent_to_sign_in(people: People) -> None:
    mine = canary(people.blessing)

    response = Client().get(f"/check-ins/{mine.pk}/")

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_a_supervisor_reads_what_is_shared_and_nothing_else_of_that_person(
    people: People,
) -> None:
    shared = canary(people.blessing)
    kept = check_in(people.blessing, days_ago=7)
    actions.share(shared, with_=people.anwen)
    client = signed_in(people.anwen)

    codes = [client.get(one.get_absolute_url()).status_code for one in (shared, kept)]

    assert codes == [200, 404]


def test_a_supervisors_reading_is_noted_and_the_worker_sees_it(people: People) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)

    signed_in(people.anwen).get(mine.get_absolute_url())

    (read,) = RecordRead.objects.all()
    assert (read.reader, read.subject) == (people.anwen, people.blessing)
    assert (read.kind, read.record_id, read.record_on) == ("check_in", mine.pk, mine.answered_on)
    shown = signed_in(people.blessing).get(mine.get_absolute_url())
    assert [found.reader for found in shown.context["reads"]] == [people.anwen]
    listed = signed_in(people.blessing).get("/check-ins/")
    assert "Who has opened any you shared: Anwen Haddad" in listed.content.decode()


def test_reading_ones_own_is_not_noted(people: People) -> None:
    mine = canary(people.blessing)

    signed_in(people.blessing).get(mine.get_absolute_url())

    assert not RecordRead.objects.exists()


def test_the_list_of_what_is_shared_shows_no_score(people: People) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)

    listed = signed_in(people.anwen).get("/check-ins/shared/").content.decode()

    assert "Blessing Adeyemi" in listed
    assert not SHOWN.search(listed)
    assert not RecordRead.objects.exists()


def test_a_former_supervisor_loses_it_the_day_the_assignment_ends(
    people: People, readers: Readers
) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)
    client = signed_in(people.anwen)

    before = client.get(mine.get_absolute_url()).status_code
    hand_over(people, readers.successor)
    after = client.get(mine.get_absolute_url()).status_code

    assert (before, after) == (200, 404)
    assert not client.get("/check-ins/shared/").context["page"].object_list


def test_the_worker_sees_that_a_former_supervisor_cannot_read_it(
    people: People, readers: Readers
) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)
    hand_over(people, readers.successor)

    (entry,) = signed_in(people.blessing).get("/check-ins/").context["entries"]

    assert (entry.readers, entry.others) == ([], [readers.successor])


def test_a_successor_inherits_nothing_and_reads_what_is_shared_with_them(
    people: People, readers: Readers
) -> None:
    inherited = canary(people.blessing)
    actions.share(inherited, with_=people.anwen)
    hand_over(people, readers.successor)
    given = check_in(people.blessing, days_ago=3)
    actions.share(given, with_=readers.successor)

    readable = CheckIn.objects.readable_by(readers.successor)

    assert list(readable) == [given]


def test_an_assignment_that_has_ended_long_ago_gives_nothing(people: People) -> None:
    mine = canary(people.blessing)
    actions.share(mine, with_=people.anwen)
    SupervisorAssignment.objects.update(
        ends_on=timezone.localdate() - timedelta(days=30), next_due_on=None
    )

    assert not CheckIn.objects.readable_by(people.anwen).exists()


@pytest.mark.parametrize("role", ["head", "anwen"])
def test_the_pages_for_psws_are_not_there_for_others(people: People, role: str) -> None:
    client = signed_in(getattr(people, role))

    codes = {
        address: client.get(address).status_code
        for address in ("/check-ins/", "/check-ins/new/", "/check-ins/talk/")
    }

    assert set(codes.values()) == {404}


def test_somebody_who_was_a_psw_keeps_their_own(people: People) -> None:
    mine = canary(people.blessing)
    people.blessing.role_grants.update(ended_at=timezone.now())
    client = signed_in(people.blessing)

    codes = [client.get(page).status_code for page in ("/check-ins/", mine.get_absolute_url())]

    assert codes == [200, 200]
    assert client.get("/check-ins/new/").status_code == 404
