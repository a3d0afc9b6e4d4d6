"""Scheduled charges that are not posted yet, of every business module."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, F, QuerySet, Value

from ledger.installments.models import Installment, list_installment_models


@dataclass(frozen=True, slots=True)
class PayableInstallment:
    """A charge still to come that a payment may name by its reference; ``amount`` in dollars."""

    reference_id: str
    category: str
    due_on: date
    amount: Decimal
    lease_id: int | None
    vehicle_id: int | None


def list_installments_payable_ahead(driver_id: int, until: date) -> list[PayableInstallment]:
    """Return the driver's unposted installments due by ``until`` and not on hold, oldest first; in one statement."""
    plans = [_list_payable(model, driver_id, until) for model in list_installment_models()]
    if not plans:
        return []
    found = [PayableInstallment(*row) for row in plans[0].union(*plans[1:], all=True)]
    return sorted(found, key=lambda installment: (installment.due_on, installment.reference_id))


def _list_payable(model: type[Installment], driver_id: int, until: date) -> QuerySet[Any, tuple[Any, ...]]:
    """The columns of :class:`PayableInstallment`, of one model."""
    payable = model._default_manager.filter(
        posted_at__isnull=True, on_hold=False, due_on__lte=until, **{model.driver_path: driver_id}
    )
    return (
        payable.order_by()
        .annotate(
            of_category=Value(model.category.value),
            of_lease=F(model.lease_path) if model.lease_path else Value(None, output_field=BigIntegerField()),
            of_vehicle=F(model.vehicle_path) if model.vehicle_path else Value(None, output_field=BigIntegerField()),
        )
        .values_list("reference_id", "of_category", "due_on", "amount", "of_lease", "of_vehicle")
    )
