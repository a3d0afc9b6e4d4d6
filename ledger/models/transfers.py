"""The books' own tables: the chart of accounts, the transfers between the fleet's accounts, and slips of the bank.

What a transfer may say, by kind, is checked in ``ledger/sql/transfers.sql``.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from simple_history.models import HistoricalRecords

from ledger.categories import AccountType, TransferKind


class ChartAccount(models.Model):
    """An account of the books. Which ones there are is the program's; ``outside_code`` is the accountant's."""

    code = models.CharField(max_length=4, unique=True, editable=False)
    name = models.CharField(max_length=60, editable=False)
    type = models.CharField(max_length=9, choices=AccountType, editable=False)
    outside_code = models.CharField(
        "code outside",
        max_length=40,
        blank=True,
        default="",
        help_text="What the fleet's accounting program calls this account. Empty: as here.",
    )

    history = HistoricalRecords()

    class Meta:
        db_table = "ledger_chart"
        verbose_name = "account"
        verbose_name_plural = "chart of accounts"
        ordering = ["code"]
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Transfer(models.Model):
    """Money moved between two of the fleet's own accounts: append-only. A reversal names what it ``reverses``.

    What mirrors something names its cause: the posting, the payment or the loan.
    """

    kind = models.CharField(max_length=15, choices=TransferKind)
    debit = models.ForeignKey(
        ChartAccount,
        models.PROTECT,
        to_field="code",
        db_column="debit",
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    credit = models.ForeignKey(
        ChartAccount,
        models.PROTECT,
        to_field="code",
        db_column="credit",
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reference_id = models.CharField("reference", max_length=64)
    #: One recorded anew under its reference, after the first was reversed, is the next; the database counts.
    occurrence = models.PositiveSmallIntegerField(db_default=1, editable=False)
    effective_on = models.DateField("effective")
    reason = models.CharField(max_length=500, default="", blank=True)
    posting = models.ForeignKey(
        "LedgerPosting", models.PROTECT, null=True, related_name="transfers", db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        "InterimPayment", models.PROTECT, null=True, related_name="transfers", db_constraint=False, db_index=False
    )
    #: A key of another app's table, which puts its foreign key here itself.
    loan_id = models.BigIntegerField(null=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_constraint=False, db_index=False
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    posted_at = models.DateTimeField("posted", db_default=Now())

    class Meta:
        db_table = "ledger_transfers"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        permissions = [
            ("correct_transfer", "Can record a correction of the books"),
            ("reverse_transfer", "Can reverse a transfer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="ledger_transfers_reversed_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "reference_id", "debit", "credit", "occurrence"],
                condition=Q(reverses__isnull=True),
                name="ledger_transfers_occurrence",
            ),
            models.UniqueConstraint(
                fields=["posting"],
                condition=Q(posting__isnull=False, reverses__isnull=True),
                name="ledger_transfers_posting_once",
            ),
            models.UniqueConstraint(
                fields=["loan_id"],
                condition=Q(loan_id__isnull=False, reverses__isnull=True),
                name="ledger_transfers_loan_once",
            ),
        ]
        indexes = [
            models.Index(fields=["effective_on"], name="ledger_transfers_day"),
            models.Index(fields=["reference_id"], name="ledger_transfers_reference"),
            models.Index(fields=["payment"], condition=Q(payment__isnull=False), name="ledger_transfers_payment"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference_id}"


class SlipCheck(models.Model):
    """A check that a slip took to the bank: append-only. That it was there is told by this row alone."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="checks", db_constraint=False)
    payment = models.ForeignKey("InterimPayment", models.PROTECT, related_name="slips", db_constraint=False)

    class Meta:
        db_table = "ledger_slip_checks"
        ordering = ["id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Check of payment {self.payment_id} on transfer {self.transfer_id}"
