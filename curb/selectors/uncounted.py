"""What the next close would count: card money and trip taxes that are new, or have changed, by driver and lease."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from core.clock import week_ends_at
from core.weeks import Week
from curb import rules

# What awaits a count is counted as it is now, less what was counted of it: nothing, where it stays with its driver.
_MONEY = f"""
    SELECT driver_id, lease_id, id, period || '-' || record_id AS record, start_at, false AS is_back,
        CASE WHEN paid_as = ANY(%(earning)s) THEN total ELSE 0 END AS card,
        CASE WHEN paid_as = ANY(%(taxed)s) THEN {" + ".join(rules.TAX_COLUMNS)} ELSE 0 END AS taxes
    FROM (SELECT *, CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END AS paid_as FROM curb_trips) AS t
    WHERE awaits_count AND waits_for = '' AND start_at < %(ends_at)s AND is_current AND counts_as <> 'NOTHING'
        AND NOT (paired_with_id IS NOT NULL AND counts_as = '' AND week_end IS NULL)
        AND (%(driver)s::bigint IS NULL OR driver_id = %(driver)s)
    UNION ALL
    SELECT c.driver_id, c.lease_id, t.id, t.period || '-' || t.record_id, t.start_at, true,
        CASE WHEN c.payment_type = ANY(%(earning)s) THEN -c.total ELSE 0 END,
        -({" + ".join(f"c.{column}" for column in rules.TAX_COLUMNS)})
    FROM curb_trips t JOIN curb_trip_counts c ON c.trip_id = t.id
    WHERE t.awaits_count AND t.waits_for = '' AND t.start_at < %(ends_at)s AND t.week_end IS NOT NULL
        AND (%(driver)s::bigint IS NULL OR c.driver_id = %(driver)s)
"""


@dataclass(frozen=True, slots=True)
class UncountedTrip:
    """Card money and taxes in dollars that a close would count of a trip; ``is_back`` where it takes back a count."""

    trip_id: int
    record: str
    start_at: datetime
    is_back: bool
    card: Decimal
    taxes: Decimal


def sum_uncounted_by_driver(week: Week, *, driver_id: int | None = None) -> dict[int, tuple[Decimal, Decimal]]:
    """Card money and trip taxes in dollars that a close of ``week`` would count now, by driver; in one statement.

    ``driver_id`` asks for one driver alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT driver_id, sum(card), sum(taxes) FROM ({_MONEY}) AS money GROUP BY driver_id",
            _list_parameters(week, driver_id),
        )
        return {driver_id: (card_total, taxes) for driver_id, card_total, taxes in cursor.fetchall()}


def uncounted_shares_sql(week: Week) -> tuple[str, dict[str, Any]]:
    """Return a query of what :func:`sum_uncounted_by_driver` sums, with its named parameters, for a larger one.

    Its rows are those that a close posts money of: ``driver_id``, ``lease_id``, and dollars of ``card`` and ``taxes``.
    """
    sql = f"SELECT driver_id, lease_id, sum(card) AS card, sum(taxes) AS taxes FROM ({_MONEY}) AS money GROUP BY 1, 2"
    return sql, _list_parameters(week, None)


def list_uncounted_of(driver_id: int, week: Week) -> list[UncountedTrip]:
    """Return the trips that :func:`sum_uncounted_by_driver` sums for a driver, the oldest first."""
    columns = "id, record, start_at, is_back, card, taxes"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({_MONEY}) AS money ORDER BY start_at, id, is_back",
            _list_parameters(week, driver_id),
        )
        return [UncountedTrip(*row) for row in cursor.fetchall()]


def _list_parameters(week: Week, driver_id: int | None) -> dict[str, Any]:
    return {
        "ends_at": week_ends_at(week),
        "earning": [kind.value for kind in rules.EARNING_TYPES],
        "driver": driver_id,
        "taxed": [kind.value for kind in rules.TAXED_TYPES],
    }
