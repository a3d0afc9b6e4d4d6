"""What people write down about a driver, a vehicle or a lease. It is never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leases.models.drivers import Driver
from leases.models.leases import Lease
from leases.models.vehicles import Vehicle

MAX_NOTE = 2000


class Note(models.Model):
    """What somebody wrote down about one driver, one vehicle or one lease."""

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    text = models.TextField(max_length=MAX_NOTE)
    written_at = models.DateTimeField("written", db_default=Now(), editable=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        # The table and the permissions have the names of when there were notes on drivers alone: programs and grants
        # know them.
        db_table = "leases_driver_notes"
        verbose_name = "note"
        ordering = ["-id"]
        default_permissions = ()
        permissions = [
            ("add_drivernote", "Can write notes on drivers, vehicles and leases"),
            ("view_drivernote", "Can see notes on drivers, vehicles and leases"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="leases_driver_notes_say_something"),
            models.CheckConstraint(
                condition=Q(driver__isnull=False, vehicle=None, lease=None)
                | Q(driver=None, vehicle__isnull=False, lease=None)
                | Q(driver=None, vehicle=None, lease__isnull=False),
                name="leases_driver_notes_on_one_record",
            ),
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"
