"""The promises of leases, checked from their rows."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from core import guards
from core.audits import audit
from core.words import say_full_day
from ledger import selectors as ledger


@audit("leases.guards", "What guards the leases stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("leases")


@audit(
    "leases.spans",
    "A lease is held without a gap from its start to its end, and points to what it held last.",
    is_about_money=False,
)
def find_broken_spans() -> Iterator[str]:
    for lease_id, problem in _query(
        """
        WITH held AS (
            SELECT lease_id, vehicle_id, shift, from_at, until_at,
                lag(until_at) OVER in_order AS previous_until,
                lead(lease_id) OVER in_order IS NULL AS is_last
            FROM leases_leasevehicle WINDOW in_order AS (PARTITION BY lease_id ORDER BY from_at)
        )
        SELECT l.id, 'no vehicle' FROM leases_lease l
        WHERE NOT EXISTS (SELECT FROM held WHERE held.lease_id = l.id)
        UNION ALL
        SELECT h.lease_id, 'a gap before ' || h.from_at FROM held h WHERE h.previous_until <> h.from_at
        UNION ALL
        SELECT l.id, 'another vehicle than it held last' FROM leases_lease l
        JOIN held h ON h.lease_id = l.id AND h.is_last WHERE h.vehicle_id <> l.vehicle_id
        UNION ALL
        SELECT l.id, 'another shift than it holds' FROM leases_lease l
        JOIN held h ON h.lease_id = l.id WHERE h.shift <> l.shift
        UNION ALL
        SELECT l.id, 'another start than its vehicle''s' FROM leases_lease l
        JOIN held h ON h.lease_id = l.id AND h.previous_until IS NULL
        WHERE (h.from_at AT TIME ZONE 'America/New_York')::date <> l.start_on
        ORDER BY 1
        """
    ):
        yield f"Lease {lease_id} has {problem}."


@audit("leases.drivers", "The primary driver is on the lease for all of its days, and nobody outside of them.")
def find_broken_drivers() -> Iterator[str]:
    for lease_id, driver_id in _query(
        """
        SELECT l.id, l.primary_driver_id FROM leases_lease l
        WHERE NOT EXISTS (
            SELECT FROM leases_leasedriver d WHERE d.lease_id = l.id AND d.is_primary
            AND (d.driver_id, d.start_on, d.end_on) = (l.primary_driver_id, l.start_on, l.end_on))
        UNION
        SELECT l.id, d.driver_id FROM leases_leasedriver d JOIN leases_lease l ON l.id = d.lease_id
        WHERE d.start_on < l.start_on OR d.end_on > l.end_on
        ORDER BY 1, 2
        """
    ):
        yield f"Lease {lease_id} and driver {driver_id} do not agree on their days."


@audit("leases.rent", "Rent lies in the weeks of its lease, and no rent to come costs more than a week.")
def find_broken_rent() -> Iterator[str]:
    for reference_id, amount in _query(
        """
        SELECT i.reference_id, i.amount FROM leases_leaseinstallment i JOIN leases_lease l ON l.id = i.lease_id
        WHERE i.due_on <> i.week_start + 6 OR i.due_on < l.start_on
            OR (i.posted_at IS NULL AND i.week_start > l.end_on)
            OR (i.posted_at IS NULL AND i.amount > (
                SELECT max(r.weekly_amount) FROM leases_leaserate r WHERE r.lease_id = l.id))
        ORDER BY i.reference_id
        """
    ):
        yield f"{reference_id} of {amount} does not belong to its lease."


@audit("leases.days_away", "Days without a cab lie in their lease, and rent to come is what the other days cost.")
def find_broken_days_away() -> Iterator[str]:
    for lease_id, start_on, end_on in _query(
        """
        SELECT d.lease_id, d.start_on, d.end_on FROM leases_leasedaysaway d JOIN leases_lease l ON l.id = d.lease_id
        WHERE NOT d.is_taken_back AND (d.start_on < l.start_on OR d.end_on > l.end_on)
        ORDER BY 1, 2
        """
    ):
        first, last = say_full_day(start_on), say_full_day(end_on)
        yield f"Lease {lease_id} is without a cab from {first} to {last}, not all of which is in it."
    for reference_id, amount, relief, priced, full in _query(
        f"""
        SELECT * FROM (
            SELECT i.reference_id, i.amount, i.relief,
                round(sum(rate.weekly_amount) FILTER (WHERE away.id IS NULL) / 7, 2) AS priced,
                round(sum(rate.weekly_amount) / 7, 2) AS full_rent
            FROM leases_leaseinstallment i {_DAYS_AND_RATES}
            LEFT JOIN leases_leasedaysaway away ON away.lease_id = l.id AND NOT away.is_taken_back
                AND day.day BETWEEN away.start_on AND away.end_on
            WHERE i.posted_at IS NULL
            GROUP BY i.id
        ) AS rent
        WHERE amount IS DISTINCT FROM priced OR amount + relief <> full_rent
        ORDER BY reference_id
        """
    ):
        yield f"{reference_id} is {amount} and {relief} less; its days cost {priced} of {full}."


@audit("leases.sources", "Whatever is posted of a lease is of its rent, its memos or its early end, and its driver's.")
def find_postings_of_no_lease() -> Iterator[str]:
    yield from ledger.find_wrong_sources(("LEASE", "HOLD"), _RECORDS)


@audit("leases.charged_rent", "Rent as it was charged, less its memos, is what its days cost at the lease's rates.")
def find_rent_charged_otherwise() -> Iterator[str]:
    """But for a charge that was corrected since, or a memo that was voided: somebody has said so, with a reason."""
    for reference_id, amount, memos, relief, full in _query(
        f"""
        WITH memo AS (
            SELECT substring(b.reference_id from '^HOLD-(.+)-[0-9]+$') AS rent,
                sum(b.original_amount) FILTER (WHERE b.status <> 'VOIDED') AS amount,
                sum(b.original_amount) FILTER (WHERE b.status = 'VOIDED') AS voided
            FROM ledger_balances b WHERE b.reference_id LIKE 'HOLD-%' GROUP BY 1
        ), charged AS (
            SELECT reference_id FROM ledger_balances WHERE reference_id LIKE 'LEASE-%'
            GROUP BY 1 HAVING count(*) = 1 AND bool_and(status <> 'VOIDED')
        )
        SELECT reference_id, amount, memos, relief, full_rent FROM (
            SELECT i.reference_id, i.amount, i.relief, coalesce(memo.amount, 0.00) AS memos,
                coalesce(memo.voided, 0.00) AS voided,
                round(sum(rate.weekly_amount) / 7, 2) AS full_rent
            FROM leases_leaseinstallment i {_DAYS_AND_RATES}
            LEFT JOIN memo ON 'LEASE-' || memo.rent = i.reference_id
            JOIN charged ON charged.reference_id = i.reference_id
            WHERE i.posted_at IS NOT NULL GROUP BY i.id, memo.amount, memo.voided
        ) AS rent
        WHERE full_rent NOT IN (amount - memos + relief, amount - memos - voided + relief) ORDER BY reference_id
        """
    ):
        yield f"{reference_id} of {amount}, with {memos} given back and {relief} less, costs {full} at its rates."


@audit(
    "leases.tokens", "Drivers are found by the words of their rows as they are, and by no others.", is_about_money=False
)
def find_broken_tokens() -> Iterator[str]:
    for driver_id, token, is_kept in _query(
        """
        SELECT driver_id, token, kept.driver_id IS NOT NULL AND made.driver_id IS NULL
        FROM (
            SELECT d.id AS driver_id, t.token, t.is_beginning FROM leases_driver d CROSS JOIN LATERAL
                leases_list_tokens(d.first_name || ' ' || d.last_name, d.license_key, d.phone, d.email) AS t
        ) AS made
        FULL JOIN leases_driver_tokens kept USING (driver_id, token, is_beginning)
        WHERE made.driver_id IS NULL OR kept.driver_id IS NULL
        ORDER BY 1, 2 LIMIT 100
        """
    ):
        if is_kept:
            yield f"Driver {driver_id} is found by {token}, which is none of their words."
        else:
            yield f"Driver {driver_id} is not found by {token}."


#: The days of each installment `i` that its lease has, and the weekly amount on each.
_DAYS_AND_RATES = """
    JOIN leases_lease l ON l.id = i.lease_id
    CROSS JOIN generate_series(greatest(i.week_start, l.start_on), least(i.week_start + 6, l.end_on), '1 day')
        AS day (day)
    CROSS JOIN LATERAL (
        SELECT r.weekly_amount FROM leases_leaserate r WHERE r.lease_id = l.id
        ORDER BY r.from_on <= day.day DESC, CASE WHEN r.from_on <= day.day THEN r.from_on END DESC, r.from_on
        LIMIT 1) AS rate
"""

#: What may be posted of a lease. A week that an early end has dropped is known by its history alone.
_RECORDS = """
    WITH weeks AS (
        SELECT reference_id, lease_id, memos, false AS is_gone FROM leases_leaseinstallment
        UNION ALL
        SELECT h.reference_id, h.lease_id, max(h.memos), true FROM leases_historicalleaseinstallment h
        WHERE NOT EXISTS (SELECT FROM leases_leaseinstallment i WHERE i.reference_id = h.reference_id)
        GROUP BY 1, 2
    ), posted AS (
        SELECT reference_id, ARRAY['OBLIGATION LEASE'] AS shapes, lease_id, is_gone FROM weeks
        UNION ALL
        SELECT 'HOLD' || substr(reference_id, 6) || '-' || number, ARRAY['CREDIT_MEMO LEASE'], lease_id, false
        FROM weeks CROSS JOIN generate_series(1, memos) AS number
        UNION ALL
        SELECT 'LEASE-' || id || '-CANCEL', ARRAY['OBLIGATION LEASE'], id, status <> 'ENDED' FROM leases_lease
    )
    SELECT posted.*, l.primary_driver_id AS driver_id, NULL::date AS effective_on, NULL::date AS due_on
    FROM posted JOIN leases_lease l ON l.id = posted.lease_id
"""


def _query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
