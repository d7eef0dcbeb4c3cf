"""The stock Django admin on our models, made well: what a row shows is fetched for all at once.

Whoever is signed in may do everything in it. It asks our own questions where a list is narrowed or
ordered, so that both show the same people; only the page is its own.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.utils import timezone

from cohorts.models import Membership, Person, SupervisorAssignment
from peersupport.accounts.models import RoleGrant
from supervision import caseload, programme
from supervision.models import AgreedAction, Attendance, Session

A_PAGE = 50


class Site(admin.AdminSite):
    """An admin for everybody."""

    def has_permission(self, request: HttpRequest) -> bool:
        return True


class Open:
    """Every right to every row."""

    def _yes(self, *args: Any, **kwargs: Any) -> bool:
        return True

    has_module_permission = has_view_permission = _yes
    has_add_permission = has_change_permission = has_delete_permission = _yes


site = Site("peer")
own_fields = Site("peer-own-fields")
overdue = Site("peer-overdue")


class People(Open, admin.ModelAdmin):
    """Who is there, with role, place, cohort and supervisor, as our list shows them."""

    list_display = ("name", "email", "roles", "site", "team", "cohort", "supervisor")
    list_per_page = A_PAGE
    ordering = ("family_name", "given_name", "pk")

    def get_queryset(self, request: Any) -> QuerySet[Person]:
        current = Membership.objects.current().select_related("cohort").with_supervision()
        return (
            Person.objects.filter(organisation=request.user.organisation_id)
            .select_related("roster_entry")
            .prefetch_related(
                Prefetch("memberships", current, "in_cohorts"),
                Prefetch("role_grants", RoleGrant.objects.current(), "roles_held"),
            )
        )

    def roles(self, person: Any) -> str:
        return ", ".join(grant.get_role_display() for grant in person.roles_held)

    def site(self, person: Person) -> str:
        return person.roster_entry.site

    def team(self, person: Person) -> str:
        return person.roster_entry.team

    def cohort(self, person: Any) -> str:
        return ", ".join(str(membership.cohort) for membership in person.in_cohorts)

    def supervisor(self, person: Any) -> str:
        return ", ".join(
            str(assignment.supervisor)
            for membership in person.in_cohorts
            for assignment in membership.supervision
        )


class PeopleOwnFields(Open, admin.ModelAdmin):
    """The least an admin's list can show: columns of the table itself."""

    list_display = ("family_name", "given_name", "email", "is_active")
    list_per_page = A_PAGE
    ordering = ("family_name", "given_name", "pk")

    def get_queryset(self, request: Any) -> QuerySet[Person]:
        return Person.objects.filter(organisation=request.user.organisation_id)


class Assignments(Open, admin.ModelAdmin):
    """One row for each person supervised."""

    list_per_page = A_PAGE

    def cohort(self, assignment: SupervisorAssignment) -> str:
        return str(assignment.membership.cohort)

    def joined_on(self, assignment: SupervisorAssignment) -> Any:
        return assignment.membership.joined_on

    def booked_at(self, assignment: Any) -> Any:
        return assignment.booked_at


class Caseload(Assignments):
    """Those whom the one who is signed in supervises."""

    list_display = ("worker", "cohort", "booked_at", "next_due_on", "last_held_on", "joined_on")

    def get_queryset(self, request: Any) -> QuerySet[SupervisorAssignment]:
        return caseload.next_first(caseload.of(request.user))


class Overdue(Assignments):
    """Those due this week, or before, with nothing booked."""

    list_display = ("worker", "cohort", "next_due_on", "last_held_on", "supervisor")

    def get_queryset(self, request: Any) -> QuerySet[SupervisorAssignment]:
        return caseload.next_due_first(programme.due(request.user))


class Attendances(Open, admin.TabularInline):
    model = Attendance
    fields = ("worker", "attended")
    raw_id_fields = ("worker",)
    extra = 1


class Actions(Open, admin.TabularInline):
    model = AgreedAction
    fields = ("owner", "words", "due_on")
    raw_id_fields = ("owner",)
    extra = 1


class Sessions(Open, admin.ModelAdmin):
    """Logs a session; the due date is brought up to date by hand, as no admin does it by itself."""

    fields = ("kind", "mode", "held_on", "minutes", "outcome", "themes", "shared_note")
    inlines = (Attendances, Actions)

    def save_model(self, request: Any, obj: Session, form: Any, change: bool) -> None:
        obj.organisation, obj.supervisor = request.user.organisation, request.user
        obj.logged_at, obj.logged_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: Any, form: forms.Form, formset: BaseModelFormSet, change: bool
    ) -> None:
        row: Model | Any
        for row in formset.save(commit=False):
            row.organisation = request.user.organisation
            row.save()

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        session = form.instance
        for attendance in session.attendances.all():
            assignment = SupervisorAssignment.objects.get(
                supervisor=request.user, worker=attendance.worker, ends_on=None
            )
            assignment.last_held_on = session.held_on
            assignment.reckon()
            assignment.save()


site.register(Person, People)
site.register(SupervisorAssignment, Caseload)
site.register(Session, Sessions)
own_fields.register(Person, PeopleOwnFields)
overdue.register(SupervisorAssignment, Overdue)
