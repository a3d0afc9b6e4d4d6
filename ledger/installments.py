"""The shape of anything a business module charges on a schedule.

A concrete model inherits :class:`Installment`, says which category it charges and where its driver, lease and vehicle
are found, and is posted when due by ``ledger.services.post_scheduled_installments``: there is no registry to fill in.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.categories import Category


class InstallmentQuerySet(models.QuerySet[Any]):
    def payable(self) -> "InstallmentQuerySet":
        """Neither posted yet nor held for a dispute."""
        return self.filter(posted_at__isnull=True, on_hold=False)


class Installment(models.Model):
    """One dated part of a plan. Whether it is paid is never stored here: the ledger is asked by ``reference_id``."""

    #: What it charges, and the ORM paths from an installment to whom and what it is charged.
    category: ClassVar[Category]
    driver_path: ClassVar[str]
    lease_path: ClassVar[str | None] = None
    vehicle_path: ClassVar[str | None] = None

    reference_id = models.CharField("reference", max_length=64, unique=True)
    number = models.PositiveIntegerField()
    due_on = models.DateField("due")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    posted_at = models.DateTimeField("posted", null=True, blank=True, editable=False)
    on_hold = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="%(app_label)s_%(class)s_amount_positive"),
        ]
        indexes = [
            models.Index(
                F("due_on"),
                condition=Q(posted_at__isnull=True),
                name="%(app_label)s_%(class)s_due",
            ),
        ]

    def __str__(self) -> str:
        return self.reference_id


def list_installment_models() -> list[type[Installment]]:
    """Every concrete installment model of the project, in a fixed order."""
    found: list[type[Installment]] = []
    waiting = list(Installment.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if not model._meta.abstract:
            found.append(model)
    return sorted(found, key=lambda model: model._meta.label)
