"""Make an organisation and invite its first head of wellbeing."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cohorts.invitations import invite
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Nation, Organisation, Role


class Command(BaseCommand):
    """The only way to begin: everybody else is invited or imported by a head."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help='for example "Riverside and Castle Hill"')
        parser.add_argument("--slug", required=True, help="a short name for commands")
        parser.add_argument("--head", required=True, metavar="EMAIL")
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--nation", choices=Nation.values, default=Nation.ENGLAND)
        parser.add_argument("--time-zone", default="Europe/London")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation(
            name=options["name"],
            slug=options["slug"],
            nation=options["nation"],
            time_zone=options["time_zone"],
        )
        try:
            organisation.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        organisation.save()
        head = Invitee(options["head"], options["given_name"], options["family_name"], Role.HEAD)
        invite(head, organisation=organisation, by=None)
        self.stdout.write(f"{organisation} is made, and an invitation is owed to {options['head']}")
