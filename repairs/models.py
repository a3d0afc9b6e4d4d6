"""Workshop invoices and the installments they are repaid in; the bands and rules they follow."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.contrib.postgres.indexes import OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from core.words import say_full_day
from leases.models import Driver, Lease, Vehicle
from ledger.categories import Category
from ledger.installments.models import Installment, InstallmentQuerySet, Plan, PlanBand, PlanStatus, Told, count_of_plan
from repairs.words import say_installment


class RepairBand(PlanBand):
    """How much a week repairs of an amount are repaid with; see ``ledger.installments.rules``."""

    history = HistoricalRecords()

    class Meta(PlanBand.Meta):
        verbose_name = "repair plan band"


class MaintenanceRule(models.Model):
    """Who bears the maintenance of a cab under a type of lease, from a day on. The law may change: so may the rows."""

    lease_type = models.CharField(max_length=14, choices=Lease.Type)
    effective_on = models.DateField("in force from", default=date(2000, 1, 1))
    is_owners = models.BooleanField("the owner's", help_text="Repairs can't be charged to the driver then.")
    citation = models.CharField(max_length=80, help_text="Where the law says so.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_type", "-effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["lease_type", "effective_on"], name="repairs_maintenancerule_once_a_day"),
            models.CheckConstraint(
                condition=Q(lease_type__in=["DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY"]),
                name="repairs_maintenancerule_type_known",
            ),
        ]

    def __str__(self) -> str:
        bearer = "the owner" if self.is_owners else "the driver"
        return f"{self.get_lease_type_display()}, from {say_full_day(self.effective_on)}: {bearer}"


class RepairInvoice(Plan):
    """What a workshop charged for a vehicle, and the driver repays. Its installments say when."""

    Status = PlanStatus

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="repair_invoices")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="repair_invoices")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="repair_invoices")
    workshop = models.CharField(max_length=80)
    workshop_number = models.CharField("workshop's invoice number", max_length=40)
    invoiced_on = models.DateField("invoice date")
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])

    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("hold_repairinvoice", "Can hold and resume repair plans"),
            ("void_repairinvoice", "Can void repair invoices"),
        ]
        indexes = [
            models.Index(fields=["invoiced_on"], name="repairs_invoice_by_date"),
            models.Index(OpClass(Lower("workshop_number"), "text_pattern_ops"), name="repairs_invoice_by_number"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lt=Decimal(10**10))
                & Q(weekly_amount__gt=0, weekly_amount__lt=Decimal(10**10)),
                name="repairs_repairinvoice_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "ON_HOLD", "VOIDED"]), name="repairs_repairinvoice_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="ACTIVE") | ~Q(reason=""), name="repairs_repairinvoice_reason_given"
            ),
            # A workshop's invoice is charged once; entered wrongly and voided, it may be entered anew.
            models.UniqueConstraint(
                Lower("workshop"),
                Lower("workshop_number"),
                condition=~Q(status="VOIDED"),
                name="repairs_repairinvoice_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Repair {self.pk}"


class RepairLine(models.Model):
    """One line of a workshop's invoice, in dollars."""

    invoice = models.ForeignKey(RepairInvoice, on_delete=models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    description = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        ordering = ["invoice_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="repairs_repairline_number"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lt=Decimal(10**10)), name="repairs_repairline_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.description


class RepairInstallment(Installment):
    """A week's part of an invoice, due the week's Saturday. Reference: ``REPAIR-5-2``.

    Those of a voided invoice that were never charged stay as they were planned, on hold for good.
    """

    category = Category.REPAIR
    driver_path = "invoice__driver_id"
    lease_path = "invoice__lease_id"
    vehicle_path = "invoice__vehicle_id"
    paused = Q(on_hold=True, invoice__status=PlanStatus.ON_HOLD)

    invoice = models.ForeignKey(RepairInvoice, on_delete=models.PROTECT, related_name="installments", db_index=False)

    objects = models.Manager.from_queryset(InstallmentQuerySet)()
    history = HistoricalRecords(excluded_fields=["posted_at"])

    class Meta(Installment.Meta):
        ordering = ["invoice_id", "number"]
        constraints = [
            *Installment.Meta.constraints,
            models.UniqueConstraint(fields=["invoice", "number"], name="repairs_repairinstallment_number"),
        ]

    @classmethod
    def tell(cls, ids: Collection[int], *, effective_on: date) -> dict[int, Told]:
        of = count_of_plan(cls.objects.filter(invoice=OuterRef("invoice")))
        lines = RepairLine.objects.filter(invoice=OuterRef("invoice")).order_by("number")
        rows = cls.objects.filter(pk__among=ids).values_list(
            "pk",
            Subquery(lines.values("description")[:1]),
            "invoice__workshop",
            "invoice__workshop_number",
            "number",
            of,
            "invoice__paper_number",
        )
        return {
            pk: Told(
                say_installment(
                    first_line=first_line or "",
                    workshop=workshop,
                    workshop_number=invoice,
                    number=number,
                    of=parts,
                    paper_number=paper,
                )
            )
            for pk, first_line, workshop, invoice, number, parts, paper in rows
        }
