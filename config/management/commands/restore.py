"""``manage.py restore FILE``: a backup into a new database, compared in full; exits with 1 where anything differs."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import BackupRefused, check_backup, read_identities, restore_backup
from core.words import say_path


class Command(BaseCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL (as MIGRATE_DATABASE_URL), migrate it to this "
        "version, and compare everything with what the backup tells; exit with 1 when something differs."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--identity", type=Path, help="the file with the secret key of age (default: BACKUP_IDENTITY)"
        )
        parser.add_argument(
            "--only-check", action="store_true", help="read the file to its end, and write nothing anywhere"
        )

    def handle(self, *args: Any, file: Path, identity: Path | None, only_check: bool, **options: Any) -> None:
        identity = identity or (Path(settings.BACKUP_IDENTITY) if settings.BACKUP_IDENTITY else None)
        try:
            identities = read_identities(identity) if identity else []
            if only_check:
                checked = check_backup(file=file, identities=identities)
                self.stdout.write(
                    f"{say_path(file.name)}: taken {checked.manifest['taken_at'][:19]} UTC by version "
                    f"{checked.manifest['version']}; {len(checked.content.tables)} tables, "
                    f"{len(checked.contents.media)} uploads of the disk. Every part is as it was written."
                )
                return
            findings = restore_backup(file=file, identities=identities, say=self.say)
        except (BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for sentence in findings:
            self.stdout.write(f"{self.style.ERROR('✗')} {sentence}")
        if findings:
            self.stdout.write(self.style.ERROR("What was restored is not what was there. Don't work with it."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("Restored and proven: nothing differs."))

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
