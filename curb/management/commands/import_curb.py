"""Import CURB trips, from its service or from a file.

``manage.py import_curb --from 2026-11-15 --to 2026-11-21`` or ``manage.py import_curb --file trips.xml``.
"""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from core.words import say_full_day, say_path
from curb import selectors, services
from curb.errors import CurbIncomplete
from curb.models import TripFile

ROWS_SHOWN = 20


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
            self.tell(TripFile.objects.filter(pk__in=refusal.facts["files"]))
            raise CommandError(refusal.message) from refusal
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        amended = f", {done.amended} amended ({done.amended_by:+.2f})" if done.amended else ""
        self.stdout.write(
            f"{done.trips} trips and {done.transactions} card transactions imported{amended}, "
            f"{done.known} known before, {done.errors} with errors. {self.say_waiting()}"
        )
        self.refuse_unread(self.tell(done.files))

    def import_file(self, file: Path) -> None:
        name, path = say_path(file.name), say_path(file)
        try:
            done = services.import_trips(file_name=name, content=file.read_bytes())
        except OSError as failure:
            raise CommandError(f"{path}: {failure.strerror}.") from failure
        except DomainError as refusal:
            raise CommandError(f"{path}: {refusal.message}") from refusal
        if not done.is_new:
            self.stdout.write(f"{name} was imported before; nothing changed.")
            return
        told = done.file
        amended = f", {told.amended_count} amended ({told.amended_by:+.2f})" if told.amended_count else ""
        self.stdout.write(
            f"{told.row_count} rows: {told.imported_count} imported{amended}, {told.known_count} known before, "
            f"{told.error_count} with errors. {self.say_waiting()}"
        )
        self.refuse_unread(self.tell([told]))

    def tell(self, files: Iterable[TripFile]) -> int:
        """Tell what the amounts of these files' records leave open, and what could not be read; return how many."""
        of_files = list(files)
        remarks = selectors.list_open_remarks(*of_files)
        for remark in remarks[:ROWS_SHOWN]:
            self.stdout.write(selectors.describe_remark(remark))
        if remarks:
            self.stdout.write("What these amounts are is ruled, or looked at, under CURB, Amounts to place.")
        unread = selectors.list_unseen_records(of_files)
        names = {file.pk: file.file_name for file in of_files}
        for record in unread[:ROWS_SHOWN]:
            where = f"{names[record.file_id]}, row" if len(of_files) > 1 else "Row"
            day = f" ({say_full_day(record.day)})" if record.day else ""
            self.stderr.write(f"{where} {record.row}, {record.attribute}: {record.message}{day}")
        return unread.values("file_id", "row").distinct().count()

    def refuse_unread(self, count: int) -> None:
        if count:
            raise CommandError(f"{count} rows were not imported.")

    def say_waiting(self) -> str:
        return f"{selectors.count_waiting_trips()} trips wait for a driver, cab or lease."
