"""People and sign-in."""

from django.apps import AppConfig

from peersupport.accounts import words


class AccountsConfig(AppConfig):
    """Organisations, people, roles, invitations, and who has read what."""

    name = "peersupport.accounts"
    label = "accounts"

    def ready(self) -> None:
        words.speak()
