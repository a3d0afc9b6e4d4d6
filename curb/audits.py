"""What came from CURB is kept as it came, and counts as it is: whether it does, and whether its guards stand."""

from collections.abc import Iterator

from django.db import connection

from core import guards
from core.audits import audit
from curb import selectors
from curb.models import Trip

FINDINGS_TOLD = 1000


@audit(
    "curb.guards",
    "What guards the trips and the receipts at CURB stands as it was shipped, and nothing else beside it.",
)
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("curb")


@audit(
    "curb.counts",
    "A trip that no close is to look at counts once, as it is: for its driver, cab and lease, as it was paid, to the "
    "cent; and not at all where it is nobody's, in doubt, or superseded.",
)
def find_wrong_counts() -> Iterator[str]:
    sql = """
        WITH live AS (
            SELECT trip_id, driver_id, vehicle_id, lease_id, payment_type, sum(sign) AS net, sum(total) AS total,
                sum(mta_tax + improvement + congestion + airport + cbd) AS taxes
            FROM curb_trip_counts GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0
        ), due AS (
            SELECT id, period, record_id, driver_id, vehicle_id, lease_id, total, awaits_count, paid_as,
                CASE WHEN paid_as IN ('CARD', 'CASH') THEN taxes ELSE 0 END AS taxes, counts
            FROM (SELECT *, mta_tax + improvement + congestion + airport + cbd AS taxes,
                CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END AS paid_as,
                is_current AND counts_as <> 'NOTHING'
                    AND NOT (paired_with_id IS NOT NULL AND counts_as = '' AND week_end IS NULL) AS counts
                FROM curb_trips) AS trip
        )
        SELECT d.period, d.record_id, l.trip_id IS NOT NULL, d.counts FROM due d LEFT JOIN live l ON l.trip_id = d.id
        WHERE NOT d.awaits_count AND CASE WHEN d.counts
            THEN (l.driver_id, l.vehicle_id, l.lease_id, l.payment_type, l.net, l.total, l.taxes)
                IS DISTINCT FROM (d.driver_id, d.vehicle_id, d.lease_id, d.paid_as, 1, d.total, d.taxes)
            ELSE l.trip_id IS NOT NULL END
        ORDER BY d.id LIMIT %s
    """
    for period, record_id, is_counted, is_to_count in _fetch(sql):
        if not is_to_count:
            yield f"Trip {period}-{record_id} is counted, and counts for nobody."
        elif is_counted:
            yield f"Trip {period}-{record_id} is counted otherwise than it is."
        else:
            yield f"Trip {period}-{record_id} is not counted, and no close is to look at it."


@audit("curb.first_counts", "A trip names the week whose close first counted it, and no other.")
def find_wrong_weeks() -> Iterator[str]:
    sql = """
        SELECT t.period, t.record_id FROM curb_trips t
            LEFT JOIN (SELECT trip_id, min(week_end) AS week_end FROM curb_trip_counts GROUP BY 1) c ON c.trip_id = t.id
        WHERE t.week_end IS DISTINCT FROM c.week_end ORDER BY t.id LIMIT %s
    """
    for period, record_id in _fetch(sql):
        yield f"Trip {period}-{record_id} names another week than the one that counted it first."


@audit(
    "curb.amended", "A record that is not current was superseded by one that came later, and each other record stands."
)
def find_wrong_versions() -> Iterator[str]:
    for trip in Trip.objects.filter(is_current=False, superseded_by=None).order_by("pk")[:FINDINGS_TOLD]:
        yield f"Trip {trip} is not current, and nothing superseded it."
    for trip in Trip.objects.filter(is_current=True, superseded_by__isnull=False).order_by("pk")[:FINDINGS_TOLD]:
        yield f"Trip {trip} was superseded, and is current."


@audit(
    "curb.sums",
    "Every amount of CURB's records belongs somewhere, as a person has ruled, and their parts are their total, or "
    "somebody has looked at it.",
    is_about_money=False,
)
def find_open_amounts() -> Iterator[str]:
    # The records count by their total until then, and the books are right by it.
    yield from (attribute.sentence for attribute in selectors.list_open_attributes())
    yield from (sums.sentence for sums in selectors.list_unseen_sums())


@audit("curb.rulings", "A trip is read as the newest ruling says that reaches its day, to the cent.")
def find_wrong_readings() -> Iterator[str]:
    sql = """
        SELECT t.period, t.record_id, r.name FROM curb_amount_remarks r JOIN curb_trips t ON t.id = r.trip_id
        LEFT JOIN LATERAL (SELECT place FROM curb_attributes a WHERE a.key = r.key
            AND a.from_on <= (t.start_at AT TIME ZONE 'America/New_York')::date ORDER BY a.id DESC LIMIT 1) a ON true
        WHERE t.is_current AND r.what <> 'SUM' AND r.read_as <> coalesce(a.place, '')
        ORDER BY t.id, r.id LIMIT %s
    """
    for period, record_id, name in _fetch(sql):
        yield f"Trip {period}-{record_id} reads {name} otherwise than it was ruled."
    sql = """
        SELECT t.period, t.record_id FROM curb_trips t LEFT JOIN (
            SELECT trip_id, sum(amount) AS amount FROM curb_amount_remarks WHERE read_as = 'PASSED_THROUGH' GROUP BY 1
        ) AS r ON r.trip_id = t.id
        WHERE t.is_current AND t.passed_through <> coalesce(r.amount, 0) ORDER BY t.id LIMIT %s
    """
    for period, record_id in _fetch(sql):
        yield f"Trip {period}-{record_id} passes through another amount than was ruled."


def _fetch(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [FINDINGS_TOLD])
        return list(cursor.fetchall())
