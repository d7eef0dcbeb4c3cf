"""What changes cohorts, who is in them and who supervises whom: each in one transaction.

Locks are always taken in the same order, so that no two of these wait for each other: people by id,
then cohorts by id, then what belongs to them. Whoever is to supervise is among the people: their
leave, entered at the same moment, counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.assignments import reckon_all
from cohorts.models import Cohort, Membership, Placing, RosterEntry, SupervisorAssignment
from cohorts.obstacles import (
    AlreadySupervised,
    Ground,
    InAnotherOrganisation,
    NobodyChosen,
    NotPlaced,
    Placement,
    StartsTooEarly,
    no_room,
    supervisor_obstacles,
)
from cohorts.templatetags.days import in_words
from peersupport.accounts import actions as accounts
from peersupport.accounts.models import Role, User

Purpose = SupervisorAssignment.Purpose


class NotEnded(Exception):
    """Why a membership or a role cannot end as asked; `str()` says it to whoever asks."""


class PlacesTaken(Exception):
    """The cohort has more members than it is to have places."""


@transaction.atomic
def place(
    worker: User,
    *,
    cohort: Cohort,
    on: date,
    by: User,
    supervisor: User | None = None,
    move: bool = False,
    line_manager_accepted: bool = False,
) -> Membership:
    """Place one worker as `place_many` does."""
    placement = Placement(worker, supervisor, move, line_manager_accepted)
    placing = place_many([placement], cohort=cohort, on=on, by=by)
    return placing.memberships.get()


@transaction.atomic
def place_many(placements: Sequence[Placement], *, cohort: Cohort, on: date, by: User) -> Placing:
    """Place everybody in `cohort` from the day `on`, with their supervisors, or nobody.

    What they belonged to and who supervised them until then ends that day. Raises the first
    `NotPlaced` that stands in the way. The number of queries does not grow with the people.
    """
    if not placements:
        raise NobodyChosen(_("Choose at least one person."))
    _same_organisation(cohort, by)
    cohort = _lock(placements, cohort)
    ground = Ground(placements, cohort=cohort, on=on)
    for placement in placements:
        for obstacle in ground.obstacles(placement):
            raise obstacle
    full = no_room(cohort, len(placements), on)
    if full:
        raise full
    placing = Placing.objects.create(
        organisation_id=cohort.organisation_id, cohort=cohort, placed_by=by
    )
    _end_for(placing, ground)
    memberships = Membership.objects.bulk_create(
        _membership(placement, ground, placing) for placement in placements
    )
    pairs = [
        (membership, placement.supervisor)
        for membership, placement in zip(memberships, placements, strict=True)
        if placement.supervisor
    ]
    SupervisorAssignment.objects.bulk_create(_assignments(pairs, on=on, by=by, placing=placing))
    return placing


def _lock(placements: Iterable[Placement], cohort: Cohort) -> Cohort:
    """Hold the people, their cohorts and `cohort` until the transaction ends; return it fresh."""
    workers = {placement.worker.pk for placement in placements}
    _hold_people(workers | {each.supervisor.pk for each in placements if each.supervisor})
    leaving = Membership.objects.current().filter(worker__in=workers).values("cohort")
    locked = (
        Cohort.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(Q(pk=cohort.pk) | Q(pk__in=leaving))
        .order_by("pk")
    )
    return {each.pk: each for each in locked}[cohort.pk]


def _hold_people(ids: Iterable[int]) -> None:
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _end_for(placing: Placing, ground: Ground) -> None:
    """End the memberships in the way, and their assignments; remember what they were."""
    memberships = [each.pk for many in ground.in_the_way.values() for each in many]
    SupervisorAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=ground.on), membership__in=memberships
    ).end(ground.on, ends_on_before=F("ends_on"), ended_by_placing=placing)
    Membership.objects.filter(pk__in=memberships).update(
        left_on_before=F("left_on"),
        left_on=Greatest(ground.on, F("joined_on")),
        ended_by_placing=placing,
    )


def _membership(placement: Placement, ground: Ground, placing: Placing) -> Membership:
    """A new membership; somebody trained or paused stays so when they move."""
    previous = ground.previous(placement.worker)
    stage = Membership.first_stage(ground.cohort)
    if previous and previous.stage in {Membership.Stage.ACTIVE, Membership.Stage.PAUSED}:
        stage = Membership.Stage(previous.stage)
    since = previous.role_began_on if previous else ground.on
    return Membership(
        organisation_id=ground.cohort.organisation_id,
        cohort=ground.cohort,
        worker=placement.worker,
        stage=stage,
        joined_on=ground.on,
        took_up_role_on=since if since < ground.on else None,
        line_manager_email=ground.line_manager_of(placement.worker),
        placed_by=placing.placed_by,
        placing=placing,
    )


def _assignments(
    pairs: Sequence[tuple[Membership, User]],
    *,
    on: date,
    by: User,
    purpose: str = Purpose.LIGHT_TOUCH,
    placing: Placing | None = None,
) -> list[SupervisorAssignment]:
    """Unsaved assignments of these members to their supervisors.

    The last session held stays in mind: a change of supervisor must not stretch the gap.
    """
    held = _last_held([membership.worker_id for membership, _supervisor in pairs], purpose)
    assignments = [
        SupervisorAssignment(
            organisation_id=membership.organisation_id,
            membership=membership,
            worker_id=membership.worker_id,
            supervisor=supervisor,
            purpose=purpose,
            starts_on=on,
            ends_on=membership.left_on,
            assigned_by=by,
            last_held_on=held.get(membership.worker_id),
            placing=placing,
        )
        for membership, supervisor in pairs
    ]
    reckon_all(assignments)
    return assignments


def _last_held(workers: Iterable[int], purpose: str) -> dict[int, date | None]:
    """The latest day on which each worker's session for `purpose` was held, with anybody."""
    before = SupervisorAssignment.objects.filter(worker__in=workers, purpose=purpose)
    return dict(before.values_list("worker").annotate(Max("last_held_on")).order_by())


def _same_organisation(thing: Cohort | Membership | Placing | User, by: User) -> None:
    if thing.organisation_id != by.organisation_id:
        raise InAnotherOrganisation(_("This belongs to another organisation."))


@transaction.atomic
def assign_supervisor(
    membership: Membership,
    *,
    supervisor: User | None,
    on: date,
    by: User,
    purpose: str = Purpose.LIGHT_TOUCH,
    line_manager_accepted: bool = False,
) -> SupervisorAssignment | None:
    """Let `supervisor` supervise from the day `on`; whoever did until then stops that day.

    With None nobody does. Raises the first `NotPlaced` that stands in the way.
    """
    _same_organisation(membership, by)
    membership = _hold(membership, supervisor)
    _check_day(membership, on)
    following = membership.assignments.real().filter(
        Q(ends_on=None) | Q(ends_on__gt=on), purpose=purpose
    )
    for assignment in following.select_related("supervisor").order_by("-starts_on"):
        _check_hand_over(assignment, to=supervisor, on=on)
    if supervisor:
        for obstacle in supervisor_obstacles(
            supervisor,
            membership.worker,
            holds_role=User.objects.holding(Role.SUPERVISOR).filter(pk=supervisor.pk).exists(),
            line_managers=_line_managers(membership),
            line_manager_accepted=line_manager_accepted,
        ):
            raise obstacle
    following.end(on)
    if supervisor is None:
        return None
    (assignment,) = _assignments([(membership, supervisor)], on=on, by=by, purpose=purpose)
    assignment.save()
    return assignment


def _hold(membership: Membership, supervisor: User | None = None) -> Membership:
    """Lock the worker of `membership` and `supervisor`; return it fresh, with cohort and worker."""
    _hold_people({membership.worker_id} | ({supervisor.pk} if supervisor else set()))
    return Membership.objects.select_related("cohort", "worker__organisation").get(pk=membership.pk)


def _check_day(membership: Membership, on: date) -> None:
    """Raise StartsTooEarly, or NotPlaced, unless `on` is a day of the membership."""
    words = {"name": membership.worker.first_name, "cohort": membership.cohort.name}
    if on < membership.joined_on:
        words["day"] = in_words(membership.joined_on)
        sentence = _("%(name)s joined %(cohort)s on %(day)s. Choose that day or a later one.")
        raise StartsTooEarly(sentence % words, membership.worker)
    if membership.left_on is not None and on >= membership.left_on:
        words["day"] = in_words(membership.last_day_on)
        sentence = _("The last day of %(name)s in %(cohort)s is %(day)s. Choose an earlier day.")
        raise NotPlaced(sentence % words, membership.worker)


def _check_hand_over(assignment: SupervisorAssignment, *, to: User | None, on: date) -> None:
    """Raise unless `assignment` can end on the day `on` in favour of `to`: history stays."""
    today = timezone.localdate()
    words = {"name": assignment.supervisor.first_name}
    if assignment.ends_on is not None and assignment.ends_on <= today:
        words["day"] = in_words(assignment.ends_on - timedelta(days=1))
        sentence = _("%(name)s supervised until %(day)s. Choose a later day.")
        raise StartsTooEarly(sentence % words, assignment.worker)
    if on < assignment.starts_on <= today:
        words["day"] = in_words(assignment.starts_on)
        sentence = _("%(name)s has supervised since %(day)s. Choose that day or a later one.")
        raise StartsTooEarly(sentence % words, assignment.worker)
    if to is not None and assignment.supervisor_id == to.pk and assignment.starts_on <= on:
        raise AlreadySupervised(_("%(name)s is the supervisor already.") % words)


def _line_managers(membership: Membership) -> list[str]:
    """Addresses of the line manager: as copied when placed, and as the roster has it now."""
    roster = RosterEntry.objects.filter(person=membership.worker_id)
    return [membership.line_manager_email, *roster.values_list("line_manager_email", flat=True)]


@transaction.atomic
def end_membership(membership: Membership, *, left_on: date, stage: str, by: User) -> None:
    """End `membership`; `left_on` is the first day on which it no longer holds.

    Their supervision ends with it. `stage` says how: stepped down or finished. Raises NotEnded.
    """
    _same_organisation(membership, by)
    membership = _hold(membership)
    words = {"name": membership.worker.first_name, "cohort": membership.cohort.name}
    if membership.left_on is not None:
        words["day"] = in_words(membership.last_day_on)
        sentence = _("The last day of %(name)s in %(cohort)s is already fixed: %(day)s.")
        raise NotEnded(sentence % words)
    if left_on < membership.joined_on:
        words["day"] = in_words(membership.joined_on)
        sentence = _("%(name)s joined %(cohort)s on %(day)s. Enter that day or a later one.")
        raise NotEnded(sentence % words)
    membership.assignments.filter(Q(ends_on=None) | Q(ends_on__gt=left_on)).end(left_on)
    membership.left_on, membership.stage = left_on, stage
    membership.save(update_fields=["left_on", "stage"])


@transaction.atomic
def change_cohort(cohort: Cohort) -> None:
    """Save changed facts of `cohort` and what follows from them.

    A new cadence moves every due date; when training is over, members in training are active.
    Raises PlacesTaken when members outnumber the places.
    """
    before = Cohort.objects.select_for_update().get(pk=cohort.pk)
    members = cohort.memberships.current().count()
    if cohort.capacity < members:
        raise PlacesTaken(
            ngettext(
                "%(members)s person has a place. Enter %(members)s or more.",
                "%(members)s people have a place. Enter %(members)s or more.",
                members,
            )
            % {"members": members}
        )
    cohort.save()
    if before.stage != cohort.stage == Cohort.Stage.ACTIVE:
        training = cohort.memberships.current().filter(stage=Membership.Stage.IN_TRAINING)
        training.update(stage=Membership.Stage.ACTIVE)
    if before.cadence != cohort.cadence:
        _reckon(SupervisorAssignment.objects.current().filter(membership__cohort=cohort))


def _reckon(assignments: QuerySet[SupervisorAssignment]) -> None:
    """Work out again when the next session is due."""
    locked = list(
        assignments.select_for_update(of=("self",))
        .select_related("membership__cohort")
        .order_by("pk")
    )
    reckon_all(locked)
    SupervisorAssignment.objects.bulk_update(locked, ["next_due_on"])


@transaction.atomic
def end_role(person: User, role: str, *, by: User) -> None:
    """Take a role away, unless others depend on it. Raises NotEnded, or LastHead."""
    _same_organisation(person, by)
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    words = {"name": person.first_name}
    supervised = SupervisorAssignment.objects.current().filter(supervisor=person)
    if role == Role.SUPERVISOR and supervised.exists():
        sentence = _("%(name)s supervises people. Give each of them another supervisor first.")
        raise NotEnded(sentence % words)
    if role == Role.PSW and Membership.objects.current().filter(worker=person).exists():
        raise NotEnded(_("%(name)s is in a cohort. End that first.") % words)
    accounts.end_role(person, role, by=by)


@transaction.atomic
def set_roles(person: User, roles: Iterable[str], *, by: User) -> None:
    """Let `person` hold these roles and no others. Raises NotEnded, or LastHead."""
    _same_organisation(person, by)
    wanted = set(roles)
    for role in Role.values:
        if role in wanted:
            accounts.grant_role(person, role, by=by)
        elif role in person.roles:
            end_role(person, role, by=by)
