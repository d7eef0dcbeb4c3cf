"""The demo's two organisations, from an empty database to something due today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from checkins.actions import share
from checkins.models import CheckIn
from cohorts import actions
from cohorts.models import Cohort, Membership, Person, Placing, SupervisorAssignment
from cohorts.obstacles import Placement
from cohorts.roster import planning
from cohorts.roster.reading import read
from cohorts.roster.writing import apply
from peersupport.accounts.actions import grant_role
from peersupport.accounts.models import Nation, Organisation, RecordRead, Role, User
from peersupport.demo import delivery, history
from peersupport.demo.people import Known, as_file, rows
from supervision import leave

PASSWORD = "peer-support-demo"

Stage = Cohort.Stage


@dataclass(frozen=True)
class Plan:
    """One cohort to be: its days count from today, minus for the past."""

    name: str
    stage: str
    starts: int
    members: int
    capacity: int
    ended: int | None = None


@dataclass(frozen=True)
class Place:
    """One organisation to be."""

    name: str
    slug: str
    nation: str
    domain: str
    known: list[Known]
    numbers: dict[str, int]
    cohorts: list[Plan]
    auditor: Known | None = None


DEMO = Place(
    name="Riverside and Castle Hill",
    slug="demo",
    nation=Nation.ENGLAND,
    domain="trust.example",
    known=[
        Known("Joanna", "Kaur", "head@demo.example", "head"),
        Known("Anwen", "Haddad", "supervisor@demo.example", "supervisor"),
        Known("Blessing", "Adeyemi", "psw@demo.example", "psw"),
    ],
    numbers={"head": 1, "supervisor": 16, "supervisor psw": 1, "psw": 160},
    cohorts=[
        Plan("Harbour pilot", Stage.CLOSED, -540, 18, 20, ended=-120),
        Plan("Critical care circle", Stage.ACTIVE, -400, 22, 24),
        Plan("Riverside wards", Stage.ACTIVE, -160, 24, 24),
        Plan("Maternity circle", Stage.ACTIVE, -250, 14, 16),
        Plan("Night shift network", Stage.ACTIVE, -100, 26, 28),
        Plan("Community teams", Stage.TRAINING, -25, 26, 30),
        Plan("Facilities and estates", Stage.RECRUITING, 21, 12, 20),
        Plan("New starters", Stage.PLANNED, 70, 8, 20),
    ],
    auditor=Known("Sinéad", "Walsh", "ig@demo.example", ""),
)
OTHER = Place(
    name="Northgate Community Health",
    slug="other",
    nation=Nation.WALES,
    domain="northgate.example",
    known=[
        Known("Gareth", "Pugh", "head@other.example", "head"),
        Known("Lowri", "Jenkins", "supervisor@other.example", "supervisor"),
        Known("Owen", "Roberts", "psw@other.example", "psw"),
    ],
    numbers={"supervisor": 2, "psw": 14},
    cohorts=[
        Plan("Valleys", Stage.ACTIVE, -200, 10, 12),
        Plan("Coast", Stage.TRAINING, -20, 4, 12),
    ],
)


@transaction.atomic
def build(place: Place) -> Organisation:
    """Make one organisation with everything in it."""
    organisation = Organisation.objects.create(
        name=place.name, slug=place.slug, nation=place.nation
    )
    with timezone.override(organisation.zone):
        Builder(place, organisation).build()
    return organisation


class Builder:
    """One organisation in the making."""

    def __init__(self, place: Place, organisation: Organisation) -> None:
        self.place = place
        self.organisation = organisation
        self.today = timezone.localdate()
        self.random = Random(place.slug)

    def build(self) -> None:
        self.import_people()
        self.open_accounts()
        for plan in self.place.cohorts:
            self.form(plan)
        self.go_through_six_months()
        delivery.send_for_three_weeks(
            self.organisation, now=timezone.now(), spare=self.demo_people()
        )
        self.leave_something_for_today()

    def import_people(self) -> None:
        roster = rows(
            self.place.known, self.place.numbers, domain=self.place.domain, today=self.today
        )
        import_file(as_file(roster), organisation=self.organisation)
        everybody = User.objects.filter(organisation=self.organisation)
        self.head = everybody.get(email=self.place.known[0].email)
        self.supervisors = list(
            User.objects.holding(Role.SUPERVISOR)
            .filter(organisation=self.organisation)
            .order_by("pk")
        )
        known = Person.objects.get(email=self.place.known[2].email)
        workers = Person.objects.filter(organisation=self.organisation).placeable()
        self.workers = [known, *workers.exclude(pk=known.pk).order_by("pk")]

    def open_accounts(self) -> None:
        """Let the demo accounts sign in, and most others have done so."""
        if self.place.auditor:
            auditor = User.objects.create_user(
                self.place.auditor.email,
                organisation=self.organisation,
                given_name=self.place.auditor.first_name,
                family_name=self.place.auditor.last_name,
            )
            grant_role(auditor, Role.IG_AUDITOR, by=self.head)
        people = User.objects.filter(organisation=self.organisation)
        open_to = [*self.place.known, *filter(None, [self.place.auditor])]
        people.filter(email__in=[person.email for person in open_to]).update(
            password=make_password(PASSWORD)
        )
        last = self.workers[-6].pk
        people.exclude(pk__gte=last).update(last_login=timezone.now() - timedelta(days=2))

    def form(self, plan: Plan) -> None:
        """Start a cohort on its first day; people join then, or a few days later."""
        starts_on = self.today + timedelta(days=plan.starts)
        cohort = Cohort.objects.create(
            organisation=self.organisation,
            name=plan.name,
            stage=Stage.ACTIVE if plan.ended else plan.stage,
            starts_on=starts_on,
            capacity=plan.capacity,
        )
        chosen = self.take(plan)
        placements = [
            Placement(worker, supervisor=self.supervisor_of(place, worker))
            for place, worker in enumerate(chosen)
        ]
        placing = actions.place_many(placements, cohort=cohort, on=starts_on, by=self.head)
        self.date_back(placing, starts_on)
        if plan.ended:
            self.close(cohort, on=self.today + timedelta(days=plan.ended))

    def date_back(self, placing: Placing, starts_on: date) -> None:
        """Let it have been made when the cohort began, so that it cannot be undone any more."""
        made_on = min(starts_on, self.today - timedelta(days=7))
        made_at = datetime.combine(made_on, time(9), self.organisation.zone)
        placing.placed_at = made_at
        placing.save(update_fields=["placed_at"])
        placing.memberships.update(placed_at=made_at)

    def take(self, plan: Plan) -> list[User]:
        """The next workers who are in no cohort; the one with a demo account joins the wards."""
        wards = self.place.cohorts[2 if len(self.place.cohorts) > 2 else 0]
        known, others = self.workers[0], self.workers[1:]
        free = others if plan is not wards else [known, *others]
        chosen = free[: plan.members]
        self.workers = [worker for worker in self.workers if worker not in chosen]
        return list(chosen)

    def supervisor_of(self, place: int, worker: User) -> User | None:
        """The demo supervisor takes the first; a few have nobody yet."""
        if place % 23 == 21:
            return None
        others = [each for each in self.supervisors if each != worker]
        return others[0] if place < 2 else others[1 + place % (len(others) - 1)]

    def close(self, cohort: Cohort, *, on: date) -> None:
        for membership in cohort.memberships.select_related("worker"):
            actions.end_membership(
                membership, left_on=on, stage=Membership.Stage.ALUMNI, by=self.head
            )
            actions.end_role(membership.worker, Role.PSW, by=self.head)
        cohort.stage, cohort.ends_on = Stage.CLOSED, on
        cohort.save(update_fields=["stage", "ends_on"])

    def go_through_six_months(self) -> None:
        begun = Membership.objects.current().filter(
            organisation=self.organisation, joined_on__lte=self.today
        )
        begun.filter(cohort__stage=Stage.ACTIVE).update(stage=Membership.Stage.ACTIVE)
        assignments = SupervisorAssignment.objects.current().filter(membership__in=begun)
        mine = assignments.filter(supervisor=self.supervisors[0]).order_by("pk")
        others = mine.exclude(worker__email=self.place.known[2].email)
        friday = self.today + timedelta(days=max(0, 4 - self.today.weekday()))
        due_on = dict(zip(others.values_list("pk", flat=True), (self.today, friday), strict=False))
        history.supervise(
            list(
                assignments.select_related("worker", "supervisor", "membership__cohort").order_by(
                    "pk"
                )
            ),
            random=self.random,
            today=self.today,
            due_on=due_on,
        )
        history.check_in_for_half_a_year(
            list(begun.select_related("worker").order_by("pk")),
            random=self.random,
            today=self.today,
            always=self.demo_people(),
        )

    def demo_people(self) -> set[int]:
        emails = [person.email for person in self.place.known]
        return set(User.objects.filter(email__in=emails).values_list("pk", flat=True))

    def leave_something_for_today(self) -> None:
        """A session to be reminded of, a group, a pause, a leave, a share, a wish to talk."""
        mine = self.supervised_by(self.supervisors[0])
        known = mine.get(worker__email=self.place.known[2].email)
        others = list(mine.exclude(pk=known.pk).filter(membership__stage=Membership.Stage.ACTIVE))
        soon = datetime.combine(self.two_working_days_on(), time(9), self.organisation.zone)
        history.meet_soon(known, at=soon, random=self.random)
        history.agree_on_something(known)
        history.would_like_to_talk(others[0].worker, asked=self.supervisors[0])
        last = CheckIn.objects.of(known.worker).order_by("answered_on").last()
        if last is not None:
            share(last, with_=self.supervisors[0])
            RecordRead.note(self.supervisors[0], [known.worker], record=last, on=last.answered_on)
        theirs = list(self.supervised_by(self.supervisors[1])[:4])
        history.meet_as_a_group(theirs, on=self.today - timedelta(days=1), random=self.random)
        theirs[0].membership.pause()
        for away in others[2:3]:
            until = self.today + timedelta(days=9)
            leave.enter(away.worker, starts_on=self.today, ends_on=until, by=self.head)

    def supervised_by(self, supervisor: User) -> QuerySet[SupervisorAssignment]:
        return (
            SupervisorAssignment.objects.current()
            .filter(supervisor=supervisor, starts_on__lte=self.today)
            .select_related("worker", "supervisor", "membership__cohort")
            .order_by("pk")
        )

    def two_working_days_on(self) -> date:
        day = self.today
        for _ in range(2):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
        return day


def import_file(content: bytes, *, organisation: Organisation) -> None:
    """Import a roster as the command does."""
    for _decisions in apply(planning.plan(read(content), organisation), by=None):
        pass
