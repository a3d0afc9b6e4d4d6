"""Sums of the books that are kept, so that reading a day's balances does not read all that was ever posted.

A run takes what was written above the last run's ids, and the database adds it to the sums of its days and months
(``ledger/sql/sums.sql``). Nobody else writes them, and an audit compares them with what they are the sums of.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class SumRun(models.Model):
    """Rows by id, above the first and up to the second, of three tables, that were added to the sums.

    None at or below the last run's ids can still be committed. One that ``begins_anew`` began with empty sums. The
    database counts the ``payments`` up to the last of their ids.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    begins_anew = models.BooleanField(default=False)
    after_posting_id = models.BigIntegerField()
    last_posting_id = models.BigIntegerField()
    after_transfer_id = models.BigIntegerField()
    last_transfer_id = models.BigIntegerField()
    after_payment_id = models.BigIntegerField()
    last_payment_id = models.BigIntegerField()
    payments = models.BigIntegerField(db_default=0)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_sum_runs"
        ordering = ["-number"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    number__gte=1,
                    after_posting_id__gte=0,
                    last_posting_id__gte=F("after_posting_id"),
                    after_transfer_id__gte=0,
                    last_transfer_id__gte=F("after_transfer_id"),
                    after_payment_id__gte=0,
                    last_payment_id__gte=F("after_payment_id"),
                ),
                name="ledger_sum_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.number}"


class Span(models.TextChoices):
    """What a sum is of: the day or the month that begins on its day."""

    DAY = "DAY"
    MONTH = "MONTH"


class PostingSum(models.Model):
    """Dollars of the postings of a day or month, by what decides their accounts."""

    span = models.CharField(max_length=5, choices=Span)
    from_on = models.DateField()
    kind = models.CharField(max_length=11)
    category = models.CharField(max_length=8)
    method = models.CharField(max_length=5, blank=True)
    is_void = models.BooleanField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    income = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        db_table = "ledger_posting_sums"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["span", "from_on", "kind", "category", "method", "is_void"],
                name="ledger_posting_sums_each_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} from {self.from_on}"


class TransferSum(models.Model):
    """Dollars that the transfers of a day or month moved from one account to another."""

    span = models.CharField(max_length=5, choices=Span)
    from_on = models.DateField()
    debit = models.CharField(max_length=4)
    credit = models.CharField(max_length=4)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        db_table = "ledger_transfer_sums"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["span", "from_on", "debit", "credit"], name="ledger_transfer_sums_each_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit} by {self.credit} from {self.from_on}"
