"""One tap from an e-mail: a session that was booked was held as planned."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from peersupport.accounts.http import SignedInRequest
from peersupport.accounts.models import User
from supervision import actions
from supervision.models import Session


class HeldForm(forms.Form):
    """Nothing to fill in: only that this form is pressed once."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


@require_http_methods(["GET", "HEAD", "POST"])
def session_held(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks; a press logs it with the day, length and mode as planned, and everybody there."""
    session = get_object_or_404(Session.objects.given_by(request.user), pk=pk)
    if not Session.objects.to_log().filter(pk=pk).exists():
        messages.info(request, _("This session does not wait to be logged"))
        return redirect(session)
    form = HeldForm(request.POST or None)
    workers = _asked(session, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.log_session(
                actions.Record(held_on=session.held_on, minutes=session.minutes, mode=session.mode),
                workers=workers,
                by=request.user,
                form_key=form.cleaned_data["form_key"],
                group=session.is_group,
                booked_pk=session.pk,
            )
        except (actions.AlreadyLogged, actions.NotBooked, actions.NotSupervised):
            messages.warning(request, _("Something has changed. Please log it here"))
        else:
            messages.success(request, _("Logged: held as planned"))
        return redirect(session)
    log_url = f"{reverse('supervision:log')}?session={session.pk}"
    context = {"session": session, "workers": workers, "form": form, "log_url": log_url}
    return render(request, "supervision/session_held.html", context)


def _asked(session: Session, supervisor: User) -> list[User]:
    """Those asked to it whom the supervisor supervises now."""
    asked = User.objects.filter(attendances__session=session).order_by("pk")
    return list(asked.filter(supervised_in__in=supervisor.supervises_in.current()).distinct())
