"""The close of a week, and its work cut into batches: how far it came is here, in the database, and nowhere else."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.weeks import Week, week_of
from core.words import say_full_day

_SATURDAY = 7  # in Django's `week_day`


class Step(models.IntegerChoices):
    """The close's steps, in their order; a step starts when the one before it is done for every driver."""

    CREDIT_EARNINGS = 1, "Credit earnings and charge trip taxes"
    POST_INSTALLMENTS = 2, "Post installments that are due"
    APPLY_EARNINGS = 3, "Apply credits to what is owed"
    GENERATE_DTRS = 4, "Seal the DTRs"


class WeekClose(models.Model):
    """A pay week from its first start on; its Saturday names it. At most one is open, and they go in order."""

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        CLOSED = "CLOSED", "Closed"

    week_end = models.DateField("week ending", primary_key=True)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    started_at = models.DateTimeField("started", db_default=Now())
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField("finished", null=True, blank=True)
    #: The head of the ledger's seals when its close began; none before the first seal.
    seal_head = models.CharField(max_length=64, db_default="", blank=True, editable=False)

    #: The last trip that was there when its close began: what comes later counts in the next one.
    trips_through = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "dtr_week_closes"
        ordering = ["-week_end"]
        default_permissions = ("view",)
        permissions = [("close_week", "Can close a week")]
        verbose_name = "week close"
        constraints = [
            models.CheckConstraint(condition=Q(week_end__week_day=_SATURDAY), name="dtr_week_closes_ends_on_saturday"),
            models.CheckConstraint(
                condition=Q(state="OPEN", finished_at=None) | Q(state="CLOSED", finished_at__isnull=False),
                name="dtr_week_closes_finished_when_closed",
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="OPEN"), name="dtr_week_closes_one_open"),
        ]

    def __str__(self) -> str:
        return f"Week ending {say_full_day(self.week_end)}"

    @property
    def week(self) -> Week:
        return week_of(self.week_end)

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED


class CloseBatch(models.Model):
    """One step of a close for some drivers: done in one transaction, which also sets ``done_at``.

    While a worker does it, that transaction holds the row's lock: it is gone the moment the worker is.
    """

    week = models.ForeignKey(WeekClose, models.PROTECT, related_name="batches", db_column="week_end", db_index=False)
    step = models.PositiveSmallIntegerField(choices=Step)
    number = models.PositiveIntegerField()
    driver_ids = ArrayField(models.BigIntegerField())
    done_at = models.DateTimeField("done", null=True, blank=True)
    #: The last sign of life: sent to the workers, or begun by one. Silent for too long, it is sent again.
    heartbeat_at = models.DateTimeField("last sign of life", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Given up after the last attempt; a person looks, and has it tried again.
    failed_at = models.DateTimeField("failed", null=True, blank=True)
    #: Why the last attempt failed, in a sentence.
    failure = models.TextField(blank=True, default="")

    class Meta:
        db_table = "dtr_close_batches"
        ordering = ["week_id", "step", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["week", "step", "number"], name="dtr_close_batches_number"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(failed_at=None), name="dtr_close_batches_done_or_failed"
            ),
        ]
        indexes = [
            # Each batch asks whether one of an earlier step is left, and does not read all that are done.
            models.Index(fields=["week", "step"], condition=Q(done_at=None), name="dtr_close_batches_left"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, batch {self.number}"
