"""Check-ins: mine, a new one, one of them, and those shared with me."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checkins import actions, confidants, instruments, sharing, trend
from checkins.forms import CheckInForm
from checkins.models import CheckIn, HelpLine, TalkRequest
from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import RecordRead, User

PULSE = "pulse"
A_PAGE = 10


@require_safe
def check_in_list(request: SignedInRequest) -> HttpResponse:
    """My own, for whoever is a PSW or has been one."""
    mine = CheckIn.objects.of(request.user)
    page = Paginator(mine.with_shares().order_by("-answered_on", "-pk"), A_PAGE).get_page(
        request.GET.get("page")
    )
    if not request.user.is_psw and not page.object_list:
        raise Http404
    supervisors = confidants.of(request.user)
    facts = {
        "page": page,
        "entries": sharing.entries(list(page), supervisors),
        "trend": trend.of(request.user, PULSE),
        "talk_request": TalkRequest.objects.of(request.user).standing().first(),
        "help_lines": HelpLine.objects.shown_in(request.user.organisation),
    }
    return render(request, "checkins/check_in_list.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def check_in_new(request: SignedInRequest) -> HttpResponse:
    """Today's check-in: a new one, or the one already made, to change."""
    worker = request.user
    if not worker.is_psw:
        raise Http404
    posted = request.method == "POST"
    waiting = TalkRequest.objects.of(worker).waiting().first()
    supervisors = confidants.of(worker)
    earlier = _todays(worker)
    readers = _readers(earlier, supervisors)
    form = CheckInForm(
        request.POST if posted else None,
        instrument=instruments.get(PULSE),
        supervisors=supervisors,
        readers=readers,
        talk_to=None if waiting else confidants.to_talk_to(worker, supervisors),
        initial=earlier.answers if earlier else None,
    )
    if posted and form.is_valid():
        _save(worker, form)
        messages.success(request, _saved(form))
        return redirect("checkins:check-in-list")
    facts = {
        "form": form,
        "earlier": earlier,
        "readers": sharing.in_a_row(readers),
        "openers": sharing.in_a_row(_openers(earlier)),
        "waiting": waiting,
        "supervisors": supervisors,
    }
    return render(request, "checkins/check_in_new.html", facts)


def _todays(worker: User) -> CheckIn | None:
    today = timezone.localdate()
    mine = CheckIn.objects.of(worker).filter(instrument=PULSE, answered_on=today)
    return mine.with_shares().first()


def _readers(earlier: CheckIn | None, supervisors: list[User]) -> list[User]:
    """Who can read today's check-in now, besides its worker."""
    return sharing.entries([earlier], supervisors)[0].readers if earlier else []


def _openers(earlier: CheckIn | None) -> list[User]:
    """Who has opened it, whether they can still read it or not."""
    return [read.reader for read in sharing.reads(earlier)] if earlier else []


def _save(worker: User, form: CheckInForm) -> None:
    actions.check_in(
        worker,
        answers=form.answers,
        on=timezone.localdate(),
        shared_with=form.shared_with,
        talk_to=form.wants_to_talk_to,
    )


def _saved(form: CheckInForm) -> str:
    """What happened, without a word of what was answered."""
    if form.shared_with:
        names = sharing.in_a_row(form.shared_with)
        return _("Check-in saved, and shared with %(names)s") % {"names": names}
    if form.wants_to_talk_to is not None:
        return _(
            "Check-in saved. %(name)s is told that you would like to talk. Only you can read it"
        ) % {"name": form.wants_to_talk_to.name}
    return _("Check-in saved. Only you can read it")


@require_safe
def check_in_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One check-in, for its worker or whoever they share it with; others' reading is noted."""
    check_in = get_object_or_404(
        CheckIn.objects.readable_by(request.user).with_shares().select_related("worker"), pk=pk
    )
    mine = check_in.worker_id == request.user.pk
    facts = {"check_in": check_in, "mine": mine, "answers": check_in.answers_in_words}
    if mine:
        (facts["entry"],) = sharing.entries([check_in], confidants.of(request.user))
        facts["reads"] = sharing.reads(check_in)
        facts["help_lines"] = HelpLine.objects.shown_in(request.user.organisation)
    else:
        RecordRead.note(request.user, [check_in.worker], record=check_in, on=check_in.answered_on)
    return render(request, "checkins/check_in_detail.html", facts)


@require_POST
def check_in_share(request: SignedInRequest, pk: int) -> HttpResponse:
    check_in = get_object_or_404(CheckIn.objects.of(request.user).select_related("worker"), pk=pk)
    supervisor = _one_of(confidants.of(request.user), request.POST.get("person", ""))
    actions.share(check_in, with_=supervisor)
    messages.success(request, _("Shared with %(name)s") % {"name": supervisor.name})
    return redirect(check_in)


def _one_of(people: list[User], pk: str) -> User:
    for person in people:
        if str(person.pk) == pk:
            return person
    raise Http404


@require_POST
def check_in_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    check_in = get_object_or_404(CheckIn.objects.of(request.user), pk=pk)
    actions.take_back(check_in)
    messages.success(request, _("Taken back. Only you can read this check-in now"))
    return redirect(check_in)


@require_safe
def shared_with_me(request: SignedInRequest) -> HttpResponse:
    """Whose check-ins I can read. The answers are shown one at a time, so that each is noted."""
    if not request.user.is_supervisor:
        raise Http404
    shared = CheckIn.objects.of_others(request.user).order_by("-answered_on", "-pk")
    page = Paginator(shared, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "checkins/shared_with_me.html", {"page": page})
