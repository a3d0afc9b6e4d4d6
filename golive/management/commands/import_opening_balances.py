"""Import where the old system ended: ``manage.py import_opening_balances opening.xlsx``.

``--preview`` only says what it would do; ``--template`` writes the workbook to fill in.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.words import say_full_day, say_path
from golive import services
from golive.importers.workbook import make_template

ERRORS_SHOWN = 200


class Command(BaseCommand):
    help = "Import opening balances from a workbook: drivers, vehicles, leases, balances and plans at a cut-over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the workbook (XLSX)")
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--preview", action="store_true", help="say what it would do, and write nothing")
        only.add_argument("--template", action="store_true", help="write an empty workbook to this file instead")

    def handle(self, *args: Any, file: Path, preview: bool, template: bool, **options: Any) -> None:
        try:
            if template:
                with file.open("xb") as out:
                    out.write(make_template())
                self.stdout.write(f"{say_path(file)} is the workbook to fill in.")
            elif preview:
                summary = services.preview_opening(content=file.read_bytes(), today=timezone.localdate())
                self.report(summary)
                self.stdout.write("Nothing was written: it was done and undone.")
            else:
                self.import_file(file)
        except OSError as failure:
            raise CommandError(f"{say_path(file)}: {failure.strerror}.") from failure
        except services.OpeningRefused as refusal:
            for wrong in refusal.errors[:ERRORS_SHOWN]:
                self.stderr.write(str(wrong))
            raise CommandError(refusal.message) from refusal
        except DomainError as refusal:
            raise CommandError(f"{say_path(file)}: {refusal.message}") from refusal

    def import_file(self, file: Path) -> None:
        name = say_path(file.name)
        done = services.import_opening(
            file_name=name, content=file.read_bytes(), today=timezone.localdate(), actor=None
        )
        if done.summary is None:
            self.stdout.write(f"{name} was imported before, as {done.opening}; nothing was imported.")
            return
        self.report(done.summary)
        self.stdout.write(f"{name} is imported.")

    def report(self, summary: services.OpeningSummary) -> None:
        self.stdout.write(f"Cut-over: {say_full_day(summary.cut_on)}")
        for sheet in summary.sheets:
            self.stdout.write(f"{sheet.name}: {sheet.rows} rows, {sheet.amount}")
        for category in summary.categories:
            self.stdout.write(f"  {category.sheet}, {category.category}: {category.rows} rows, {category.amount}")
        for account in summary.accounts:
            self.stdout.write(f"  {account.account}: debit {account.debit}, credit {account.credit}")
