"""The delivery log, and one's own e-mails."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from peersupport.reminders import log
from peersupport.reminders.models import Reminder, ReminderQuerySet

A_PAGE = 50


@require_safe
def reminder_list(request: SignedInRequest) -> HttpResponse:
    """A head reads the organisation's log, an auditor without names, everybody else their own.

    What is to come is a list of its own.
    """
    user = request.user
    whole = (user.is_head or user.is_ig_auditor) and "mine" not in request.GET
    seen = Reminder.objects.visible_to(user)
    rows = seen if whole else seen.filter(recipient=user)
    to_come, decides = "coming" in request.GET, whole and user.is_head
    undecided = _to_decide(rows) if decides and not to_come else []
    listed = rows.to_come() if to_come else rows.settled()
    if decides:
        listed = listed.exclude(pk__in=rows.undecided())
    page = Paginator(_with_whom(listed), A_PAGE).get_page(request.GET.get("page"))
    figures = log.figures(rows)
    context = {
        "page": page,
        "rows": [log.Entry(reminder, user) for reminder in page],
        "undecided": [log.Entry(reminder, user) for reminder in undecided],
        "more_undecided": max(0, figures.undecided - A_PAGE),
        "title": _title(whole, to_come),
        "whole": whole,
        "to_come": to_come,
        "names": decides,
        "figures": figures,
    }
    return render(request, "reminders/reminder_list.html", context)


@require_safe
def reminder_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One e-mail, for whoever it went to: nobody else reads the words."""
    own = Reminder.objects.filter(recipient=request.user).select_related("recipient")
    reminder = get_object_or_404(own, pk=pk)
    context = {"entry": log.Entry(reminder, request.user), "words": log.message_of(reminder)}
    return render(request, "reminders/reminder_detail.html", context)


@require_POST
def reminder_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """A head decides about one that is undecided, and the decision is recorded."""
    reminder = get_object_or_404(Reminder.objects.manageable_by(request.user), pk=pk)
    choice, choices = request.POST.get("choice", ""), log.Entry(reminder, request.user).choices
    if choices and choice not in choices:
        messages.error(request, _what_to_choose(choices))
    elif choices and _settle(reminder, choice, request.user):
        messages.success(request, _SETTLED[choice])
    else:
        messages.warning(request, _("Somebody has decided about this e-mail already"))
    return redirect("reminders:reminder-list")


_SETTLED = {
    "arrived": gettext_lazy("Noted: it arrived"),
    "again": gettext_lazy("It will be sent again"),
    "not_needed": gettext_lazy("Noted: it is no longer needed"),
}


def _settle(reminder: Reminder, choice: str, by: User) -> bool:
    """Do what was chosen; False when somebody was quicker."""
    if choice == "arrived":
        return reminder.take_as_arrived(by=by)
    if choice == "again":
        return reminder.send_again(by=by)
    return reminder.take_as_not_needed(by=by)


def _what_to_choose(choices: dict[str, str]) -> str:
    *others, last = [f"“{words}”" for words in choices.values()]
    return _("Choose %(others)s or %(last)s") % {"others": ", ".join(others), "last": last}


def _title(whole: bool, to_come: bool) -> str:
    if whole:
        return _("Reminders to come") if to_come else _("Reminders")
    return _("E-mails to come") if to_come else _("E-mails I get")


def _to_decide(rows: ReminderQuerySet) -> QuerySet[Reminder]:
    """The first that need a decision, each with what went in the same message.

    `invited_person` is whoever the roster brought under the address of an invitation.
    """
    invited = User.objects.annotate(address=Lower("email")).filter(
        address=OuterRef("invitation__email"), organisation=OuterRef("organisation")
    )
    decisions = _with_whom(rows.decisions().settled()).prefetch_related("bundled")
    return decisions.annotate(invited_person=Subquery(invited.values("pk")[:1]))[:A_PAGE]


def _with_whom(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    return rows.select_related("recipient", "invitation")
