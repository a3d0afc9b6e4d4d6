"""`manage.py move_uploads`: carry over into the database what was uploaded while uploads lay on the disk."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.storage import list_on_disk, move_upload


class Command(BaseCommand):
    help = (
        "Carry the uploads that lie on this host's disk (DATA_DIR/media) over into the database. Each is compared with "
        "the digest that it is named by, read back, and only then deleted. It may run again, and while people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep", action="store_true", help="leave the files on the disk as well")

    def handle(self, *args: Any, keep: bool, **options: Any) -> None:
        moved = stayed = 0
        try:
            names = list(list_on_disk())
        except OSError as failure:
            raise CommandError(f"{failure.filename} can't be read: {failure.strerror}.") from failure
        for name in names:
            reason = move_upload(name, keeps_file=keep)
            if reason:
                stayed += 1
                self.stderr.write(f"{name} stays where it is: {reason}.")
            else:
                moved += 1
        self.stdout.write(f"Carried over from {settings.MEDIA_ROOT}: {moved}.")
        if stayed:
            raise CommandError(f"Uploads that stay on the disk, where they are still read: {stayed}.")
