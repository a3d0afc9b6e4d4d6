"""``manage.py backup``: the database and the uploads into one encrypted file; exits with 1 and one sentence if not."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backups import BackupRefused, NotRecorded, delete_outdated, make_key, record_backup, take_backup


class Command(BaseCommand):
    help = "Write a backup of the database and the uploads, encrypted for BACKUP_RECIPIENT, into BACKUP_DIR."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dir", type=Path, default=settings.BACKUP_DIR, help="the folder (default: BACKUP_DIR)")
        parser.add_argument(
            "--recipient",
            action="append",
            metavar="AGE1…",
            help="a public key of age; may be repeated (default: BACKUP_RECIPIENT)",
        )
        parser.add_argument("--unencrypted", action="store_true", help="write it in the clear")
        parser.add_argument(
            "--keep", type=_count, metavar="DAYS", help="delete the older ones but the last of each of so many days"
        )
        parser.add_argument(
            "--keep-weekly", type=_count, metavar="WEEKS", default=0, help="… and but the last of so many weeks"
        )
        parser.add_argument(
            "--make-key", type=Path, metavar="FILE", help="only make a pair of keys: the secret one goes into FILE"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        try:
            if options["make_key"]:
                self.stdout.write(f"BACKUP_RECIPIENT={make_key(options['make_key'])}")
                return
            if options["keep_weekly"] and not options["keep"]:
                raise CommandError("--keep-weekly goes with --keep.")
            taken = take_backup(
                folder=options["dir"],
                recipients=options["recipient"] or settings.BACKUP_RECIPIENT,
                is_encrypted=not options["unencrypted"],
                at=at,
            )
            record_backup(taken, at=at)
        except (BackupRefused, NotRecorded) as refusal:
            raise CommandError(str(refusal)) from refusal
        content = taken.content
        self.stdout.write(
            f"{taken.file}: {taken.bytes:,} bytes, {sum(table.rows for table in content.tables.values()):,} rows in "
            f"{len(content.tables)} tables, {taken.uploads} uploads of the disk."
        )
        for what, paths in (("are missing", content.missing_uploads), ("are not what they were", taken.damaged)):
            if paths:
                self.stderr.write(f"Uploads that {what}: {len(paths)}, such as {paths[0]}.")
        if options["keep"]:
            for name in delete_outdated(options["dir"], days=options["keep"], weeks=options["keep_weekly"]):
                self.stdout.write(f"Deleted {name}.")


def _count(typed: str) -> int:
    if not typed.isdecimal() or not 1 <= int(typed) <= 10_000:
        raise argparse.ArgumentTypeError(f"{typed} is no number from 1 to 10000.")
    return int(typed)
