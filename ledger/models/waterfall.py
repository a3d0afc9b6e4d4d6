"""The dated order in which credits pay obligations."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.words import say_full_day
from ledger.categories import Category


class WaterfallOrder(models.Model):
    """The order of categories from a date on. Append-only, so that what an order decided can always be judged by it."""

    effective_on = models.DateField("in force from")
    categories = ArrayField(models.CharField(max_length=8, choices=Category))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_waterfall_orders"
        verbose_name = "priority order"
        ordering = ["-effective_on", "-id"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"From {say_full_day(self.effective_on)}: {' → '.join(self.categories)}"
