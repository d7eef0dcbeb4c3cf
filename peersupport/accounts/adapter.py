"""How allauth behaves here: nobody signs up, people are invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "Check the e-mail address and the password: together they open no account"
        ),
        "enter_current_password": _("Enter the password you have now"),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try once more"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
