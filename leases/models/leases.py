"""Leases and the rent that follows from them, week by week."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from core.weeks import week_of
from core.words import say_full_day
from leases.models.drivers import Driver
from leases.models.vehicles import Vehicle
from leases.rules import Rate
from leases.words import Run, say_rent
from ledger.categories import Category
from ledger.installments.models import Installment, InstallmentQuerySet, Told

#: Keeps NaN out, which PostgreSQL holds to be above every number.
BELOW = Decimal(10**10)


class LeaseQuerySet(models.QuerySet["Lease"]):
    def in_force(self, on: date) -> "LeaseQuerySet":
        """Held on that day. A lease ended early carries the day it ended, so dates alone tell."""
        return self.overlapping(on, on)

    def overlapping(self, start_on: date, end_on: date) -> "LeaseQuerySet":
        """With a day in common with the span, both its ends included."""
        return self.filter(start_on__lte=end_on, end_on__gte=start_on)


class Lease(models.Model):
    """One driver has one vehicle at a time, from ``start_on`` to ``end_on``, both included.

    ``vehicle`` is the one held last, and ``weekly_amount`` the amount agreed last: what was held and owed when is in
    :class:`LeaseVehicle` and :class:`LeaseRate`. ``primary_driver`` owes the rent and never changes.
    """

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
        HELD = "HELD", "On hold"
        ENDED = "ENDED", "Ended early"

    primary_driver = models.ForeignKey(
        Driver, on_delete=models.PROTECT, related_name="leases", limit_choices_to={"status": Driver.Status.ACTIVE}
    )
    vehicle = models.ForeignKey(
        Vehicle, on_delete=models.PROTECT, related_name="leases", limit_choices_to={"status": Vehicle.Status.IN_SERVICE}
    )
    lease_type = models.CharField(max_length=14, choices=Type, default=Type.LONG_TERM)
    shift = models.CharField(max_length=5, choices=Shift, default=Shift.FULL)
    #: The hours of a day or night shift, by New York's clocks; a night ends the morning after.
    shift_from = models.TimeField("shift from", null=True, blank=True)
    shift_until = models.TimeField("shift until", null=True, blank=True)
    start_on = models.DateField("start")
    end_on = models.DateField("end")
    weekly_amount = models.DecimalField(
        max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    deposit = models.DecimalField("deposit asked", max_digits=12, decimal_places=2, default=Decimal("0.00"))
    cancellation_fee = models.DecimalField(
        "early-termination fee", max_digits=12, decimal_places=2, default=Decimal("0.00")
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)
    #: Why it is on hold, or was ended early.
    status_reason = models.CharField("reason", max_length=500, blank=True)

    objects = LeaseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("terminate_lease", "Can end a lease early"),
            ("record_days_away", "Can take rent off for days without a cab"),
            ("settle_deposit", "Can settle a lease's deposit"),
        ]
        # Before the first close, the books of a fleet begin with its first lease.
        indexes = [models.Index(fields=["start_on"], name="leases_lease_by_start")]
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="leases_lease_ends_after_start"),
            models.CheckConstraint(
                condition=Q(weekly_amount__gt=0, weekly_amount__lt=BELOW), name="leases_lease_weekly_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(deposit__gte=0, deposit__lt=BELOW, cancellation_fee__gte=0, cancellation_fee__lt=BELOW),
                name="leases_lease_fees_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    lease_type__in=["DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY"],
                    shift__in=["FULL", "DAY", "NIGHT"],
                    status__in=["ACTIVE", "HELD", "ENDED"],
                ),
                name="leases_lease_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(shift="FULL", shift_from=None, shift_until=None)
                | Q(~Q(shift="FULL"), shift_from__isnull=False, shift_until__isnull=False),
                name="leases_lease_hours_of_shift",
            ),
        ]

    def __str__(self) -> str:
        return f"Lease {self.pk}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to the services.

        Django would name no field.
        """


class LeaseRate(models.Model):
    """What a week of a lease costs from a day on, until the next rate."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="rates", db_index=False)
    from_on = models.DateField("from")
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_id", "from_on"]
        constraints = [
            models.UniqueConstraint(fields=["lease", "from_on"], name="leases_leaserate_one_a_day"),
            models.CheckConstraint(
                condition=Q(weekly_amount__gt=0, weekly_amount__lt=BELOW), name="leases_leaserate_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekly_amount} a week from {say_full_day(self.from_on)}"


class LeaseInstallment(Installment):
    """A week's rent, due the week's Saturday. Reference: ``LEASE-12-2026W10``."""

    category = Category.LEASE
    driver_path = "lease__primary_driver_id"
    lease_path = "lease_id"
    vehicle_path = "lease__vehicle_id"

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="installments", db_index=False)
    week_start = models.DateField("week from")
    #: Dollars taken off for days without a cab, in whatever way; and how many memos have given some of them back.
    relief = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    memos = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager.from_queryset(InstallmentQuerySet)()
    history = HistoricalRecords(excluded_fields=["posted_at"])

    class Meta(Installment.Meta):
        ordering = ["lease_id", "number"]
        indexes = [
            *Installment.Meta.indexes,
            models.Index(fields=["week_start"], name="leases_leaseinstallment_weeks"),
        ]
        constraints = [
            *Installment.Meta.constraints,
            models.UniqueConstraint(fields=["lease", "number"], name="leases_leaseinstallment_number"),
            models.UniqueConstraint(fields=["lease", "week_start"], name="leases_leaseinstallment_week"),
            models.CheckConstraint(
                condition=Q(relief__gte=0, relief__lt=BELOW), name="leases_leaseinstallment_relief_not_negative"
            ),
        ]

    @classmethod
    def tell(cls, ids: Collection[int], *, effective_on: date) -> dict[int, Told]:
        rents = list(
            cls.objects.filter(pk__among=ids).values_list(
                "pk", "week_start", "lease", "lease__start_on", "lease__end_on"
            )
        )
        rates: dict[int, list[Rate]] = defaultdict(list)
        leases = {row[2] for row in rents}
        for rate in LeaseRate.objects.filter(lease__among=leases):
            rates[rate.lease_id].append(Rate(rate.from_on, rate.weekly_amount))
        away: dict[int, list[Run]] = defaultdict(list)
        gone = Lease.objects.filter(pk__among=leases, days_away__is_taken_back=False)
        for lease, first, last in gone.values_list("pk", "days_away__start_on", "days_away__end_on"):
            away[lease].append((first, last))
        return {
            pk: Told(
                say_rent(
                    week_of(week_start),
                    start_on=start_on,
                    end_on=end_on,
                    rates=rates[lease],
                    no_cab=away[lease],
                    told_on=effective_on,
                )
            )
            for pk, week_start, lease, start_on, end_on in rents
        }
