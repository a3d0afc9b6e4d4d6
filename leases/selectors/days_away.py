"""The days on which a lease has no cab."""

from datetime import date, timedelta

from django.db.models import QuerySet

from leases.models import LeaseDaysAway


def list_days_away(lease_id: int) -> QuerySet[LeaseDaysAway]:
    """Return a lease's days without a cab that count, oldest first."""
    return LeaseDaysAway.objects.filter(lease_id=lease_id, is_taken_back=False).order_by("start_on")


def find_away(lease_id: int) -> frozenset[date]:
    """Return each day on which a lease has no cab."""
    return frozenset(
        row.start_on + timedelta(days=number)
        for row in list_days_away(lease_id)
        for number in range((row.end_on - row.start_on).days + 1)
    )
