"""Which leases a driver's money can be about; what a lease is, the ledger does not know."""

from typing import Any

from django.db.models import QuerySet

from ledger.installments.models import list_installment_models
from ledger.models import LedgerBalance, NamedLease


def list_lease_ids(driver_id: int) -> list[int]:
    """Return the leases on which the driver has a balance or an installment, lowest first."""
    balances = LedgerBalance.objects.filter(driver_id=driver_id, lease__isnull=False).order_by()
    found = set(balances.values_list("lease_id", flat=True).distinct())
    for model in list_installment_models():
        if model.lease_path is None:
            continue
        installments = model._default_manager.filter(**{model.driver_path: driver_id}).order_by()
        found.update(installments.values_list(model.lease_path, flat=True).distinct())
    return sorted(lease_id for lease_id in found if lease_id is not None)


def list_drivers_named_with(lease_id: int) -> QuerySet[NamedLease, Any]:
    """Return whose balances are about a lease. By these an index finds them; by the lease alone none does."""
    return NamedLease.objects.filter(lease=lease_id).values_list("driver_id", flat=True)
