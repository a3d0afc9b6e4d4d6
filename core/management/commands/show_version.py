"""``manage.py show_version``: which version this is, and how the database stands to it; exit 1 where they differ."""

import sys
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.migrated import open_session, read_standing, say_lacking, say_unknown


class Command(BaseCommand):
    help = "Print the version of the product and of what it stands on, and exit with 1 when the database is of another."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Fleet ledger {settings.VERSION}")
        self.stdout.write(f"Python {sys.version.split()[0]}, Django {django.get_version()}")
        try:
            with open_session() as session:
                server = session.info.parameter_status("server_version")
                standing = read_standing(session)
        except psycopg.Error as error:
            raise CommandError(f"The database does not answer: {error}") from error
        told = [
            *([say_lacking(standing)] if standing.must_migrate else []),
            *([say_unknown(standing)] if standing.unknown else []),
        ]
        self.stdout.write(f"PostgreSQL {server}: " + (" ".join(told) or "migrated by this version."))
        if told:
            sys.exit(1)
