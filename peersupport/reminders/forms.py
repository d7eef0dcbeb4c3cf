"""The form with which a head words an e-mail."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peersupport.reminders.kinds import Kind, beside_placeholders, placeholders
from peersupport.reminders.wordings import Draft, Wording


class WordingForm(forms.ModelForm):
    """What one kind of e-mail says.

    Whatever is typed is text: an address of a web page stays as it is, for the intranet of a trust,
    and HTML is shown, never obeyed. The button always leads to this service.
    """

    # Which wording the page has shown; nothing where it was the service's own.
    shown = forms.IntegerField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": _("Open this page again, and change the wording once more")},
    )

    class Meta:
        model = Wording
        fields = ("subject", "words")
        labels = {"subject": _("Subject"), "words": _("What the e-mail says")}
        help_texts = {
            "subject": _("It shows on a locked phone. No names, and nothing is filled in here."),
            "words": _(
                "It is shown as it stands here. A button that leads to the page follows it."
            ),
        }
        widgets = {"words": forms.Textarea(attrs={"rows": 5})}
        error_messages = {
            "subject": {
                "required": _("Enter a subject"),
                "max_length": _("Use %(limit_value)s characters or fewer for the subject"),
            },
            "words": {
                "required": _("Enter what the e-mail says"),
                "max_length": _("Use %(limit_value)s characters or fewer for what the e-mail says"),
            },
        }

    def __init__(self, data: Any = None, *, kind: Kind, current: Wording | None) -> None:
        said = current or kind
        start = {"subject": said.subject, "words": said.words, "shown": current and current.pk}
        super().__init__(data, initial=start)
        self.kind = kind
        for name in ("subject", "words"):  # a browser would cut off what is pasted, without a word
            self.fields[name].widget.attrs.pop("maxlength")

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if "{" in subject or "}" in subject:
            raise forms.ValidationError(_("Leave { and } out of the subject: nothing is filled in"))
        return subject

    def clean_words(self) -> str:
        words = "\n".join(self.cleaned_data["words"].splitlines())
        needed, named = placeholders(str(self.kind.words)), placeholders(words)
        if unknown := sorted(named - needed):
            sentence = gettext("%(names)s is not something we can fill in")
            raise forms.ValidationError(sentence % {"names": _in_braces(unknown)})
        if missing := sorted(needed - named):
            sentence = gettext("Put %(names)s in: people need to know it")
            raise forms.ValidationError(sentence % {"names": _in_braces(missing)})
        if {"{", "}"} & set(beside_placeholders(words)):
            raise forms.ValidationError(
                _("Use { and } only around a name that is filled in, without spaces")
            )
        return words

    @property
    def draft(self) -> Draft:
        """What was written, once it is valid."""
        cleaned = self.cleaned_data
        return Draft(self.kind, cleaned["subject"], cleaned["words"], cleaned["shown"])

    def changed_meanwhile(self, current: Wording | None) -> None:
        """Ask again, on top of what somebody else has made of it; what was typed stays."""
        typed = cast(QueryDict, self.data).copy()
        typed["shown"] = str(current.pk) if current else ""
        self.data = typed
        if current:
            sentence = gettext(
                "%(name)s has changed this e-mail meanwhile. Read their wording below, and save "
                "again if yours is to take its place"
            ) % {"name": current.written_by}
        else:
            sentence = gettext(
                "Somebody has put the original wording back meanwhile. Save again if yours is to "
                "be used"
            )
        self.add_error(None, sentence)


def _in_braces(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
