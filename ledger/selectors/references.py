"""Whose a reference is."""

from core.sources import number_in
from ledger.models import InterimPayment, LedgerPosting, Payout


def is_reference_of(driver_id: int, reference_id: str) -> bool:
    """Whether a driver's receipt, payout, charge or credit bears the reference, or a plan whose installments do."""
    for model in (InterimPayment, Payout):
        number = number_in(reference_id, model.prefix) if reference_id.startswith(f"{model.prefix}-") else None
        if number is not None:
            return model.objects.filter(driver=driver_id, number=number).exists()
    postings = LedgerPosting.objects.filter(driver=driver_id)
    return (
        postings.filter(reference_id=reference_id).exists()
        or postings.filter(reference_id__startswith=f"{reference_id}-").exists()
    )
