"""Which money paid what."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

from django.db.models import F, Q, QuerySet

from ledger.categories import Kind
from ledger.errors import PostingNotFound
from ledger.models import LedgerPosting

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Voided(TypedDict):
        voided_by_id: int | None

    UsedPosting = WithAnnotations[LedgerPosting, _Voided]


def get_posting(posting_id: int) -> LedgerPosting:
    """Return the posting.

    :raises PostingNotFound: no such posting
    """
    posting = LedgerPosting.objects.filter(pk=posting_id).first()
    if posting is None:
        raise PostingNotFound(f"No posting {posting_id}.", posting_id=posting_id)
    return posting


def list_voided(posting_ids: Iterable[int]) -> list[int]:
    """Return which of these postings were voided, by id, in their order."""
    voids = LedgerPosting.objects.filter(reverses__in=list(posting_ids))
    return list(voids.order_by("reverses_id").values_list("reverses_id", flat=True))


def list_voided_charges(reference_ids: Iterable[str]) -> list[int]:
    """Return the charges under these references that were voided, by id, in their order."""
    charges = LedgerPosting.objects.filter(kind=Kind.OBLIGATION, reference_id__in=list(reference_ids))
    return list_voided(charges.values_list("id", flat=True))


def list_postings(
    *,
    driver_id: int | None = None,
    lease_id: int | None = None,
    reference_id: str | None = None,
    kind: str | None = None,
    category: str | None = None,
) -> QuerySet[LedgerPosting]:
    """Return the postings that meet every condition given, newest first (by ``id``, which is unique)."""
    conditions = {
        "driver_id": driver_id,
        "lease_id": lease_id,
        "reference_id": reference_id,
        "kind": kind,
        "category": category,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    return LedgerPosting.objects.filter(**given).order_by("-id")


def list_uses(balance_id: int) -> "QuerySet[UsedPosting, UsedPosting]":
    """Return what a held credit paid: allocations, applications and payouts, oldest first.

    ``voided_by_id`` on each names the posting that undid it, or is None.
    """
    used = Q(funding_id=balance_id) | Q(balance_id=balance_id, kind=Kind.PAYOUT)
    return _with_their_voids(LedgerPosting.objects.filter(used))


def list_payers(balance_id: int) -> "QuerySet[UsedPosting, UsedPosting]":
    """Return what paid or forgave an obligation, oldest first; ``funding`` is the credit the money came from.

    ``voided_by_id`` on each names the posting that undid it, or is None.
    """
    return _with_their_voids(LedgerPosting.objects.filter(balance_id=balance_id)).select_related("funding")


def _with_their_voids(postings: QuerySet[LedgerPosting]) -> "QuerySet[UsedPosting, UsedPosting]":
    # A posting is reversed at most once, so the join adds no rows.
    return postings.exclude(kind=Kind.VOID).annotate(voided_by_id=F("reversals__id")).order_by("id")
