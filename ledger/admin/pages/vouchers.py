"""A payout's voucher to print, which the driver signs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from core.admin import Page
from ledger.admin.cells import account_url
from ledger.errors import PayoutNotFound
from ledger.money import say_dollars
from ledger.narration import tell_opening
from ledger.selectors import PayoutBreakdown, get_payout_breakdown


@dataclass(frozen=True, slots=True)
class Line:
    """What the payout took of a credit, in dollars; ``words`` say what the credit is."""

    reference_id: str
    words: str
    amount: Decimal


class VoucherPage(Page):
    """What the fleet keeps of money that left: on one sheet, signed by whoever received it."""

    permission_required = "ledger.view_payout"
    template_name = "ledger/voucher.html"

    @cached_property
    def breakdown(self) -> PayoutBreakdown:
        try:
            return get_payout_breakdown(self.kwargs["record_id"])
        except PayoutNotFound as missing:
            raise Http404 from missing

    def get_title(self) -> str:
        return f"Voucher {self.breakdown.payout.reference_id}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payout = self.breakdown.payout
        return super().get_context_data(
            payout=payout,
            stands=self.breakdown.stands,
            lines=[
                Line(line.reference_id, tell_opening(line.balance.posting), line.amount)
                for line in self.breakdown.lines
                if line.balance is not None
            ],
            amount_in_words=say_dollars(payout.amount),
            account_url=account_url(payout.driver_id),
            **kwargs,
        )
