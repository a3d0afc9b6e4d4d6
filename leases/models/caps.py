"""The most that the law lets a week of a lease cost."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from core.words import say_full_day
from leases.models.leases import BELOW, Lease


class WeeklyCap(models.Model):
    """A cap as a person copied it from the rules: for leases of a type and shift, from a day on until the next one."""

    lease_type = models.CharField(max_length=14, choices=Lease.Type)
    shift = models.CharField(max_length=5, choices=Lease.Shift)
    from_on = models.DateField("from")
    amount = models.DecimalField(
        "weekly amount at most", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    source = models.CharField("rule", max_length=200, blank=True, help_text="Where the amount stands, for the record.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["lease_type", "shift", "-from_on"]
        constraints = [
            models.UniqueConstraint(fields=["lease_type", "shift", "from_on"], name="leases_weeklycap_one_a_day"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lt=BELOW), name="leases_weeklycap_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_lease_type_display()}, {self.get_shift_display().lower()}, from {say_full_day(self.from_on)}"
