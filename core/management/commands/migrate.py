"""Django's own ``migrate``: looks first at the layout, brings the functions, and last grants the product its part."""

from typing import Any

from django.core.management.commands import migrate

from core.grants import grant_privileges
from core.layout import keep_layout, refuse_older_layout
from core.upgrades import replace_functions


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        # Before anything is read of what was applied: Django would stop at the first name that both layouts have.
        refuse_older_layout(using=options["database"])
        if options["plan"] or options["check_unapplied"]:
            return super().handle(*args, **options)
        keep_layout(using=options["database"])
        told = super().handle(*args, **options)
        if not options["app_label"]:  # else some of what a function stands on may not be there
            replace_functions(using=options["database"])
        grant_privileges(using=options["database"])
        return told
