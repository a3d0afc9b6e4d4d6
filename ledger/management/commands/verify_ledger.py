"""``manage.py verify_ledger``: compare all that is sealed with its seals, and exit with 1 when something differs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.words import say_full_moment
from ledger import services


class Command(BaseCommand):
    help = (
        "Compare every sealed row with its seal, and the seals with each other; name each row that was changed, "
        "removed or inserted since, and exit with 1 when there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            metavar="HEX",
            help="a head from outside, as a DTR has it: its first 16 digits or more. It tells whether what it stood "
            "for is still there.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verification = services.verify_seals(is_whole=True, head=options["head"])
        except services.SealHeadInvalid as refusal:
            raise CommandError(refusal.message, returncode=2) from None
        check, sealing = verification.check, verification.sealing
        self.stdout.write(f"{check.rows:,} rows in {check.seals:,} seals; the head is {sealing.digest or 'none yet'}.")
        if verification.known is not None:
            self.stdout.write(
                f"The head {options['head']} is that of seal {verification.known.pk}, of "
                f"{say_full_moment(verification.known.sealed_at)}: all that was sealed by then is still there."
            )
        if sealing.waiting_rows:
            self.stdout.write(
                f"Not sealed yet, and not compared: {sealing.waiting_rows:,} rows; the oldest is "
                f"{sealing.lag_seconds:,} seconds old."
            )
        else:
            self.stdout.write("Everything is sealed.")
        for sentence in verification.findings:
            self.stdout.write(f"{self.style.ERROR('✗')} {sentence}")
        if check.findings > len(verification.findings):
            self.stdout.write(f"… and {check.findings - len(verification.findings):,} more")
        if check.findings:
            self.stdout.write(self.style.ERROR(f"Findings: {check.findings:,}."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("No findings."))
