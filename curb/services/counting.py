"""What a week's close counts of trips: what is new, and what has changed since it was counted. Curb knows no closes."""

from collections.abc import Collection

from django.db import connection

from core.clock import week_ends_at, week_starts_at
from core.weeks import Week
from curb import rules

_TAXES = ", ".join(rules.TAX_COLUMNS)

#: Said to be set, to what they are. Where no key of an index is, PostgreSQL takes each new entry that finds its page
#: full for a sign of versions that are nobody's any longer, and reads their rows to see (bottom-up deletion). Those of
#: a close are mostly its own transaction's: an eighth of the statement, in vain.
_KEYS_AS_THEY_ARE = ", ".join(f"{column} = t.{column}" for column in ("driver_id", "lease_id", "vehicle_id"))

#: One statement for a whole fleet, or for a batch of it. A trip that no close has counted has no rows to be compared
#: with, so only those that were counted before ask for theirs.
_FREEZE = f"""
WITH looked_at AS (
    UPDATE curb_trips t SET awaits_count = false,
        week_end = CASE WHEN t.week_end IS NULL AND t.is_current AND t.counts_as <> 'NOTHING'
            AND NOT (t.paired_with_id IS NOT NULL AND t.counts_as = '') THEN %(week)s::date ELSE t.week_end END,
        {_KEYS_AS_THEY_ARE}
    WHERE t.awaits_count AND t.waits_for = '' AND t.start_at < %(ends_at)s AND {{which}}
    RETURNING t.id, t.driver_id, t.vehicle_id, t.lease_id, t.payment_type, t.counts_as, t.is_current, t.week_end,
        t.start_at, t.total, {", ".join(f"t.{column}" for column in rules.TAX_COLUMNS)}
), counted AS (
    SELECT c.trip_id, c.driver_id, c.vehicle_id, c.lease_id, c.payment_type, sum(c.total) AS total,
        {", ".join(f"sum(c.{column}) AS {column}" for column in rules.TAX_COLUMNS)}
    FROM looked_at t JOIN curb_trip_counts c ON c.trip_id = t.id
    WHERE t.week_end < %(week)s::date
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.sign) = 1
), due AS (
    SELECT trip_id, driver_id, vehicle_id, lease_id, payment_type, total, start_at,
        {", ".join(f"CASE WHEN payment_type = ANY(%(taxed)s) THEN {c} ELSE 0 END AS {c}" for c in rules.TAX_COLUMNS)}
    FROM (
        SELECT t.id AS trip_id, t.driver_id, t.vehicle_id, t.lease_id, t.total, t.start_at, {_TAXES},
            CASE WHEN t.counts_as = '' THEN t.payment_type ELSE t.counts_as END AS payment_type
        FROM looked_at t
        WHERE t.week_end IS NOT NULL AND t.is_current AND t.counts_as <> 'NOTHING'
    ) AS current
), changes AS (
    SELECT -1 AS sign, trip_id, driver_id, vehicle_id, lease_id, payment_type, true AS is_late, -total AS total,
        {", ".join(f"-{column} AS {column}" for column in rules.TAX_COLUMNS)}
    FROM counted c WHERE NOT EXISTS (SELECT FROM due d WHERE {{same}})
    UNION ALL
    SELECT 1, trip_id, driver_id, vehicle_id, lease_id, payment_type, start_at < %(starts_at)s, total, {_TAXES}
    FROM due d WHERE NOT EXISTS (SELECT FROM counted c WHERE {{same}})
)
INSERT INTO curb_trip_counts (trip_id, week_end, sign, driver_id, vehicle_id, lease_id, share, payment_type, is_late,
    total, {_TAXES})
SELECT c.trip_id, %(week)s::date, c.sign, c.driver_id, c.vehicle_id, c.lease_id,
    %(week)s || CASE
        WHEN c.lease_id IS NULL THEN '-D' || c.driver_id
        WHEN l.primary_driver_id = c.driver_id THEN '-L' || c.lease_id
        ELSE '-L' || c.lease_id || '-D' || c.driver_id END,
    c.payment_type, c.is_late, c.total, {", ".join(f"c.{column}" for column in rules.TAX_COLUMNS)}
FROM changes c LEFT JOIN leases_lease l ON l.id = c.lease_id
ORDER BY c.trip_id, c.sign
""".replace(
    "{same}",
    "d.trip_id = c.trip_id AND (d.driver_id, d.vehicle_id, d.payment_type) = (c.driver_id, c.vehicle_id, "
    "c.payment_type) AND d.lease_id IS NOT DISTINCT FROM c.lease_id",
)


_CHANGED = """t.week_end IS NOT NULL AND (%(drivers)s::bigint[] IS NULL OR t.driver_id = ANY(%(drivers)s::bigint[])
        OR EXISTS (SELECT FROM curb_trip_counts c WHERE c.trip_id = t.id
            AND c.driver_id = ANY(%(drivers)s::bigint[])))"""
_NEW = "t.week_end IS NULL AND t.id <= %(through)s AND t.driver_id = ANY(%(drivers)s::bigint[])"


def freeze_changed_trips(*, week: Week, driver_ids: Collection[int] | None = None) -> int:
    """Have ``week`` look at what was counted before and has changed since (its driver, its figures, how it was paid).

    What it counted is counted back, and what it is now anew; return how many rows (+1, −1) that wrote. A change may
    concern two drivers, so a close does this first, for everybody, before it credits anybody. Of all drivers, or of
    what concerns these. In the caller's transaction, which has begun the week's close.
    """
    return _freeze(_CHANGED, week, None if driver_ids is None else list(driver_ids), through=None)


def freeze_new_trips(*, week: Week, driver_ids: Collection[int], through_id: int) -> int:
    """Have ``week`` count what these drivers' trips have of new, up to the trip ``through_id``; return how many.

    That is every matched trip that began before the week's end and that no close has looked at. Left out is one that
    pairs with a declined or duplicate card transaction, until somebody says how it was paid. In the caller's
    transaction, which has begun the week's close.
    """
    return _freeze(_NEW, week, list(driver_ids), through=through_id)


def _freeze(which: str, week: Week, driver_ids: list[int] | None, *, through: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _FREEZE.replace("{which}", which),
            {
                "week": week.end.isoformat(),
                "starts_at": week_starts_at(week),
                "ends_at": week_ends_at(week),
                "drivers": driver_ids,
                "through": through,
                "taxed": [kind.value for kind in rules.TAXED_TYPES],
            },
        )
        written: int = cursor.rowcount
    return written
