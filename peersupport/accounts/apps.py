"""People and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Organisations, people, roles, invitations, and who has read what."""

    name = "peersupport.accounts"
    label = "accounts"
