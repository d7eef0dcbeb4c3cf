"""The form that takes a roster file."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cohorts import roster


class RosterForm(forms.Form):
    """Which file to import. What is wrong with it at first sight is said beside it."""

    file = forms.FileField(
        label=_("Which file do you want to import?"),
        help_text=_("CSV or Excel (.xlsx), up to 10 MB. Nothing changes until you confirm"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
        error_messages={
            "required": _("Choose a file"),
            "empty": _("The file is empty. Choose one with a row for each person"),
            "invalid": _("Choose a file"),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.add_input(Submit("check", _("Check this file")))

    def clean_file(self) -> bytes:
        """The bytes of the file. A file far too large is not even read."""
        file: UploadedFile = self.cleaned_data["file"]
        content = file.read(roster.LARGEST_FILE + 1)
        try:
            roster.glance(content)
        except roster.Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from unreadable
        self.file_name = roster.tidy(file.name or "")[:200]
        return content
