"""Who drives."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from leases.models.fields import TLC_LICENSE, key_of


class Driver(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        INACTIVE = "INACTIVE", "Inactive"

    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    #: As it was written; what tells it from others is its key.
    tlc_license = models.CharField("TLC license", max_length=10, validators=[TLC_LICENSE])
    license_key = key_of("tlc_license", max_length=10)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)

    history = HistoricalRecords(excluded_fields=["license_key"])

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        permissions = [("lock_driver", "Can lock a driver, and lift the lock")]
        indexes = [
            models.Index(fields=["last_name", "first_name", "id"], name="leases_driver_by_name"),
            models.Index(fields=["license_key"], opclasses=["varchar_pattern_ops"], name="leases_driver_by_license"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["license_key"], name="leases_driver_one_of_a_license"),
            models.CheckConstraint(condition=Q(status__in=["ACTIVE", "INACTIVE"]), name="leases_driver_status_known"),
        ]

    def clean(self) -> None:
        """Refuse a license that is another driver's, with or without zeros before it, at its field."""
        other = Driver.objects.filter(license_key=self.tlc_license).exclude(pk=self.pk).first()
        if other is not None:
            raise ValidationError(
                {"tlc_license": f"{other} has this license; zeros before a license do not make another."}
            )

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name} ({self.tlc_license})"
