"""What crosses the counter: interim payments in, payouts out. Append-only, and numbered without gaps.

Whether one was voided is read from its postings; the row itself never changes.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Reverse, Upper

from ledger.categories import PaymentMethod


class CounterDocument(models.Model):
    """What both share. ``number`` is drawn by the database, under a counter row's lock."""

    prefix: str

    number = models.PositiveBigIntegerField(unique=True, db_default=0, editable=False)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    method = models.CharField(max_length=5, choices=PaymentMethod)
    instrument_number = models.CharField("check number or bank reference", max_length=40, default="", blank=True)
    #: Set by whoever may send a request twice; with ``fingerprint`` it tells a retry from another request.
    idempotency_key = models.CharField(max_length=200, null=True, unique=True)
    fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        abstract = True
        ordering = ["-id"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="%(class)s_amount_positive"),
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="%(class)s_method_known"),
            models.CheckConstraint(
                condition=~Q(method=PaymentMethod.CHECK) | ~Q(instrument_number=""), name="%(class)s_check_numbered"
            ),
        ]

    def __str__(self) -> str:
        return self.reference_id

    @property
    def reference_id(self) -> str:
        return f"{self.prefix}-{self.number:06d}"


class InterimPayment(CounterDocument):
    """Money a driver handed over at the counter, ``deposit`` of it a lease deposit."""

    prefix = "PAY"
    #: What made it doubtful when it was taken, on the row that its service returns; nothing is kept of it.
    doubts: "Sequence[Any]" = ()
    #: What it posted, on a row that is told with it.
    posted: "Sequence[Any]" = ()

    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, related_name="payments", db_constraint=False, db_index=False
    )
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, blank=True, related_name="payments", db_constraint=False
    )
    deposit = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    received_on = models.DateField("received on")
    received_at = models.DateTimeField("received", db_default=Now())
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        verbose_name="cashier",
    )

    class Meta(CounterDocument.Meta):
        db_table = "ledger_payments"
        verbose_name = "payment"
        permissions = [("void_interimpayment", "Can void a payment")]
        constraints = [
            *CounterDocument.Meta.constraints,
            models.CheckConstraint(
                condition=Q(deposit__gte=0) & Q(deposit__lte=F("amount")), name="interimpayment_deposit_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(deposit=0) | Q(lease__isnull=False), name="interimpayment_deposit_names_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["driver", "received_on"], name="ledger_payments_driver"),
            models.Index(fields=["received_on", "received_by"], name="ledger_payments_by_day"),
            models.Index(
                fields=["instrument_number"],
                condition=~Q(instrument_number=""),
                name="ledger_payments_by_check",
            ),
            models.Index(
                OpClass(Reverse(Upper("instrument_number")), "text_pattern_ops"),
                condition=~Q(instrument_number=""),
                name="ledger_payments_by_end",
            ),
        ]


class Payout(CounterDocument):
    """Money the fleet gave a driver."""

    prefix = "OUT"

    driver = models.ForeignKey("leases.Driver", models.PROTECT, related_name="payouts", db_constraint=False)
    #: The lease whose credits alone it draws: a DTR's, or the one whose deposit is given back. A payout that names a
    #: DTR and no lease draws credits of no lease; one that names neither draws whatever is held.
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, blank=True, related_name="payouts", db_constraint=False
    )
    #: The DTR whose net it pays, when it pays one.
    dtr_number = models.CharField("DTR", max_length=40, default="", blank=True)
    paid_on = models.DateField("paid on")
    paid_at = models.DateTimeField("paid", db_default=Now())
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_constraint=False
    )

    class Meta(CounterDocument.Meta):
        db_table = "ledger_payouts"
        permissions = [("void_payout", "Can void a payout")]
        indexes = [
            models.Index(fields=["paid_on", "paid_by"], name="ledger_payouts_by_day"),
            models.Index(fields=["dtr_number"], name="ledger_payouts_of_dtr"),
            models.Index(
                fields=["instrument_number"], condition=~Q(instrument_number=""), name="ledger_payouts_by_check"
            ),
            models.Index(
                OpClass(Reverse(Upper("instrument_number")), "text_pattern_ops"),
                condition=~Q(instrument_number=""),
                name="ledger_payouts_by_end",
            ),
        ]
