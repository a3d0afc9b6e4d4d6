"""Charges and credits: posted, corrected, forgiven, used and voided."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from ledger import selectors, services
from ledger.api.fields import AmountField, FigureField
from ledger.api.money_acts import MoneyAct, OpeningAct, PostingAct, ReasonBody
from ledger.api.paying import AllocationsField
from ledger.api.told import PostingCountsSerializer
from ledger.categories import OBLIGATION_CATEGORIES, Category
from ledger.models import LedgerPosting
from ledger.services.checks import MAX_CREDIT_REFERENCE

#: Charges of one request, posted together or not at all.
MAX_OBLIGATIONS = 1000


class ObligationBody(StrictSerializer):
    """A charge. Its reference is its identity: the same facts sent again find it, and others are refused."""

    driver_id = IdField()
    category = choice_field(Category, only=OBLIGATION_CATEGORIES)
    amount = AmountField()
    reference_id = TextField(max_length=64)
    lease_id = IdField(required=False, allow_null=True)
    vehicle_id = IdField(required=False, allow_null=True)
    due_on = DayField(required=False, help_text="The day on which it is effective, without it.")
    effective_on = DayField(required=False, help_text="Today, New York's, without it; never a day to come.")
    description = TextField(
        required=False, allow_blank=True, max_length=200, help_text="What it is, in words that its driver knows."
    )


class PostObligation(OpeningAct):
    """Charge a driver."""

    required_permissions = ("ledger.post_obligation",)
    body = ObligationBody
    example = {
        "driver_id": 1,
        "category": "MISC",
        "amount": "25.00",
        "reference_id": "KEYS-2026-0117",
        "description": "Lost key of cab 7G52",
    }

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        facts = {"effective_on": self.today, **asked}
        return services.create_obligation(**facts, by_hand=True, today=self.today, actor=self.actor)


class ObligationsBody(StrictSerializer):
    """Up to 1,000 charges."""

    obligations: Any = serializers.ListField(child=ObligationBody(), min_length=1, max_length=MAX_OBLIGATIONS)


class PostObligations(Act):
    """Charge up to 1,000 times in one transaction: all are posted, or none."""

    required_permissions = ("ledger.post_obligation",)
    body = ObligationsBody
    answers = PostingCountsSerializer
    status = 201
    example = {"obligations": [PostObligation.example]}

    def perform(self, asked: dict[str, Any]) -> services.PostingCounts:
        openings = [
            services.Opening(**{"effective_on": self.today, **obligation}) for obligation in asked["obligations"]
        ]
        return services.create_obligations(openings, by_hand=True, today=self.today, actor=self.actor)

    def tell(self, done: services.PostingCounts) -> dict[str, Any]:
        return asdict(done)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        voided = selectors.list_voided_charges(charge["reference_id"] for charge in self.asked["obligations"])
        return {"voided": {"postings": voided}} if voided else {}


class CreditBody(StrictSerializer):
    """What the fleet owes a driver, and why. Its reference is its identity."""

    driver_id = IdField()
    category = choice_field(Category, only=OBLIGATION_CATEGORIES)
    amount = AmountField()
    reference_id = TextField(max_length=MAX_CREDIT_REFERENCE)
    reason = TextField(max_length=500, allow_blank=True)
    lease_id = IdField(required=False, allow_null=True)
    vehicle_id = IdField(required=False, allow_null=True)
    description = TextField(
        required=False, allow_blank=True, max_length=200, help_text="What it is, in words that its driver knows."
    )


class CreditDriver(OpeningAct):
    """Credit a driver with a reason; the money is held for them."""

    required_permissions = ("ledger.credit_driver",)
    body = CreditBody
    example = {
        "driver_id": 1,
        "category": "LEASE",
        "amount": "40.00",
        "reference_id": "CREDIT-2026-0031",
        "reason": "The cab stood in the shop on Tuesday",
    }

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        return services.credit_driver(
            **asked, effective_on=self.today, same_on_any_day=True, by_hand=True, actor=self.actor
        )


class AllocateBody(ReasonBody):
    """What the money is for, and why."""

    allocations = AllocationsField()


class AllocateCredit(PostingAct):
    """Use money held for a driver for what is named, in dollars."""

    required_permissions = ("ledger.use_credit",)
    body = AllocateBody
    example = {"allocations": {"LEASE-12-2026W10": "50.00"}, "reason": "The driver asked for it"}
    needs_key = True

    def perform(self, asked: dict[str, Any]) -> list[LedgerPosting]:
        return services.allocate_credit(**asked, effective_on=self.today, actor=self.actor)


class WinBackCredit(PostingAct):
    """Charge the driver what a credit gave them by mistake."""

    required_permissions = ("ledger.win_back",)
    example = {"reason": "Credited to the wrong driver"}

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        return services.win_back(**asked, effective_on=self.today, by_hand=True, actor=self.actor)


class VoidBody(ReasonBody):
    """Why, and whether what a credit has paid for may be undone with it."""

    cascade = serializers.BooleanField(required=False, help_text="Whether what the credit has paid for is undone too.")


class VoidPosting(PostingAct):
    """Undo a posting by writing its opposite. Without a key it is safe too: a second void is refused."""

    required_permissions = ("ledger.void_ledgerposting",)
    body = VoidBody
    example = {"reason": "The toll was another driver's"}

    def perform(self, asked: dict[str, Any]) -> list[LedgerPosting]:
        return services.void_posting(**asked, effective_on=self.today, actor=self.actor)


class CorrectBody(ReasonBody):
    """The right amount, and why."""

    amount = AmountField()
    description = TextField(required=False, max_length=200)


class CorrectCharge(PostingAct):
    """Correct a charge's amount: it is voided and charged anew under its reference."""

    required_permissions = ("ledger.correct_charge",)
    body = CorrectBody
    example = {"amount": "45.00", "reason": "The invoice says 45"}

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        return services.replace_obligation(**asked, effective_on=self.today, by_hand=True, actor=self.actor)


class ChargeAgainBody(ReasonBody):
    """Why, and how much."""

    amount = AmountField(required=False, help_text="Without it the old amount; of a rent, what its days come to now.")
    with_what_had_paid = serializers.BooleanField(
        required=False, help_text="`false`: what had paid it when it was voided does not pay it again."
    )


class ChargeAgain(PostingAct):
    """Charge anew what was charged and voided."""

    required_permissions = ("ledger.correct_charge",)
    body = ChargeAgainBody
    example = {"reason": "Voided by mistake"}

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        return services.charge_again(**asked, effective_on=self.today, by_hand=True, actor=self.actor)


class WriteOffBody(ReasonBody):
    """Why, and how much."""

    amount = AmountField(required=False, help_text="All that remains without it.")


class WriteOff(PostingAct):
    """Forgive what remains of a charge, or a part of it."""

    required_permissions = ("ledger.write_off_ledgerposting",)
    body = WriteOffBody
    example = {"reason": "Agreed with the driver", "amount": "10.00"}
    needs_key = True

    def perform(self, asked: dict[str, Any]) -> LedgerPosting:
        return services.write_off_obligation(**asked, effective_on=self.today, actor=self.actor)


class ApplyBody(StrictSerializer):
    """Whose credits are applied."""

    driver_id = IdField()


class AppliedSerializer(serializers.Serializer[services.ApplicationSummary]):
    """What was applied."""

    applications = serializers.IntegerField(help_text="How many parts of credits paid something.")
    amount = FigureField()


class ApplyCredits(MoneyAct):
    """Apply what is held for a driver to what they owe, in the order in force, as a close does."""

    required_permissions = ("ledger.apply_earnings",)
    body = ApplyBody
    answers = AppliedSerializer
    example = {"driver_id": 1}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> services.ApplicationSummary:
        return services.apply_weekly_earnings(
            driver_ids=[asked["driver_id"]], as_of=self.today, today=self.today, actor=self.actor
        )
