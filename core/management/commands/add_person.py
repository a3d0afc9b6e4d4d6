"""`manage.py add_person NAME --role ROLE | --superuser`: make a login, and print its first password, this once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.groups import ROLES
from core.services import add_person


class Command(BaseCommand):
    help = "Make a login for somebody of the office, and print their first password, which they must change at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", action="append", default=[], help=f"{', '.join(ROLES)}; more than once for more")
        parser.add_argument("--superuser", action="store_true", help="an administrator, who may do everything")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--reason", default="made at the server's terminal", help="kept in the log")

    def handle(self, *args: Any, username: str, role: list[str], superuser: bool, **options: Any) -> None:
        try:
            given = add_person(
                username=username,
                roles=role,
                is_superuser=superuser,
                first_name=options["first_name"],
                last_name=options["last_name"],
                email=options["email"],
                reason=options["reason"],
                now=timezone.now(),
                actor=None,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        # The password alone goes to standard output, so that a script can catch it.
        self.stdout.write(given.secret)
        self.stderr.write(f"{given.user} signs in with it once, until {given.good_to:%B %d, %Y}, and chooses another.")
