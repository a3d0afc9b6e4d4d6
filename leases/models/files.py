"""The files that are kept of drivers, vehicles and leases. None is ever changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leases.models.drivers import Driver
from leases.models.leases import Lease
from leases.models.vehicles import Vehicle


class KeptFile(models.Model):
    """A file of one driver, vehicle or lease, named by the digest of its bytes: the same bytes are stored once."""

    class Kind(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"

    driver = models.ForeignKey(Driver, models.PROTECT, null=True, blank=True, related_name="files", db_index=False)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, blank=True, related_name="files")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, null=True, blank=True, related_name="files")
    #: What of its driver's it belongs to: a receipt, a charge, a plan.
    about = models.CharField("belongs to", max_length=80, blank=True, db_default="")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=20, choices=Kind)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField("added", db_default=Now(), editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "leases_files"
        verbose_name = "document"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        indexes = [models.Index(fields=["about"], condition=~Q(about=""), name="leases_files_about")]
        constraints = [
            models.UniqueConstraint(
                fields=["driver", "vehicle", "lease", "sha256", "about"],
                nulls_distinct=False,
                name="leases_files_once_of_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(driver__isnull=False, vehicle=None, lease=None)
                | Q(driver=None, vehicle__isnull=False, lease=None, about="")
                | Q(driver=None, vehicle=None, lease__isnull=False, about=""),
                name="leases_files_of_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$", size__gt=0)
                & Q(content_type__in=["application/pdf", "image/jpeg", "image/png"]),
                name="leases_files_known_by_content",
            ),
        ]

    def __str__(self) -> str:
        return self.name
