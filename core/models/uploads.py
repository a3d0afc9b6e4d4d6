"""What people upload: a row a file, and its bytes in parts. Only ``core.storage`` writes and reads them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

#: So much of a file is in one row, and of a process's memory at a time.
PART_BYTES = 2**20


class Upload(models.Model):
    """A file by the name that the storage gave it, with its length in bytes and the SHA-256 of all of them.

    None is changed, and what lies below ``files/`` is never deleted: ``core/sql/uploads.sql`` sees to it.
    """

    name = models.CharField(max_length=200, unique=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "core_uploads"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_uploads_have_a_digest")
        ]

    def __str__(self) -> str:
        return self.name


class UploadPart(models.Model):
    """The bytes of an upload from ``number`` × :data:`PART_BYTES` on; the guard lets in no other length than fits."""

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "core_upload_parts"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="core_upload_parts_once")]

    def __str__(self) -> str:
        return f"Part {self.number}"
