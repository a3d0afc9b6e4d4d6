"""``manage.py write_guards``: write down the definitions that are shipped, of a database made for it by the migrations.

To be run whenever a migration or an SQL file has changed; a test tells.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from core.guards import write_shipped


class Command(BaseCommand):
    help = "Make a database by the migrations alone, write what stands in it into each app's sql/shipped.txt, drop it."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = f"{name}_as_shipped"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            write_shipped()
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
        self.stdout.write("Written: what the migrations make.")
