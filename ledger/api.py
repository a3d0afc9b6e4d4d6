"""The ledger for programs, under /api/ledger/: read balances and postings, receive a payment, void a posting."""

import re
from decimal import Decimal
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.answers import answer, answer_once, read_idempotency_key
from core.api.fields import IdField, StrictSerializer, TextField, read_body, read_query
from core.api.pagination import CursorByKey
from core.api.permissions import HasPermissions
from core.api.schema import IDEMPOTENCY_KEY, OPTIONAL_IDEMPOTENCY_KEY, problems
from core.services.answers import Answer
from ledger import selectors, services
from ledger.categories import Category, EntryType, Kind, PaymentMethod, Status
from ledger.errors import AmountInvalid
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO, parse_amount
from ledger.narration import tell, tell_opening
from ledger.selectors.words import with_corrections

#: Lines of one payment; a driver with more open than this pays in two.
MAX_ALLOCATIONS = 500
#: Codes that a request may confirm; there are fewer doubts.
MAX_CONFIRMED = 20


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^\d{1,10}(\.\d{1,2})?$", "example": "100.00"})
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """Dollars, as a decimal string (or a whole number). A JSON number with a point has become a float on its way."""

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:
        self.allow_zero = allow_zero
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, float):
            raise serializers.ValidationError('Send the amount as a string, as in "10.50".', code=AmountInvalid.code)
        if isinstance(data, str) and not re.fullmatch(r"[-+]?[0-9]*\.?[0-9]*", data):  # Decimal reads 1e4 and 1_000
            raise serializers.ValidationError(f"{data[:40]!r} is not an amount.", code=AmountInvalid.code)
        try:
            return parse_amount(data, allow_zero=self.allow_zero)
        except AmountInvalid as refusal:
            raise serializers.ValidationError(refusal.message, code=refusal.code) from None

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


def _choice(choices: Any, **options: Any) -> serializers.ChoiceField:
    one_of = f"It is one of {', '.join(choices.values)}."
    return serializers.ChoiceField(choices.choices, error_messages={"invalid_choice": one_of}, **options)


class PageFilters(StrictSerializer):
    cursor = TextField(required=False, help_text="From the `next` or `previous` link of an answer.")
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=CursorByKey.max_page_size, help_text="Rows a page; 50 without it."
    )


class BalanceFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    category = _choice(Category, required=False)
    status = _choice(Status, required=False)
    entry_type = _choice(EntryType, required=False, help_text="DEBIT: owed by drivers. CREDIT: held for them.")


class PostingFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    reference_id = TextField(required=False, max_length=64)
    kind = _choice(Kind, required=False)
    category = _choice(Category, required=False)


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


class AllocationSerializer(StrictSerializer):
    reference_id = TextField(max_length=64)
    amount = AmountField()


class InterimPaymentRequest(StrictSerializer):
    """Money a driver hands over, and what they name to be paid with it; the rest stays on their account."""

    driver_id = IdField()
    lease_id = IdField(required=False, allow_null=True)
    payment_amount = AmountField()
    payment_method = _choice(PaymentMethod)
    instrument_number = TextField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="Check number (required of a CHECK) or bank reference.",
    )
    deposit = AmountField(
        required=False, allow_zero=True, help_text="Part of the amount that is a deposit on the lease."
    )
    allocations: Any = serializers.ListSerializer(
        child=AllocationSerializer(), required=False, max_length=MAX_ALLOCATIONS
    )
    confirm: Any = serializers.ListField(
        child=TextField(max_length=40),
        required=False,
        max_length=MAX_CONFIRMED,
        help_text="With `?ask=true`: the codes of the doubts that somebody has looked at, from a `payment_doubtful`.",
    )

    def validate_allocations(self, allocations: list[dict[str, Any]]) -> dict[str, Decimal]:
        """Return dollars per reference."""
        named: dict[str, Decimal] = {}
        for allocation in allocations:
            reference_id = allocation["reference_id"]
            if reference_id in named:
                raise serializers.ValidationError(f"{reference_id} is named twice.", code="duplicate_reference")
            named[reference_id] = allocation["amount"]
        return named


class AskQuery(StrictSerializer):
    ask = serializers.BooleanField(
        required=False,
        help_text="`true`: what looks like a mistake is refused (409 `payment_doubtful`) until its doubts are in "
        "`confirm`. Without it the payment is taken, and they are its `warnings`.",
    )


class DoubtSerializer(serializers.Serializer[selectors.Doubt]):
    code = serializers.CharField(help_text="For programs; docs/api.md lists them.")
    detail = serializers.CharField(help_text="A sentence for people.")


class InterimPaymentSerializer(serializers.ModelSerializer[InterimPayment]):
    """A payment received, with the postings it made: its credit, its deposit, and one per allocation."""

    receipt = serializers.CharField(source="reference_id", help_text="As in PAY-000123.")
    payment_amount = AmountField(source="amount")
    payment_method = serializers.ChoiceField(PaymentMethod.choices, source="method")
    on_account = serializers.SerializerMethodField(help_text="What was neither allocated nor a deposit.")
    postings = PostingSerializer(many=True)
    warnings = DoubtSerializer(many=True, source="doubts", help_text="What makes it look like a mistake.")

    class Meta:
        model = InterimPayment
        fields = (
            "id",
            "receipt",
            "driver_id",
            "lease_id",
            "payment_amount",
            "payment_method",
            "instrument_number",
            "deposit",
            "on_account",
            "received_on",
            "received_at",
            "received_by_id",
            "postings",
            "warnings",
        )

    @extend_schema_field(AmountField)
    def get_on_account(self, payment: InterimPayment) -> str:
        allocated = sum((line.amount for line in payment.postings.all() if line.kind == Kind.ALLOCATION), start=ZERO)
        return f"{payment.amount - payment.deposit - allocated:.2f}"


class VoidRequest(StrictSerializer):
    """Why, and whether what a credit has paid for may be undone with it."""

    # Blank is the service's to refuse, by its own name.
    reason = TextField(max_length=500, allow_blank=True)
    cascade = serializers.BooleanField(required=False)


class VoidedSerializer(serializers.Serializer[Any]):
    """The postings that undo, in the order in which they were written."""

    postings = PostingSerializer(many=True)


class ByPostingId(CursorByKey):
    ordering = "-posting_id"


class ById(CursorByKey):
    ordering = "-id"


class BalancesView(ListAPIView[LedgerBalance]):
    """Balances, newest first: of a driver, or of all."""

    permission_classes = (HasPermissions,)
    http_method_names = ("get", "head")
    required_permissions = ("ledger.view_ledgerbalance",)
    serializer_class = BalanceSerializer
    pagination_class = ByPostingId

    @extend_schema(
        operation_id="ledger_balances",
        parameters=[BalanceFilters],
        responses={200: BalanceSerializer(many=True), **problems()},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[LedgerBalance]:
        asked = read_query(BalanceFilters, self.request)
        found = selectors.list_balances(
            driver_id=asked.get("driver"),
            lease_id=asked.get("lease"),
            category=asked.get("category"),
            status=asked.get("status"),
            entry_type=asked.get("entry_type"),
        )
        return with_corrections(found).select_related("posting")


class PostingsView(ListAPIView[LedgerPosting]):
    """Postings, newest first: of a driver, or of all."""

    permission_classes = (HasPermissions,)
    http_method_names = ("get", "head")
    required_permissions = ("ledger.view_ledgerposting",)
    serializer_class = PostingSerializer
    pagination_class = ById

    @extend_schema(
        operation_id="ledger_postings",
        parameters=[PostingFilters],
        responses={200: PostingSerializer(many=True), **problems()},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[LedgerPosting]:
        asked = read_query(PostingFilters, self.request)
        found = selectors.list_postings(
            driver_id=asked.get("driver"),
            lease_id=asked.get("lease"),
            reference_id=asked.get("reference_id"),
            kind=asked.get("kind"),
            category=asked.get("category"),
        )
        return selectors.with_words(found)


class InterimPaymentView(APIView):
    """Receive a payment."""

    permission_classes = (HasPermissions,)
    http_method_names = ("post",)
    required_permissions = ("ledger.add_interimpayment",)

    @extend_schema(
        operation_id="ledger_interim_payment",
        parameters=[IDEMPOTENCY_KEY, AskQuery],
        request=InterimPaymentRequest,
        responses={201: InterimPaymentSerializer, **problems(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> HttpResponse:
        """Receive money from a driver and pay what they name; the rest stays on their account.

        What looks like a mistake is told in `warnings`, or asked about with `?ask=true`. A request that is sent again
        under its key is never asked about.
        """
        key = read_idempotency_key(request, required=True)
        user = cast(User, request.user)
        asks = read_query(AskQuery, request).get("ask", False)
        asked = {"allocations": {}, **read_body(InterimPaymentRequest, request)}
        confirmed = asked.pop("confirm", ())

        def receive() -> Answer:
            # The payment keeps the key too, so that it holds for good, and not just as long as answers are stored.
            payment = services.apply_interim_payment(
                **asked,
                idempotency_key=f"api:{user.pk}:{key}",
                effective_on=timezone.localdate(),
                # A request names no day, so it is the same one when it comes again after midnight.
                same_on_any_day=True,
                asks=asks,
                confirmed=confirmed,
                actor=user,
            )
            made = selectors.with_words(LedgerPosting.objects.order_by("id"))
            prefetch_related_objects([payment], Prefetch("postings", made))
            return answer(InterimPaymentSerializer(payment).data, status=201)

        return answer_once(request, key, receive)


class VoidPostingView(APIView):
    """Void a posting."""

    permission_classes = (HasPermissions,)
    http_method_names = ("post",)
    required_permissions = ("ledger.void_ledgerposting",)

    @extend_schema(
        operation_id="ledger_void_posting",
        parameters=[OPTIONAL_IDEMPOTENCY_KEY],
        request=VoidRequest,
        responses={200: VoidedSerializer, **problems(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, posting_id: int) -> HttpResponse:
        """Undo a posting by writing its opposite. Without a key it is safe too: a second void is refused."""
        key = read_idempotency_key(request, required=False)
        user = cast(User, request.user)
        asked = read_body(VoidRequest, request)

        def void() -> Answer:
            written = services.void_posting(
                posting_id=posting_id, effective_on=timezone.localdate(), actor=user, **asked
            )
            told = selectors.with_words(LedgerPosting.objects.filter(pk__in=[posting.pk for posting in written]))
            return answer({"postings": PostingSerializer(told.order_by("id"), many=True).data})

        return answer_once(request, key, void)


app_name = "ledger-api"

urlpatterns = [
    path("balances", BalancesView.as_view(), name="balances"),
    path("interim-payment", InterimPaymentView.as_view(), name="interim-payment"),
    path("postings", PostingsView.as_view(), name="postings"),
    path("postings/<int:posting_id>/void", VoidPostingView.as_view(), name="void"),
]
