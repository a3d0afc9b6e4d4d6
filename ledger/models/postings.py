"""The three tables of money. What each column may hold, by kind, is checked in ``ledger/sql/guards.sql``.

No foreign key here is Django's own: they are named, immediate ones in the guards, and only where the projection
trigger does not already prove the same thing for the whole statement at once.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from ledger.categories import Category, EntryType, Kind, Status


class LedgerAccount(models.Model):
    """A driver's account: the lock of all their money. ``sealed_through`` is the last posting id a DTR has sealed."""

    driver = models.OneToOneField(
        "leases.Driver", models.PROTECT, primary_key=True, related_name="ledger_account", db_constraint=False
    )
    sealed_through = models.BigIntegerField(default=0, db_default=0)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_accounts"
        verbose_name = "driver account"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Account of driver {self.pk}"


class LedgerPosting(models.Model):
    """One complete two-sided entry: append-only, and the truth."""

    kind = models.CharField(max_length=11, choices=Kind)
    entry_type = models.CharField("entry", max_length=6, choices=EntryType)
    category = models.CharField(max_length=8, choices=Category)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reference_id = models.CharField("reference", max_length=64)
    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, related_name="postings", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        "leases.Vehicle", models.PROTECT, null=True, related_name="postings", db_constraint=False, db_index=False
    )
    #: The balance it moves; null means that it opens one.
    balance = models.ForeignKey(
        "LedgerBalance", models.PROTECT, null=True, related_name="movements", db_constraint=False, db_index=False
    )
    #: The held credit that pays for it.
    funding = models.ForeignKey(
        "LedgerBalance", models.PROTECT, null=True, related_name="uses", db_constraint=False, db_index=False
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        "InterimPayment", models.PROTECT, null=True, related_name="postings", db_constraint=False, db_index=False
    )
    payout = models.ForeignKey(
        "Payout", models.PROTECT, null=True, related_name="postings", db_constraint=False, db_index=False
    )
    due_on = models.DateField("due", null=True)
    effective_on = models.DateField("effective")
    reason = models.CharField(max_length=500, default="", blank=True)
    #: What it is, in words that a driver knows; told once, by what opens a balance.
    description = models.CharField(max_length=200, default="", db_default="", blank=True)
    #: How many dollars of what is charged of a loan are interest; the rest is principal.
    income = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"), db_default=0)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    posted_at = models.DateTimeField("posted", db_default=Now())

    class Meta:
        db_table = "ledger_postings"
        verbose_name = "posting"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("post_obligation", "Can charge a driver from a program"),
            ("void_ledgerposting", "Can void a posting"),
            ("write_off_ledgerposting", "Can write off a charge"),
            ("credit_driver", "Can credit a driver with a reason"),
            ("apply_earnings", "Can apply a driver's held credits now"),
            ("correct_charge", "Can correct a charge's amount, or charge it again"),
            ("win_back", "Can win back money that was given by mistake"),
            ("use_credit", "Can use held money for what is named"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="ledger_postings_reversed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["driver", "id"], name="ledger_postings_driver"),
            # Postings lie nearly in the order of their days: some kilobytes tell where a day's are.
            BrinIndex(fields=["effective_on"], pages_per_range=32, name="ledger_postings_day"),
            BrinIndex(fields=["due_on"], pages_per_range=32, name="ledger_postings_due"),
            # Beginnings of references are asked for too: LEASE-33-.
            models.Index(fields=["reference_id"], opclasses=["varchar_pattern_ops"], name="ledger_postings_reference"),
            models.Index(fields=["balance"], condition=Q(balance__isnull=False), name="ledger_postings_balance"),
            models.Index(fields=["funding"], condition=Q(funding__isnull=False), name="ledger_postings_funding"),
            models.Index(fields=["lease"], condition=Q(kind=Kind.DEPOSIT), name="ledger_postings_deposit"),
            models.Index(fields=["payment"], condition=Q(payment__isnull=False), name="ledger_postings_payment"),
            models.Index(fields=["payout"], condition=Q(payout__isnull=False), name="ledger_postings_payout"),
            # A void of the row that opened the balance: of a payment's lines, those that were taken back.
            models.Index(fields=["payment"], condition=Q(reverses=F("balance")), name="ledger_postings_taken_back"),
            # What one person posted, newest first. What the system posted, by far the most, is not asked for by that.
            models.Index(
                fields=["posted_by", "id"], condition=Q(posted_by__isnull=False), name="ledger_postings_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{Kind(self.kind).label} {self.pk}: {self.reference_id}"

    @property
    def is_opening(self) -> bool:
        return self.balance_id is None

    @property
    def moved_balance_id(self) -> int:
        """The balance it moves, or the one it opened."""
        return self.pk if self.balance_id is None else self.balance_id


class LedgerBalanceQuerySet(models.QuerySet["LedgerBalance"]):
    def open(self) -> "LedgerBalanceQuerySet":
        return self.filter(status=Status.OPEN)

    def obligations(self) -> "LedgerBalanceQuerySet":
        return self.filter(entry_type=EntryType.DEBIT)

    def held_credits(self) -> "LedgerBalanceQuerySet":
        return self.filter(entry_type=EntryType.CREDIT)

    def without_deposits(self) -> "LedgerBalanceQuerySet":
        return self.exclude(category=Category.DEPOSIT)

    def live(self) -> "LedgerBalanceQuerySet":
        return self.exclude(status=Status.VOIDED)

    def bearing(self, references: Iterable[str]) -> "LedgerBalanceQuerySet":
        """Those of these references, live and voided: each kind has an index of its own, and both are asked."""
        named = Q(reference_id__among=list(references))
        return self.filter(named & ~Q(status=Status.VOIDED) | named & Q(status=Status.VOIDED))


class LedgerBalance(models.Model):
    """The running state of a posting that opened something; the database derives it, nobody writes it."""

    posting = models.OneToOneField(
        LedgerPosting, models.PROTECT, primary_key=True, related_name="opened", db_constraint=False
    )
    entry_type = models.CharField("entry", max_length=6, choices=EntryType)
    category = models.CharField(max_length=8, choices=Category)
    reference_id = models.CharField("reference", max_length=64)
    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, related_name="balances", db_constraint=False, db_index=False
    )
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, related_name="balances", db_constraint=False, db_index=False
    )
    vehicle = models.ForeignKey(
        "leases.Vehicle", models.PROTECT, null=True, related_name="balances", db_constraint=False, db_index=False
    )
    due_on = models.DateField("due", null=True)
    effective_on = models.DateField("effective")
    original_amount = models.DecimalField(max_digits=12, decimal_places=2)
    remaining = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=7, choices=Status)

    objects = LedgerBalanceQuerySet.as_manager()

    class Meta:
        db_table = "ledger_balances"
        verbose_name = "balance"
        ordering = ["-posting_id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["reference_id"], condition=~Q(status=Status.VOIDED), name="ledger_balances_live_reference"
            ),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("original_amount")),
                name="ledger_balances_remaining_range",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.OPEN) & Q(remaining__gt=0)) | (~Q(status=Status.OPEN) & Q(remaining=0)),
                name="ledger_balances_status_tells_remaining",
            ),
        ]
        indexes = [
            models.Index(fields=["driver", "status", "posting"], name="ledger_balances_driver"),
            models.Index(fields=["reference_id"], condition=Q(status=Status.VOIDED), name="ledger_balances_voided_ref"),
            models.Index(
                fields=["driver"],
                condition=Q(status=Status.OPEN, entry_type=EntryType.CREDIT),
                name="ledger_balances_open_credit",
            ),
            # What is open of all drivers, which does not grow as what was ever opened does. By what ascends: a new one
            # goes to the end.
            models.Index(fields=["posting"], condition=Q(status=Status.OPEN), name="ledger_balances_open"),
        ]

    def __str__(self) -> str:
        return self.reference_id

    @property
    def is_obligation(self) -> bool:
        return self.entry_type == EntryType.DEBIT
