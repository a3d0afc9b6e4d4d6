"""CURB's card money against what was credited."""

from typing import Any

from core.admin import Page
from core.weeks import find_week_ending
from curb import selectors
from curb.selectors import card_money

#: Trips in doubt, and rows that pair with nothing, on the page.
MAX_ROWS = 200


class CardMoneyPage(Page):
    """By week, and the trips of one week that differ."""

    permission_required = "curb.view_trip"
    title = "Card money: reported and credited"
    template_name = "curb/card_money.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        week = find_week_ending(self.request.GET.get("week"))
        return super().get_context_data(
            weeks=card_money.list_card_weeks(),
            chosen=week.end if week else None,
            differences=card_money.list_card_differences(week) if week else [],
            limit=card_money.MAX_DIFFERENCES,
            undecided=selectors.list_undecided_trips()[:MAX_ROWS],
            unpaired=selectors.list_unpaired_transactions()[:MAX_ROWS],
            rows_limit=MAX_ROWS,
            may_decide=self.request.user.has_perm("curb.correct_trip"),
            **kwargs,
        )
