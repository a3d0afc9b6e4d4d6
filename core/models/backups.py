"""Backups that were taken."""

from django.db import models


class Backup(models.Model):
    """A backup of ``taken_at``, which was whole when this was written, of so many bytes.

    The owner writes it (``config/backups/recording.py``) after the backup, so a restored database tells of those
    before the one that it is from.
    """

    taken_at = models.DateTimeField("taken")
    size = models.PositiveBigIntegerField("bytes")

    class Meta:
        db_table = "core_backups"
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Backup {self.pk}"
