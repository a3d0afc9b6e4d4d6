"""The order of the waterfall, from a date on."""

from collections.abc import Sequence
from datetime import date

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.errors import InvalidValue
from ledger.models import WaterfallOrder
from ledger.services.arguments import today_in_new_york
from ledger.services.transactions import money_transaction


class OrderInThePast(InvalidValue):
    """What was applied before has followed the order then in force, and must go on being judged by it."""

    code = "order_in_the_past"
    field = "effective_on"


class OrderIncomplete(InvalidValue):
    """An order names each category that a driver can owe once, and nothing else."""

    code = "order_incomplete"
    field = "categories"


@money_transaction
def set_waterfall_order(*, effective_on: date, categories: Sequence[str]) -> WaterfallOrder:
    """Have credits pay the categories in this order from ``effective_on`` on; of two for one day the later counts.

    :raises OrderInThePast: ``effective_on`` is before today in New York
    :raises OrderIncomplete: a category is missing, named twice or unknown
    """
    if effective_on < today_in_new_york():
        raise OrderInThePast("An order is in force from today or a later day, never from a day past.")
    if sorted(categories) != sorted(OBLIGATION_CATEGORIES):
        raise OrderIncomplete("The order names each category exactly once.")
    return WaterfallOrder.objects.create(effective_on=effective_on, categories=[str(name) for name in categories])
