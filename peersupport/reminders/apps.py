"""The outbox: every e-mail owed is a row."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RemindersConfig(AppConfig):
    """Knows no domain: each app's `reminders` module registers its kinds here."""

    name = "peersupport.reminders"
    label = "reminders"

    def ready(self) -> None:
        autodiscover_modules("reminders")
