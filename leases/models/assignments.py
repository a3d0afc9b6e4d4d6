"""Which vehicle and which drivers belong to a lease, and when."""

from collections.abc import Collection

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from leases.models.drivers import Driver
from leases.models.fields import same_row, shared_days, shared_moments, shared_shift
from leases.models.leases import Lease
from leases.models.vehicles import Vehicle


class LeaseVehicle(models.Model):
    """A vehicle assigned to a lease, from ``from_at`` (included) to ``until_at`` (not). Nobody shares a shift of it."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="vehicle_spans")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="lease_spans")
    #: The lease's, repeated for the constraint.
    shift = models.CharField(max_length=5, choices=Lease.Shift)
    from_at = models.DateTimeField("from")
    until_at = models.DateTimeField("until")

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_id", "from_at"]
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="leases_leasevehicle_ends_later"),
            models.CheckConstraint(
                condition=Q(shift__in=["FULL", "DAY", "NIGHT"]), name="leases_leasevehicle_shift_known"
            ),
            ExclusionConstraint(
                name="leases_leasevehicle_one_per_shift",
                expressions=[same_row("vehicle"), shared_shift(), shared_moments()],
            ),
            ExclusionConstraint(
                name="leases_leasevehicle_one_at_a_time", expressions=[same_row("lease"), shared_moments()]
            ),
        ]

    def __str__(self) -> str:
        return f"Vehicle {self.vehicle_id} on lease {self.lease_id}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to the services."""


class LeaseDriver(models.Model):
    """A driver's days on a lease, both ends included: the primary driver's all of them, a further driver's some."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="driver_spans")
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="lease_spans")
    is_primary = models.BooleanField("primary", default=False)
    start_on = models.DateField("from")
    end_on = models.DateField("to")

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_id", "-is_primary", "start_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="leases_leasedriver_ends_after_start"),
            models.UniqueConstraint(
                fields=["lease"], condition=Q(is_primary=True), name="leases_leasedriver_one_primary"
            ),
            ExclusionConstraint(
                name="leases_leasedriver_once_a_day", expressions=[same_row("lease"), same_row("driver"), shared_days()]
            ),
        ]

    def __str__(self) -> str:
        return f"Driver {self.driver_id} on lease {self.lease_id}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to the services."""
