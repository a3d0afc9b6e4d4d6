"""Pages to compare and to remit: CURB's card money against what was credited, and the taxes of trips."""

from typing import Any

from config.kit.admin import Page
from dtr import rules
from dtr.admin.base import label_of
from dtr.admin.closing import read_date
from dtr.selectors import reconciliation
from ledger.money import ZERO


class ReconciliationPage(Page):
    """By week, and the trips of one week that differ."""

    permission_required = "dtr.view_trip"
    title = "Card money: reported and credited"
    template_name = "admin/dtr/reconciliation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        week_end = read_date(self.request.GET.get("week"))
        return super().get_context_data(
            weeks=reconciliation.list_card_weeks(),
            chosen=week_end,
            differences=reconciliation.list_card_differences(week_end) if week_end else [],
            limit=reconciliation.MAX_DIFFERENCES,
            **kwargs,
        )


class TaxesPage(Page):
    """By kind and month, and the improvement surcharge by medallion and quarter."""

    permission_required = "dtr.view_trip"
    title = "Trip taxes"
    template_name = "admin/dtr/taxes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        quarters = reconciliation.list_improvement_by_medallion()
        chosen = self.request.GET.get("quarter") or next(iter(quarters), "")
        medallions = quarters.get(chosen, [])
        return super().get_context_data(
            kinds=[label_of(column) for column in rules.TAX_COLUMNS],
            periods=reconciliation.list_tax_periods(),
            quarters=list(quarters),
            chosen=chosen,
            medallions=medallions,
            quarter_trips=sum(row.trips for row in medallions),
            quarter_total=sum((row.improvement for row in medallions), ZERO),
            **kwargs,
        )
