"""Who drives what, and for how much a week."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from ledger.categories import Category
from ledger.installments import Installment, InstallmentQuerySet

TLC_LICENSE = RegexValidator(r"^\d{6,7}$", "A TLC license number has six or seven digits.")
MEDALLION = RegexValidator(r"^[0-9][A-Z][0-9]{2}$|^[A-Z]{2,3}[0-9]{3}$", "A medallion looks like 9Z90 or SBV123.")
VIN = RegexValidator(r"^[A-HJ-NPR-Z0-9]{17}$", "A VIN has seventeen letters and digits, without I, O and Q.")


class Driver(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        INACTIVE = "INACTIVE", "Inactive"

    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    tlc_license = models.CharField("TLC license", max_length=7, unique=True, validators=[TLC_LICENSE])
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        indexes = [models.Index(fields=["last_name", "first_name", "id"], name="leases_driver_by_name")]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name} ({self.tlc_license})"


class Vehicle(models.Model):
    class Status(models.TextChoices):
        IN_SERVICE = "IN_SERVICE", "In service"
        RETIRED = "RETIRED", "Retired"

    vin = models.CharField("VIN", max_length=17, unique=True, validators=[VIN])
    medallion = models.CharField(max_length=6, unique=True, validators=[MEDALLION])
    plate = models.CharField(max_length=10, blank=True)
    make_and_model = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_SERVICE)

    history = HistoricalRecords()

    class Meta:
        ordering = ["medallion"]

    def __str__(self) -> str:
        return self.medallion


class Lease(models.Model):
    class Type(models.TextChoices):
        DRIVER_OWNED = "DRIVER_OWNED", "Driver-owned vehicle (DOV)"
        LONG_TERM = "LONG_TERM", "Long-term"
        SHORT_TERM = "SHORT_TERM", "Short-term"
        SHIFT = "SHIFT", "Shift"
        MEDALLION_ONLY = "MEDALLION_ONLY", "Medallion only"

    class Shift(models.TextChoices):
        FULL = "FULL", "Full time"
        DAY = "DAY", "Day"
        NIGHT = "NIGHT", "Night"

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        ENDED = "ENDED", "Ended"

    primary_driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="leases")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="leases")
    lease_type = models.CharField(max_length=14, choices=Type, default=Type.LONG_TERM)
    shift = models.CharField(max_length=5, choices=Shift, default=Shift.FULL)
    start_on = models.DateField("start")
    end_on = models.DateField("end")
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="leases_lease_ends_after_start"),
            models.CheckConstraint(condition=Q(weekly_amount__gt=0), name="leases_lease_weekly_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"Lease {self.pk}"


class LeaseInstallment(Installment):
    """A week's rent, due the week's Saturday. Reference: ``LEASE-12-2026W10``."""

    category = Category.LEASE
    driver_path = "lease__primary_driver_id"
    lease_path = "lease_id"
    vehicle_path = "lease__vehicle_id"

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="installments")
    week_start = models.DateField("week from")

    objects = InstallmentQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["posted_at"])

    class Meta(Installment.Meta):
        ordering = ["lease_id", "number"]
        constraints = [
            *Installment.Meta.constraints,
            models.UniqueConstraint(fields=["lease", "number"], name="leases_leaseinstallment_number"),
            models.UniqueConstraint(fields=["lease", "week_start"], name="leases_leaseinstallment_week"),
        ]
