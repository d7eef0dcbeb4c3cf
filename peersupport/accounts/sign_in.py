"""allauth's forms in this service's words: each error says what to enter."""

from typing import TYPE_CHECKING, Any

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words


def _word(
    form: forms.Form, name: str, label: "Words", missing: "Words", hint: "Words | str" = ""
) -> None:
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.error_messages["required"] = missing


class NewPassword(forms.Form):
    """A new password, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _(
            "At least 12 characters. Three words that do not belong together are easy to keep."
        )
        _word(self, "password1", _("New password"), _("Enter a new password"), hint)
        _word(self, "password2", _("The new password again"), _("Enter the new password again"))

    def clean(self) -> dict[str, Any]:
        """Instead of allauth's, which compares the same two in words of its own."""
        first, again = (self.cleaned_data.get(name) for name in ("password1", "password2"))
        if first and again and first != again:
            self.add_error("password2", _("Enter the same new password both times"))
        return self.cleaned_data


class LoginForm(allauth.LoginForm):
    """Who is it?"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "login", _("E-mail address"), _("Enter your e-mail address"))
        _word(self, "password", _("Password"), _("Enter your password"))


class ResetPasswordForm(allauth.ResetPasswordForm):
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "email", _("E-mail address"), _("Enter your e-mail address"))


class ResetPasswordKeyForm(NewPassword, allauth.ResetPasswordKeyForm):
    """A new password, from the link."""


class ChangePasswordForm(NewPassword, allauth.ChangePasswordForm):
    """A new password, from the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", _("Password now"), _("Enter the password you have now"))
