"""Postings of a driver, or on a lease, as what happened, newest first: what was written at once is one event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.categories import Kind
from ledger.models import LedgerPosting
from ledger.selectors.effects import effects_sql
from ledger.selectors.payments import PaymentStatus, list_payments
from ledger.selectors.words import with_words


@dataclass(frozen=True, slots=True)
class Happening:
    """Postings that belong together, told by the first of them.

    ``owed_effect`` is what they did to what the driver owes, ``owes`` what was owed after them, ``amount`` the sum of
    the postings, all in dollars. ``last_id`` tells it from others of its moment.
    """

    at: datetime
    last_id: int
    count: int
    amount: Decimal
    owed_effect: Decimal
    owes: Decimal
    first: Any
    #: How a payment stands of which something was voided; None of whatever else happened.
    voided_payment: PaymentStatus | None = None


_OF_DRIVER = "p.driver_id = %(record_id)s"
#: By its drivers an index finds them.
_ON_LEASE = (
    "p.lease_id = %(record_id)s"
    " AND p.driver_id IN (SELECT driver_id FROM ledger_named_leases WHERE lease_id = %(record_id)s)"
)


def _happenings_sql(condition: str) -> str:
    return f"""
    WITH effects AS (
        SELECT e.posting_id, sum(CASE WHEN o.entry_type = 'DEBIT' THEN change ELSE 0.00 END) AS owed
        FROM ({effects_sql(condition)}) AS e JOIN ledger_postings o ON o.id = e.balance_id
        GROUP BY e.posting_id
    ), together AS (
        SELECT max(p.posted_at) AS at, max(p.id) AS last_id, min(p.id) AS first_id, count(*) AS found,
            -- What a payment named is money of that payment, and counts once.
            sum(p.amount) FILTER (WHERE p.payment_id IS NULL OR p.kind <> 'ALLOCATION') AS amount,
            sum(effects.owed) AS owed
        FROM ledger_postings p JOIN effects ON effects.posting_id = p.id
        WHERE {condition}
        GROUP BY p.kind = 'VOID', p.payment_id, p.payout_id,
            CASE WHEN p.payment_id IS NULL AND p.payout_id IS NULL THEN (p.posted_at, p.kind, p.category)::text END,
            -- What a credit paid is told as of that credit.
            CASE WHEN p.kind = 'APPLICATION' THEN p.funding_id END
    ), told AS (
        SELECT *, sum(owed) OVER (ORDER BY last_id) AS owes FROM together
    )
    SELECT at, last_id, found, coalesce(amount, 0.00), owed, owes, first_id FROM told
    WHERE (at, last_id) < (%(at)s, %(key)s)
    ORDER BY at DESC, last_id DESC LIMIT %(most)s
"""


def list_happenings(driver_id: int, *, before: datetime, key: int, most: int) -> list[Happening]:
    """Return at most so many, newest first, older than a moment (or of it, below ``key``), by two statements."""
    return _read(_OF_DRIVER, driver_id, before, key, most)


def list_happenings_on_lease(lease_id: int, *, before: datetime, key: int, most: int) -> list[Happening]:
    """Return the same of a lease, whichever of its drivers they are of; ``owes`` is what was owed on the lease."""
    return _read(_ON_LEASE, lease_id, before, key, most)


def _read(condition: str, record_id: int, before: datetime, key: int, most: int) -> list[Happening]:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"record_id": record_id, "at": before, "key": key, "most": most}
        cursor.execute(_happenings_sql(condition), given)
        rows = cursor.fetchall()
    postings = with_words(LedgerPosting.objects.filter(pk__in=[row[-1] for row in rows]))
    firsts = postings.select_related("payment", "posted_by").in_bulk() if rows else {}
    standing = _find_standing(firsts.values())
    return [
        Happening(at, last_id, count, amount, owed_effect, owes, firsts[first_id], standing.get(first_id))
        for at, last_id, count, amount, owed_effect, owes, first_id in rows
    ]


def _find_standing(postings: Iterable[LedgerPosting]) -> dict[int, PaymentStatus]:
    """Return how the payments stand whose voids are among these, by the postings; asked only where there are any."""
    voids = {one.pk: one.payment_id for one in postings if one.kind == Kind.VOID and one.payment_id}
    if not voids:
        return {}
    told = dict(list_payments().filter(pk__in=set(voids.values())).order_by().values_list("pk", "status"))
    return {pk: PaymentStatus(told[payment_id]) for pk, payment_id in voids.items()}
