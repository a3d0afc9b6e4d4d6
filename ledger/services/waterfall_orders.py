"""The order of the waterfall, from a date on."""

from collections.abc import Sequence
from datetime import date

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.errors import OrderIncomplete, OrderInThePast
from ledger.models import WaterfallOrder
from ledger.services.transactions import money_transaction


@money_transaction
def set_waterfall_order(*, effective_on: date, categories: Sequence[str], today: date) -> WaterfallOrder:
    """Have credits pay the categories in this order from ``effective_on`` on; of two for one day the later counts.

    :raises OrderInThePast: ``effective_on`` is before ``today``
    :raises OrderIncomplete: a category is missing, named twice or unknown
    """
    if effective_on < today:
        raise OrderInThePast("An order is in force from today or a later day, never from a day past.")
    if sorted(categories) != sorted(OBLIGATION_CATEGORIES):
        raise OrderIncomplete("The order names each category exactly once.")
    return WaterfallOrder.objects.create(effective_on=effective_on, categories=[str(name) for name in categories])
