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
#: As Django would write it, but for the time that it takes to: each payment by REST is answered with it.
_OF_PAYMENT = f"""
    SELECT {list_columns(LedgerPosting, "posting")},
           (SELECT before.original_amount FROM ledger_balances before
             WHERE before.reference_id = posting.reference_id AND before.driver_id = posting.driver_id
               AND before.status = 'VOIDED' AND before.posting_id < posting.id
             ORDER BY before.posting_id DESC LIMIT 1),
           {list_columns(LedgerBalance, "balance")}, {list_columns(LedgerPosting, "opening")}
      FROM ledger_postings posting
      LEFT JOIN ledger_balances balance ON balance.posting_id = posting.balance_id
      LEFT JOIN ledger_postings opening ON opening.id = posting.balance_id
     WHERE posting.payment_id = %s
     ORDER BY posting.id
"""


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
        return [_read_posting(row) for row in cursor.fetchall()]


def _read_posting(row: Sequence[Any]) -> LedgerPosting:
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
