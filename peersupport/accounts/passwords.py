"""Which passwords are taken, in the house's words: Django's rules, and what to do about each."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _


class LongEnough(rules.MinimumLengthValidator):
    """At least so many characters."""

    def get_error_message(self) -> str:
        return _("Use at least %(number)s characters") % {"number": self.min_length}


class NotLikeThemself(rules.UserAttributeSimilarityValidator):
    """Nothing that their name or address gives away."""

    def get_error_message(self) -> str:
        return _("Use a password that is not like your name or e-mail address")


class NotCommon(rules.CommonPasswordValidator):
    """None of the twenty thousand that are tried first."""

    def get_error_message(self) -> str:
        return _("Use a password that is harder to guess: three words that do not belong together")


class NotOnlyNumbers(rules.NumericPasswordValidator):
    """More than digits."""

    def get_error_message(self) -> str:
        return _("Use letters too, not only numbers")
