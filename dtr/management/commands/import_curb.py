"""Import a file of trips in CURB's shape: ``manage.py import_curb --file trips.xml``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kit.errors import DomainError
from dtr import selectors, services

ERRORS_SHOWN = 20


class Command(BaseCommand):
    help = "Import a file of CURB trips (<trips><RECORD …/></trips>)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, required=True, help="the file of trips")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
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
            f"{done.file.error_count} with errors. {selectors.count_waiting_trips()} trips wait for a driver, cab or "
            "lease."
        )
        for error in done.file.errors[:ERRORS_SHOWN]:
            self.stderr.write(f"Row {error['row']}, {error['attribute']}: {error['message']}")
        if done.file.error_count:
            raise CommandError(f"{done.file.error_count} rows were not imported.")
