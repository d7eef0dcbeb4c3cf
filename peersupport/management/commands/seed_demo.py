"""Make two demo organisations with people, cohorts and six months of history."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from peersupport.accounts.models import Organisation
from peersupport.demo.build import DEMO, OTHER, PASSWORD, build


class Command(BaseCommand):
    """The demo accounts have a password that everybody knows: embedded only."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Demo accounts have a known password: use `make run` for the demo.")
        for place in (DEMO, OTHER):
            if Organisation.objects.filter(slug=place.slug).exists():
                self.stdout.write(f"{place.name} is here already")
                continue
            build(place)
            people = ", ".join(known.email for known in place.known)
            self.stdout.write(f"{place.name}: {people} (password {PASSWORD})")
