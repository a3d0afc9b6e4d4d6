"""Close a pay week: ``manage.py close_week --week-ending 2026-11-21``.

What stands in its way is overruled by ``--by USERNAME --overrule "CARD_TRIPS=Snow on Wednesday"``.
"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.weeks import week_ending as week_ending_on
from core.words import say_full_day
from dtr import services
from dtr.models import MAY_BE_OVERRULED, Check
from dtr.selectors import CloseProgress, count_dtrs, find_close

BAR_WIDTH = 24


class Command(BaseCommand):
    help = "Close a pay week: credit earnings, post installments, apply credits, seal the DTRs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--week-ending", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="the week's Saturday"
        )
        parser.add_argument(
            "--overrule",
            action="append",
            default=[],
            type=_read_overrule,
            metavar="CHECK=REASON",
            help=f"close in spite of what this check finds, and why ({', '.join(MAY_BE_OVERRULED)}); may be repeated",
        )
        parser.add_argument("--by", metavar="USERNAME", default="", help="who closes it; needed to overrule")

    def handle(self, *args: Any, week_ending: date, overrule: list[tuple[Check, str]], by: str, **options: Any) -> None:
        actor, saturday = _find_supervisor(by) if by else None, say_full_day(week_ending)
        try:
            week = week_ending_on(week_ending)
            if find_close(week) is None:
                services.refresh_audits(now=timezone.now())
            for check, reason in overrule:
                if actor is None:
                    raise CommandError("Say who overrules it: --by USERNAME.")
                services.overrule_check(week=week, check=check, reason=reason, today=timezone.localdate(), actor=actor)
            services.close_week(week=week, today=timezone.localdate(), actor=actor, progress=self.show)
        except services.WeekNotReady as refusal:
            found = "".join(f"\n  {one['check']}: {one['finding']}" for one in refusal.facts["findings"])
            raise CommandError(f"The week ending {saturday} is not ready to be closed:{found}") from refusal
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(self.style.SUCCESS(f"Week ending {saturday}: closed, {count_dtrs(week)} DTRs."))

    def show(self, progress: CloseProgress) -> None:
        # One line for each step; on a terminal a bar fills up in place.
        is_terminal = self.stdout.isatty()
        end = "\n" if progress.is_done or not is_terminal else "\r"
        bar = f" [{_bar(progress)}]" if is_terminal else ""
        self.stdout.write(f"{progress.step.label:<40}{bar} {progress.done:>6} of {progress.total} drivers", ending=end)
        self.stdout.flush()


def _read_overrule(typed: str) -> tuple[Check, str]:
    name, _, reason = typed.partition("=")
    try:
        return Check(name.strip().upper()), reason
    except ValueError:
        raise ArgumentTypeError(f"{name!r} is no check; there are {', '.join(MAY_BE_OVERRULED)}.") from None


def _find_supervisor(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or not user.has_perms(["dtr.close_week", "dtr.overrule_check"]):
        raise CommandError(f"{username} is not somebody who may close a week and overrule what stands in its way.")
    return user


def _bar(progress: CloseProgress) -> str:
    filled = BAR_WIDTH * progress.done // progress.total if progress.total else BAR_WIDTH
    return "█" * filled + "·" * (BAR_WIDTH - filled)
