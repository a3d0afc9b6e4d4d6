"""What a close would charge and use of credits, by plain reads: the sums of a step that nobody has taken."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.money import ZERO
from ledger.selectors.installments import coming_sql
from ledger.selectors.waterfall import get_waterfall_order


@dataclass(frozen=True, slots=True)
class CategoryAhead:
    """Dollars of all drivers under one category: owed now, due or not; still to be charged; paid from credits then."""

    category: str
    owed: Decimal = ZERO
    charged: Decimal = ZERO
    applied: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        return self.owed + self.charged - self.applied


@dataclass(frozen=True, slots=True)
class Ahead:
    """Each category that can be owed, in the usual order; what is held now without deposits, and what comes to it."""

    categories: list[CategoryAhead]
    held: Decimal
    credited: Decimal

    @property
    def total(self) -> CategoryAhead:
        names = [part.name for part in fields(CategoryAhead) if part.name != "category"]
        return CategoryAhead("", *(sum((getattr(row, name) for row in self.categories), ZERO) for name in names))

    @property
    def left_held(self) -> Decimal:
        return self.held + self.credited - self.total.applied


# A driver's debts lie end to end in the order of the waterfall, and what may be used of credits beside them: what it
# reaches is paid. Of one category it makes no difference which debt, and of all no difference which credit.
_AHEAD = """
WITH opened AS MATERIALIZED (
    {opened}
), coming AS MATERIALIZED (
    {installments} UNION ALL SELECT driver_id, category, amount FROM opened WHERE entry_type = 'DEBIT'
), credited AS (
    SELECT driver_id, amount FROM opened WHERE entry_type = 'CREDIT'
), open AS MATERIALIZED (
    SELECT driver_id, entry_type, category, remaining, effective_on <= %(as_of)s
        AND (entry_type = 'CREDIT' OR due_on <= %(as_of)s) AS is_ripe
    FROM ledger_balances WHERE status = 'OPEN' AND (entry_type = 'DEBIT' OR category <> 'DEPOSIT')
), usable AS (
    SELECT driver_id, sum(amount) AS amount FROM (
        SELECT driver_id, remaining AS amount FROM open WHERE entry_type = 'CREDIT' AND is_ripe
        UNION ALL SELECT driver_id, amount FROM credited
    ) AS credit GROUP BY 1
), due AS (
    SELECT driver_id, category, sum(amount) AS amount FROM (
        SELECT driver_id, category, remaining AS amount FROM open WHERE entry_type = 'DEBIT' AND is_ripe
        UNION ALL SELECT driver_id, category, amount FROM coming
    ) AS debt GROUP BY 1, 2
), laid AS (
    SELECT due.category, due.amount, usable.amount AS usable, sum(due.amount) OVER (
        PARTITION BY due.driver_id ORDER BY array_position(%(order)s::text[], due.category::text)) AS ends
    FROM due JOIN usable ON usable.driver_id = due.driver_id
)
SELECT 'owed', category, sum(remaining) FROM open WHERE entry_type = 'DEBIT' GROUP BY 2
UNION ALL SELECT 'charged', category, sum(amount) FROM coming GROUP BY 2
UNION ALL SELECT 'applied', category, sum(greatest(0.00, least(ends, usable) - ends + amount)) FROM laid GROUP BY 2
UNION ALL SELECT 'held', '', coalesce(sum(remaining), 0.00) FROM open WHERE entry_type = 'CREDIT'
UNION ALL SELECT 'credited', '', coalesce(sum(amount), 0.00) FROM credited
"""


def sum_ahead(*, as_of: date, opened: str, given: Mapping[str, Any]) -> Ahead:
    """Return what charging the installments due by ``as_of`` and using credits as of it would come to, all drivers.

    ``opened`` is a query of what else would be opened and in effect by then: ``driver_id``, ``entry_type``,
    ``category`` and ``amount``, above zero; ``given`` are its named parameters. One statement besides that of the
    order, however many drivers there are; nothing is locked.
    """
    order = get_waterfall_order(as_of)
    installments, parameters = coming_sql(as_of)
    sql = _AHEAD.format(installments=installments, opened=opened)
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, **parameters, "as_of": as_of, "order": list(order)})
        sums = {(what, category): amount for what, category, amount in cursor.fetchall()}
    rows = [
        CategoryAhead(category, *(sums.get((part.name, category), ZERO) for part in fields(CategoryAhead)[1:]))
        for category in OBLIGATION_CATEGORIES
    ]
    return Ahead(rows, sums["held", ""], sums["credited", ""])
