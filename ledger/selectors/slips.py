"""Checks on their way to the bank."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from ledger.books import Account
from ledger.categories import Kind, PaymentMethod
from ledger.models import InterimPayment, LedgerPosting, SlipCheck, Transfer
from ledger.money import ZERO


def is_on_slip(payment_id: int) -> bool:
    """Say whether a slip that stands took this payment's check to the bank."""
    return SlipCheck.objects.filter(payment_id=payment_id, transfer__reversals=None).exists()


def list_undeposited_checks() -> "QuerySet[InterimPayment]":
    """Return the payments by check that a slip may name: on none, and not come back before they were at the bank.

    One that came back from the bank (somebody said so) and is on no slip is among them: its slip is still to come.
    """
    standing = Transfer.objects.filter(payment_id=OuterRef("pk"), reverses=None, reversals=None)
    voided = (
        LedgerPosting.objects.filter(
            payment_id=OuterRef("pk"), kind__in=[Kind.PAYMENT, Kind.DEPOSIT], reversals__isnull=False
        )
        .order_by()
        .values("payment_id")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    returned = (
        standing.filter(debit__code=Account.CHECKS.value)
        .order_by()
        .values("payment_id")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return (
        InterimPayment.objects.filter(method=PaymentMethod.CHECK)
        .exclude(Exists(SlipCheck.objects.filter(payment_id=OuterRef("pk"), transfer__reversals=None)))
        .exclude(Exists(standing.filter(credit__code=Account.CHECKS.value)))
        .annotate(voided=Coalesce(Subquery(voided), ZERO), returned=Coalesce(Subquery(returned), ZERO))
        .filter(Q(voided=F("returned")))
    )
