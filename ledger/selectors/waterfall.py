"""The waterfall order in force."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Case, IntegerField, Value, When

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import WaterfallOrder


def get_waterfall_order(on: date) -> tuple[str, ...]:
    """Return the categories in the order in which credits pay them on that date; the latest setting counts."""
    setting = WaterfallOrder.objects.filter(effective_on__lte=on).order_by("-effective_on", "-id").first()
    return tuple(str(category) for category in (setting.categories if setting else OBLIGATION_CATEGORIES))


def rank_in(order: Sequence[str]) -> Case:
    """Return a category's place in ``order`` as an expression; what is not in it comes last."""
    return Case(
        *(When(category=category, then=Value(place)) for place, category in enumerate(order)),
        default=Value(len(order)),
        output_field=IntegerField(),
    )
