"""Cabs, and the plates and E-ZPass tags on them, each with its time."""

from collections.abc import Collection

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from simple_history.models import HistoricalRecords

from leases.models.fields import (
    MEDALLION,
    PLATE,
    STATE,
    TAG,
    VIN,
    CapitalField,
    key_of,
    same_row,
    same_text,
    shared_moments,
)


class Vehicle(models.Model):
    class Status(models.TextChoices):
        IN_SERVICE = "IN_SERVICE", "In service"
        RETIRED = "RETIRED", "Retired"

    vin = CapitalField("VIN", max_length=17, unique=True, validators=[VIN])
    medallion = CapitalField(max_length=6, unique=True, validators=[MEDALLION])
    #: The one on it since the last change of plates; which was on it when is in ``plates``.
    plate = CapitalField(max_length=10, blank=True)
    make_and_model = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_SERVICE)

    history = HistoricalRecords()

    class Meta:
        ordering = ["medallion"]
        permissions = [("retire_vehicle", "Can retire a vehicle and return it to service")]
        indexes = [models.Index(OpClass(Reverse("vin"), "text_pattern_ops"), name="leases_vehicle_by_end_of_vin")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["IN_SERVICE", "RETIRED"]), name="leases_vehicle_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.medallion


class VehicleMark(models.Model):
    """A plate or tag that is on a vehicle from a moment on, until another or none is: null is open on either side."""

    from_at = models.DateTimeField("on vehicle since", null=True, blank=True)
    until_at = models.DateTimeField("until", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = [F("from_at").asc(nulls_first=True)]
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="%(app_label)s_%(class)s_ends_later"),
        ]

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to the services."""


class VehiclePlate(VehicleMark):
    """A license plate's time on a vehicle. No plate of a state is on two vehicles at once, nor two on one vehicle."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="plates")
    plate = CapitalField(max_length=10, validators=[PLATE])
    state = CapitalField(max_length=2, default="NY", validators=[STATE])

    history = HistoricalRecords()

    class Meta(VehicleMark.Meta):
        constraints = [
            *VehicleMark.Meta.constraints,
            ExclusionConstraint(
                name="leases_vehicleplate_on_one_vehicle",
                expressions=[same_text("plate"), same_text("state"), shared_moments()],
            ),
            ExclusionConstraint(
                name="leases_vehicleplate_one_at_a_time", expressions=[same_row("vehicle"), shared_moments()]
            ),
        ]
        indexes = [
            models.Index(fields=["plate"], opclasses=["varchar_pattern_ops"], name="leases_vehicleplate_by_plate")
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.plate}"


class VehicleTag(VehicleMark):
    """An E-ZPass tag's time in a vehicle. No tag is in two vehicles at once, nor two in one vehicle."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="tags")
    #: As it was written; what tells it from others is its key.
    tag = models.CharField(max_length=16, validators=[TAG])
    tag_key = key_of("tag", max_length=16)

    history = HistoricalRecords(excluded_fields=["tag_key"])

    class Meta(VehicleMark.Meta):
        constraints = [
            *VehicleMark.Meta.constraints,
            ExclusionConstraint(
                name="leases_vehicletag_in_one_vehicle", expressions=[same_text("tag_key"), shared_moments()]
            ),
            ExclusionConstraint(
                name="leases_vehicletag_one_at_a_time", expressions=[same_row("vehicle"), shared_moments()]
            ),
        ]
        indexes = [
            models.Index(fields=["tag_key"], opclasses=["varchar_pattern_ops"], name="leases_vehicletag_by_key"),
            # What people read out of a tag or a VIN are its last digits.
            models.Index(OpClass(Reverse("tag_key"), "text_pattern_ops"), name="leases_vehicletag_by_end"),
        ]

    def __str__(self) -> str:
        return self.tag
