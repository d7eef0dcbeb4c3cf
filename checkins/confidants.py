"""Whom a PSW can share a check-in with, and whom they can ask to talk."""

from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import Role, User


def of(worker: User) -> list[User]:
    """The people who supervise `worker` now, each once, light-touch supervision first."""
    assignments = (
        SupervisorAssignment.objects.current()
        .filter(worker=worker, supervisor__is_active=True)
        .select_related("supervisor")
        .order_by("starts_on", "pk")
    )
    light_touch = SupervisorAssignment.Purpose.LIGHT_TOUCH
    ordered = sorted(assignments, key=lambda assignment: assignment.purpose != light_touch)
    return list(dict.fromkeys(assignment.supervisor for assignment in ordered))


def to_talk_to(worker: User, supervisors: list[User]) -> User | None:
    """The first of the supervisors, else the head of wellbeing who has been one for longest."""
    if supervisors:
        return supervisors[0]
    return (
        User.objects.holding(Role.HEAD)
        .filter(organisation_id=worker.organisation_id)
        .exclude(pk=worker.pk)
        .filter(role_grants__role=Role.HEAD, role_grants__ended_at=None)
        .order_by("role_grants__granted_at", "pk")
        .first()
    )
