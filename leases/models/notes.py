"""What people write down about a driver. It is never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leases.models.drivers import Driver

MAX_NOTE = 2000


class DriverNote(models.Model):
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=MAX_NOTE)
    written_at = models.DateTimeField("written", db_default=Now(), editable=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "leases_driver_notes"
        verbose_name = "note"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="leases_driver_notes_say_something")]

    def __str__(self) -> str:
        return f"Note {self.pk}"
