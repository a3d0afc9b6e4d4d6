"""Records that could not be read: kept, so that somebody looks before the week they belong to is closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class UnreadRecord(models.Model):
    """A record of a file, or of an answer of CURB's service, that was not imported, and why.

    Of a file's records the first are kept (``TripFile.error_count`` has them all); one look at the file is one look at
    all of them.
    """

    file = models.ForeignKey("curb.TripFile", models.PROTECT, related_name="unread_records")
    #: Its place in the file, from 1.
    row = models.PositiveIntegerField()
    attribute = models.CharField(max_length=60)
    message = models.CharField(max_length=300)
    #: The New York day on which the trip began, where that much of it, or of the question it answers, is known.
    day = models.DateField(null=True, blank=True)

    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField("seen", null=True, blank=True)
    seen_reason = models.CharField("what was found", max_length=500, blank=True, default="")

    class Meta:
        db_table = "curb_unread_records"
        ordering = ["file_id", "row", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None, seen_reason="")
                | (Q(seen_at__isnull=False) & ~Q(seen_reason="")),
                name="curb_unread_records_seen_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["day"], condition=Q(seen_at=None), name="curb_unread_records_unseen")]

    def __str__(self) -> str:
        return f"row {self.row} of file {self.file_id}"
