"""Trip taxes of a quarter, which are told by the days of the trips, reconciled with the books, which go by weeks."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from core.clock import at
from curb import rules
from curb.selectors.card_money import TAXED, list_parameters
from ledger import selectors as ledger

_QUARTER = re.compile(r"(\d{4}) Q([1-4])", re.ASCII)


@dataclass(frozen=True, slots=True)
class TaxReconciliation:
    """Trip taxes of the days of a quarter, in dollars, and how they come to what its books were charged."""

    from_on: date
    to_on: date
    #: Of trips that began in the quarter, as they stand.
    made: Decimal
    #: Of these: counted by no close yet, and counted by the close of a week that ends after the quarter.
    not_counted: Decimal
    counted_later: Decimal
    #: Of earlier trips, counted by the close of a week that ends in the quarter.
    counted_of_before: Decimal
    #: What the books were charged in the quarter, a void on its own day.
    charged: Decimal

    @property
    def counted(self) -> Decimal:
        """What the closes of the weeks that end in the quarter counted."""
        return self.made - self.not_counted - self.counted_later + self.counted_of_before

    @property
    def voided_elsewhere(self) -> Decimal:
        """What was voided on a day outside of the quarter of its week; below zero, what was voided in it of others."""
        return self.charged - self.counted


def reconcile_taxes(quarter: str) -> TaxReconciliation | None:
    """Return how a quarter's trip taxes (``2026 Q1``) come to what the books were charged; None of no such quarter."""
    named = _QUARTER.fullmatch(quarter)
    if named is None or not date.min.year < int(named[1]) < date.max.year:
        return None
    year, first_month = int(named[1]), 3 * int(named[2]) - 2
    from_on = date(year, first_month, 1)
    to_on = date(year + first_month // 10, (first_month + 3 - 1) % 12 + 1, 1) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS,
            {
                "begins": at(from_on),
                "ends": at(to_on + timedelta(days=1)),
                "from_on": from_on,
                "to_on": to_on,
                **list_parameters(),
            },
        )
        made, counted, counted_in_time, counted_in = cursor.fetchone()
    return TaxReconciliation(
        from_on,
        to_on,
        made=made,
        not_counted=made - counted,
        counted_later=counted - counted_in_time,
        counted_of_before=counted_in - counted_in_time,
        charged=ledger.sum_charged(prefix=rules.taxes_reference_of(""), from_on=from_on, to_on=to_on),
    )


_TAXES = " + ".join(rules.TAX_COLUMNS)
_COUNTED = " + ".join(f"c.{column}" for column in rules.TAX_COLUMNS)
_SUMS = f"""
    WITH made AS (
        SELECT coalesce(sum({_TAXES}), 0.00) AS taxes FROM curb_trips
        WHERE start_at >= %(begins)s AND start_at < %(ends)s AND {TAXED}
    ), counted AS (
        -- By two indexes: an OR of two tables could use none, and read all that was ever counted.
        SELECT {_COUNTED} AS taxes, t.start_at >= %(begins)s AND t.start_at < %(ends)s AS is_of, true AS is_in
        FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id
        WHERE c.week_end BETWEEN %(from_on)s AND %(to_on)s
        UNION ALL
        SELECT {_COUNTED}, true, false
        FROM curb_trips t JOIN curb_trip_counts c ON c.trip_id = t.id
        WHERE t.start_at >= %(begins)s AND t.start_at < %(ends)s AND NOT c.week_end BETWEEN %(from_on)s AND %(to_on)s
    )
    SELECT (SELECT taxes FROM made), coalesce(sum(taxes) FILTER (WHERE is_of), 0.00),
        coalesce(sum(taxes) FILTER (WHERE is_of AND is_in), 0.00), coalesce(sum(taxes) FILTER (WHERE is_in), 0.00)
    FROM counted
"""
