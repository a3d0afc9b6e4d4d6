"""Trip logs: what the closes counted for drivers, trip by trip; those of many DTRs by one statement."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from core.clock import NEW_YORK

#: Whose log: the Saturday of the week whose close counted, the driver, and the lease or None.
LogKey = tuple[date, int, int | None]

_SELECT = f"""
    SELECT c.driver_id, c.lease_id, c.week_end, c.trip_id, c.sign, c.is_late, c.payment_type,
        t.start_at AT TIME ZONE '{NEW_YORK}', t.cab, c.sign * t.fare, c.sign * t.tips, c.sign * t.tolls,
        c.sign * t.extras, c.total, c.mta_tax, c.improvement, c.congestion, c.airport, c.cbd
    FROM (
        SELECT DISTINCT * FROM unnest(%(weeks)s::date[], %(drivers)s::bigint[], %(leases)s::bigint[])
            AS given (week_end, driver_id, lease_id)
    ) AS key
        JOIN curb_trip_counts c ON c.week_end = key.week_end AND c.driver_id = key.driver_id
            AND c.lease_id IS NOT DISTINCT FROM key.lease_id AND NOT c.is_void
        JOIN curb_trips t ON t.id = c.trip_id
    ORDER BY t.start_at, c.trip_id, c.sign
"""


class CountedTrip(NamedTuple):
    """A trip as a close counted it (``sign`` 1) or counted it back (−1): dollars with that sign.

    ``start`` is what New York's clocks showed, without a zone. No model: a week has millions of them.
    """

    #: The Saturday of the week whose close did.
    week_end: date
    trip_id: int
    sign: int
    #: Whether the trip was made before the week that counts it.
    is_late: bool
    payment_type: str
    start: datetime
    cab: str
    fare: Decimal
    tips: Decimal
    tolls: Decimal
    extras: Decimal
    total: Decimal
    mta_tax: Decimal
    improvement: Decimal
    congestion: Decimal
    airport: Decimal
    cbd: Decimal

    @property
    def is_counted_back(self) -> bool:
        return self.sign < 0

    @property
    def taxes_total(self) -> Decimal:
        return self.mta_tax + self.improvement + self.congestion + self.airport + self.cbd


def list_trip_logs(keys: Collection[LogKey]) -> dict[LogKey, list[CountedTrip]]:
    """Return what was counted and counted back for each of these, in the order of the trips; by one statement.

    A log never changes: what was voided afterwards is not taken out. Who has none is left out.
    """
    logs: dict[LogKey, list[CountedTrip]] = defaultdict(list)
    if keys:
        weeks, drivers, leases = (list(column) for column in zip(*keys, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_SELECT, {"weeks": weeks, "drivers": drivers, "leases": leases})
            for driver_id, lease_id, *row in cursor.fetchall():
                trip = CountedTrip._make(row)
                logs[trip.week_end, driver_id, lease_id].append(trip)
    return dict(logs)
