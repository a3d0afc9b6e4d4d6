"""Batches of the journal: which postings and transfers went to the accountant together. Append-only.

A batch is two spans of ids that follow the batch before, so nothing is in two and nothing is passed over; the rows
themselves never change. What could change, the names of drivers and accounts, it keeps as they were.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class JournalBatch(models.Model):
    """All entries of ended transactions that no batch before took, whatever their day."""

    number = models.PositiveBigIntegerField(primary_key=True)
    #: The spans: above the first, up to and including the second.
    after_posting_id = models.BigIntegerField()
    last_posting_id = models.BigIntegerField()
    after_transfer_id = models.BigIntegerField()
    last_transfer_id = models.BigIntegerField()
    entries = models.PositiveBigIntegerField()
    #: The sum of all debits, which is that of all credits; dollars.
    total = models.DecimalField(max_digits=16, decimal_places=2)
    from_on = models.DateField("from")
    to_on = models.DateField("to")
    #: The chart as it was: a list of [code, name, type, outside code].
    chart = models.JSONField()
    taken_at = models.DateTimeField("taken", db_default=Now())
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "ledger_journal_batches"
        verbose_name = "journal batch"
        verbose_name_plural = "journal batches"
        ordering = ["-number"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_posting_id__gte=F("after_posting_id"))
                & Q(last_transfer_id__gte=F("after_transfer_id"))
                & Q(entries__gt=0),
                name="ledger_journal_batches_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"Journal batch {self.number:06d}"


class JournalBatchDriver(models.Model):
    """A driver of a batch, by the name they had when it was taken."""

    batch = models.ForeignKey(JournalBatch, models.PROTECT, related_name="drivers", db_index=False)
    driver = models.ForeignKey("leases.Driver", models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "ledger_journal_batch_drivers"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "driver"], name="ledger_journal_batch_drivers_once")]

    def __str__(self) -> str:
        return self.name
