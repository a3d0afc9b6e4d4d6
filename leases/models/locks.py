"""Drivers who are locked: nothing is paid out to them, and no lease is started with them. They pay as always."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leases.models.drivers import Driver


class DriverLock(models.Model):
    """A lock with who put it there and why, and who lifted it and why. It is lifted once, and never changed."""

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="locks")
    reason = models.CharField(max_length=500)
    locked_at = models.DateTimeField("locked", db_default=Now(), editable=False)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    unlocked_at = models.DateTimeField("unlocked", null=True, editable=False)
    unlocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    unlock_reason = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        db_table = "leases_driver_locks"
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["driver"], condition=Q(unlocked_at=None), name="leases_driver_locks_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(reason="")
                & (Q(unlocked_at=None, unlock_reason="") | (Q(unlocked_at__isnull=False) & ~Q(unlock_reason=""))),
                name="leases_driver_locks_say_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Lock of {self.driver_id}"
