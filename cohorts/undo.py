"""Taking back a placing: an action with a module of its own, for the many reasons to refuse."""

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.assignments import reckon_all
from cohorts.models import Cohort, Membership, Placing, SupervisorAssignment
from peersupport.accounts.models import Role, User


class NotUndone(Exception):
    """Why a placing cannot be taken back; `str()` says it to whoever asks."""


@transaction.atomic
def undo(placing: Placing, *, by: User) -> None:
    """Take `placing` back as if it had never been: what it ended holds again.

    What it made ends on the day it began, so that it never held; nothing is deleted. Raises
    NotUndone when a day has passed or something has been built on it since.
    """
    people = User.objects.filter(
        Q(pk__in=placing.memberships.values("worker"))
        | Q(pk__in=placing.handed_over.values("supervisor"))
    )
    list(people.select_for_update(no_key=True).order_by("pk"))
    list(_cohorts(placing).select_for_update().order_by("pk"))
    if not Placing.objects.undoable().filter(pk=placing.pk, organisation=by.organisation).exists():
        raise NotUndone(_("This can no longer be undone: a day has passed, or it is undone."))
    for reason in (_moved_on(placing), _supervised_since(placing), _no_way_back(placing)):
        if reason:
            raise NotUndone(reason)
    placing.assignments.update(ends_on=F("starts_on"), next_due_on=None)
    placing.memberships.update(left_on=F("joined_on"))
    placing.left.update(left_on=F("left_on_before"), left_on_before=None, ended_by_placing=None)
    _restore_supervision(placing)
    placing.undone_at, placing.undone_by = timezone.now(), by
    placing.save(update_fields=["undone_at", "undone_by"])


def _cohorts(placing: Placing) -> QuerySet[Cohort]:
    """The cohort people were placed in, and those they came from."""
    return Cohort.objects.filter(Q(pk=placing.cohort_id) | Q(pk__in=placing.left.values("cohort")))


def _moved_on(placing: Placing) -> str:
    """Why not: somebody has left, paused or been placed again since."""
    again = Membership.objects.filter(
        worker__in=placing.memberships.values("worker"), placing__placed_at__gt=placing.placed_at
    ).select_related("worker")
    for membership in again[:1]:
        return _("%(name)s has been placed again since.") % {"name": membership.worker.name}
    paused_before = placing.left.filter(stage=Membership.Stage.PAUSED).values("worker")
    changed = placing.memberships.select_related("worker").filter(
        Q(left_on__isnull=False) | Q(stage=Membership.Stage.PAUSED) & ~Q(worker__in=paused_before)
    )
    for membership in changed[:1]:
        words = {"name": membership.worker.name, "cohort": placing.cohort.name}
        if membership.left_on is None:
            return _("%(name)s has paused since.") % words
        return _("%(name)s has been given a last day in %(cohort)s since.") % words
    return ""


def _supervised_since(placing: Placing) -> str:
    """Why not: a session has been held, or a supervisor has changed."""
    changed = (
        SupervisorAssignment.objects.filter(membership__in=placing.memberships.all())
        .exclude(placing=placing, ends_on=None)
        .select_related("worker")
    )
    for assignment in changed[:1]:
        return _("The supervisor of %(name)s has changed since.") % {"name": assignment.worker.name}
    carried = dict(
        SupervisorAssignment.objects.filter(worker__in=placing.memberships.values("worker"))
        .exclude(placing=placing)
        .values_list("worker")
        .annotate(Max("last_held_on"))
        .order_by()
    )
    for assignment in placing.assignments.select_related("worker"):
        if assignment.last_held_on != carried.get(assignment.worker_id):
            words = {"name": assignment.worker.name}
            return _("A session with %(name)s has been logged since.") % words
    return ""


def _no_way_back(placing: Placing) -> str:
    """Why not: their earlier cohort is full by now, or their supervisor has stopped."""
    returning = placing.left.filter(left_on_before=None).values("cohort")
    for cohort in Cohort.objects.filter(pk__in=returning):
        coming = placing.left.filter(left_on_before=None, cohort=cohort).count()
        if coming > cohort.places_left():
            return _("%(cohort)s has no place left for those who were in it.") % {"cohort": cohort}
    stopped = placing.handed_over.exclude(
        supervisor__in=User.objects.holding(Role.SUPERVISOR).values("pk")
    ).select_related("supervisor")
    for assignment in stopped[:1]:
        words = {"name": assignment.supervisor.name}
        return _("%(name)s, who was somebody’s supervisor, no longer supervises.") % words
    return ""


def _restore_supervision(placing: Placing) -> None:
    """Let those who supervised before do so again."""
    restored = list(placing.handed_over.select_related("membership__cohort"))
    for assignment in restored:
        assignment.ends_on = assignment.ends_on_before
        assignment.ends_on_before = assignment.ended_by_placing = None
    reckon_all(restored)
    SupervisorAssignment.objects.bulk_update(
        restored, ["ends_on", "ends_on_before", "ended_by_placing", "next_due_on"]
    )
