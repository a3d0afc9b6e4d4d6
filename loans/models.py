"""Loans to drivers, their installments, and what ends one early; the bands and the limit they follow."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q
from simple_history.models import HistoricalRecords

from core.weeks import week_of
from core.words import say_full_day
from leases.models import Driver, Lease
from ledger.categories import Category, PaymentMethod
from ledger.installments.models import (
    Installment,
    InstallmentQuerySet,
    PausedCharge,
    Plan,
    PlanBand,
    PlanStatus,
    Told,
    count_of_plan,
)
from ledger.installments.rules import find_delay
from ledger.money import ZERO
from loans.rules import Payoff, PlannedInstallment, compute_payoff, name_payoff
from loans.words import say_installment, say_rest


class LoanBand(PlanBand):
    """How much principal a week loans of an amount are repaid with; see ``ledger.installments.rules``."""

    history = HistoricalRecords()

    class Meta(PlanBand.Meta):
        verbose_name = "loan plan band"


class RateLimit(models.Model):
    """The highest yearly interest a loan may bear, from a day on. The law may change: so may the rows."""

    effective_on = models.DateField("in force from", unique=True)
    highest_percent = models.DecimalField(
        "highest rate, % a year",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    citation = models.CharField(max_length=80, help_text="Where the law or the fleet's rule says so.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["-effective_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(highest_percent__gte=0, highest_percent__lte=100), name="loans_ratelimit_plausible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.highest_percent} % from {say_full_day(self.effective_on)}"


class DriverLoan(Plan):
    """Money lent to a driver, and how it left. Its installments say when they repay it.

    The principal is no posting: what they owe is posted when it falls due, installment by installment.
    """

    class Status(models.TextChoices):
        ACTIVE = PlanStatus.ACTIVE.value, PlanStatus.ACTIVE.label
        ON_HOLD = PlanStatus.ON_HOLD.value, PlanStatus.ON_HOLD.label
        PAID_OFF = "PAID_OFF", "Paid off early"
        WRITTEN_OFF = "WRITTEN_OFF", "Written off"
        VOIDED = PlanStatus.VOIDED.value, PlanStatus.VOIDED.label

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="loans")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="loans", null=True, blank=True)
    principal = models.DecimalField(max_digits=12, decimal_places=2)
    rate_percent = models.DecimalField("rate, % a year", max_digits=5, decimal_places=2, default=Decimal("0.00"))
    disbursed_on = models.DateField("disbursed")
    method = models.CharField(max_length=5, choices=PaymentMethod)
    instrument_number = models.CharField("check or bank number", max_length=40, blank=True)
    weekly_amount = models.DecimalField("weekly principal", max_digits=12, decimal_places=2)
    status = models.CharField(max_length=11, choices=Status, default=Status.ACTIVE)
    idempotency_key = models.CharField(max_length=200, unique=True, null=True, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("hold_driverloan", "Can hold and resume loans"),
            ("pay_off_driverloan", "Can pay loans off early, and restore their schedule"),
            ("write_off_driverloan", "Can write loans off"),
            ("void_driverloan", "Can void loans"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__gt=0, principal__lt=Decimal(10**10))
                & Q(weekly_amount__gt=0, weekly_amount__lt=Decimal(10**10)),
                name="loans_driverloan_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(rate_percent__gte=0, rate_percent__lte=100), name="loans_driverloan_rate_plausible"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "ON_HOLD", "PAID_OFF", "WRITTEN_OFF", "VOIDED"])
                & Q(method__in=["CASH", "CHECK", "ACH"]),
                name="loans_driverloan_choices_known",
            ),
            models.CheckConstraint(
                condition=~Q(method="CHECK", instrument_number=""), name="loans_driverloan_check_numbered"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "PAID_OFF"]) | ~Q(reason=""), name="loans_driverloan_reason_given"
            ),
        ]

    def __str__(self) -> str:
        return f"Loan {self.pk}"


class LoanInstallment(Installment):
    """A week's part of a loan, due the week's Saturday. Reference: ``LOAN-3-4``.

    Those that a payoff, write-off or void has made superfluous stay as they were planned, on hold.
    """

    category = Category.LOAN
    driver_path = "loan__driver_id"
    lease_path = "loan__lease_id"
    moving_dates = ("due_on", "accrues_from")
    paused = Q(on_hold=True, loan__status=PlanStatus.ON_HOLD)

    loan = models.ForeignKey(DriverLoan, on_delete=models.PROTECT, related_name="installments", db_index=False)
    principal = models.DecimalField(max_digits=12, decimal_places=2)
    interest = models.DecimalField(max_digits=12, decimal_places=2)
    accrues_from = models.DateField("interest from", help_text="The disbursement, or the due date before.")

    objects = models.Manager.from_queryset(InstallmentQuerySet)()
    history = HistoricalRecords(excluded_fields=["posted_at"])

    class Meta(Installment.Meta):
        ordering = ["loan_id", "number"]
        constraints = [
            *Installment.Meta.constraints,
            models.UniqueConstraint(fields=["loan", "number"], name="loans_loaninstallment_number"),
            models.CheckConstraint(
                condition=Q(principal__gt=0, interest__gte=0, amount=F("principal") + F("interest")),
                name="loans_loaninstallment_parts",
            ),
        ]

    @classmethod
    def tell(cls, ids: Collection[int], *, effective_on: date) -> dict[int, Told]:
        of = count_of_plan(cls.objects.filter(loan=OuterRef("loan")))
        rows = cls.objects.filter(pk__among=ids).values_list(
            "pk", "interest", "principal", "number", of, "loan__disbursed_on", "loan__paper_number"
        )
        return {
            pk: Told(
                say_installment(
                    disbursed_on=disbursed_on,
                    number=number,
                    of=parts,
                    principal=principal,
                    interest=interest,
                    told_on=effective_on,
                    paper_number=paper,
                ),
                income=interest,
            )
            for pk, interest, principal, number, parts, disbursed_on, paper in rows
        }

    @classmethod
    def sum_left(cls, driver_ids: Collection[int], *, on: date) -> dict[int, Decimal]:
        """A loan that ends bears interest to that day: what is left of it is what would pay it off."""
        sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for loan, rest in cls._list_rests(Q(loan__driver_id__in=list(driver_ids)), on=on):
            sums[loan.driver_id] += rest.amount
        return dict(sums)

    @classmethod
    def list_paused(cls, driver_id: int, *, on: date) -> list[PausedCharge]:
        return [
            PausedCharge(
                name_payoff(loan.pk),
                say_rest(disbursed_on=loan.disbursed_on, principal=rest.principal, interest=rest.interest, told_on=on),
                rest.amount,
                loan.lease_id,
            )
            for loan, rest in cls._list_rests(Q(cls.paused, loan__driver_id=driver_id), on=on)
        ]

    @classmethod
    def _list_rests(cls, which: Q, *, on: date) -> list[tuple[DriverLoan, Payoff]]:
        """Each loan in force that has something not charged yet, with what would end it on a day.

        One on hold is reckoned as if it were resumed that week, since the pause bears no interest.
        """
        in_force = Q(loan__status__in=[PlanStatus.ACTIVE, PlanStatus.ON_HOLD])
        unposted = cls.objects.filter(which, in_force, posted_at__isnull=True)
        rows = cls.objects.filter(loan_id__in=unposted.values("loan_id")).select_related("loan")
        found = []
        for loan, of_loan in groupby(rows.order_by("loan_id", "number"), key=lambda row: row.loan):
            plan = list(of_loan)
            due_on = next(row.due_on for row in plan if row.posted_at is None)
            pause = find_delay(due_on, week_of(on).start) if loan.status == PlanStatus.ON_HOLD else timedelta(0)
            charged = frozenset(row.number for row in plan if row.posted_at is not None)
            planned = [row.as_planned() for row in plan]
            rest = compute_payoff(planned, charged, rate_percent=loan.rate_percent, as_of=on - pause)
            found.append((loan, rest))
        return found

    def as_planned(self) -> PlannedInstallment:
        """Return the installment as what is reckoned with."""
        return PlannedInstallment(self.number, self.accrues_from, self.due_on, self.principal, self.interest)


class LoanPayoff(models.Model):
    """What ended a loan before its time: the principal not charged by then, and the interest earned by ``as_of``.

    It is charged in one obligation, ``LOAN-3-PAYOFF``. ``interest_back`` was charged ahead and not earned by then: it
    comes back as a memo, ``LOAN-3-INTEREST``. Undone, the schedule is in force again.
    """

    loan = models.ForeignKey(DriverLoan, on_delete=models.PROTECT, related_name="payoffs")
    as_of = models.DateField("as of")
    principal = models.DecimalField(max_digits=12, decimal_places=2)
    interest = models.DecimalField(max_digits=12, decimal_places=2)
    interest_back = models.DecimalField("interest given back", max_digits=12, decimal_places=2, default=Decimal("0.00"))
    is_undone = models.BooleanField("undone", default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(interest__gte=0, interest_back__gte=0, interest_back__lt=Decimal(10**10))
                # Of a loan that is written off after all of it was charged, the interest alone.
                & (Q(principal__gt=0) | Q(principal=0, interest=0, interest_back__gt=0)),
                name="loans_loanpayoff_parts",
            ),
            models.UniqueConstraint(fields=["loan"], condition=Q(is_undone=False), name="loans_loanpayoff_one_stands"),
        ]

    def __str__(self) -> str:
        return f"Payoff of loan {self.loan_id}"

    @property
    def amount(self) -> Decimal:
        return self.principal + self.interest
