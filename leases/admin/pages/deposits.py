"""A lease's deposit: the page that settles it, and the settlement to print."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import RecordPage
from core.dossier import lease_url
from leases import selectors, services
from leases.admin.pages.leases import LeasePage
from leases.forms import SettleForm
from leases.models import DepositSettlement
from leases.selectors import Part, SettlementItem
from ledger import selectors as ledger
from ledger.money import ZERO, format_dollars

_HEADINGS = {
    Part.RECEIVED: "Deposit received",
    Part.PAID: "Paid from the deposit",
    Part.OPEN: "Still owed on this lease",
    Part.KEPT: "Kept back for",
    Part.LISTED: "Owed elsewhere and not due: nothing is kept back for it",
    Part.OF_OTHERS: "Owed on this lease by its further drivers",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one part of a settlement, and their sum in dollars."""

    heading: str
    items: list[SettlementItem]
    total: Decimal


def group_items(items: Iterable[SettlementItem]) -> list[Group]:
    """Return the parts that have lines, in the order in which they are read."""
    lines = list(items)
    found = [(heading, [item for item in lines if item.part == part]) for part, heading in _HEADINGS.items()]
    return [Group(heading, of, sum((item.amount for item in of), start=ZERO)) for heading, of in found if of]


class SettlePage(LeasePage):
    permission_required = "leases.settle_deposit"
    template_name = "leases/settle.html"
    heading = "Settle the deposit of"
    form_class = SettleForm
    verb = "Settle"
    has_preview = True
    inputs = {"payment_method": "method"}

    def look_ahead(self) -> services.SettlementPreview | None:
        """All amounts stand on the page before anything is typed; what is in the way is said once it is sent."""
        try:
            return self.run_preview(keeps_for_claims=True, reason="Preview")
        except (services.DepositStillHeld, services.NoDepositHeld):
            return None

    def preview(self, form: forms.Form) -> services.SettlementPreview:  # type: ignore[override]
        return self.run_preview(**form.cleaned_data)

    def run_preview(self, **facts: Any) -> services.SettlementPreview:
        return services.preview_settlement(lease_id=self.record.pk, as_of=timezone.localdate(), **facts)

    def act(self, form: forms.Form) -> DepositSettlement:
        return services.settle_deposit(
            lease_id=self.record.pk, as_of=timezone.localdate(), **form.cleaned_data, actor=self.actor
        )

    def describe(self, result: DepositSettlement) -> str:
        kept = f", {format_dollars(result.kept)} stays held" if result.kept else ""
        return (
            f"{format_dollars(result.applied)} of the deposit paid what was owed, "
            f"{format_dollars(result.released)} went back to the driver{kept}."
        )

    def get_success_url(self, result: DepositSettlement) -> str:
        return reverse("admin:leases_lease_settlement", args=[result.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = kwargs.get("preview")
        return super().get_context_data(
            deposit=selectors.get_deposit_state(self.record),
            groups=group_items(preview.items) if preview else [],
            **kwargs,
        )


class SettlementPage(RecordPage):
    """An itemized settlement, as it was handed out: on one sheet, to sign."""

    permission_required = "leases.view_depositsettlement"
    template_name = "leases/settlement.html"
    model = DepositSettlement
    related = ("lease__vehicle", "driver", "settled_by")
    record_name = "settlement"

    def get_title(self) -> str:
        return f"Deposit of {self.record.lease}"

    def get_record_url(self) -> str:
        return lease_url(self.record.lease_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        settlement = self.record
        payout = ledger.find_payout(settlement.payout_reference) if settlement.payout_reference else None
        return super().get_context_data(
            groups=group_items(selectors.list_settlement_items(settlement)),
            settled_before=settlement.received - settlement.held,
            payout=payout,
            **kwargs,
        )
