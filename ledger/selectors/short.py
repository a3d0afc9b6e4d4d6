"""Who is short for Saturday: what an office asks on a Friday, before rent comes due."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from core.weeks import week_of
from ledger.selectors.installments import coming_sql

# Of each driver all that is open is summed once; what is not charged yet is the plans', and falls due by Saturday.
_SHORT = """
    SELECT stands.driver_id, stands.due + coalesce(plan.amount, 0.00) AS amount
    FROM (
        SELECT driver_id, sum(remaining) FILTER (WHERE due_on <= %(saturday)s) AS due,
            bool_or(due_on BETWEEN %(today)s AND %(saturday)s) AS has_coming
        FROM ledger_balances WHERE status = 'OPEN' AND category <> 'DEPOSIT'
        GROUP BY driver_id HAVING bool_or(due_on < %(today)s) AND bool_and(entry_type = 'DEBIT')
    ) AS stands LEFT JOIN (
        SELECT driver_id, sum(amount) AS amount FROM ({installments}) AS coming GROUP BY driver_id
    ) AS plan ON plan.driver_id = stands.driver_id
    WHERE stands.has_coming OR plan.driver_id IS NOT NULL
"""


def select_short_for_saturday(*, today: date) -> tuple[str, dict[str, Any]]:
    """Return a SELECT of ``driver_id`` and ``amount``, with its parameters: who is short for this week's Saturday.

    They owe something that was due before ``today``, more comes due by Saturday, as charges or as installments that
    are not charged yet, and nothing but deposits is held for them; ``amount`` is all of that, in dollars.
    """
    saturday = week_of(today).end
    installments, parameters = coming_sql(saturday)
    return _SHORT.format(installments=installments), {**parameters, "today": today, "saturday": saturday}


def sum_short_for_saturday(*, today: date) -> dict[int, Decimal]:
    """Return what they are short by, by driver."""
    with connection.cursor() as cursor:
        cursor.execute(*select_short_for_saturday(today=today))
        return dict(cursor.fetchall())
