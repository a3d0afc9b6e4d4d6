"""``manage.py export_journal``: the journal for an accounting program, batch by batch or as a view of some days."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from ledger.exports import FORMATS, SPLIT_WEEKS
from ledger.models import JournalBatch
from ledger.selectors import iter_batch, iter_journal, list_chart_rows
from ledger.services import take_journal_batch


class Command(BaseCommand):
    help = (
        "Take the next batch of the journal (all that was posted since the last one) and write it; with --batch write "
        f"an older one again, with --from and --to a view of those days, which takes nothing. {SPLIT_WEEKS}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=list(FORMATS), required=True, dest="form")
        parser.add_argument("--output", type=Path, help="a file to write; left out, it goes to standard output")
        parser.add_argument("--batch", type=int, help="the number of a batch taken before")
        parser.add_argument("--from", type=date.fromisoformat, dest="from_on", metavar="DAY", help="like 2026-11-01")
        parser.add_argument("--to", type=date.fromisoformat, dest="to_on", metavar="DAY", help="like 2026-11-30")

    def handle(self, *args: Any, **options: Any) -> None:
        pieces = self._pieces(options)
        if options["output"] is None:
            _write(pieces, sys.stdout.buffer)
            return
        try:
            with options["output"].open("wb") as out:
                _write(pieces, out)
        except OSError as failed:
            raise CommandError(f"{options['output']} can't be written: {failed.strerror}.") from failed

    def _pieces(self, options: dict[str, Any]) -> Iterator[bytes]:
        form = FORMATS[options["form"]]
        from_on, to_on = options["from_on"], options["to_on"]
        if from_on or to_on:
            if not (from_on and to_on) or options["batch"] or from_on > to_on:
                raise CommandError("A view takes --from and a --to that is not before it, and no --batch.")
            return form.encode(iter_journal(from_on, to_on), list_chart_rows())
        batch = self._find_batch(options["batch"]) if options["batch"] is not None else self._take_batch()
        return form.encode(iter_batch(batch), batch.chart, str(batch))

    def _find_batch(self, number: int) -> JournalBatch:
        batch = JournalBatch.objects.filter(number=number).first()
        if batch is None:
            raise CommandError(f"There is no journal batch {number}.")
        return batch

    def _take_batch(self) -> JournalBatch:
        try:
            batch = take_journal_batch(actor=None)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stderr.write(f"{batch}: {batch.entries} entries, {batch.from_on} to {batch.to_on}.")
        return batch


def _write(pieces: Iterator[bytes], out: BinaryIO) -> None:
    for piece in pieces:
        out.write(piece)
    out.flush()
