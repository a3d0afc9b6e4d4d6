"""Since when card trips are expected: said by a person with a reason, or by the first import of any."""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_date, check_reason
from core.transactions import bounded_transaction
from curb.models import CardTripsExpected

FIRST_IMPORT = "The first card trips that were imported."


@bounded_transaction
def expect_card_trips(*, since: date | None, reason: str, actor: User | None) -> CardTripsExpected:
    """Say since which New York day card money comes through the fleet; None: it does not. What was said before stays.

    :raises ReasonRequired: it does not say why
    :raises ValueInvalid: not a plausible day, or the reason is too long
    """
    reason = check_reason(reason)
    if since is not None:
        check_date(since, field="since")
    said = CardTripsExpected.objects.create(since=since, reason=reason, set_by=actor)
    said.refresh_from_db()
    return said


def expect_from_first_import(*, first_day: date, actor: User | None) -> None:
    """Note that card trips have come since that day, where nobody has said anything. In the import's transaction."""
    if CardTripsExpected.objects.exists():
        return
    # Of two first imports at once one says it.
    CardTripsExpected.objects.bulk_create(
        [CardTripsExpected(since=first_day, reason=FIRST_IMPORT, set_by=actor, by_import=True)], ignore_conflicts=True
    )
