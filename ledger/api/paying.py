"""Money across the counter: payments in, payouts out, and taking them back."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.acts import ActQuery
from core.api.fields import IdField, StrictSerializer, TextField, choice_field
from ledger import models, selectors, services
from ledger.api.fields import AmountField, describe_amount
from ledger.api.money_acts import MoneyAct, PostingAct, ReasonBody
from ledger.api.told import InterimPaymentSerializer, PayoutSerializer
from ledger.categories import PaymentMethod
from ledger.models import LedgerPosting, Payout

#: Lines of one payment; a driver with more open than this pays in two.
MAX_ALLOCATIONS = 500
#: Codes that a request may confirm; there are fewer doubts.
MAX_CONFIRMED = 20


class AllocationSerializer(StrictSerializer):
    reference_id = TextField(max_length=64)
    amount = AmountField()


_BY_REFERENCE = {
    "type": "object",
    "maxProperties": MAX_ALLOCATIONS,
    "propertyNames": {"maxLength": 64, "minLength": 1, "pattern": r"^[^\x00]*$"},
    "additionalProperties": describe_amount(),
    "description": "Dollars by reference.",
}
_LINES = {
    "type": "array",
    "maxItems": MAX_ALLOCATIONS,
    "items": {
        "type": "object",
        "required": ["reference_id", "amount"],
        "additionalProperties": False,
        "properties": {
            "reference_id": {"type": "string", "maxLength": 64, "minLength": 1, "pattern": r"^[^\x00]*$"},
            "amount": describe_amount(),
        },
    },
}


@extend_schema_field({"oneOf": [_BY_REFERENCE, _LINES]})
class AllocationsField(serializers.Field[dict[str, Decimal], Any, Any, Any]):
    """What a payment pays: dollars by reference, as an object, or a list of reference and amount."""

    default_error_messages = {
        "invalid": 'Allocations are an object, as {{"MISC-1": "50.00"}}, or a list of reference_id and amount.',
        "max_length": f"A payment has at most {MAX_ALLOCATIONS} allocations.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Decimal]:
        if isinstance(data, dict):
            lines = [{"reference_id": name, "amount": amount} for name, amount in data.items()]
        elif isinstance(data, list):
            lines = data
        else:
            self.fail("invalid")
        if len(lines) > MAX_ALLOCATIONS:
            self.fail("max_length")
        read = AllocationSerializer(data=lines, many=True)
        if not read.is_valid():
            errors: Any = read.errors
            raise serializers.ValidationError(_name_lines(errors, list(data)) if isinstance(data, dict) else errors)
        named: dict[str, Decimal] = {}
        for line in read.validated_data:
            reference_id = line["reference_id"]
            if reference_id in named:
                raise serializers.ValidationError(f"{reference_id} is named twice.", code="duplicate_reference")
            named[reference_id] = line["amount"]
        return named


def _name_lines(errors: Any, references: list[str]) -> dict[str, Any]:
    """Return the errors of an object's lines by reference instead of by place."""
    return {references[place][:80]: error.get("amount") or error.get("reference_id") for place, error in errors.items()}


class InterimPaymentBody(StrictSerializer):
    """Money a driver hands over, and what they name to be paid with it; the rest stays on their account."""

    takes_together: ClassVar[dict[str, Any]] = {
        "oneOf": [{"required": ["total_payment_amount"]}, {"required": ["payment_amount"]}]
    }

    driver_id = IdField()
    lease_id = IdField(required=False, allow_null=True)
    total_payment_amount = AmountField(required=False, help_text="`payment_amount` by its other name.")
    payment_amount = AmountField(required=False)
    payment_method = choice_field(PaymentMethod)
    instrument_number = TextField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="Check number (required of a CHECK) or bank reference.",
    )
    deposit = AmountField(
        required=False, allow_zero=True, help_text="Part of the amount that is a deposit on the lease."
    )
    allocations = AllocationsField(required=False, help_text="What is named to be paid.")
    confirm: Any = serializers.ListField(
        child=TextField(max_length=40),
        required=False,
        max_length=MAX_CONFIRMED,
        help_text="With `?ask=true`: the codes of the doubts that somebody has looked at, from a `payment_doubtful`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the amount under one name."""
        total = attrs.pop("total_payment_amount", None)
        if total is None and "payment_amount" not in attrs:
            raise serializers.ValidationError({"total_payment_amount": "This field is required."}, code="required")
        if total is not None and "payment_amount" in attrs:
            sentence = "It is the same as total_payment_amount, which is given too."
            raise serializers.ValidationError({"payment_amount": sentence}, code="given_twice")
        return attrs if total is None else {**attrs, "payment_amount": total}


class PaymentQuery(ActQuery):
    """How a payment is asked for."""

    ask = serializers.BooleanField(
        required=False,
        help_text="`true`: what looks like a mistake is refused (409 `payment_doubtful`) until its doubts are in "
        "`confirm`. Without it the payment is taken, and they are its `warnings`.",
    )


class InterimPayment(MoneyAct):
    """Receive money from a driver and pay what they name; the rest stays on their account.

    What looks like a mistake is told in `warnings`, or asked about with `?ask=true`. A request that is sent again
    under its key is never asked about; when the payment was voided meanwhile, `voided` says so.
    """

    required_permissions = ("ledger.add_interimpayment",)
    body = InterimPaymentBody
    query = PaymentQuery
    answers = InterimPaymentSerializer
    status = 201
    needs_key = True
    example = {
        "driver_id": 1,
        "lease_id": 12,
        "total_payment_amount": "75.50",
        "payment_method": "CASH",
        "allocations": {"LEASE-12-2026W10": "50.00", "EZPASS-90000000001": "25.50"},
    }

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> models.InterimPayment:
        facts = {"allocations": {}, **asked}
        confirmed = facts.pop("confirm", ())
        return services.apply_interim_payment(
            **facts,
            idempotency_key=self.service_key,
            effective_on=self.today,
            # A request names no day, so it is the same one when it comes again after midnight.
            same_on_any_day=True,
            asks=self.how.get("ask", False),
            confirmed=confirmed,
            tells=True,
            actor=self.actor,
        )

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        payment = selectors.get_standing_payment(told["id"])
        undone = payment.status != selectors.PaymentStatus.OPEN
        return {"voided": {"status": payment.status, "amount": f"{payment.voided_amount:.2f}"}} if undone else {}


class VoidPaymentBody(ReasonBody):
    """Why, and how far."""

    cascade = serializers.BooleanField(required=False, help_text="Whether what it has paid since is undone too.")
    returned_item = serializers.BooleanField(required=False, help_text="A check or ACH that came back.")
    was_at_bank = serializers.BooleanField(
        required=False, help_text="Of a returned check that no bank deposit names, and of nothing else."
    )


class VoidPayment(PostingAct):
    """Undo a whole payment: what it paid is owed again."""

    required_permissions = ("ledger.void_interimpayment",)
    body = VoidPaymentBody
    example = {"reason": "Check 1041 came back", "returned_item": True, "was_at_bank": True}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = selectors.get_standing_payment(asked["payment_id"]).driver_id
        return driver_id

    def perform(self, asked: dict[str, Any]) -> list[LedgerPosting]:
        return services.void_payment(**asked, effective_on=self.today, actor=self.actor)


class PayoutBody(StrictSerializer):
    """Money given to a driver from what is held for them."""

    driver_id = IdField()
    amount = AmountField()
    method = choice_field(PaymentMethod)
    instrument_number = TextField(required=False, allow_blank=True, max_length=40, help_text="Required of a CHECK.")
    lease_id = IdField(required=False, allow_null=True, help_text="Draw that lease's credits alone.")


class PayOut(MoneyAct):
    """Pay a driver from what is held for them, up to what they are due."""

    required_permissions = ("ledger.add_payout",)
    body = PayoutBody
    answers = PayoutSerializer
    status = 201
    needs_key = True
    example = {"driver_id": 1, "amount": "120.00", "method": "CASH"}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> Payout:
        return services.pay_out(
            **asked,
            idempotency_key=self.service_key,
            effective_on=self.today,
            same_on_any_day=True,
            actor=self.actor,
        )

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        stands = selectors.get_payout_breakdown(told["id"]).stands
        return {} if stands else {"voided": {"status": "VOIDED", "amount": told["amount"]}}


class VoidPayout(PostingAct):
    """Undo a payout: the money is held for the driver again."""

    required_permissions = ("ledger.void_payout",)
    example = {"reason": "The check was never picked up"}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = selectors.get_payout_breakdown(asked["payout_id"]).payout.driver_id
        return driver_id

    def perform(self, asked: dict[str, Any]) -> list[LedgerPosting]:
        return services.void_payout(**asked, effective_on=self.today, actor=self.actor)
