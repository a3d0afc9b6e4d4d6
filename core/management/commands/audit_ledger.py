"""``manage.py audit_ledger``: run every audit, print what each found, and exit with 1 when one found something."""

import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from core.audits import examine, list_audits
from core.services.audits import SAMPLE, run_audits


class Command(BaseCommand):
    help = "Run the audits of every app, keep the results, and exit with 1 when one finds something."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-record",
            action="store_true",
            help="keep nothing of the run: it only reads, and a role that may only read can do it",
        )

    def handle(self, *args: Any, no_record: bool = False, **options: Any) -> None:
        total = self.look() if no_record else self.run()
        if total:
            self.stdout.write(self.style.ERROR(f"Findings: {total}."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("No findings."))

    def run(self) -> int:
        """Run the audits, keep the results, and return how many findings there are."""
        run = run_audits()
        for result in run.results.all():
            self.tell(result.name, result.promise, result.sample, result.findings)
        return run.findings

    def look(self) -> int:
        """Run the audits and write nothing; what the role may not look at is told, and is no finding."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, has_any_column_privilege('core_audit_runs', 'INSERT')")
            role, is_product = cursor.fetchone()
        total = 0
        # Of the rights a role that only reads knows its own alone, and they are not those of the product.
        for one in examine(audit for audit in list_audits() if is_product or audit.name != "core.grants"):
            if one.is_denied:
                self.stdout.write(f"– {one.audit.name}: not looked at, since {role} may not. {one.findings[0]}")
                continue
            self.tell(one.audit.name, one.audit.promise, one.findings[:SAMPLE], len(one.findings))
            total += len(one.findings)
        if not is_product:
            self.stdout.write(f"– core.grants: not looked at, since {role} is not the product's role.")
        return total

    def tell(self, name: str, promise: str, sample: Sequence[str], findings: int) -> None:
        mark = self.style.ERROR("✗") if findings else self.style.SUCCESS("✓")
        self.stdout.write(f"{mark} {name}: {promise}")
        for sentence in sample:
            self.stdout.write(f"    {sentence}")
        if findings > len(sample):
            self.stdout.write(f"    … and {findings - len(sample)} more")
