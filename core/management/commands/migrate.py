"""Django's own ``migrate``, which first looks whether the database is of this layout."""

from typing import Any

from django.core.management.commands import migrate

from core.layout import keep_layout, refuse_older_layout


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        # Before anything is read of what was applied: Django would stop at the first name that both layouts have.
        refuse_older_layout(using=options["database"])
        if not (options["plan"] or options["check_unapplied"]):
            keep_layout(using=options["database"])
        return super().handle(*args, **options)
