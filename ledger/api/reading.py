"""Reading the ledger: lists, one record, figures."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.reports import READ
from ledger import selectors
from ledger.api.told import (
    AgingByCategorySerializer,
    BalanceSerializer,
    PayoutSerializer,
    PostingSerializer,
    SealingSerializer,
    StandingPaymentSerializer,
    TransferSerializer,
    TrialBalanceSerializer,
)
from ledger.categories import Category, EntryType, Kind, PaymentMethod, Status, TransferKind
from ledger.models import LedgerPosting, Payout, Transfer
from ledger.money import ZERO


class BalanceFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    category = choice_field(Category, required=False)
    status = choice_field(Status, required=False)
    entry_type = choice_field(EntryType, required=False, help_text="DEBIT: owed by drivers. CREDIT: held for them.")


class Balances(Rows):
    """Balances, newest first: of a driver, or of all."""

    required_permissions = ("ledger.view_ledgerbalance",)
    serializer_class = BalanceSerializer
    filters = BalanceFilters
    ordering = "-posting_id"

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        found = selectors.list_balances(
            driver_id=asked.get("driver"),
            lease_id=asked.get("lease"),
            category=asked.get("category"),
            status=asked.get("status"),
            entry_type=asked.get("entry_type"),
        )
        return selectors.with_corrections(found).select_related("posting")


class PostingFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    reference_id = TextField(required=False, max_length=64)
    kind = choice_field(Kind, required=False)
    category = choice_field(Category, required=False)


class Postings(Rows):
    """Postings, newest first: of a driver, or of all."""

    required_permissions = ("ledger.view_ledgerposting",)
    serializer_class = PostingSerializer
    filters = PostingFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        found = selectors.list_postings(
            driver_id=asked.get("driver"),
            lease_id=asked.get("lease"),
            reference_id=asked.get("reference_id"),
            kind=asked.get("kind"),
            category=asked.get("category"),
        )
        return selectors.with_words(found)


class Posting(Look):
    """One posting."""

    required_permissions = ("ledger.view_ledgerposting",)
    answers = PostingSerializer

    def find(self, asked: dict[str, Any]) -> LedgerPosting:
        return selectors.get_posting(asked["posting_id"])


class PaymentFilters(PageFilters):
    driver = IdField(required=False)
    method = choice_field(PaymentMethod, required=False)
    received_on = DayField(required=False)


class Payments(Rows):
    """Payments received at the counter, newest first, each as it stands now."""

    required_permissions = ("ledger.view_interimpayment",)
    serializer_class = StandingPaymentSerializer
    filters = PaymentFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        named = {"driver": "driver_id", "method": "method", "received_on": "received_on"}
        return selectors.list_payments().filter(**_conditions(asked, named))


class Payment(Look):
    """One payment, as it stands now."""

    required_permissions = ("ledger.view_interimpayment",)
    answers = StandingPaymentSerializer

    def find(self, asked: dict[str, Any]) -> Any:
        return selectors.get_standing_payment(asked["payment_id"])


class PayoutFilters(PageFilters):
    driver = IdField(required=False)
    method = choice_field(PaymentMethod, required=False)
    paid_on = DayField(required=False)
    dtr_number = TextField(required=False, max_length=40)


class Payouts(Rows):
    """Payouts, newest first, voided ones too."""

    required_permissions = ("ledger.view_payout",)
    serializer_class = PayoutSerializer
    filters = PayoutFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        named = {"driver": "driver_id", "method": "method", "paid_on": "paid_on", "dtr_number": "dtr_number"}
        return Payout.objects.filter(**_conditions(asked, named))


class TransferFilters(PageFilters):
    kind = choice_field(TransferKind, required=False)
    reference_id = TextField(required=False, max_length=64)
    effective_on = DayField(required=False)


class Transfers(Rows):
    """Transfers between the fleet's own accounts, newest first, reversed ones and their reversals too."""

    required_permissions = ("ledger.view_transfer",)
    serializer_class = TransferSerializer
    filters = TransferFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        named = {"kind": "kind", "reference_id": "reference_id", "effective_on": "effective_on"}
        return Transfer.objects.filter(**_conditions(asked, named))


class AsOf(StrictSerializer):
    as_of = DayField(required=False, help_text="A day in New York; today without it.")


class AgingByCategory(Look):
    """How old what drivers owe now is, counted from `as_of`."""

    required_permissions = (READ, "ledger.view_ledgerbalance")
    filters = AsOf
    answers = AgingByCategorySerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        as_of = asked.get("as_of", self.today)
        found = selectors.list_aging_by_category(as_of=as_of)
        total = sum((row.aging for row in found), start=selectors.Aging())
        return {"as_of": as_of, "categories": found, "total": total}


class Period(StrictSerializer):
    from_on = DayField(required=False, help_text="The first day; from the beginning without it.")
    to_on = DayField(required=False, help_text="The last day; to the end without it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from_on" in attrs and "to_on" in attrs and attrs["from_on"] > attrs["to_on"]:
            raise serializers.ValidationError({"to_on": "It is before `from_on`."})
        return attrs


class TrialBalance(Look):
    """The trial balance: what is effective between the days, both included."""

    required_permissions = (READ, "ledger.view_transfer")
    filters = Period
    answers = TrialBalanceSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        period = {"from_on": asked.get("from_on"), "to_on": asked.get("to_on")}
        accounts = selectors.list_trial_balance(period["from_on"], period["to_on"])
        return {
            **period,
            "accounts": accounts,
            "debit": sum((account.debit for account in accounts), start=ZERO),
            "credit": sum((account.credit for account in accounts), start=ZERO),
        }


def _conditions(asked: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    """Return what was asked as conditions on columns; ``named`` has each filter's column."""
    return {column: asked[name] for name, column in named.items() if name in asked}


class Seals(Look):
    """The head of the ledger's seals, what is not sealed yet, and what the last verification found."""

    required_permissions = ("ledger.view_seal", "ledger.view_sealcheck")
    answers = SealingSerializer

    def find(self, asked: dict[str, Any]) -> selectors.Sealing:
        return selectors.get_sealing()
