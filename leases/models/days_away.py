"""The days on which a lease has no cab, and its driver owes no rent."""

from collections.abc import Collection

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from core.words import say_full_day
from leases.models.fields import same_row, shared_days
from leases.models.leases import Lease


class LeaseDaysAway(models.Model):
    """Days of a lease without a cab, both ends included. Those taken back stay, and count no more."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="days_away")
    start_on = models.DateField("from")
    end_on = models.DateField("to")
    reason = models.CharField(max_length=500)
    is_taken_back = models.BooleanField("taken back", default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_id", "start_on", "id"]
        verbose_name = "days without a cab"
        verbose_name_plural = "days without a cab"
        constraints = [
            models.CheckConstraint(condition=Q(end_on__gte=F("start_on")), name="leases_leasedaysaway_ends_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="leases_leasedaysaway_reason_given"),
            ExclusionConstraint(
                name="leases_leasedaysaway_once_a_day",
                expressions=[same_row("lease"), shared_days()],
                condition=Q(is_taken_back=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{say_full_day(self.start_on)} to {say_full_day(self.end_on)}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the constraints to PostgreSQL, and the friendly words for them to the services."""
