"""What a week's close says of trips: that it counts them, and what credited and taxed them. Curb knows no closes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from core.clock import week_ends_at
from core.weeks import Week
from curb import rules
from curb.models import Trip, WaitsFor
from curb.rules import PaymentType


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedShare:
    """The references by which a driver's trips on a lease (or none) were credited and taxed."""

    driver_id: int
    lease_id: int | None
    credited_reference: str
    taxes_reference: str


def freeze_trips(*, week: Week, driver_ids: Collection[int] | None = None) -> int:
    """Have ``week`` count every matched trip that began before its end and that no week counted; return how many.

    Of all drivers, or of these. In the caller's transaction, which has begun the week's close.
    """
    trips = Trip.objects.uncounted().filter(waits_for=WaitsFor.NOTHING, start_at__lt=week_ends_at(week))
    if driver_ids is not None:
        trips = trips.filter(driver__in=driver_ids)
    return trips.update(week_end=week.end)


def mark_trips(*, week: Week, shares: Sequence[CountedShare]) -> None:
    """Set the references on the week's trips that were summed and carry none yet.

    In the caller's transaction, which has locked the drivers' accounts: so they are the trips that were summed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE curb_trips t SET
                credited_reference = CASE WHEN t.payment_type = ANY(%s) THEN share.credited ELSE '' END,
                taxes_reference = share.taxes
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                AS share (driver_id, lease_id, credited, taxes)
            WHERE t.week_end = %s AND t.payment_type = ANY(%s) AND t.taxes_reference = ''
                AND t.driver_id = share.driver_id AND t.lease_id IS NOT DISTINCT FROM share.lease_id
            """,
            [
                _values(rules.EARNING_TYPES),
                [share.driver_id for share in shares],
                [share.lease_id for share in shares],
                [share.credited_reference for share in shares],
                [share.taxes_reference for share in shares],
                week.end,
                _values(rules.TAXED_TYPES),
            ],
        )


def _values(types: Collection[PaymentType]) -> list[str]:
    return [kind.value for kind in types]
