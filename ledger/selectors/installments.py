"""Scheduled charges that are not posted yet, of every business module."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Value

from ledger.installments import list_installment_models


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
    """Return the driver's unposted installments due by ``until`` that nobody holds back, oldest first."""
    found: list[PayableInstallment] = []
    for model in list_installment_models():
        rows = (
            model._default_manager.filter(
                posted_at__isnull=True, on_hold=False, due_on__lte=until, **{model.driver_path: driver_id}
            )
            .annotate(
                of_lease=F(model.lease_path) if model.lease_path else Value(None),
                of_vehicle=F(model.vehicle_path) if model.vehicle_path else Value(None),
            )
            .values_list("reference_id", "due_on", "amount", "of_lease", "of_vehicle")
        )
        found += [PayableInstallment(row[0], model.category.value, *row[1:]) for row in rows]
    return sorted(found, key=lambda installment: (installment.due_on, installment.reference_id))
