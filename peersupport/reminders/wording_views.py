"""Where a head words the e-mails of the organisation."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import Role
from peersupport.reminders import kinds, letters, wordings
from peersupport.reminders.forms import WordingForm
from peersupport.reminders.kinds import Kind
from peersupport.reminders.models import Wording


@dataclass(frozen=True)
class Line:
    """One kind of e-mail as the list shows it."""

    kind: Kind
    wording: Wording | None

    @property
    def subject(self) -> str:
        return str((self.wording or self.kind).subject)

    @property
    def goes_to(self) -> str:
        return _goes_to(self.kind)

    @property
    def is_sent(self) -> bool:
        """Whether the organisation's wording is what goes out."""
        return self.wording is not None and self.wording.still_fits(self.kind)


@require_safe
def wording_list(request: SignedInRequest) -> HttpResponse:
    """Every kind of e-mail, with what it says in this organisation."""
    if not request.user.is_head:
        raise Http404
    own = Wording.objects.manageable_by(request.user).current().select_related("written_by")
    by_kind = {wording.kind: wording for wording in own}
    worded = [kind for kind in kinds.every() if kind.may_be_worded]
    lines = [Line(kind, by_kind.get(kind.name)) for kind in worded]
    return render(request, "reminders/wording_list.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def wording_edit(request: SignedInRequest, kind: str) -> HttpResponse:
    """One kind: shown as it will look before it is saved, where that is asked for."""
    is_there = kinds.is_known(kind) and kinds.named(kind).may_be_worded
    if not (request.user.is_head and is_there):
        raise Http404
    current = _current(request, kind)
    data = request.POST if request.method == "POST" else None
    form = WordingForm(data, kind=kinds.named(kind), current=current)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        try:
            wordings.write(form.draft, by=request.user)
        except wordings.ChangedMeanwhile:
            current = _current(request, kind)
            form.changed_meanwhile(current)
        else:
            messages.success(request, _("Saved. E-mails say so from now on"))
            return redirect("reminders:wording-list")
    context = {
        "form": form,
        "kind": form.kind,
        "goes_to": _goes_to(form.kind),
        "current": current,
        "preview": _preview(form, request.user.organisation.name),
    }
    return render(request, "reminders/wording_edit.html", context)


@require_POST
def wording_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to what the service says itself."""
    wording = get_object_or_404(Wording.objects.manageable_by(request.user), pk=pk)
    if wording.end(by=request.user):
        messages.success(request, _("The original wording is used again"))
    else:
        messages.warning(request, _("Somebody has changed this e-mail meanwhile. It stays so"))
    return redirect("reminders:wording-edit", wording.kind)


def _current(request: SignedInRequest, kind: str) -> Wording | None:
    own = Wording.objects.manageable_by(request.user).current().filter(kind=kind)
    return own.select_related("written_by").first()


def _goes_to(kind: Kind) -> str:
    """In words, who gets e-mails of this kind; nobody has a role who is only invited."""
    return ", ".join(str(role.label) for role in Role if role in kind.roles) or _("People invited")


def _preview(form: WordingForm, organisation: str) -> dict[str, str] | None:
    """The message as text, with an example in each place; None while something is wrong."""
    said = form.cleaned_data if form.is_bound else form.initial
    examples = {name: str(each.example) for name, each in form.kind.placeholders.items()}
    if form.errors or kinds.placeholders(str(said["words"])) != examples.keys():
        return None
    part = letters.Part(
        subject=str(said["subject"]),
        words=kinds.filled(str(said["words"]), examples),
        link=kinds.link_to(reverse("home")),
        button=str(form.kind.button),
        why=str(form.kind.why),
    )
    text, _html = letters.bodies(organisation, [part], choose=bool(form.kind.roles))
    return {"subject": part.subject, "text": text.strip()}
