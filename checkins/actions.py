"""What is written: check-ins, whom they are shared with, requests to talk, own help lines."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from checkins import confidants, instruments
from checkins.models import CheckIn, HelpLine, Share, TalkRequest
from peersupport.accounts.models import Organisation, User
from peersupport.reminders.outbox import owe


class NotTheirSupervisor(Exception):
    """A check-in can be shared with somebody who supervises its worker now, and nobody else."""


@transaction.atomic
def check_in(
    worker: User,
    *,
    answers: dict[str, int],
    on: date,
    instrument: str = "pulse",
    shared_with: Collection[User] = (),
    talk_to: User | None = None,
) -> CheckIn:
    """Save the answers of `worker` for the day `on`, shared with these people and nobody else.

    Saving again on the same day changes that day's answers and whom they are shared with, so that
    pressing twice, or in two windows, still leaves one check-in. With `talk_to` also asks to talk.
    Raises ImpossibleAnswers and NotTheirSupervisor.
    """
    definition = instruments.get(instrument)
    (saved,) = CheckIn.objects.bulk_create(
        [
            CheckIn(
                organisation_id=worker.organisation_id,
                worker=worker,
                instrument=definition.key,
                instrument_version=definition.version,
                answered_on=on,
                answers=answers,
                score=definition.score(answers).score,
            )
        ],
        update_conflicts=True,
        unique_fields=["worker", "instrument", "answered_on"],
        update_fields=["instrument_version", "answers", "score", "saved_at"],
    )
    others = saved.shares.in_force().exclude(shared_with__in=shared_with)
    others.update(taken_back_at=timezone.now())
    for person in shared_with:
        share(saved, with_=person)
    if talk_to is not None:
        ask_to_talk(worker, asked=talk_to)
    return saved


def share(check_in: CheckIn, *, with_: User) -> None:
    """Let a supervisor read this check-in until it is taken back. Again changes nothing.

    Raises NotTheirSupervisor.
    """
    if with_ not in confidants.of(check_in.worker):
        raise NotTheirSupervisor
    Share.objects.bulk_create(
        [
            Share(
                organisation_id=check_in.organisation_id,
                check_in=check_in,
                worker_id=check_in.worker_id,
                shared_with=with_,
            )
        ],
        ignore_conflicts=True,
    )


def take_back(check_in: CheckIn) -> None:
    """Nobody but its worker can read this check-in from now on."""
    check_in.shares.in_force().update(taken_back_at=timezone.now())


@transaction.atomic
def ask_to_talk(worker: User, *, asked: User) -> TalkRequest:
    """Tell `asked`, in an e-mail owed at once, that `worker` would like to talk, and nothing else.

    While one request waits it is returned instead of making another. Locks the worker's row, so
    that pressing twice asks once.
    """
    User.objects.get_queryset().select_for_update(no_key=True).get(pk=worker.pk)
    waiting = TalkRequest.objects.waiting().of(worker).first()
    if waiting is not None:
        return waiting
    request = TalkRequest.objects.create(
        organisation_id=worker.organisation_id, worker=worker, asked=asked
    )
    owe(
        kind="talk_request",
        key=f"talk-request:{request.pk}",
        recipient=asked,
        about={"talk_request": request.pk},
    )
    return request


@transaction.atomic
def own_help_lines(organisation: Organisation) -> None:
    """Give the organisation its own copy of the lines it shows, to change as it likes.

    Locks the organisation's row, so that two people cannot make two copies.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    HelpLine.objects.bulk_create(
        HelpLine(
            organisation=organisation,
            name=line.name,
            what=line.what,
            phone=line.phone,
            text=line.text,
            web=line.web,
            hours=line.hours,
            position=line.position,
            review_on=line.review_on,
        )
        for line in HelpLine.objects.shown_in(organisation).filter(organisation=None)
    )
