"""Through which day the books are closed, and who closed or reopened them, when and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.words import say_full_day

#: A reopened day is closed again by itself after so many hours at most.
MAX_HOURS = 24


class Books(models.Model):
    """One row. Its day follows from :class:`BooksEntry` alone, and moves forward only; null before the first close."""

    closed_through = models.DateField(null=True)

    class Meta:
        db_table = "ledger_books"
        default_permissions = ()
        verbose_name_plural = "books"

    def __str__(self) -> str:
        return f"Closed through {self.closed_through}"


class BooksEntry(models.Model):
    """The books were closed through a day, or a closed day was reopened for some hours. Never changed or deleted."""

    class Kind(models.TextChoices):
        WEEK = "WEEK", "Closed with the week"
        HAND = "HAND", "Closed by hand"
        GO_LIVE = "GO_LIVE", "Closed at go-live"
        REOPENED = "REOPENED", "Day reopened"

    kind = models.CharField("what", max_length=8, choices=Kind)
    #: The last day that is closed; or the day that is open again.
    day = models.DateField()
    #: For how long a day is open again; the database counts from its own clock.
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    until_at = models.DateTimeField("open until", null=True, blank=True, editable=False)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="by"
    )
    #: The moment from which it holds, by the database's clock: no posting is in flight then.
    at = models.DateTimeField("when", db_default=Now(), editable=False)

    class Meta:
        db_table = "ledger_books_log"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("close_books", "Can close days of the books by hand")]
        verbose_name = "closing of days"
        verbose_name_plural = "closed days"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["WEEK", "HAND", "GO_LIVE"], hours=None, until_at=None)
                | Q(kind="REOPENED", hours__gte=1, hours__lte=MAX_HOURS, until_at__isnull=False, by__isnull=False),
                name="ledger_books_log_shape",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["HAND", "REOPENED"]) | Q(reason__regex=r"\S"), name="ledger_books_log_reasoned"
            ),
        ]
        indexes = [models.Index(fields=["day", "kind"], name="ledger_books_log_day")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {say_full_day(self.day)}"
