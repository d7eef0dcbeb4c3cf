"""Leave: one's own, and for a head everybody's. Dates only; nobody is asked why."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cohorts.heads import heads_only
from cohorts.leave import away_until
from cohorts.models import Leave, Person
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import leave as actions
from supervision.leave_forms import LeaveForm
from supervision.models import Session
from supervision.templatetags.moments import at_time

A_PAGE = 20
MOST_TO_COME = 20


@require_safe
def my_leave(request: SignedInRequest) -> HttpResponse:
    """When one is away, and was."""
    context = _listed(request.user)
    past = Leave.objects.filter(person=request.user).over()
    context["page"] = Paginator(past, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "supervision/leave_list.html", context)


@require_safe
@heads_only
def person_leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """When somebody is away, for a head; what is past is theirs alone."""
    person = get_object_or_404(Person.objects.manageable_by(request.user), pk=pk)
    return render(request, "supervision/leave_list.html", _listed(person) | {"person": person})


def _listed(person: User) -> dict[str, Any]:
    leaves = Leave.objects.filter(person=person).not_over()[:MOST_TO_COME]
    return {"leaves": leaves, "away_until": away_until(person)}


@require_http_methods(["GET", "HEAD", "POST"])
def my_leave_new(request: SignedInRequest) -> HttpResponse:
    return _new(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@heads_only
def person_leave_new(request: SignedInRequest, pk: int) -> HttpResponse:
    return _new(request, get_object_or_404(Person.objects.manageable_by(request.user), pk=pk))


def _new(request: SignedInRequest, person: User) -> HttpResponse:
    form = LeaveForm(request.POST or None)

    def enter() -> None:
        actions.enter(person, **form.days(), by=request.user)

    return _filled_in(request, form, person, enter)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other dates for a leave that is not over."""
    leave = _of_today_or_to_come(request, pk)
    initial = {"starts_on": leave.starts_on, "ends_on": leave.ends_on}
    form = LeaveForm(request.POST or None, initial=initial)

    def change() -> None:
        actions.change(leave, **form.days())

    return _filled_in(request, form, leave.person, change, leave)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Call it off, or be back earlier, after asking."""
    leave = _of_today_or_to_come(request, pk)
    if request.method == "POST":
        actions.end(leave)
        words = _("Welcome back") if leave.person == request.user else _("The leave has ended")
        messages.success(request, words if leave.has_begun else _("The leave is called off"))
        return redirect(_list_of(request, leave.person))
    context = _whose(request, leave.person) | {"leave": leave}
    return render(request, "supervision/leave_end.html", context)


def _of_today_or_to_come(request: SignedInRequest, pk: int) -> Leave:
    mine = Leave.objects.manageable_by(request.user).not_over().select_related("person")
    return get_object_or_404(mine, pk=pk)


def _filled_in(
    request: SignedInRequest,
    form: LeaveForm,
    person: User,
    save: Callable[[], None],
    leave: Leave | None = None,
) -> HttpResponse:
    """The form; once it is right, and any sessions in the way have been seen, `save`."""
    booked: list[Session] = []
    if request.method == "POST" and form.is_valid():
        in_it = actions.sessions_in(person, **form.days())
        seen_by = Session.objects.visible_to(request.user)
        booked = list(in_it.filter(pk__in=seen_by.values("pk")))
        if not form.asks_about(booked) and _saved(form, save):
            messages.success(request, _("Leave saved"))
            return redirect(_list_of(request, person))
    links = [_link(session, request.user) for session in booked]
    context = _whose(request, person) | {"form": form, "leave": leave, "booked": links}
    return render(request, "supervision/leave_form.html", context)


def _saved(form: LeaveForm, save: Callable[[], None]) -> bool:
    """Whether it was; else the form says what stands in the way."""
    try:
        save()
    except ValidationError as error:
        form.add_error("starts_on" if "overlap" in _codes(error) else "ends_on", error.messages)
        return False
    except Leave.DoesNotExist:
        form.add_error(None, _("Somebody has called this leave off meanwhile. Enter it anew"))
        return False
    return True


def _codes(error: ValidationError) -> set[str | None]:
    return {each.code for many in error.error_dict.values() for each in many}


def _link(session: Session, reader: User) -> dict[str, str]:
    """Where somebody can see to a session in their leave: whoever gives it can move it."""
    when = {"when": at_time(session.starts_at)}
    if session.supervisor_id == reader.pk:
        url = reverse("supervision:session-rearrange", args=[session.pk])
        return {"label": _("Rearrange %(when)s") % when, "url": url}
    words = when | {"name": session.supervisor.name}
    label = _("%(when)s, with %(name)s") % words
    return {"label": label, "url": session.get_absolute_url()}


def _whose(request: SignedInRequest, person: User) -> dict[str, Any]:
    """`person` where it is not one's own, and the way back."""
    others = {} if person == request.user else {"person": person}
    return {"up": _list_of(request, person), **others}


def _list_of(request: SignedInRequest, person: User) -> str:
    if person == request.user:
        return reverse("my-leave")
    return reverse("person-leave", args=[person.pk])
