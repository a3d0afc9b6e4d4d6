"""`manage.py sendtestemail ADDRESS`: Django's own, which says in a sentence why a mail did not go out."""

from smtplib import SMTPException
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import sendtestemail


class Command(sendtestemail.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except (SMTPException, OSError) as error:
            raise CommandError(f"Nothing was mailed: {error}") from None
        self.stdout.write("Handed to the mail server.")
