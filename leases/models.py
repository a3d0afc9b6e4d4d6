"""Who drives what, and for how much a week."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, IntegerRangeField, RangeOperators
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from simple_history.models import HistoricalRecords

from ledger.categories import Category
from ledger.installments import Installment, InstallmentQuerySet

TLC_LICENSE = RegexValidator(r"\A[0-9]{6,7}\Z", "A TLC license number has six or seven digits.")
MEDALLION = RegexValidator(r"\A([0-9][A-Z][0-9]{2}|[A-Z]{2,3}[0-9]{3})\Z", "A medallion looks like 9Z90 or SBV123.")
VIN = RegexValidator(r"\A[A-HJ-NPR-Z0-9]{17}\Z", "A VIN has seventeen letters and digits, without I, O and Q.")


class CapitalField(models.CharField):
    """Text kept and looked up in capitals, so that 9z90 and 9Z90 are one medallion."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.strip().upper() if isinstance(text, str) else text


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
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["ACTIVE", "INACTIVE"]), name="leases_driver_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name} ({self.tlc_license})"


class Vehicle(models.Model):
    class Status(models.TextChoices):
        IN_SERVICE = "IN_SERVICE", "In service"
        RETIRED = "RETIRED", "Retired"

    vin = CapitalField("VIN", max_length=17, unique=True, validators=[VIN])
    medallion = CapitalField(max_length=6, unique=True, validators=[MEDALLION])
    plate = CapitalField(max_length=10, blank=True)
    make_and_model = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_SERVICE)

    history = HistoricalRecords()

    class Meta:
        ordering = ["medallion"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["IN_SERVICE", "RETIRED"]), name="leases_vehicle_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.medallion


class LeaseQuerySet(models.QuerySet["Lease"]):
    def in_force(self, on: date) -> "LeaseQuerySet":
        """Held on that day. A lease ended early carries the day it ended, so dates alone tell."""
        return self.overlapping(on, on)

    def overlapping(self, start_on: date, end_on: date) -> "LeaseQuerySet":
        """With a day in common with the span, both its ends included."""
        return self.filter(start_on__lte=end_on, end_on__gte=start_on)


class Lease(models.Model):
    """One driver's hold on one vehicle, from ``start_on`` to ``end_on``, both included."""

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

    primary_driver = models.ForeignKey(
        Driver, on_delete=models.PROTECT, related_name="leases", limit_choices_to={"status": Driver.Status.ACTIVE}
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="leases", limit_choices_to={"status": Vehicle.Status.IN_SERVICE}
    )
    lease_type = models.CharField(max_length=14, choices=Type, default=Type.LONG_TERM)
    shift = models.CharField(max_length=5, choices=Shift, default=Shift.FULL)
    start_on = models.DateField("start")
    end_on = models.DateField("end")
    weekly_amount = models.DecimalField(
        max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)

    objects = LeaseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="leases_lease_ends_after_start"),
            # The upper bound keeps NaN out, which PostgreSQL holds to be above every number.
            models.CheckConstraint(
                condition=Q(weekly_amount__gt=0, weekly_amount__lt=Decimal(10**10)),
                name="leases_lease_weekly_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(
                    lease_type__in=["DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY"],
                    shift__in=["FULL", "DAY", "NIGHT"],
                    status__in=["ACTIVE", "ENDED"],
                ),
                name="leases_lease_choices_known",
            ),
            # Nobody shares a vehicle's shift: a day is slot 1, a night slot 2, full time both. Ranges of one number
            # stand for equality, which a GiST index knows for plain numbers only with an extension.
            ExclusionConstraint(
                name="leases_lease_one_per_shift",
                expressions=[
                    (
                        Func(
                            "vehicle",
                            "vehicle",
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            Case(When(shift="NIGHT", then=2), default=1),
                            Case(When(shift="DAY", then=1), default=2),
                            Value("[]"),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("start_on", "end_on", Value("[]"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Lease {self.pk}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to ``services.start_lease``.

        Django would name no field, and could not even ask whether a reversed span of dates overlaps another.
        """


class LeaseInstallment(Installment):
    """A week's rent, due the week's Saturday. Reference: ``LEASE-12-2026W10``."""

    category = Category.LEASE
    driver_path = "lease__primary_driver_id"
    lease_path = "lease_id"
    vehicle_path = "lease__vehicle_id"

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="installments")
    week_start = models.DateField("week from")

    objects = models.Manager.from_queryset(InstallmentQuerySet)()
    history = HistoricalRecords(excluded_fields=["posted_at"])

    class Meta(Installment.Meta):
        ordering = ["lease_id", "number"]
        constraints = [
            *Installment.Meta.constraints,
            models.UniqueConstraint(fields=["lease", "number"], name="leases_leaseinstallment_number"),
            models.UniqueConstraint(fields=["lease", "week_start"], name="leases_leaseinstallment_week"),
        ]
