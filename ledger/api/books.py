"""The fleet's own side: transfers, slips of the bank, CURB's statements, and days that are closed."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, TextField
from ledger import selectors, services
from ledger.api.fields import AmountField
from ledger.api.money_acts import ReasonBody
from ledger.api.told import RecordedSerializer
from ledger.books import RECORDED_KINDS
from ledger.categories import TransferKind
from ledger.models import BooksEntry, Transfer

#: Checks of one slip.
MAX_CHECKS = 500
_KINDS = [(kind.value, kind.label) for kind in RECORDED_KINDS if kind != TransferKind.CORRECTION]


class PaperBody(StrictSerializer):
    """The paper's reference and its day. Sent again with the same facts it finds what it recorded."""

    reference_id = TextField(max_length=64)
    effective_on = DayField(required=False, help_text="The paper's day; today, New York's, without it.")


class BookAct(Act):
    """Answers the transfers that it recorded."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = RecordedSerializer
    status = 201

    @property
    def days(self) -> dict[str, Any]:
        """The day without one in the body, and the last one that may be named."""
        return {"effective_on": self.today, "today": self.today}

    def tell(self, done: Transfer | list[Transfer]) -> dict[str, Any]:
        return super().tell({"transfers": done if isinstance(done, list) else [done]})

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        undone = selectors.list_reversed(transfer["id"] for transfer in told["transfers"])
        return {"voided": {"transfers": undone}} if undone else {}


class TransferBody(PaperBody):
    """What no act makes, recorded between two accounts of the chart, by their codes."""

    kind = serializers.ChoiceField(_KINDS)
    debit = TextField(max_length=4, help_text="As in 1030, the bank.")
    credit = TextField(max_length=4)
    amount = AmountField()
    reason = TextField(required=False, max_length=500, allow_blank=True, help_text="Required of some kinds.")


class RecordTransfer(BookAct):
    """Record what no act makes: something paid over, a fee, a float, cash over or short."""

    required_permissions = ("ledger.add_transfer",)
    body = TransferBody
    example = {"kind": "BANK_FEE", "debit": "6030", "credit": "1030", "amount": "12.00", "reference_id": "FEE-2026-03"}

    def perform(self, asked: dict[str, Any]) -> Transfer:
        return services.record_transfer(**{**self.days, **asked}, actor=self.actor)


class CorrectionBody(PaperBody):
    """Which accounts, how much, and why."""

    debit = TextField(max_length=4)
    credit = TextField(max_length=4)
    amount = AmountField()
    reason = TextField(max_length=500, allow_blank=True)


class RecordCorrection(BookAct):
    """Record a correction of the books."""

    required_permissions = ("ledger.add_transfer", "ledger.correct_transfer")
    body = CorrectionBody

    def perform(self, asked: dict[str, Any]) -> Transfer:
        return services.record_transfer(**{**self.days, **asked}, kind=TransferKind.CORRECTION, actor=self.actor)


class CurbStatementBody(PaperBody):
    """Card money before CURB's fee, and the fee."""

    gross = AmountField()
    fee = AmountField(allow_zero=True)


class RecordCurbStatement(BookAct):
    """Record what CURB's statement says: card money, of which it keeps a fee, and pays the rest."""

    required_permissions = ("ledger.add_transfer",)
    body = CurbStatementBody
    example = {"gross": "1000.00", "fee": "35.00", "reference_id": "CURB-2026-03-10"}

    def perform(self, asked: dict[str, Any]) -> list[Transfer]:
        return services.record_curb_statement(**{**self.days, **asked}, actor=self.actor)


class BankDepositBody(PaperBody):
    """Cash, checks received here by their payments, and checks of no payment here."""

    cash = AmountField(required=False, allow_zero=True)
    payment_ids: Any = serializers.ListField(child=IdField(), required=False, max_length=MAX_CHECKS)
    other_checks = AmountField(required=False, allow_zero=True)


class RecordBankDeposit(BookAct):
    """Record a slip: cash and checks taken to the bank."""

    required_permissions = ("ledger.add_transfer",)
    body = BankDepositBody
    example = {"cash": "840.00", "payment_ids": [17, 21], "reference_id": "DEP-14"}

    def perform(self, asked: dict[str, Any]) -> list[Transfer]:
        return services.record_bank_deposit(**{**self.days, **asked}, actor=self.actor)


class ReverseTransfer(BookAct):
    """Undo a transfer by its swap."""

    required_permissions = ("ledger.reverse_transfer",)
    body = ReasonBody
    status = 200
    example = {"reason": "Recorded twice"}

    def perform(self, asked: dict[str, Any]) -> Transfer:
        return services.reverse_transfer(**asked, **self.days, actor=self.actor)


class CloseBooksBody(ReasonBody):
    """The last day that is closed, and why."""

    through = DayField()


class BooksEntrySerializer(serializers.ModelSerializer[BooksEntry]):
    """What closed the books, and through which day."""

    class Meta:
        model = BooksEntry
        fields = ("id", "kind", "day", "reason", "by_id", "at")


class CloseBooks(Act):
    """Close the books by hand through a day that is over: nothing is booked on or before it any more."""

    required_permissions = ("ledger.close_books",)
    body = CloseBooksBody
    answers = BooksEntrySerializer
    status = 201
    example = {"through": "2026-02-28", "reason": "February is reported"}

    def perform(self, asked: dict[str, Any]) -> BooksEntry:
        return services.close_books(**asked, today=self.today, actor=self.actor)
