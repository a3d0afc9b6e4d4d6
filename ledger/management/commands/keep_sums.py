"""``manage.py keep_sums``: add what was posted to the sums that are kept for reports, as a task does each hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger import services


class Command(BaseCommand):
    help = (
        "Add the postings and transfers that are not in the kept sums yet, as a task does each hour. With --anew the "
        "sums begin empty: for when the audit ledger.sums finds that they are not those of the postings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anew", action="store_true", help="begin with empty sums, and add up everything")

    def handle(self, *args: Any, **options: Any) -> None:
        count = services.keep_sums(anew=options["anew"])
        if count:
            self.stdout.write(f"Added what lies among {count:,} ids of postings and transfers.")
        else:
            self.stdout.write("Nothing was added: there is nothing new, or somebody is posting or adding just now.")
