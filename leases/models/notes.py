"""What people write down about a driver, and the files that they keep of them. Neither is ever changed."""

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


class DriverFile(models.Model):
    """A file that is kept of a driver, named by the digest of its bytes: the same bytes are stored once."""

    class Kind(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=20, choices=Kind)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField("added", db_default=Now(), editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "leases_driver_files"
        verbose_name = "document"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        constraints = [
            models.UniqueConstraint(fields=["driver", "sha256"], name="leases_driver_files_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$", size__gt=0)
                & Q(content_type__in=["application/pdf", "image/jpeg", "image/png"]),
                name="leases_driver_files_known_by_content",
            ),
        ]

    def __str__(self) -> str:
        return self.name
