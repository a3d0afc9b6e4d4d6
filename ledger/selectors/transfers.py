"""Transfers that stand: recorded, and not reversed."""

from collections.abc import Iterable

from django.db.models import QuerySet

from ledger.categories import TransferKind
from ledger.models import Transfer


def list_standing_transfers(*, kind: TransferKind, reference_ids: Iterable[str] | None = None) -> QuerySet[Transfer]:
    """Return the transfers of a kind that are not reversed, oldest first; of these references if any are named."""
    standing = Transfer.objects.filter(kind=kind, reverses=None, reversals=None).order_by("pk")
    return standing if reference_ids is None else standing.filter(reference_id__in=list(reference_ids))
