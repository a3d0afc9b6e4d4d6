"""What was imported at go-live: the workbook, and each row of it that money refers to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class OpeningImport(models.Model):
    """A workbook of opening balances: kept as uploaded, read once, and imported whole, or not at all.

    ``pages`` is what stands in it, by sheet. ``preview`` is what importing it would have done when it was read,
    ``refusal`` and ``errors`` why it would not. ``totals`` is what it came to: rows and dollars by sheet, and debits
    and credits by account of the books.
    """

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    file_name = models.CharField("file", max_length=200)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField("uploaded", db_default=Now())
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    #: When a worker has read it, and looked at what it would do; none while it waits for that.
    read_at = models.DateTimeField("read", null=True, blank=True)
    pages = models.JSONField(default=dict, blank=True)
    preview = models.JSONField(null=True, blank=True)
    refusal = models.CharField(max_length=500, blank=True, default="", db_default="")
    errors = models.JSONField(default=list, blank=True)
    #: The first day whose business is kept here; a Sunday.
    cut_on = models.DateField("cut-over", null=True, blank=True)
    imported_at = models.DateTimeField("imported", null=True, blank=True)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    totals = models.JSONField(default=dict)

    class Meta:
        db_table = "golive_opening_imports"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("import_opening", "Can import opening balances")]
        verbose_name = "opening import"
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at=None, cut_on=None) | Q(imported_at__isnull=False, cut_on__isnull=False),
                name="golive_opening_imports_imported_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class OpeningRow(models.Model):
    """A row of an imported workbook, by what the old system called it, and the record that it has become here.

    ``record_id`` is the lease, the repair, the loan, the ledger's posting, or the transfer of an account.
    """

    opening = models.ForeignKey(OpeningImport, models.PROTECT, related_name="rows")
    sheet = models.CharField(max_length=10)
    reference = models.CharField(max_length=40)
    record_id = models.BigIntegerField()

    class Meta:
        db_table = "golive_opening_rows"
        ordering = ["id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["sheet", "reference"], name="golive_opening_rows_once")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.reference}"
