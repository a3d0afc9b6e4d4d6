"""A driver's account between two dates, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from core.errors import ValueInvalid
from ledger.selectors.effects import effects_sql


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting. ``effect`` is what it did to the net position, ``deposit_effect`` to the deposits held (dollars).

    What only moves money from a credit to the debt that it pays has no effect; paid out of a deposit it has one, since
    deposits are never part of the net position.
    """

    posting_id: int
    effective_on: date
    posted_at: datetime
    kind: str
    entry_type: str
    category: str
    reference_id: str
    lease_id: int | None
    amount: Decimal
    reverses_id: int | None
    funding_reference: str
    reason: str
    effect: Decimal
    deposit_effect: Decimal
    #: The net position after this line.
    net_position: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines between two dates, both included, and the net position and deposits before and after them."""

    driver_id: int
    from_on: date
    to_on: date
    opening_net_position: Decimal
    opening_deposits: Decimal
    lines: Sequence[StatementLine]

    @property
    def closing_net_position(self) -> Decimal:
        return sum((line.effect for line in self.lines), self.opening_net_position)

    @property
    def closing_deposits(self) -> Decimal:
        return sum((line.deposit_effect for line in self.lines), self.opening_deposits)


def get_statement(driver_id: int, from_on: date, to_on: date) -> Statement:
    """Return the driver's postings effective between the dates; within a day in the order in which they were posted.

    :raises ValueInvalid: the dates are the wrong way round
    """
    if from_on > to_on:
        raise ValueInvalid("A statement ends on or after the day on which it begins.", field="to_on")
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"driver_id": driver_id, "from_on": from_on, "to_on": to_on})
        rows = cursor.fetchall()
    # One statement of SQL, so that opening and lines tell of the same moment; without lines one bare row comes back.
    opening_net_position, opening_deposits = rows[0][:2]
    lines = [StatementLine(*row[2:]) for row in rows if row[2] is not None]
    return Statement(driver_id, from_on, to_on, opening_net_position, opening_deposits, lines)


_STATEMENT = f"""
    WITH effects AS (
        SELECT e.posting_id,
            sum(CASE WHEN o.category = 'DEPOSIT' THEN 0.00 WHEN o.entry_type = 'DEBIT' THEN change ELSE -change END)
                AS effect,
            sum(CASE WHEN o.category = 'DEPOSIT' THEN change ELSE 0.00 END) AS deposit_effect
        FROM ({effects_sql("p.driver_id = %(driver_id)s AND p.effective_on <= %(to_on)s")}) AS e
            JOIN ledger_postings o ON o.id = e.balance_id
        GROUP BY e.posting_id
    ), lines AS (
        SELECT p.id, p.effective_on, p.posted_at, p.kind, p.entry_type, p.category, p.reference_id, p.lease_id,
            p.amount, p.reverses_id, coalesce(f.reference_id, '') AS funding_reference, p.reason,
            e.effect, e.deposit_effect, sum(e.effect) OVER (ORDER BY p.effective_on, p.id) AS net_position
        FROM ledger_postings p JOIN effects e ON e.posting_id = p.id
            LEFT JOIN ledger_balances f ON f.posting_id = p.funding_id
        WHERE p.driver_id = %(driver_id)s
    ), opening AS (
        SELECT coalesce(sum(effect), 0.00) AS net_position, coalesce(sum(deposit_effect), 0.00) AS deposits
        FROM lines WHERE effective_on < %(from_on)s
    )
    SELECT opening.net_position, opening.deposits, lines.*
    FROM opening LEFT JOIN lines ON lines.effective_on >= %(from_on)s
    ORDER BY lines.effective_on, lines.id
"""
