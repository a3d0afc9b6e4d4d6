"""Import CURB trips, from its service or from a file.

``manage.py import_curb --from 2026-11-15 --to 2026-11-21`` or ``manage.py import_curb --file trips.xml``.
"""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from curb import selectors, services
from curb.errors import CurbIncomplete

ERRORS_SHOWN = 20


class Command(BaseCommand):
    help = "Import CURB trips: of these days from CURB's service, or from a file (<trips><RECORD …/></trips>)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--file", type=Path, help="a file of trips")
        source.add_argument(
            "--from", type=date.fromisoformat, dest="from_on", metavar="YYYY-MM-DD", help="first day to ask CURB for"
        )
        parser.add_argument(
            "--to", type=date.fromisoformat, dest="to_on", metavar="YYYY-MM-DD", help="last day (default: the first)"
        )

    def handle(self, *args: Any, file: Path | None, from_on: date | None, to_on: date | None, **options: Any) -> None:
        if from_on is not None:
            self.import_days(from_on, to_on or from_on)
        elif file is not None:
            if to_on is not None:
                raise CommandError("--to goes with --from, not with a file.")
            self.import_file(file)

    def import_days(self, from_on: date, to_on: date) -> None:
        try:
            done = services.import_curb_earnings(from_on=from_on, to_on=to_on)
        except CurbIncomplete as refusal:
            for failure in refusal.facts["failures"]:
                self.stderr.write(failure)
            raise CommandError(refusal.message) from refusal
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"{done.trips} trips and {done.transactions} card transactions imported, {done.known} known before, "
            f"{done.errors} with errors. {self.say_waiting()}"
        )

    def import_file(self, file: Path) -> None:
        try:
            done = services.import_trips(file_name=file.name, content=file.read_bytes())
        except OSError as failure:
            raise CommandError(f"{file}: {failure.strerror}.") from failure
        except DomainError as refusal:
            raise CommandError(f"{file}: {refusal.message}") from refusal
        if not done.is_new:
            self.stdout.write(f"{file.name} was imported before; nothing changed.")
            return
        self.stdout.write(
            f"{done.file.row_count} rows: {done.file.imported_count} imported, {done.file.known_count} known before, "
            f"{done.file.error_count} with errors. {self.say_waiting()}"
        )
        for error in selectors.list_unread_records(done.file)[:ERRORS_SHOWN]:
            self.stderr.write(f"Row {error.row}, {error.attribute}: {error.message}")
        if done.file.error_count:
            raise CommandError(f"{done.file.error_count} rows were not imported.")

    def say_waiting(self) -> str:
        return f"{selectors.count_waiting_trips()} trips wait for a driver, cab or lease."
