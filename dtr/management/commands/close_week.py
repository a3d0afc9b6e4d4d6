"""Close a pay week: ``manage.py close_week --week-ending 2026-11-21``."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.weeks import week_ending as week_ending_on
from dtr import services
from dtr.selectors import CloseProgress, count_dtrs

BAR_WIDTH = 24


class Command(BaseCommand):
    help = "Close a pay week: credit earnings, post installments, apply credits, seal the DTRs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--week-ending", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="the week's Saturday"
        )

    def handle(self, *args: Any, week_ending: date, **options: Any) -> None:
        try:
            week = week_ending_on(week_ending)
            services.close_week(week=week, today=timezone.localdate(), progress=self.show)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(self.style.SUCCESS(f"Week ending {week_ending}: closed, {count_dtrs(week)} DTRs."))

    def show(self, progress: CloseProgress) -> None:
        # One line for each step; on a terminal a bar fills up in place.
        is_terminal = self.stdout.isatty()
        end = "\n" if progress.is_done or not is_terminal else "\r"
        bar = f" [{_bar(progress)}]" if is_terminal else ""
        self.stdout.write(f"{progress.step.label:<40}{bar} {progress.done:>6} of {progress.total} drivers", ending=end)
        self.stdout.flush()


def _bar(progress: CloseProgress) -> str:
    filled = BAR_WIDTH * progress.done // progress.total if progress.total else BAR_WIDTH
    return "█" * filled + "·" * (BAR_WIDTH - filled)
