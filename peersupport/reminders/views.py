"""The delivery log, and one's own e-mails."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peersupport.accounts.http import SignedInRequest
from peersupport.reminders import log
from peersupport.reminders.models import Reminder

A_PAGE = 50


@require_safe
def reminder_list(request: SignedInRequest) -> HttpResponse:
    """A head reads the organisation's log, an auditor without names, everybody else their own."""
    user = request.user
    whole = (user.is_head or user.is_ig_auditor) and "mine" not in request.GET
    seen = Reminder.objects.visible_to(user)
    rows = seen if whole else seen.filter(recipient=user)
    page = Paginator(_latest_first(rows), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [log.Entry(reminder) for reminder in page],
        "undecided": [log.Entry(r) for r in _undecided(rows)] if whole and user.is_head else [],
        "whole": whole,
        "names": whole and user.is_head,
        "figures": log.figures(rows),
    }
    return render(request, "reminders/reminder_list.html", context)


@require_safe
def reminder_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One e-mail, for whoever it went to: nobody else reads the words."""
    own = Reminder.objects.filter(recipient=request.user).select_related("recipient")
    reminder = get_object_or_404(own, pk=pk)
    context = {"entry": log.Entry(reminder), "words": log.message_of(reminder)}
    return render(request, "reminders/reminder_detail.html", context)


@require_POST
def reminder_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """It arrived, or send it again: a head decides, and the decision is recorded."""
    undecided = Reminder.objects.manageable_by(request.user).filter(state__in=log.UNDECIDED)
    reminder = get_object_or_404(undecided, pk=pk)
    if request.POST.get("choice") == "arrived":
        settled = reminder.take_as_arrived(by=request.user)
        words = _("Noted: it arrived")
    else:
        settled = reminder.send_again(by=request.user)
        words = _("It will be sent again")
    if settled:
        messages.success(request, words)
    else:
        messages.warning(request, _("Somebody has decided about this e-mail already"))
    return redirect("reminders:reminder-list")


def _latest_first(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    return rows.select_related("recipient").order_by("-due_at", "-pk")


def _undecided(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    return _latest_first(rows.filter(state__in=log.UNDECIDED))[:A_PAGE]
