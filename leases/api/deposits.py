"""A lease's deposit: how it stands, and settling it."""

from typing import Any

from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import TextField, choice_field
from core.api.looks import Look
from leases import selectors, services
from leases.api.records import get_lease
from leases.api.told import DepositSettlementSerializer, LeaseDepositSerializer
from leases.models import DepositSettlement
from ledger.api.money_acts import ReasonBody
from ledger.categories import PaymentMethod
from ledger.selectors import find_payout


class ShowDeposit(Look):
    """A lease's deposit, and its settlements."""

    required_permissions = ("ledger.view_ledgerbalance", "leases.view_depositsettlement")
    answers = LeaseDepositSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        lease = get_lease(asked["lease_id"])
        state = selectors.get_deposit_state(lease)
        return {
            "lease_id": lease.pk,
            "asked": state.asked,
            "received": state.received,
            "held": state.held,
            "missing": state.missing,
            "settle_from": state.settle_from,
            "settlements": selectors.list_settlements(lease.pk),
        }


class SettleDepositBody(ReasonBody):
    """How the rest leaves, and why it is settled."""

    method = choice_field(PaymentMethod, help_text="By which the rest leaves.")
    instrument_number = TextField(required=False, allow_blank=True, max_length=40, help_text="Required of a CHECK.")
    keeps_for_claims = serializers.BooleanField(
        required=False,
        help_text="Whether what is on hold, and what tickets in dispute or review may cost, is kept back; `true` "
        "without it.",
    )


class SettleDeposit(Act):
    """Settle a deposit thirty days after its lease is over: it pays what is owed, and the rest goes back.

    `?dry_run=true` answers the settlement with every line, as it would be.
    """

    required_permissions = ("leases.settle_deposit",)
    body = SettleDepositBody
    answers = DepositSettlementSerializer
    status = 201
    needs_key = True
    example = {"method": "CASH", "reason": "Settlement of the lease's deposit"}

    def perform(self, asked: dict[str, Any]) -> DepositSettlement:
        return services.settle_deposit(**asked, as_of=self.today, actor=self.actor)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        paid = find_payout(told["payout_reference"])
        return {"voided": {"payouts": [paid.payout.pk]}} if paid and not paid.stands else {}
