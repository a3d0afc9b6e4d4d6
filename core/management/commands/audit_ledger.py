"""``manage.py audit_ledger``: run every audit, print what each found, and exit with 1 when one found something."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core.services.audits import run_audits


class Command(BaseCommand):
    help = "Run the audits of every app, keep the results, and exit with 1 when one finds something."

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_audits()
        for result in run.results.all():
            mark = self.style.ERROR("✗") if result.findings else self.style.SUCCESS("✓")
            self.stdout.write(f"{mark} {result.name}: {result.promise}")
            for sentence in result.sample:
                self.stdout.write(f"    {sentence}")
            if result.findings > len(result.sample):
                self.stdout.write(f"    … and {result.findings - len(result.sample)} more")
        if run.findings:
            self.stdout.write(self.style.ERROR(f"Findings: {run.findings}."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("No findings."))
