"""What was undone, forgiven, given and won back, and by whom."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from core.names import name_sql

#: A charge, payment or credit is voided; what it had paid, or was paid by, is undone. It is of the week of what was
#: voided or forgiven; else of its own.
REASONS = """
    SELECT p.id, p.effective_on, CASE WHEN p.kind = 'VOID' AND p.reverses_id <> p.balance_id THEN 'UNDONE'
            ELSE p.kind END AS what,
        p.reference_id, coalesce(b.description, p.description) AS words, p.driver_id AS whose, p.amount, p.reason,
        p.posted_by_id, coalesce(o.effective_on, b.effective_on, p.effective_on) AS of_day
    FROM ledger_postings p LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        LEFT JOIN ledger_postings b ON b.id = p.balance_id
    WHERE p.effective_on BETWEEN %(from_on)s AND %(to_on)s
        AND (p.kind IN ('WRITE_OFF', 'VOID', 'CREDIT_MEMO') OR p.kind = 'OBLIGATION' AND p.category = 'RECOVERY')
"""


@dataclass(frozen=True, slots=True)
class DecisionSum:
    """What a person (nobody: the system) voided, forgave, gave or won back: how often, and dollars."""

    name: str
    what: str
    count: int
    amount: Decimal


def sum_decisions(from_on: date, to_on: date) -> list[DecisionSum]:
    """Return what took effect in these days by person and kind; what a void undid with it is not counted again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce({name_sql("u")}, ''), r.what, count(*), sum(r.amount)
            FROM ({REASONS}) AS r LEFT JOIN auth_user u ON u.id = r.posted_by_id
            WHERE r.what <> 'UNDONE' GROUP BY 1, 2 ORDER BY 1, 2
            """,
            {"from_on": from_on, "to_on": to_on},
        )
        return [DecisionSum(*row) for row in cursor.fetchall()]
