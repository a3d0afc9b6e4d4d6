"""A week begins to close when it is ready, or when a supervisor has said why it may in spite of what is missing."""

from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError

from core import services as core
from core.checks import check_reason
from core.models import AuditRun
from core.transactions import bounded_transaction
from core.weeks import Week
from core.words import say_full_day
from dtr.errors import CheckNotOverrulable, NothingToOverrule, WeekAlreadyStarted, WeekNotReady
from dtr.models import MAY_BE_OVERRULED, Check, Overrule
from dtr.selectors import find_close, find_last_audit, read_readiness

#: Audits that ended longer ago say nothing about today.
AUDITS_HOLD = timedelta(days=1)


def check_ready(week: Week, today: date) -> None:
    """:raises WeekNotReady: something stands in the way of the week's close"""
    found = read_readiness(week=week, today=today).blocking
    if found:
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        raise WeekNotReady(
            f"The week ending {say_full_day(week.end)} is not ready to be closed. {found[0][1].sentence}{more}",
            week_end=week.end.isoformat(),
            findings=[{"check": check.value, "finding": finding.sentence} for check, finding in found],
        )


def refresh_audits(*, now: datetime) -> AuditRun:
    """Run the audits if their last run ended more than a day before ``now``; return the run that counts."""
    last = find_last_audit()
    if last is not None and last.finished_at is not None and now - last.finished_at <= AUDITS_HOLD:
        return last
    return core.run_audits()


@bounded_transaction
def overrule_check(*, week: Week, check: Check, reason: str, today: date, actor: User) -> list[Overrule]:
    """Let a week close in spite of what a check finds now; return a row for each finding that stood in the way.

    What it finds later, or in other words, stands in the way again.

    :raises ReasonRequired, ValueInvalid: it does not say why, or too much
    :raises CheckNotOverrulable: what this check finds is mended, not overruled
    :raises WeekAlreadyStarted: the close of the week has begun
    :raises NothingToOverrule: nothing of this check stands in the way
    """
    reason = check_reason(reason)
    if check not in MAY_BE_OVERRULED:
        raise CheckNotOverrulable(f"“{check.label}” is not overruled: what it finds is mended, or looked at.")
    if find_close(week) is not None:
        raise WeekAlreadyStarted(
            f"The close of the week ending {say_full_day(week.end)} has begun.", week_end=week.end.isoformat()
        )
    standing = [found for named, found in read_readiness(week=week, today=today).blocking if named == check]
    if not standing:
        raise NothingToOverrule(
            f"“{check.label}” does not stand in the way of the week ending {say_full_day(week.end)}."
        )
    try:
        return Overrule.objects.bulk_create(
            Overrule(
                week_end=week.end,
                check_name=check.value,
                finding=finding.sentence,
                reason=reason,
                overruled_by=actor,
            )
            for finding in standing
        )
    except IntegrityError:
        # Somebody has overruled the same, or begun the close, since it was read.
        raise NothingToOverrule(f"“{check.label}” was overruled, or the week begun, a moment ago.") from None
