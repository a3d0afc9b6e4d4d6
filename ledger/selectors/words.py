"""What postings are to their drivers, in words; many at once, by one statement."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar, cast

from django.db.models import Model, OuterRef, QuerySet, Subquery

from core.statements import bound_cursor, list_columns, make_row
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
_POSTING = len(LedgerPosting._meta.concrete_fields)
#: A posting with what its words are made of, as ``ledger/sql/singles.sql`` returns it: :func:`make_posted` reads it.
POSTED = (
    f"{list_columns(LedgerPosting, '(posting)')}, corrected_from, {list_columns(LedgerBalance, '(balance)')}, "
    f"{list_columns(LedgerPosting, '(opening)')}"
)
_OF_PAYMENT = f"SELECT {POSTED} FROM ledger_list_posted(%s)"


def list_words(posting_ids: Collection[int]) -> dict[int, str]:
    """Return what each of these postings is to its driver, by id; a balance is told by the posting that opened it."""
    if not posting_ids:
        return {}
    return {posting.pk: tell(posting) for posting in with_words(LedgerPosting.objects.filter(pk__in=posting_ids))}


def with_words(postings: QuerySet[LedgerPosting]) -> QuerySet[LedgerPosting]:
    """Have postings loaded with all that ``narration.tell`` reads, in their one statement."""
    return with_corrections(postings).select_related(*_MADE_OF)


def list_postings_of_payment(payment_id: int) -> list[LedgerPosting]:
    """Return what a payment posted, in order, with all that ``narration.tell`` reads.

    None of it was funded by another credit, paid out or undid anything.
    """
    with bound_cursor() as cursor:
        cursor.execute(_OF_PAYMENT, [payment_id])
        return [make_posted(row) for row in cursor.fetchall()]


def make_posted(row: Sequence[Any]) -> LedgerPosting:
    """Return the posting of a row of ``POSTED``, with all that ``narration.tell`` reads."""
    posting: Any = make_row(LedgerPosting, row[:_POSTING])
    posting.corrected_from = row[_POSTING]
    if posting.balance_id is not None:
        posting.balance = make_row(LedgerBalance, row[_POSTING + 1 : -_POSTING])
        posting.balance.posting = make_row(LedgerPosting, row[-_POSTING:])
    return cast(LedgerPosting, posting)


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
