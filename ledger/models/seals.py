"""Seals: digests of what the append-only tables held, chained, so that what is changed later by whomever shows.

A seal is a batch of rows of one table, from one id to another. It keeps each row's id and digest, and the digest of the
seal before it, of whatever table: so the last seal's digest, the *head*, stands for all that is sealed. Both tables
here are only added to (``ledger/sql/seals.sql``).
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

#: Bytes of a row's SHA-256 that are kept: enough that no second row is found with the same.
ROW_DIGEST_BYTES = 12
#: Hex digits of a head that are printed and asked for: as many as nobody can make another chain for.
HEAD_DIGITS = 16


class Seal(models.Model):
    """Rows of a table above ``after_id`` and up to ``through_id``, as they were when it was made."""

    number = models.PositiveBigIntegerField(primary_key=True)
    table_name = models.CharField("table", max_length=63)
    #: Of the encoding under which its rows were written down (``core/seals.py``).
    version = models.PositiveSmallIntegerField()
    after_id = models.BigIntegerField("above")
    through_id = models.BigIntegerField("up to")
    row_count = models.PositiveIntegerField("rows")
    ids = ArrayField(models.BigIntegerField())
    #: The first bytes of each row's SHA-256, one after the other, in the order of the ids.
    digests = models.BinaryField()
    #: The digest of the seal before; the first has none.
    previous = models.CharField(max_length=64, blank=True)
    #: SHA-256, in hex, of all the other columns (``ledger/selectors/seals.py``).
    digest = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField("sealed")

    class Meta:
        db_table = "ledger_seals"
        ordering = ["-number"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, row_count__gte=1, through_id__gt=F("after_id")),
                name="ledger_seals_rows_forward",
            ),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="ledger_seals_digest_readable"),
            models.UniqueConstraint(fields=["table_name", "after_id"], name="ledger_seals_each_once"),
        ]
        indexes = [models.Index(fields=["table_name", "number"], name="ledger_seals_table")]

    def __str__(self) -> str:
        return f"Seal {self.number}"

    @property
    def head(self) -> str:
        """The first digits of its digest, as they are printed."""
        return self.digest[:HEAD_DIGITS]


class SealCheck(models.Model):
    """One verification: which seals were compared with their rows, and what was found."""

    #: All seals up to this one were compared since the last time, or at some time before.
    through_number = models.PositiveBigIntegerField()
    #: How far among the older ones it came, which are compared again part by part.
    again_through = models.PositiveBigIntegerField()
    is_whole = models.BooleanField("all seals")
    #: Of the seal ``through_number``.
    head = models.CharField(max_length=64, blank=True)
    seals = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    findings = models.PositiveBigIntegerField()
    #: The first of them, in words.
    sample = models.JSONField(default=list)
    #: Numbers of the seals with findings: they are compared again each time, until nothing is found.
    broken = ArrayField(models.BigIntegerField(), default=list)
    seconds = models.FloatField()
    checked_at = models.DateTimeField("verified", db_default=Now())
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="by"
    )

    class Meta:
        db_table = "ledger_seal_checks"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        verbose_name = "verification of seals"
        verbose_name_plural = "verifications of seals"

    def __str__(self) -> str:
        return f"Verification {self.pk}"
