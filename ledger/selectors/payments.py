"""Counter payments: what became of one, and a day's worth of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import connection, models
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, LPad, Substr

from core.expressions import ExistsForRow
from core.names import name_column
from core.weeks import Week, week_of, weeks_between
from ledger.categories import Category, EntryType, Status
from ledger.errors import PaymentNotFound
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.models.postings import LedgerBalanceQuerySet
from ledger.money import ZERO
from ledger.selectors.uses import list_uses

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from ledger.selectors.uses import UsedPosting

    class _Standing(TypedDict):
        status: str
        voided_amount: Decimal
        recovery_reference: str

    StandingPayment = WithAnnotations[InterimPayment, _Standing]


class PaymentStatus(models.TextChoices):
    """What a payment's postings say of it; the row itself never changes."""

    OPEN = "OPEN", "Received"
    PARTLY_VOIDED = "PARTLY_VOIDED", "Voided in part"
    VOIDED = "VOIDED", "Voided"
    #: Money of it had already left to the driver, so it was charged back as a recovery.
    RETURNED = "RETURNED", "Returned"


@dataclass(frozen=True, slots=True)
class PaymentCredit:
    """A credit that a payment opened (its money, or its deposit) and what was done with it, voided uses included."""

    balance: LedgerBalance
    uses: "Sequence[UsedPosting]"


@dataclass(frozen=True, slots=True)
class PaymentBreakdown:
    """A payment, its status, and where its money is; dollars."""

    payment: InterimPayment
    status: PaymentStatus
    credits: Sequence[PaymentCredit]
    #: What is neither used nor voided.
    remaining: Decimal
    #: The live obligation that charges it back.
    recovery: LedgerBalance | None


@dataclass(frozen=True, slots=True)
class PaymentsTotal:
    """A cashier's payments of one method on a day: received in all, and what of it was voided or returned since."""

    received_by_id: int | None
    received_by: str
    method: str
    count: int
    amount: Decimal
    voided_count: int
    voided_amount: Decimal

    @property
    def standing_amount(self) -> Decimal:
        return self.amount - self.voided_amount


def list_payments() -> "QuerySet[StandingPayment, StandingPayment]":
    """Return all payments, newest first, each with its ``status`` (:class:`PaymentStatus`) and ``voided_amount``.

    The voided amount of a returned payment is all of it.
    """
    # What opened a balance is what its void names twice: an index has these alone.
    voids = LedgerPosting.objects.filter(payment_id=OuterRef("pk"), reverses=F("balance"))
    voided = voids.order_by().values("payment_id").annotate(total=Sum("amount")).values("total")
    recovery = LedgerBalance.objects.live().filter(reference_id=OuterRef("recovery_reference"))
    money = models.DecimalField(max_digits=12, decimal_places=2)
    return (
        InterimPayment.objects.annotate(
            recovery_reference=_RECOVERY_REFERENCE,
            undone=Coalesce(Subquery(voided, output_field=money), Value(ZERO), output_field=money),
            is_returned=ExistsForRow(recovery),
        )
        .annotate(
            voided_amount=Case(When(is_returned=True, then=F("amount")), default=F("undone"), output_field=money),
            status=Case(
                When(is_returned=True, then=Value(PaymentStatus.RETURNED.value)),
                When(undone=F("amount"), then=Value(PaymentStatus.VOIDED.value)),
                When(undone__gt=0, then=Value(PaymentStatus.PARTLY_VOIDED.value)),
                default=Value(PaymentStatus.OPEN.value),
                output_field=CharField(),
            ),
        )
        .order_by("-id")
    )


def get_standing_payment(payment_id: int) -> "StandingPayment":
    """Return one payment as :func:`list_payments` does.

    :raises PaymentNotFound: no such payment
    """
    found = list_payments().filter(pk=payment_id).first()
    if found is None:
        raise PaymentNotFound(f"No payment {payment_id}.", payment_id=payment_id)
    return found


def list_undone_payments() -> "QuerySet[Any, Any]":
    """Return the keys of the payments that were voided, in whole or in part, or returned by the bank.

    From the side of the few: which rows undo something, an index knows.
    """
    undone = LedgerPosting.objects.filter(reverses=F("balance"), payment__isnull=False)
    recovered = (
        LedgerBalance.objects.live()
        .filter(posting__reference_id__startswith=_RECOVERY)
        .values(of_number=Cast(Substr("reference_id", len(_RECOVERY) + 1), BigIntegerField()))
    )
    returned = InterimPayment.objects.filter(number__in=recovered).order_by()
    return undone.order_by().values("payment_id").union(returned.values("pk"))


def list_payments_by_day(on: date) -> "QuerySet[StandingPayment, StandingPayment]":
    """Return the payments received on that date as :func:`list_payments` does, by cashier, method and number."""
    payments = list_payments().filter(received_on=on).select_related("driver", "received_by")
    return payments.order_by("received_by__username", "method", "number")


def sum_payments_by_day(on: date) -> list[PaymentsTotal]:
    """Return the day's totals by cashier and method, voided and returned ones counted apart."""
    undone = Q(voided_amount__gt=0)
    rows: Any = (
        list_payments_by_day(on)
        .order_by("received_by__username", "method")
        .values("received_by_id", "method", name=name_column("received_by"))
        .annotate(
            count=Count("pk"),
            total=Sum("amount"),
            voided_count=Count("pk", filter=undone),
            voided_total=Coalesce(Sum("voided_amount"), Value(ZERO)),
        )
    )
    return [
        PaymentsTotal(
            row["received_by_id"],
            row["name"],
            row["method"],
            row["count"],
            row["total"],
            row["voided_count"],
            row["voided_total"],
        )
        for row in rows
    ]


def list_returned_open() -> LedgerBalanceQuerySet:
    """Return the charges of payments that came back, as far as they are still owed."""
    charges = LedgerBalance.objects.open().obligations().filter(category=Category.RECOVERY)
    return charges.filter(reference_id__startswith=_RECOVERY)


#: ``RETURNED-PAY-000123`` charges a payment that came back.
_RECOVERY = f"RETURNED-{InterimPayment.prefix}-"
#: What was voided is taken off from the side of the few, in the week in which it was received; a payment that came back
#: is taken off whole. Asking of each payment what was undone of it takes ten times as long.
_COLLECTED = f"""
    WITH taken AS MATERIALIZED (
        SELECT id, number, received_on, amount FROM ledger_payments WHERE received_on BETWEEN %(first)s AND %(last)s
    ), undone AS (
        SELECT payment_id AS id, sum(amount) AS amount FROM ledger_postings
        WHERE reverses_id IS NOT NULL AND reverses_id = balance_id AND payment_id IS NOT NULL GROUP BY payment_id
    ), returned AS (
        SELECT substr(reference_id, {len(_RECOVERY) + 1})::bigint AS number FROM ledger_balances
        WHERE reference_id LIKE '{_RECOVERY}%%' AND status <> 'VOIDED'
    )
    SELECT received_on, sum(amount) FROM (
        SELECT received_on, amount FROM taken
        UNION ALL
        SELECT taken.received_on, -undone.amount FROM taken JOIN undone USING (id)
        WHERE taken.number NOT IN (SELECT number FROM returned)
        UNION ALL
        SELECT taken.received_on, -taken.amount FROM taken JOIN returned USING (number)
    ) AS money GROUP BY received_on
"""


def sum_collected_by_week(first: Week, last: Week) -> dict[Week, Decimal]:
    """Return what was received at the counter in each of these weeks and stands, in dollars; 0.00 where nothing was."""
    collected = dict.fromkeys(weeks_between(first.start, last.end), ZERO)
    with connection.cursor() as cursor:
        cursor.execute(_COLLECTED, {"first": first.start, "last": last.end})
        for received_on, stands in cursor.fetchall():
            collected[week_of(received_on)] += stands
    return collected


def get_payment_breakdown(payment_id: int) -> PaymentBreakdown:
    """Return what became of a payment's money.

    :raises PaymentNotFound: no such payment
    """
    payment = list_payments().select_related("driver", "lease", "received_by").filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound(f"No payment {payment_id}.", payment_id=payment_id)
    balances = LedgerBalance.objects.filter(posting__payment_id=payment_id, entry_type=EntryType.CREDIT)
    opened = [PaymentCredit(balance, list(list_uses(balance.pk))) for balance in balances.order_by("posting_id")]
    return PaymentBreakdown(
        payment=payment,
        status=PaymentStatus(payment.status),
        credits=opened,
        remaining=sum((credit.balance.remaining for credit in opened), ZERO),
        recovery=LedgerBalance.objects.exclude(status=Status.VOIDED)
        .filter(reference_id=payment.recovery_reference)
        .first(),
    )


#: ``RETURNED-PAY-000123``, as ``ledger.services.void_payment`` charges it back. LPAD would cut a longer number short.
_NUMBER = Cast("number", CharField())
_RECOVERY_REFERENCE = Concat(
    Value(_RECOVERY),
    Case(When(number__lt=1_000_000, then=LPad(_NUMBER, 6, Value("0"))), default=_NUMBER, output_field=CharField()),
    output_field=CharField(),
)
