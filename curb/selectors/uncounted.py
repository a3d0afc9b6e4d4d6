"""What the next close would count: card money and trip taxes that no close has counted yet, by driver."""

from decimal import Decimal

from django.db import connection

from core.clock import week_ends_at
from core.weeks import Week
from curb import rules

_UNCOUNTED = f"""
    SELECT driver_id,
        coalesce(sum(total) FILTER (WHERE payment_type = ANY(%(earning)s)), 0),
        coalesce(sum({" + ".join(rules.TAX_COLUMNS)}) FILTER (WHERE payment_type = ANY(%(taxed)s)), 0)
    FROM curb_trips WHERE week_end IS NULL AND waits_for = '' AND start_at < %(ends_at)s
    GROUP BY driver_id
"""


def sum_uncounted_by_driver(week: Week) -> dict[int, tuple[Decimal, Decimal]]:
    """Card money and trip taxes in dollars that a close of ``week`` would count now, by driver; in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UNCOUNTED,
            {
                "ends_at": week_ends_at(week),
                "earning": [kind.value for kind in rules.EARNING_TYPES],
                "taxed": [kind.value for kind in rules.TAXED_TYPES],
            },
        )
        return {driver_id: (card_total, taxes) for driver_id, card_total, taxes in cursor.fetchall()}
