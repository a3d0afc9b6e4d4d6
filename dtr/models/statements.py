"""The DTR: a sealed snapshot of a driver's account on one lease (or none), between two cuts.

Nothing here is ever updated or deleted; the guards in ``dtr/sql`` refuse it.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from core.weeks import Week, week_of
from dtr.models.closes import WeekClose
from ledger.categories import Category, EntryType

_SIDES = {EntryType.DEBIT.value: "Owed by the driver", EntryType.CREDIT.value: "Held for the driver"}


class Dtr(models.Model):
    """A Driver Transaction Report. ``number`` is drawn by the database, without gaps.

    Every amount is dollars. It covers the postings after ``previous_cut`` up to ``sealed_through``, ids of the ledger.
    """

    number = models.PositiveBigIntegerField(unique=True, db_default=0, editable=False)
    week = models.ForeignKey(
        WeekClose, models.PROTECT, related_name="dtrs", db_column="week_end", verbose_name="week ending"
    )
    driver = models.ForeignKey("leases.Driver", models.PROTECT, related_name="dtrs")
    lease = models.ForeignKey("leases.Lease", models.PROTECT, null=True, blank=True, related_name="dtrs")
    previous_cut = models.BigIntegerField()
    sealed_through = models.BigIntegerField()
    #: The moment of the cut, by the database's clock: the statement has everything up to here, nothing after it.
    sealed_at = models.DateTimeField("activity through", db_default=Now(), editable=False)
    #: The transaction that sealed it: only this one may give it lines.
    sealed_in = models.BigIntegerField(db_default=0, editable=False)

    #: Held credits, without deposits.
    held = models.DecimalField(max_digits=14, decimal_places=2)
    deposits = models.DecimalField(max_digits=14, decimal_places=2)
    #: What the driver owes and was due by the week's Saturday, and what is due later.
    owed_due = models.DecimalField("owed and due", max_digits=14, decimal_places=2)
    owed_later = models.DecimalField("owed, due later", max_digits=14, decimal_places=2)

    card_trips = models.PositiveIntegerField(default=0)
    card_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    cash_trips = models.PositiveIntegerField(default=0)
    cash_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    #: No charge, dispute and private: listed, and counted for nothing.
    other_trips = models.PositiveIntegerField(default=0)
    other_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    taxes_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        db_table = "dtr_dtrs"
        ordering = ["-week_id", "number"]
        default_permissions = ("view",)
        verbose_name = "DTR"
        verbose_name_plural = "DTRs"
        constraints = [
            models.UniqueConstraint(
                fields=["driver", "lease", "week"], name="dtr_dtrs_one_a_week", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(previous_cut__gte=0) & Q(sealed_through__gte=F("previous_cut")), name="dtr_dtrs_cut_forward"
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0, deposits__gte=0, owed_due__gte=0, owed_later__gte=0),
                name="dtr_dtrs_sums_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["week", "driver"], name="dtr_dtrs_week")]

    def __str__(self) -> str:
        return self.reference_id

    @property
    def reference_id(self) -> str:
        return f"DTR-{self.number:06d}"

    @property
    def days(self) -> Week:
        """Its pay week."""
        return week_of(self.week_id)

    @property
    def net_due(self) -> Decimal:
        """What is due to the driver; below zero, what is due from the driver."""
        return self.held - self.owed_due


class DtrLine(models.Model):
    """One category of a DTR: what it began with, what moved, and what it ended with.

    ``balance`` is the sum of the ledger's open balances at the cut, read independently of the postings that make up
    the rest of the row: the database accepts the row only where both agree.
    """

    dtr = models.ForeignKey(Dtr, models.PROTECT, related_name="lines")
    #: DEBIT: obligations of the driver. CREDIT: money held for the driver.
    entry_type = models.CharField("side", max_length=6, choices=_SIDES)
    category = models.CharField(max_length=8, choices=Category)
    opening = models.DecimalField(max_digits=14, decimal_places=2)
    #: Charged (obligations) or received (held credits).
    opened = models.DecimalField(max_digits=14, decimal_places=2)
    #: Paid at the counter (obligations), or used for what the payer named (held credits).
    paid = models.DecimalField(max_digits=14, decimal_places=2)
    #: Paid by priority (obligations), or used by priority (held credits).
    applied = models.DecimalField(max_digits=14, decimal_places=2)
    written_off = models.DecimalField(max_digits=14, decimal_places=2)
    paid_out = models.DecimalField(max_digits=14, decimal_places=2)
    #: Signed: a voided charge lowers what is owed, a voided movement gives it back.
    voided = models.DecimalField(max_digits=14, decimal_places=2)
    closing = models.DecimalField(max_digits=14, decimal_places=2)
    balance = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        db_table = "dtr_lines"
        ordering = ["dtr_id", "id"]
        default_permissions = ()
        verbose_name = "DTR line"
        constraints = [
            models.UniqueConstraint(fields=["dtr", "entry_type", "category"], name="dtr_lines_category"),
            models.CheckConstraint(
                condition=Q(
                    entry_type=EntryType.DEBIT,
                    paid_out=0,
                    closing=F("opening") + F("opened") - F("paid") - F("applied") - F("written_off") + F("voided"),
                )
                | Q(
                    entry_type=EntryType.CREDIT,
                    written_off=0,
                    closing=F("opening") + F("opened") - F("paid") - F("applied") - F("paid_out") + F("voided"),
                ),
                name="dtr_lines_adds_up",
            ),
            models.CheckConstraint(condition=Q(closing=F("balance")), name="dtr_lines_closing_is_balance"),
            models.CheckConstraint(
                condition=Q(
                    opening__gte=0,
                    opened__gte=0,
                    paid__gte=0,
                    applied__gte=0,
                    written_off__gte=0,
                    paid_out__gte=0,
                    closing__gte=0,
                ),
                name="dtr_lines_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_type} {self.category}"

    @property
    def is_obligation(self) -> bool:
        return self.entry_type == EntryType.DEBIT
