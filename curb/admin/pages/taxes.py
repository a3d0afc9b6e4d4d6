"""The taxes of trips, to remit."""

from typing import Any

from core.admin import Page, label_of
from curb import rules
from curb.models import Trip
from curb.selectors import card_money
from curb.selectors.tax_quarters import reconcile_taxes
from ledger.money import ZERO


class TaxesPage(Page):
    """By kind and month; the improvement surcharge by medallion and quarter; a quarter's taxes and the books."""

    permission_required = "curb.view_trip"
    title = "Trip taxes"
    template_name = "curb/taxes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        quarters = card_money.list_improvement_by_medallion()
        chosen = self.request.GET.get("quarter") or next(iter(quarters), "")
        medallions = quarters.get(chosen, [])
        return super().get_context_data(
            kinds=[label_of(Trip, column) for column in rules.TAX_COLUMNS],
            periods=card_money.list_tax_periods(),
            quarters=list(quarters),
            chosen=chosen,
            medallions=medallions,
            reconciled=reconcile_taxes(chosen) if chosen in quarters else None,
            quarter_trips=sum(row.trips for row in medallions),
            quarter_total=sum((row.improvement for row in medallions), ZERO),
            **kwargs,
        )
