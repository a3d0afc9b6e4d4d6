"""What CURB reports as card money against what was credited, and what trips owe to the city and the state.

Weeks, months and quarters are those of the New York day on which a trip began, whenever it came and was counted.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from core.clock import week_ends_at, week_starts_at
from core.weeks import Week
from curb import rules

#: Trips that differ, on one page.
MAX_DIFFERENCES = 500
#: Weeks on the page, the newest.
MAX_WEEKS = 60


@dataclass(frozen=True, slots=True)
class CardWeek:
    """A week's card money in dollars: as CURB reports it, as the trip log has it, and as credited.

    ``passed_through`` is what of the log was ruled to be neither the driver's nor charged: the fleet remits it.
    """

    week_end: date
    reported: Decimal
    logged: Decimal
    credited: Decimal
    passed_through: Decimal

    @property
    def difference(self) -> Decimal:
        """Reported above credited and passed through; below zero, credited above reported."""
        return self.reported - self.credited - self.passed_through


@dataclass(frozen=True, slots=True)
class CardDifference:
    """A cab's trip of which CURB's transactions and what was credited are different sums; None: it is not there."""

    cab: str
    license: str
    start_at: datetime
    reported: Decimal | None
    logged: Decimal | None
    credited: Decimal
    waits_for: str
    trip_id: int | None
    #: It pairs with a declined or duplicate transaction, and nobody has said how it was paid.
    in_doubt: bool

    @property
    def why(self) -> str:
        if self.logged is None:
            return "Not in the trip log"
        if self.waits_for:
            return "The trip waits for its driver, cab or lease"
        if self.in_doubt:
            return "Declined or a duplicate: nobody has said how it was paid"
        if self.reported is None:
            return "Not among the approved transactions"
        if self.reported != self.logged:
            return "The transaction and the trip differ"
        return "Not counted by a close yet"


# A transaction has the minute in which its trip began, a trip the second.
_KEYED = """
    WITH reported AS (
        SELECT cab, license, date_trunc('minute', start_at) AS minute, sum(amount) AS reported
        FROM curb_card_transactions WHERE state = 'AP' AND is_current AND {transactions} GROUP BY 1, 2, 3
    ), trip AS (
        SELECT cab, license, date_trunc('minute', start_at) AS minute, sum(total + passed_through) AS logged,
            sum(passed_through) AS passed,
            coalesce(sum(credited), 0) AS credited, max(waits_for) AS waits_for, min(id) AS trip_id,
            bool_or(paired_with_id IS NOT NULL AND counts_as = '') AS in_doubt
        FROM curb_trips LEFT JOIN LATERAL (SELECT sum(c.total) AS credited FROM curb_trip_counts c
            WHERE c.trip_id = curb_trips.id AND c.payment_type = 'CARD') AS counted ON true
        WHERE payment_type = 'CARD' AND is_current AND {trips} GROUP BY 1, 2, 3
    ), both_sides AS (
        SELECT cab, license, minute, reported, logged, coalesce(passed, 0) AS passed, coalesce(credited, 0) AS credited,
            coalesce(waits_for, '') AS waits_for, trip_id, coalesce(in_doubt, false) AS in_doubt
        FROM reported FULL JOIN trip USING (cab, license, minute)
    )
"""
# What is taxed: a record as it stands, of a driver, and not in doubt.
TAXED = """
    is_current AND CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END = ANY(%(taxed)s)
    AND NOT (paired_with_id IS NOT NULL AND counts_as = '' AND week_end IS NULL)
"""
_DAY = "({moment} AT TIME ZONE 'America/New_York')::date"


def list_card_weeks() -> list[CardWeek]:
    """The weeks with card money, newest first."""
    day = _DAY.format(moment="start_at")
    sql = f"""
        SELECT week_end, sum(reported), sum(logged), sum(credited), sum(passed) FROM (
            SELECT {day} + 6 - extract(dow FROM {day})::int AS week_end, amount AS reported, 0 AS logged, 0 AS credited,
                0 AS passed
            FROM curb_card_transactions WHERE state = 'AP' AND is_current
            UNION ALL
            SELECT {day} + 6 - extract(dow FROM {day})::int, 0, total + passed_through, 0, passed_through
            FROM curb_trips WHERE payment_type = 'CARD' AND is_current
            UNION ALL
            SELECT {day} + 6 - extract(dow FROM {day})::int, 0, 0, c.total, 0
            FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id WHERE c.payment_type = 'CARD'
        ) money GROUP BY week_end ORDER BY week_end DESC LIMIT {MAX_WEEKS}
    """
    return [CardWeek(*row) for row in _fetch(sql)]


def list_card_differences(week: Week) -> list[CardDifference]:
    """The trips of a week of which what CURB reports is not what was credited, oldest first; the first of them."""
    span = "start_at >= %(begins)s AND start_at < %(ends)s"
    sql = f"""
        {_KEYED.format(transactions=span, trips=span)}
        SELECT cab, license, minute, reported, logged, credited, waits_for, trip_id, in_doubt
        FROM both_sides WHERE reported IS DISTINCT FROM logged OR credited <> logged - passed
        ORDER BY minute, cab, license LIMIT {MAX_DIFFERENCES}
    """
    span_of = {"begins": week_starts_at(week), "ends": week_ends_at(week)}
    return [CardDifference(*row) for row in _fetch(sql, span_of)]


def list_parameters() -> dict[str, Any]:
    """Return what :data:`TAXED` asks for."""
    return {"taxed": [kind.value for kind in rules.TAXED_TYPES]}


def _fetch(sql: str, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
