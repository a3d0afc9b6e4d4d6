"""What moved each driver's net in a week: what was charged, earned, paid, and the rest."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection

from ledger.categories import Kind
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class WeekChanges:
    """Dollars of a driver. Owed less held has risen by what was charged and paid out, and fallen by the others."""

    charged: Mapping[str, Decimal] = field(default_factory=dict)
    earned: Decimal = ZERO
    paid: Decimal = ZERO
    #: Payouts less credit memos, what was forgiven, and what deposits paid.
    other: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return sum(self.charged.values(), ZERO) - self.earned - self.paid + self.other


@dataclass(frozen=True, slots=True)
class WeekChange:
    """A posting that moved a driver's net: owed less held has risen by ``amount`` dollars.

    ``event`` is its kind, or that of what it undoes.
    """

    posting_id: int
    effective_on: date
    reference_id: str
    event: str
    category: str
    amount: Decimal


#: A void moves what it undoes the other way. What one's own credit pays moves owed and held alike, and no net; of a
#: deposit, which is no part of it, only what it pays counts.
_MOVED = """
    SELECT p.driver_id, p.id, p.effective_on, p.reference_id, coalesce(undone.kind, p.kind) AS event, p.category,
        CASE WHEN p.kind = 'VOID' THEN -p.amount ELSE p.amount END AS amount
    FROM ledger_postings p LEFT JOIN ledger_postings undone ON undone.id = p.reverses_id
        LEFT JOIN ledger_postings funding ON funding.id = p.funding_id
        LEFT JOIN ledger_postings opening ON opening.id = p.balance_id
    WHERE p.effective_on >= %(since)s AND (%(driver)s::bigint IS NULL OR p.driver_id = %(driver)s)
        AND CASE coalesce(undone.kind, p.kind)
            WHEN 'DEPOSIT' THEN false WHEN 'PAYOUT' THEN opening.kind <> 'DEPOSIT'
            WHEN 'ALLOCATION' THEN false WHEN 'APPLICATION' THEN funding.kind = 'DEPOSIT' ELSE true END
"""
_CHANGES = f"""
    SELECT driver_id, event, category, sum(amount) FROM ({_MOVED}) AS moved GROUP BY 1, 2, 3
"""
#: What raises what is owed less what is held; all else lowers it.
_RAISES = (Kind.OBLIGATION, Kind.PAYOUT)


def list_changes_of(driver_id: int, since: date) -> list[WeekChange]:
    """Return the postings that :func:`list_changes_since` sums for a driver, the oldest first."""
    sql = f"SELECT id, effective_on, reference_id, event, category, amount FROM ({_MOVED}) AS moved ORDER BY 2, 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"since": since, "driver": driver_id})
        return [
            WeekChange(pk, on, reference_id, event, category, amount if event in _RAISES else -amount)
            for pk, on, reference_id, event, category, amount in cursor.fetchall()
        ]


def list_changes_since(since: date) -> dict[int, WeekChanges]:
    """Return what takes effect from a day on, by driver; in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"since": since, "driver": None})
        rows = cursor.fetchall()
    charged: dict[int, dict[str, Decimal]] = defaultdict(dict)
    sums: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for driver_id, event, category, amount in rows:
        of_driver, key = (charged, category) if event == Kind.OBLIGATION else (sums, event)
        of_driver[driver_id][key] = of_driver[driver_id].get(key, ZERO) + amount
    return {driver_id: _tell(charged.get(driver_id, {}), sums.get(driver_id, {})) for driver_id in {*charged, *sums}}


def _tell(charged: Mapping[str, Decimal], sums: Mapping[str, Decimal]) -> WeekChanges:
    return WeekChanges(
        charged=charged,
        earned=sums.get(Kind.EARNINGS, ZERO),
        paid=sums.get(Kind.PAYMENT, ZERO),
        other=sums.get(Kind.PAYOUT, ZERO)
        - sums.get(Kind.CREDIT_MEMO, ZERO)
        - sums.get(Kind.WRITE_OFF, ZERO)
        - sums.get(Kind.APPLICATION, ZERO),
    )
