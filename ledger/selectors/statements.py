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
    """One posting, with what it did to what the driver owes, to what is held for them, and to their deposits (dollars).

    What moves money from a credit to the debt that it pays lowers both what is owed and what is held, or the deposits.
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
    owed_effect: Decimal
    held_effect: Decimal
    deposit_effect: Decimal
    #: What is owed, held and kept as deposits after this line.
    owed: Decimal
    held: Decimal
    deposits: Decimal

    @property
    def effect(self) -> Decimal:
        return self.owed_effect - self.held_effect

    @property
    def net_position(self) -> Decimal:
        return self.owed - self.held


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines between two dates, both included, and what was owed, held and kept as deposits before them."""

    driver_id: int
    from_on: date
    to_on: date
    opening_owed: Decimal
    opening_held: Decimal
    opening_deposits: Decimal
    lines: Sequence[StatementLine]

    @property
    def closing_owed(self) -> Decimal:
        return sum((line.owed_effect for line in self.lines), self.opening_owed)

    @property
    def closing_held(self) -> Decimal:
        return sum((line.held_effect for line in self.lines), self.opening_held)

    @property
    def closing_deposits(self) -> Decimal:
        return sum((line.deposit_effect for line in self.lines), self.opening_deposits)

    @property
    def opening_net_position(self) -> Decimal:
        return self.opening_owed - self.opening_held

    @property
    def closing_net_position(self) -> Decimal:
        return self.closing_owed - self.closing_held

    @property
    def has_deposits(self) -> bool:
        return bool(self.opening_deposits) or any(line.deposit_effect for line in self.lines)


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
    opening_owed, opening_held, opening_deposits = rows[0][:3]
    lines = [StatementLine(*row[3:]) for row in rows if row[3] is not None]
    return Statement(driver_id, from_on, to_on, opening_owed, opening_held, opening_deposits, lines)


_STATEMENT = f"""
    WITH effects AS (
        SELECT e.posting_id,
            sum(CASE WHEN o.entry_type = 'DEBIT' THEN change ELSE 0.00 END) AS owed_effect,
            sum(CASE WHEN o.entry_type = 'CREDIT' AND o.category <> 'DEPOSIT' THEN change ELSE 0.00 END)
                AS held_effect,
            sum(CASE WHEN o.category = 'DEPOSIT' THEN change ELSE 0.00 END) AS deposit_effect
        FROM ({effects_sql("p.driver_id = %(driver_id)s AND p.effective_on <= %(to_on)s")}) AS e
            JOIN ledger_postings o ON o.id = e.balance_id
        GROUP BY e.posting_id
    ), lines AS (
        SELECT p.id, p.effective_on, p.posted_at, p.kind, p.entry_type, p.category, p.reference_id, p.lease_id,
            p.amount, p.reverses_id, coalesce(f.reference_id, '') AS funding_reference, p.reason,
            e.owed_effect, e.held_effect, e.deposit_effect, sum(e.owed_effect) OVER so_far AS owed,
            sum(e.held_effect) OVER so_far AS held, sum(e.deposit_effect) OVER so_far AS deposits
        FROM ledger_postings p JOIN effects e ON e.posting_id = p.id
            LEFT JOIN ledger_balances f ON f.posting_id = p.funding_id
        WHERE p.driver_id = %(driver_id)s
        WINDOW so_far AS (ORDER BY p.effective_on, p.id)
    ), opening AS (
        SELECT coalesce(sum(owed_effect), 0.00) AS owed, coalesce(sum(held_effect), 0.00) AS held,
            coalesce(sum(deposit_effect), 0.00) AS deposits
        FROM lines WHERE effective_on < %(from_on)s
    )
    SELECT opening.owed, opening.held, opening.deposits, lines.*
    FROM opening LEFT JOIN lines ON lines.effective_on >= %(from_on)s
    ORDER BY lines.effective_on, lines.id
"""
