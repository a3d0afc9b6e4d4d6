"""What the ledger's API answers: each kind of record, and figures."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger import selectors
from ledger.api.fields import AmountField, FigureField
from ledger.categories import Kind, PaymentMethod
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout, SealCheck, Transfer
from ledger.money import ZERO
from ledger.narration import tell, tell_opening


class BalanceSerializer(serializers.ModelSerializer[LedgerBalance]):
    """What a driver owes (DEBIT) or the fleet holds for them (CREDIT)."""

    description = serializers.SerializerMethodField(help_text="What it is, in words that its driver knows.")

    class Meta:
        model = LedgerBalance
        fields = (
            "posting_id",
            "entry_type",
            "category",
            "reference_id",
            "description",
            "driver_id",
            "lease_id",
            "vehicle_id",
            "due_on",
            "effective_on",
            "original_amount",
            "remaining",
            "status",
        )

    def get_description(self, balance: LedgerBalance) -> str:
        return tell_opening(balance.posting, getattr(balance, "corrected_from", None))


class PostingSerializer(serializers.ModelSerializer[LedgerPosting]):
    """One entry of the ledger. `balance_id` is the balance it moves, or null where it opened one."""

    description = serializers.SerializerMethodField(help_text="What it is or did, in words that its driver knows.")

    class Meta:
        model = LedgerPosting
        fields = (
            "id",
            "kind",
            "entry_type",
            "category",
            "amount",
            "income",
            "reference_id",
            "description",
            "driver_id",
            "lease_id",
            "vehicle_id",
            "balance_id",
            "funding_id",
            "reverses_id",
            "payment_id",
            "payout_id",
            "due_on",
            "effective_on",
            "reason",
            "posted_by_id",
            "posted_at",
        )

    def get_description(self, posting: LedgerPosting) -> str:
        return tell(posting)


class PostedSerializer(serializers.Serializer[Any]):
    """The postings that an act wrote, in the order in which they were written."""

    postings = PostingSerializer(many=True)


class PostingCountsSerializer(serializers.Serializer[Any]):
    """What a batch did."""

    posted = serializers.IntegerField(help_text="Posted now.")
    already_posted = serializers.IntegerField(help_text="Found posted before, with the same facts.")


class DoubtSerializer(serializers.Serializer[selectors.Doubt]):
    """What makes a payment look like a mistake."""

    code = serializers.CharField(help_text="For programs; docs/api.md lists them.")
    detail = serializers.CharField(help_text="A sentence for people.")


class PaymentSerializer(serializers.ModelSerializer[InterimPayment]):
    """A payment received, as it was received."""

    receipt = serializers.CharField(source="reference_id", help_text="As in PAY-000123.")
    payment_amount = AmountField(source="amount")
    payment_method = serializers.ChoiceField(PaymentMethod.choices, source="method")

    class Meta:
        model = InterimPayment
        fields: tuple[str, ...] = (
            "id",
            "receipt",
            "driver_id",
            "lease_id",
            "payment_amount",
            "payment_method",
            "instrument_number",
            "deposit",
            "received_on",
            "received_at",
            "received_by_id",
        )


class StandingPaymentSerializer(PaymentSerializer):
    """A payment, and how it stands."""

    status = serializers.ChoiceField(
        selectors.PaymentStatus.choices, help_text="Whether it stands, was voided in part or whole, or was returned."
    )
    voided_amount = AmountField(help_text="Dollars of it that were taken back.")

    class Meta(PaymentSerializer.Meta):
        fields: tuple[str, ...] = (*PaymentSerializer.Meta.fields, "status", "voided_amount")


class InterimPaymentSerializer(PaymentSerializer):
    """A payment received, with the postings it made: its credit, its deposit, and one per allocation."""

    message = serializers.SerializerMethodField(help_text="A sentence for people.")
    on_account = serializers.SerializerMethodField(help_text="What was neither allocated nor a deposit.")
    postings = PostingSerializer(many=True, source="posted")
    warnings = DoubtSerializer(many=True, source="doubts", help_text="What makes it look like a mistake.")

    class Meta(PaymentSerializer.Meta):
        fields: tuple[str, ...] = ("message", *PaymentSerializer.Meta.fields, "on_account", "postings", "warnings")

    def get_message(self, payment: InterimPayment) -> str:
        return "Interim payment successfully applied."

    @extend_schema_field(AmountField)
    def get_on_account(self, payment: InterimPayment) -> str:
        allocated = sum((line.amount for line in payment.posted if line.kind == Kind.ALLOCATION), start=ZERO)
        return f"{payment.amount - payment.deposit - allocated:.2f}"


class PayoutSerializer(serializers.ModelSerializer[Payout]):
    """Money the fleet gave a driver."""

    number = serializers.CharField(source="reference_id", help_text="As in OUT-000123.")

    class Meta:
        model = Payout
        fields = (
            "id",
            "number",
            "driver_id",
            "lease_id",
            "dtr_number",
            "amount",
            "method",
            "instrument_number",
            "paid_on",
            "paid_at",
            "paid_by_id",
        )


class TransferSerializer(serializers.ModelSerializer[Transfer]):
    """Money moved between two of the fleet's own accounts, named by their codes."""

    debit = serializers.CharField(source="debit_id")
    credit = serializers.CharField(source="credit_id")

    class Meta:
        model = Transfer
        fields = (
            "id",
            "kind",
            "debit",
            "credit",
            "amount",
            "reference_id",
            "effective_on",
            "reason",
            "posting_id",
            "payment_id",
            "loan_id",
            "reverses_id",
            "posted_by_id",
            "posted_at",
        )


class RecordedSerializer(serializers.Serializer[Any]):
    """The transfers that an act recorded."""

    transfers = TransferSerializer(many=True)


class PositionSerializer(serializers.Serializer[selectors.Position]):
    """A driver's open money; deposits stand apart. What is due by `as_of` is parted from what is not."""

    driver_id = serializers.IntegerField()
    as_of = serializers.DateField()
    obligations_due = FigureField()
    obligations_not_due = FigureField()
    held_credits = FigureField()
    deposits = FigureField()
    net_position = FigureField(help_text="What the driver owes, due or not, less what is held for them.")
    net_due_to_driver = FigureField(help_text="What is held for the driver, less what they owe by `as_of`.")


class StatementLineSerializer(serializers.Serializer[selectors.StatementLine]):
    """One movement, what it changed, and how the account stood after it."""

    posting_id = serializers.IntegerField()
    effective_on = serializers.DateField()
    posted_at = serializers.DateTimeField()
    kind = serializers.CharField()
    category = serializers.CharField()
    reference_id = serializers.CharField()
    description = serializers.SerializerMethodField(help_text="What it is or did, in words that its driver knows.")
    lease_id = serializers.IntegerField(allow_null=True)
    amount = FigureField()
    effect = FigureField(help_text="What it changed of what the driver owes, less what is held for them.")
    owed = FigureField(help_text="Owed after it.")
    held = FigureField(help_text="Held for the driver after it.")
    deposits = FigureField(help_text="Kept as deposits after it.")
    balance = FigureField(source="net_position", help_text="Owed less held after it; below zero the fleet owes.")

    def get_description(self, line: selectors.StatementLine) -> str:
        words: dict[int, str] = self.context["words"]
        return words[line.posting_id]


class StatementSerializer(serializers.Serializer[selectors.Statement]):
    """A driver's account between two days, both included, one line for each movement."""

    driver_id = serializers.IntegerField()
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    opening_balance = FigureField(source="opening_net_position")
    opening_deposits = FigureField()
    lines: Any = serializers.SerializerMethodField()
    closing_balance = FigureField(source="closing_net_position")
    closing_deposits = FigureField()

    @extend_schema_field(StatementLineSerializer(many=True))
    def get_lines(self, statement: selectors.Statement) -> list[dict[str, Any]]:
        words = selectors.list_words([line.posting_id for line in statement.lines])
        lines: Any = statement.lines
        told: Any = StatementLineSerializer(lines, many=True, context={"words": words}).data
        return list(told)


class AgingSerializer(serializers.Serializer[Any]):
    """Dollars owed by days past due."""

    not_due = FigureField()
    days_0_to_7 = FigureField()
    days_8_to_30 = FigureField()
    days_31_to_90 = FigureField()
    over_90_days = FigureField()
    total = FigureField()


class CategoryAgingSerializer(serializers.Serializer[Any]):
    category = serializers.CharField()
    aging = AgingSerializer()


class AgingByCategorySerializer(serializers.Serializer[Any]):
    """How old what drivers owe now is, by category; a category under which nothing is owed is absent."""

    as_of = serializers.DateField()
    categories = CategoryAgingSerializer(many=True)
    total = AgingSerializer()


class AccountTotalSerializer(serializers.Serializer[selectors.AccountTotal]):
    code = serializers.CharField(source="account.value")
    name = serializers.CharField(source="account.label")
    type = serializers.CharField(source="account.type.value")
    debit = FigureField()
    credit = FigureField()
    balance = FigureField(help_text="Debit less credit.")


class TrialBalanceSerializer(serializers.Serializer[Any]):
    """Every posting and every transfer in double entry, summed by account."""

    from_on = serializers.DateField(allow_null=True)
    to_on = serializers.DateField(allow_null=True)
    accounts = AccountTotalSerializer(many=True)
    debit = FigureField()
    credit = FigureField()


class SealCheckSerializer(serializers.ModelSerializer[SealCheck]):
    """A verification of the seals: what was compared, and what was found, in sentences that name each row."""

    class Meta:
        model = SealCheck
        fields = ("id", "checked_at", "is_whole", "seals", "rows", "findings", "sample", "through_number", "head")


class SealingSerializer(serializers.Serializer[selectors.Sealing]):
    """The head of the ledger's seals, what waits for its seal, and the last verification."""

    number = serializers.IntegerField(help_text="Of the last seal; 0 where nothing is sealed yet.")
    head = serializers.CharField(source="digest", help_text="SHA-256 in hex; the first 16 digits are on papers.")
    sealed_at = serializers.DateTimeField(allow_null=True)
    waiting_rows = serializers.IntegerField()
    lag_seconds = serializers.IntegerField(help_text="How old the oldest of them is.")
    last_check: Any = serializers.SerializerMethodField()

    @extend_schema_field(SealCheckSerializer(allow_null=True))
    def get_last_check(self, sealing: selectors.Sealing) -> Any:
        check = selectors.find_last_seal_check()
        return None if check is None else SealCheckSerializer(check).data
