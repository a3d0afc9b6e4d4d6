"""Who drives."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from leases.models.fields import TLC_LICENSE


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
