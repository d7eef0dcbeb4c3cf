"""What a form says where a field has no words of its own: what to enter, in the house's words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_DATE = _("Enter a real date, such as 30/11/2026")
_CHOICE = _("Choose from the list")
_FILE = _("Choose a file")

WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {
        "required": _("Fill this in"),
        "max_length": _("Enter %(limit_value)s characters or fewer"),
        "min_length": _("Enter %(limit_value)s characters or more"),
        "max_value": _("Enter %(limit_value)s or less"),
        "min_value": _("Enter %(limit_value)s or more"),
        "null_characters_not_allowed": _("Type this again: it has a character nobody can see"),
    },
    forms.EmailField: {"invalid": _("Enter a whole e-mail address, like name@example.nhs.uk")},
    forms.URLField: {"invalid": _("Enter a web address that begins with https://")},
    forms.IntegerField: {"invalid": _("Enter a whole number, such as 3")},
    forms.FloatField: {"invalid": _("Enter a number, such as 2.5")},
    forms.DecimalField: {"invalid": _("Enter a number, such as 2.5")},
    forms.DateField: {"invalid": _DATE},
    forms.DateTimeField: {"invalid": _DATE},
    forms.TimeField: {"invalid": _("Enter a time, such as 14:30")},
    forms.UUIDField: {"invalid": _("Open this page again, and fill it in once more")},
    forms.ChoiceField: {"invalid_choice": _CHOICE},
    forms.MultipleChoiceField: {"invalid_choice": _CHOICE, "invalid_list": _CHOICE},
    forms.ModelChoiceField: {"invalid_choice": _CHOICE},
    forms.ModelMultipleChoiceField: dict.fromkeys(
        ("invalid_choice", "invalid_list", "invalid_pk_value"), _CHOICE
    ),
    forms.FileField: {
        "invalid": _FILE,
        "missing": _FILE,
        "empty": _("Choose a file that is not empty"),
        "max_length": _("Choose a file with a shorter name"),
    },
}


def speak() -> None:
    """Give Django's fields these words, before the first form is made.

    A field begins with the words of its class, so no form can forget them, and allauth's have them.
    """
    for field, words in WORDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
