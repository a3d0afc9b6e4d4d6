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


def _money() -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(max_digits=14, decimal_places=2, default=0)


class Dtr(models.Model):
    """A Driver Transaction Report. ``number`` is drawn by the database, without gaps.

    Every amount is dollars. It covers the postings after ``previous_cut`` up to ``sealed_through``, ids of the ledger.
    """

    number = models.PositiveBigIntegerField(unique=True, db_default=0, editable=False)
    # That all three are there is seen to by triggers, for all DTRs of a statement at once (``dtr/sql``).
    week = models.ForeignKey(
        WeekClose,
        models.PROTECT,
        related_name="dtrs",
        db_column="week_end",
        db_constraint=False,
        db_index=False,
        verbose_name="week ending",
    )
    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, related_name="dtrs", db_constraint=False, db_index=False
    )
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, blank=True, related_name="dtrs", db_constraint=False
    )
    previous_cut = models.BigIntegerField()
    sealed_through = models.BigIntegerField()
    #: The moment of the cut, by the database's clock: the statement has everything up to here, nothing after it.
    sealed_at = models.DateTimeField("activity through", db_default=Now(), editable=False)
    #: The transaction that sealed it: only this one may give it lines.
    sealed_in = models.BigIntegerField(db_default=0, editable=False)

    #: Held credits, without deposits.
    held = models.DecimalField(max_digits=14, decimal_places=2)
    deposits = models.DecimalField(max_digits=14, decimal_places=2)
    #: What the driver owes and was due by the week's Saturday; what fell due since, by the day of the seal; the rest.
    owed_due = models.DecimalField("owed and due", max_digits=14, decimal_places=2)
    owed_since = models.DecimalField("fallen due since", max_digits=14, decimal_places=2, default=0)
    owed_later = models.DecimalField("owed, due later", max_digits=14, decimal_places=2)
    #: The day of the seal in New York, by whoever closed the week.
    sealed_on = models.DateField("day of the seal")

    #: Who and what it is about, and who gave it out, as known at the seal: a document reads these and nothing newer.
    driver_name = models.CharField(max_length=170)
    tlc_license = models.CharField("TLC license", max_length=20)
    lease_type = models.CharField(max_length=40, blank=True)
    lease_start_on = models.DateField("lease from", null=True, blank=True)
    lease_end_on = models.DateField("lease to", null=True, blank=True)
    medallion = models.CharField("cab", max_length=20, blank=True)
    plate = models.CharField(max_length=20, blank=True)
    fleet_name = models.CharField(max_length=200)
    fleet_address = models.CharField(max_length=300, blank=True)
    fleet_phone = models.CharField(max_length=40, blank=True)
    #: What else it tells of the day of the seal: plans with what is left, dates to keep, further drivers, the
    #: head of the ledger's seals when the week's close began.
    told = models.JSONField(default=dict)
    #: The version of the template that prints it, for good.
    template = models.PositiveSmallIntegerField()

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
                condition=Q(held__gte=0, deposits__gte=0, owed_due__gte=0, owed_since__gte=0, owed_later__gte=0),
                name="dtr_dtrs_sums_not_negative",
            ),
            models.CheckConstraint(condition=Q(sealed_on__gt=F("week")), name="dtr_dtrs_sealed_after_week"),
            models.CheckConstraint(
                condition=~Q(driver_name="") & ~Q(tlc_license="") & ~Q(fleet_name=""), name="dtr_dtrs_identity_given"
            ),
        ]
        indexes = [
            models.Index(fields=["week", "driver"], name="dtr_dtrs_week"),
            # Each driver's newest ones, however many there were before.
            models.Index(fields=["driver", "week"], name="dtr_dtrs_newest"),
        ]

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
    def lease_name(self) -> str:
        return f"Lease {self.lease_id}" if self.lease_id else "Without a lease"

    @property
    def seal_head(self) -> str:
        """The head of the ledger's seals that its week's close began with; none before the first seal."""
        return str(self.told.get("seal_head", ""))

    @property
    def has_postings(self) -> bool:
        """Whether anything was posted since the driver's last cut."""
        return self.sealed_through > self.previous_cut

    @property
    def net_due(self) -> Decimal:
        """What is due to the driver for the week, by its Saturday; below zero, what is due from the driver."""
        return self.held - self.owed_due

    @property
    def payable(self) -> Decimal:
        """What is payable on the day of the seal: the net due less what fell due since; below zero, the driver owes."""
        return self.net_due - self.owed_since


class DtrLine(models.Model):
    """One category of a DTR: what it began with, what moved, and what it ended with; dollars.

    The columns between are netted by document: what was done and undone in one week is in none of them. None is below
    zero but ``corrected``.

    ``balance`` is the sum of the ledger's open balances at the cut, read independently of the postings that make up
    the rest of the row: the database accepts the row only where both agree.
    """

    # That its DTR is there is seen to by a trigger, for all lines of a statement at once (``dtr/sql``).
    dtr = models.ForeignKey(Dtr, models.PROTECT, related_name="lines", db_constraint=False, db_index=False)
    #: DEBIT: obligations of the driver. CREDIT: money held for the driver.
    entry_type = models.CharField("side", max_length=6, choices=_SIDES)
    category = models.CharField(max_length=8, choices=Category)
    opening = _money()
    #: What another system had left, opened at go-live.
    from_before = _money()
    #: Charged (obligations) or received (held credits).
    opened = _money()
    #: Obligations. Signed: by how much charges of earlier weeks were raised or lowered, a voided one by all of it.
    corrected = _money()
    #: Held credits of earlier weeks that were taken back.
    receipts_voided = _money()
    #: Paid as the payer named it (obligations), or used for that (held credits).
    paid = _money()
    #: Paid from spendable credits (obligations), or used by priority (held credits).
    applied = _money()
    #: Obligations paid from a deposit.
    from_deposit = _money()
    #: Payments of earlier weeks that were undone: owed again (obligations), or held again (held credits).
    undone = _money()
    written_off = _money()
    write_offs_undone = _money()
    paid_out = _money()
    payouts_undone = _money()
    closing = _money()
    balance = _money()

    class Meta:
        db_table = "dtr_lines"
        ordering = ["dtr_id", "id"]
        default_permissions = ()
        verbose_name = "DTR line"
        constraints = [
            models.UniqueConstraint(fields=["dtr", "entry_type", "category"], name="dtr_lines_category"),
            models.CheckConstraint(
                condition=Q(
                    closing=F("opening")
                    + F("from_before")
                    + F("opened")
                    + F("corrected")
                    - F("receipts_voided")
                    - F("paid")
                    - F("applied")
                    - F("from_deposit")
                    + F("undone")
                    - F("written_off")
                    + F("write_offs_undone")
                    - F("paid_out")
                    + F("payouts_undone")
                ),
                name="dtr_lines_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(entry_type=EntryType.DEBIT, receipts_voided=0, paid_out=0, payouts_undone=0)
                | Q(entry_type=EntryType.CREDIT, corrected=0, from_deposit=0, written_off=0, write_offs_undone=0),
                name="dtr_lines_columns_of_side",
            ),
            models.CheckConstraint(condition=Q(closing=F("balance")), name="dtr_lines_closing_is_balance"),
            models.CheckConstraint(
                condition=Q(
                    opening__gte=0,
                    from_before__gte=0,
                    opened__gte=0,
                    receipts_voided__gte=0,
                    paid__gte=0,
                    applied__gte=0,
                    from_deposit__gte=0,
                    undone__gte=0,
                    written_off__gte=0,
                    write_offs_undone__gte=0,
                    paid_out__gte=0,
                    payouts_undone__gte=0,
                    closing__gte=0,
                ),
                name="dtr_lines_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_type} {self.category}"

    def sum_columns(self) -> Decimal:
        """What it began with and what moved: what is carried forward, as the database demands it."""
        return (
            self.opening + self.from_before + self.opened + self.corrected - self.receipts_voided
            - self.paid - self.applied - self.from_deposit + self.undone
            - self.written_off + self.write_offs_undone - self.paid_out + self.payouts_undone
        )  # fmt: skip

    @property
    def has_figures(self) -> bool:
        """Whether anything of it is not zero: what was done and undone in one week is no line."""
        return any(
            (
                self.opening, self.from_before, self.opened, self.corrected, self.receipts_voided, self.paid,
                self.applied, self.from_deposit, self.undone, self.written_off, self.write_offs_undone,
                self.paid_out, self.payouts_undone, self.closing, self.balance,
            )
        )  # fmt: skip

    @property
    def charged(self) -> Decimal:
        """What the driver was charged in the week, corrections of earlier weeks included."""
        return self.opened + self.corrected

    @property
    def is_obligation(self) -> bool:
        return self.entry_type == EntryType.DEBIT
