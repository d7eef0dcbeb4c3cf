"""The same pages as a tutorial would teach them: loops in templates, a query for each row.

Nothing is denormalised: when the next session is due is worked out from the sessions.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from cohorts.models import Membership, Person, SupervisorAssignment
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision.models import AgreedAction, Attendance, Session

A_PAGE = 50


class People(ListView):
    """Everybody of the organisation."""

    paginate_by = A_PAGE
    template_name = "bench/people.html"

    def get_queryset(self) -> QuerySet[Person]:
        people = Person.objects.filter(organisation=self.request.user.organisation)  # type: ignore[union-attr]
        return people.order_by("family_name", "given_name", "pk")


class Supervisee:
    """Somebody supervised; every question is a query."""

    def __init__(self, assignment: SupervisorAssignment) -> None:
        self.assignment = assignment
        self.worker = assignment.worker
        self.membership = assignment.membership
        self.cohort = assignment.membership.cohort
        self.supervisor = assignment.supervisor
        self.last_held_on = self._last_held_on()
        self.next_due_on = self._next_due_on()
        self.booked = self._booked()

    def _last_held_on(self) -> date | None:
        held = Session.objects.filter(
            attendances__worker=self.worker,
            attendances__attended=True,
            supervisor=self.supervisor,
            outcome="held",
        )
        last = held.order_by("-held_on").first()
        return last.held_on if last else None

    def _next_due_on(self) -> date:
        return self.cohort.cadence.next_due_on(
            in_role_since=self.membership.joined_on,
            counted_from=self.last_held_on or self.assignment.starts_on,
        )

    def _booked(self) -> Session | None:
        booked = Session.objects.filter(
            attendances__worker=self.worker,
            supervisor=self.supervisor,
            outcome="",
            cancelled_at=None,
            held_on__gte=timezone.localdate(),
        )
        return booked.order_by("starts_at").first()

    @property
    def is_paused(self) -> bool:
        return self.membership.stage == Membership.Stage.PAUSED

    @property
    def next_on(self) -> date:
        return self.booked.held_on if self.booked else self.next_due_on


@require_safe
def caseload(request: SignedInRequest) -> HttpResponse:
    assignments = SupervisorAssignment.objects.filter(supervisor=request.user, ends_on=None)
    people = sorted(
        (Supervisee(assignment) for assignment in assignments),
        key=lambda person: (person.is_paused, person.next_on, person.assignment.pk),
    )
    return render(request, "bench/supervisees.html", {"people": people})


@require_safe
def overdue(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    sunday = today + timedelta(days=6 - today.weekday())
    assignments = SupervisorAssignment.objects.filter(
        organisation=request.user.organisation, ends_on=None
    )
    everybody = (Supervisee(assignment) for assignment in assignments)
    due = sorted(
        (
            person
            for person in everybody
            if person.next_due_on <= sunday and not person.booked and not person.is_paused
        ),
        key=lambda person: (person.next_due_on, person.assignment.pk),
    )
    page = Paginator(due, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "bench/supervisees.html", {"people": page, "page": page})


@require_POST
def log(request: SignedInRequest) -> HttpResponse:
    """Save each object in turn, then work the due date out again from all sessions."""
    worker = User.objects.get(pk=request.POST["worker"])
    session = Session.objects.create(
        organisation=request.user.organisation,
        supervisor=request.user,
        mode=request.POST["mode"],
        held_on=timezone.localdate(),
        minutes=int(request.POST["minutes"]),
        outcome=request.POST["outcome"],
        themes=request.POST.getlist("themes"),
        shared_note=request.POST["shared_note"],
        logged_at=timezone.now(),
        logged_by=request.user,
    )
    Attendance.objects.create(organisation=session.organisation, session=session, worker=worker)
    AgreedAction.objects.create(
        organisation=session.organisation,
        session=session,
        owner=worker,
        words=request.POST["agreed"],
    )
    for assignment in SupervisorAssignment.objects.filter(
        Q(ends_on=None), supervisor=request.user, worker=worker
    ):
        person: Any = Supervisee(assignment)
        assignment.last_held_on = person.last_held_on
        assignment.next_due_on = person.next_due_on
        assignment.save()
    messages.success(request, f"Session with {worker.name} saved")
    return redirect("supervision:caseload")
