"""What the close of a week would do now, for all drivers together: plain reads, as many whatever the fleet's size."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core.weeks import Week
from curb import selectors as curb
from dtr.models import DtrLine
from ledger import selectors as ledger
from ledger.categories import EntryType
from ledger.money import ZERO

# A share's card money and taxes, as ``dtr.rules.list_entries`` has them posted: below zero they are the opposite.
_OPENED = """
    SELECT driver_id, entry_type, category, amount FROM ({shares}) AS share CROSS JOIN LATERAL (VALUES
        (CASE WHEN card > 0 THEN 'CREDIT' ELSE 'DEBIT' END, CASE WHEN card > 0 THEN 'EARNINGS' ELSE 'RECOVERY' END,
            abs(card)),
        (CASE WHEN taxes > 0 THEN 'DEBIT' ELSE 'CREDIT' END, 'TAXES', abs(taxes))
    ) AS entry (entry_type, category, amount)
    WHERE amount > 0
"""


@dataclass(frozen=True, slots=True)
class CloseAhead:
    """What a close would do, in dollars. What is brought forward is what the newest DTRs left owed, by category."""

    week: Week
    money: ledger.Ahead
    brought_forward: Mapping[str, Decimal]

    @property
    def brought_forward_total(self) -> Decimal:
        return sum(self.brought_forward.values(), ZERO)


def read_close_ahead(week: Week) -> CloseAhead:
    """Return what the close of ``week`` would charge and use of credits now; it is the week whose turn it is.

    To the cent what the close does with what is there: trips that wait for somebody count once they are matched.
    """
    shares, given = curb.uncounted_shares_sql(week)
    money = ledger.sum_ahead(as_of=week.end, opened=_OPENED.format(shares=shares), given=given)
    return CloseAhead(week, money, _sum_brought_forward(week))


def _sum_brought_forward(week: Week) -> dict[str, Decimal]:
    """What the DTRs of the week before left owed; whoever is left with anything gets one in each week."""
    owed = DtrLine.objects.filter(dtr__week=week.previous.end, entry_type=EntryType.DEBIT).order_by()
    return dict(owed.values_list("category").annotate(left=Sum("closing")).filter(left__gt=0))
