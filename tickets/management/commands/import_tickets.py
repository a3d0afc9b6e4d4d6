"""Import a file of tickets: ``manage.py import_tickets ezpass statement.csv``."""

from argparse import ArgumentParser
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.words import say_path
from tickets import selectors, services
from tickets.models import ImportRow, TicketImport
from tickets.rules import FILE_KIND_LABELS, FileKind

ERRORS_SHOWN = 20
#: Given as the kind, the file's header tells it.
AUTO = "auto"


class Command(BaseCommand):
    help = f"Import a file of tickets or tolls, CSV or XLSX: {AUTO} = as its header tells; " + "; ".join(
        f"{kind} = {label}" for kind, label in FILE_KIND_LABELS.items()
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[*(kind.value for kind in FileKind), AUTO], help="what the file is")
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--preview", action="store_true", help="only say what it would do; nothing is kept")
        parser.add_argument(
            "--extra-field-after",
            metavar="COLUMN",
            default="",
            help="each row has one field more than the header names, behind this column",
        )

    def handle(self, *args: Any, kind: str, file: Path, preview: bool, extra_field_after: str, **options: Any) -> None:
        today, path = timezone.localdate(), say_path(file)
        try:
            with file.open("rb") as opened:
                asked: dict[str, Any] = {
                    "kind": "" if kind == AUTO else kind,
                    "file_name": say_path(file.name),
                    "file": opened,
                    "extra_field_after": extra_field_after,
                }
                if preview:
                    wrong = services.preview_file(**asked, today=today, look=partial(self.show_preview, kind))
                    if wrong:
                        raise CommandError(f"{wrong} rows would not be imported. Nothing was written.")
                    self.stdout.write("Nothing was written: it was done and undone.")
                else:
                    self.import_file(kind, asked, today=today)
        except OSError as failure:
            raise CommandError(f"{path}: {failure.strerror}.") from failure
        except services.FieldWithoutName as refusal:
            column = refusal.facts["after"] or "COLUMN"
            raise CommandError(f"{path}: {refusal.message} (--extra-field-after {column})") from refusal
        except DomainError as refusal:
            raise CommandError(f"{path}: {refusal.message}") from refusal

    def import_file(self, kind: str, asked: dict[str, Any], *, today: date) -> None:
        staged = services.stage_file(**asked, today=today, on_progress=self.show_progress).file
        self.show_preview(kind, staged)
        if staged.state == TicketImport.State.IMPORTED:
            self.stdout.write(f"{asked['file_name']} was imported before; nothing changed.")
            return
        staged = services.confirm_import(import_id=staged.pk, today=today, on_progress=self.show_progress)
        self.stdout.write(
            f"{staged.imported_count} imported: {staged.charged_count} charged or credited, "
            f"{staged.waiting_count} wait in review."
        )
        if staged.changed_count:
            self.stdout.write(f"{staged.changed_count} known before have changed: a person decides, under Tickets.")
        if staged.error_count:
            raise CommandError(f"{staged.error_count} rows were not imported.")

    def show_progress(self, what: str, rows: int) -> None:
        self.stdout.write(f"{rows:,} rows {what} …")

    def show_preview(self, kind: str, staged: TicketImport) -> int:
        """Tell what a file holds, and return how many of its rows can't be read."""
        if kind == AUTO:
            self.stdout.write(f"{staged}: {staged.get_kind_display()}.")
        changed = f", of which {staged.changed_count} changed" if staged.changed_count else ""
        self.stdout.write(
            f"{staged.row_count} rows: {staged.new_count} new (of which {staged.unmatched_count} unmatched), "
            f"{staged.known_count} known before{changed}, {staged.nobodys_count} nobody's, "
            f"{staged.error_count} with errors."
        )
        for row in selectors.list_import_rows(staged.pk, states=[ImportRow.State.ERROR])[:ERRORS_SHOWN]:
            self.stderr.write(f"Row {row.row}, {row.column}: {row.message}")
        return staged.error_count
