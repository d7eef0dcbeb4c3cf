"""What stands in the way of placing people as asked: each obstacle is a sentence.

The page that checks before placing shows them; the action that places raises the first. So the two
cannot disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Cohort, Membership, RosterEntry
from cohorts.templatetags.days import in_words
from peersupport.accounts.models import Organisation, Role, RoleGrant, User


class NotPlaced(Exception):
    """Why somebody cannot be placed or supervised as asked; `str()` says it to whoever asks."""

    def __init__(self, sentence: str, worker: User | None = None) -> None:
        super().__init__(sentence)
        self.worker = worker


class NobodyChosen(NotPlaced):
    """There is nobody to place."""


class CohortFull(NotPlaced):
    """The cohort has fewer places left than people chosen."""


class InAnotherOrganisation(NotPlaced):
    """Somebody or something belongs to another organisation."""


class NotAPeerSupportWorker(NotPlaced):
    """They do not hold the role, or cannot sign in any more."""


class AlreadyHere(NotPlaced):
    """They belong to this very cohort."""


class AlreadyInACohort(NotPlaced):
    """They belong to another cohort, and nobody has decided to move them."""


class StartsTooEarly(NotPlaced):
    """The day lies before something that has already happened."""


class NotASupervisor(NotPlaced):
    """The supervisor does not hold the role, or cannot sign in any more."""


class AlreadySupervised(NotPlaced):
    """The supervisor is theirs already."""


class SupervisesThemself(NotPlaced):
    """They were chosen as their own supervisor."""


class OwnLineManager(NotPlaced):
    """The supervisor manages them, and nobody may or has accepted that."""


@dataclass(frozen=True)
class Placement:
    """One person to place, with whom, and what the head has decided about it."""

    worker: User
    supervisor: User | None = None
    move: bool = False
    line_manager_accepted: bool = False


class Ground:
    """What is known about some people before they are placed, in a handful of queries."""

    def __init__(self, placements: Sequence[Placement], *, cohort: Cohort, on: date) -> None:
        self.cohort = cohort
        self.on = on
        workers = {placement.worker.pk for placement in placements}
        supervisors = {placement.supervisor.pk for placement in placements if placement.supervisor}
        self._holds = set(
            RoleGrant.objects.current()
            .filter(person__in=workers | supervisors, person__is_active=True)
            .values_list("person", "role")
        )
        self._roster = dict(
            RosterEntry.objects.filter(person__in=workers).values_list(
                "person", "line_manager_email"
            )
        )
        self.in_the_way: dict[int, list[Membership]] = defaultdict(list)
        overlapping = Membership.objects.real().filter(
            Q(left_on=None) | Q(left_on__gt=on), worker__in=workers
        )
        for membership in overlapping.select_related("cohort").order_by("joined_on"):
            self.in_the_way[membership.worker_id].append(membership)

    def previous(self, worker: User) -> Membership | None:
        """The latest membership that placing `worker` ends, if any."""
        memberships = self.in_the_way.get(worker.pk)
        return memberships[-1] if memberships else None

    def line_manager_of(self, worker: User) -> str:
        """The line manager's e-mail: as the roster has it, else as the last membership had it."""
        previous = self.previous(worker)
        return self._roster.get(worker.pk) or (previous.line_manager_email if previous else "")

    def obstacles(self, placement: Placement) -> Iterator[NotPlaced]:
        """Everything but the number of places that stands in the way of one placement."""
        worker = placement.worker
        if self.cohort.organisation_id != worker.organisation_id:
            yield InAnotherOrganisation(_("This person cannot be placed here"), worker)
            return
        if (worker.pk, Role.PSW) not in self._holds:
            yield NotAPeerSupportWorker(
                _("%(name)s does not have the role of peer support worker.")
                % {"name": worker.name},
                worker,
            )
        yield from self._cohort_obstacles(placement)
        if placement.supervisor:
            yield from supervisor_obstacles(
                placement.supervisor,
                worker,
                holds_role=(placement.supervisor.pk, Role.SUPERVISOR) in self._holds,
                line_managers=[self.line_manager_of(worker)],
                line_manager_accepted=placement.line_manager_accepted,
            )

    def _cohort_obstacles(self, placement: Placement) -> Iterator[NotPlaced]:
        """What other memberships from this day on mean: history stays, the rest can be ended."""
        worker, today = placement.worker, timezone.localdate()
        for membership in self.in_the_way.get(worker.pk, []):
            words = {"name": worker.first_name, "cohort": membership.cohort.name}
            if membership.left_on is not None and membership.left_on <= today:
                words["day"] = in_words(membership.last_day_on)
                sentence = _("%(name)s was in %(cohort)s until %(day)s. Choose a later first day.")
                yield StartsTooEarly(sentence % words, worker)
            elif membership.cohort_id == self.cohort.pk:
                yield AlreadyHere(_("%(name)s is already in %(cohort)s.") % words, worker)
            elif self.on < membership.joined_on <= today:
                words["day"] = in_words(membership.joined_on)
                sentence = _("%(name)s joined %(cohort)s on %(day)s. Choose a later first day.")
                yield StartsTooEarly(sentence % words, worker)
            elif not placement.move:
                yield AlreadyInACohort(self._moving(membership, worker), worker)

    def _moving(self, membership: Membership, worker: User) -> str:
        """What moving `worker` does to the earlier membership."""
        words = {"name": worker.first_name, "cohort": membership.cohort.name}
        if membership.joined_on >= self.on:
            return _("Chosen for %(cohort)s already. Placing %(name)s here undoes that.") % words
        words["day"] = in_words(self.on - timedelta(days=1))
        return _("Already in %(cohort)s. Placing %(name)s here ends that on %(day)s.") % words


def no_room(cohort: Cohort, number: int, on: date) -> CohortFull | None:
    """The obstacle when `number` more people do not fit into `cohort` from the day `on`."""
    left = cohort.places_left(on)
    if number <= left:
        return None
    if left == 0:
        return CohortFull(_("%(cohort)s has no place left.") % {"cohort": cohort})
    return CohortFull(
        ngettext(
            "%(cohort)s has %(left)s place left, and you have chosen %(number)s people.",
            "%(cohort)s has %(left)s places left, and you have chosen %(number)s people.",
            left,
        )
        % {"cohort": cohort, "left": left, "number": number}
    )


def supervisor_obstacles(
    supervisor: User,
    worker: User,
    *,
    holds_role: bool,
    line_managers: Iterable[str],
    line_manager_accepted: bool,
) -> Iterator[NotPlaced]:
    """What stands in the way of `supervisor` supervising `worker`.

    Addresses are compared whatever their capitals. Accepting a line manager counts only where the
    organisation leaves it to the head.
    """
    words = {"supervisor": supervisor.first_name, "worker": worker.first_name}
    if supervisor.organisation_id != worker.organisation_id:
        yield InAnotherOrganisation(_("Choose a supervisor from the list."), worker)
        return
    if supervisor.pk == worker.pk:
        yield SupervisesThemself(
            _("Nobody can supervise themself. Choose another supervisor."), worker
        )
    elif not holds_role:
        yield NotASupervisor(
            _("%(supervisor)s is not a supervisor. Choose another one.") % words, worker
        )
    if supervisor.email.casefold() not in {email.strip().casefold() for email in line_managers}:
        return
    if worker.organisation.line_manager_rule == Organisation.LineManagerRule.REFUSE:
        yield OwnLineManager(
            _("%(supervisor)s is %(worker)s’s line manager. Choose another supervisor.") % words,
            worker,
        )
    elif not line_manager_accepted:
        yield OwnLineManager(_("%(supervisor)s is %(worker)s’s line manager.") % words, worker)
