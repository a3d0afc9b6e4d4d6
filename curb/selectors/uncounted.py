"""What the next close would count: card money and trip taxes that are new, or have changed, by driver."""

from decimal import Decimal

from django.db import connection

from core.clock import week_ends_at
from core.weeks import Week
from curb import rules

# What awaits a count is counted as it is now, less what was counted of it: nothing, where it stays with its driver.
_UNCOUNTED = f"""
    SELECT driver_id, sum(card), sum(taxes) FROM (
        SELECT driver_id, CASE WHEN paid_as = ANY(%(earning)s) THEN total ELSE 0 END AS card,
            CASE WHEN paid_as = ANY(%(taxed)s) THEN {" + ".join(rules.TAX_COLUMNS)} ELSE 0 END AS taxes
        FROM (SELECT *, CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END AS paid_as FROM curb_trips) AS t
        WHERE awaits_count AND waits_for = '' AND start_at < %(ends_at)s AND is_current AND counts_as <> 'NOTHING'
            AND NOT (paired_with_id IS NOT NULL AND counts_as = '' AND week_end IS NULL)
            AND (%(driver)s::bigint IS NULL OR driver_id = %(driver)s)
        UNION ALL
        SELECT c.driver_id, CASE WHEN c.payment_type = ANY(%(earning)s) THEN -c.total ELSE 0 END,
            -({" + ".join(f"c.{column}" for column in rules.TAX_COLUMNS)})
        FROM curb_trips t JOIN curb_trip_counts c ON c.trip_id = t.id
        WHERE t.awaits_count AND t.waits_for = '' AND t.start_at < %(ends_at)s AND t.week_end IS NOT NULL
            AND (%(driver)s::bigint IS NULL OR c.driver_id = %(driver)s)
    ) AS money GROUP BY driver_id
"""


def sum_uncounted_by_driver(week: Week, *, driver_id: int | None = None) -> dict[int, tuple[Decimal, Decimal]]:
    """Card money and trip taxes in dollars that a close of ``week`` would count now, by driver; in one statement.

    ``driver_id`` asks for one driver alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _UNCOUNTED,
            {
                "ends_at": week_ends_at(week),
                "earning": [kind.value for kind in rules.EARNING_TYPES],
                "driver": driver_id,
                "taxed": [kind.value for kind in rules.TAXED_TYPES],
            },
        )
        return {driver_id: (card_total, taxes) for driver_id, card_total, taxes in cursor.fetchall()}
