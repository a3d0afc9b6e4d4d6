"""What the books know of loans: what was lent, and how much principal is charged."""

from decimal import Decimal

from django.db.models import DecimalField, Exists, F, OuterRef, Sum, Value
from django.db.models.functions import Coalesce

from ledger.categories import Category, Kind, TransferKind
from ledger.models import LedgerPosting, Transfer
from ledger.money import ZERO


def list_loans_out() -> dict[int, Decimal]:
    """Return the dollars that stand booked as lent, by loan."""
    standing = Transfer.objects.filter(kind=TransferKind.LOAN_OUT, reverses=None, reversals=None)
    rows = standing.order_by().values_list("loan_id").annotate(Sum("amount"))
    return {loan_id: amount for loan_id, amount in rows if loan_id is not None}


def sum_principal_charged() -> Decimal:
    """Return the dollars of principal charged and not voided; what was charged before the cut-over is no part of it."""
    opened = Transfer.objects.filter(posting=OuterRef("pk"), kind=TransferKind.OPENING, reverses=None, reversals=None)
    charged = LedgerPosting.objects.filter(kind=Kind.OBLIGATION, category=Category.LOAN, reversals=None)
    total = Sum(F("amount") - F("income"))
    figures = charged.exclude(Exists(opened)).aggregate(
        total=Coalesce(total, Value(ZERO), output_field=DecimalField(max_digits=14, decimal_places=2))
    )
    return Decimal(figures["total"])
