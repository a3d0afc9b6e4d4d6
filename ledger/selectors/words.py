"""What postings are to their drivers, in words; many at once, by one statement."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import Model, OuterRef, QuerySet, Subquery

from ledger.categories import Status
from ledger.models import LedgerBalance, LedgerPosting
from ledger.narration import tell

Row = TypeVar("Row", bound=Model)

#: What a posting's words are made of, besides itself.
_MADE_OF = (
    "balance__posting",
    "funding__posting",
    "payout",
    "reverses__balance__posting",
    "reverses__funding__posting",
    "reverses__payout",
)


def list_words(posting_ids: Collection[int]) -> dict[int, str]:
    """Return what each of these postings is to its driver, by id; a balance is told by the posting that opened it."""
    if not posting_ids:
        return {}
    return {posting.pk: tell(posting) for posting in with_words(LedgerPosting.objects.filter(pk__in=posting_ids))}


def with_words(postings: QuerySet[LedgerPosting]) -> QuerySet[LedgerPosting]:
    """Have postings loaded with all that ``narration.tell`` reads, in their one statement."""
    return with_corrections(postings).select_related(*_MADE_OF)


def with_words_of_payment(postings: QuerySet[LedgerPosting]) -> QuerySet[LedgerPosting]:
    """The same of what payments posted: none of it was funded by another credit, paid out or undid anything."""
    return with_corrections(postings).select_related("balance__posting")


def with_corrections(rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """Add to postings or balances ``corrected_from``: what their reference was opened with, when it was voided last."""
    before = LedgerBalance.objects.filter(
        reference_id=OuterRef("reference_id"),
        driver_id=OuterRef("driver_id"),
        status=Status.VOIDED,
        pk__lt=OuterRef("pk"),
    )
    was = Subquery(before.order_by("-pk").values("original_amount")[:1])
    corrected: QuerySet[Any] = rows.annotate(corrected_from=was)
    return corrected
