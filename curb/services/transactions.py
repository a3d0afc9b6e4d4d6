"""Card transactions in: kept as received, once each. They credit nobody; trips do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from core.errors import Busy
from core.transactions import BUSY
from curb.importers.attributes import TRANSACTION_AMOUNTS
from curb.importers.transactions import ParsedTransactions, ReceivedTransaction
from curb.importers.trips import RowError
from curb.models import AmountRemark, CardTransaction, TripFile
from curb.rules import DOUBTFUL_STATES, Place, TransactionState
from curb.selectors import Rulings
from curb.services.pairs import pair_rows_of
from curb.services.trips import TripImport, keep_once
from curb.services.unread import count_rows
from ledger.money import ZERO

_COLUMN_TYPES = {
    "row_id": "text",
    "raw": "text",
    "received": "jsonb",
    "license": "text",
    "cab": "text",
    "service_number": "text",
    "start_at": "timestamptz",
    "end_at": "timestamptz",
    **dict.fromkeys(TRANSACTION_AMOUNTS, "numeric"),
    "amount": "numeric",
    "supersedes_id": "bigint",
}


def keep_transactions(
    *,
    file_name: str,
    content: bytes,
    parsed: ParsedTransactions,
    state: TransactionState,
    asked_on: date | None = None,
    actor: User | None = None,
) -> TripImport:
    """Keep an answer of CURB's card transactions.

    A transaction is known by its ROWID and kept as received: the same answer again changes nothing, however spelt. A
    row that comes with other figures, or in another list, supersedes the one before, and ``amended_by`` tells the
    dollars: those of approved ones, where it comes in another list. One that comes again in a list which it has left is
    an error of its row, since CURB may have it in two. ``asked_on`` is the day that CURB was asked about. A declined or
    duplicate one is paired with the card trips that are the very same ride.

    :raises Busy: another import brings the same amended rows just now
    """

    def keep(sha256: str) -> TripFile:
        file = TripFile.objects.create(
            file_name=file_name[-200:],
            origin=TripFile.Origin.TRANSACTIONS,
            sha256=sha256,
            imported_by=actor,
            asked_on=asked_on,
            row_count=0,
        )
        fresh, amended, errors = _compare(parsed.transactions, state, file)
        _supersede(amended)
        file.amended_count = _insert([(one, known.pk) for one, known in amended], state, file)
        file.amended_by = sum((_sum_change(one, state, known) for one, known in amended), ZERO)
        file.imported_count = file.amended_count + _insert([(one, None) for one in fresh], state, file)
        kept = [*fresh, *(one for one, _ in amended)]
        file.remarked_count = _insert_remarks(kept, file)
        count_rows(file, parsed.row_count, [*parsed.errors, *errors])
        if state in DOUBTFUL_STATES:
            pair_rows_of(file)
        return file

    # The same rows in two lists are two answers.
    return keep_once(state.value.encode() + b"\n" + content, keep)


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    state: str
    file_id: int
    amount: Decimal
    received: dict[str, str]
    #: Whether it was in the list that is read now, and has come in another since.
    has_left: bool


def _sum_change(one: ReceivedTransaction, state: TransactionState, known: _Known) -> Decimal:
    """By how many dollars an amended row differs; in another list, of what CURB has approved."""
    if known.state == state.value:
        return one.amount - known.amount
    approved = TransactionState.APPROVED
    return (one.amount if state == approved else ZERO) - (known.amount if known.state == approved.value else ZERO)


def _compare(
    transactions: Sequence[ReceivedTransaction], state: TransactionState, file: TripFile
) -> tuple[list[ReceivedTransaction], list[tuple[ReceivedTransaction, _Known]], list[RowError]]:
    """The transactions that are new, those that are known with other figures or in another list, and an error for each
    in a list that it has left, or that the file has twice."""
    known = _read_known([transaction.row_id for transaction in transactions], state)
    first: dict[str, ReceivedTransaction] = {}
    amended: list[tuple[ReceivedTransaction, _Known]] = []
    errors: list[RowError] = []
    for one in transactions:
        earlier, before = first.setdefault(one.row_id, one), known.get(one.row_id)
        message = ""
        if earlier is not one:
            if not one.says_the_same(earlier.received):
                message = "The file has this row twice, with different figures; the first is kept."
        elif before is not None and before.has_left:
            message = "It was in this list before, and came in another of CURB's lists since; that one is kept."
        elif before is not None and (before.state != state.value or not one.says_the_same(before.received)):
            amended.append((one, before))
        if message:
            errors.append(RowError(one.row, "ROWID", message, timezone.localdate(one.start_at)))
    return [one for row_id, one in first.items() if row_id not in known], amended, errors


def _read_known(row_ids: list[str], state: TransactionState) -> dict[str, _Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT row_id, id, state, file_id, amount, received::text, state <> %(state)s AND EXISTS (
                SELECT FROM curb_card_transactions earlier
                WHERE earlier.row_id = x.row_id AND NOT earlier.is_current AND earlier.state = %(state)s)
            FROM curb_card_transactions x WHERE row_id = ANY(%(row_ids)s) AND is_current
            """,
            {"state": state.value, "row_ids": row_ids},
        )
        return {
            row_id: _Known(number, listed, file_id, amount, json.loads(received), has_left)
            for row_id, number, listed, file_id, amount, received, has_left in cursor.fetchall()
        }


def _supersede(amended: Sequence[tuple[ReceivedTransaction, _Known]]) -> None:
    """Take what these amend out of what is current."""
    numbers = [known.pk for _, known in amended]
    current = CardTransaction.objects.filter(pk__in=numbers, is_current=True)
    if numbers and current.update(is_current=False) < len(numbers):
        raise Busy(BUSY)


def _insert_remarks(transactions: Sequence[ReceivedTransaction], file: TripFile) -> int:
    """Keep what the amounts of these leave open, and return of how many: credited is what trips say, not they."""
    remarks: list[tuple[str, AmountRemark]] = []
    rulings = Rulings()
    for one in transactions:
        for unknown in one.unknown:
            place = rulings.find(unknown.key, one.start_at)
            remark = AmountRemark(
                what=AmountRemark.What.UNKNOWN, key=unknown.key[:60], name=unknown.name[:60], amount=unknown.amount,
                read_as="" if place == Place.MAY_BE_MISSING else place,
            )  # fmt: skip
            remarks.append((one.row_id, remark))
        if one.gap:
            remarks.append((one.row_id, AmountRemark(what=AmountRemark.What.SUM, amount=one.gap)))
    if not remarks:
        return 0
    rows = CardTransaction.objects.filter(file=file, row_id__in={row_id for row_id, _ in remarks}, is_current=True)
    numbers = dict(rows.values_list("row_id", "pk"))
    for row_id, remark in remarks:
        remark.transaction_id = numbers.get(row_id)
    AmountRemark.objects.bulk_create(remark for _, remark in remarks if remark.transaction_id is not None)
    return len({row_id for row_id, remark in remarks if not remark.read_as and row_id in numbers})


def _insert(
    transactions: Sequence[tuple[ReceivedTransaction, int | None]], state: TransactionState, file: TripFile
) -> int:
    """Insert these, each with what it supersedes, in one statement, and return how many; what another import added
    meanwhile is left to it."""
    if not transactions:
        return 0
    rows = [
        {
            "row_id": transaction.row_id,
            "raw": transaction.raw,
            "received": json.dumps(transaction.received),
            "license": transaction.license,
            "cab": transaction.cab,
            "service_number": transaction.service_number,
            "start_at": transaction.start_at,
            "end_at": transaction.end_at,
            **transaction.components,
            "amount": transaction.amount,
            "supersedes_id": before,
        }
        for transaction, before in transactions
    ]
    names = ", ".join(_COLUMN_TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMN_TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO curb_card_transactions ({names}, file_id, state)
            SELECT {names}, %s, %s FROM unnest({arrays}) AS given ({names})
            ON CONFLICT (row_id) WHERE is_current DO NOTHING
            """,
            [file.pk, state.value, *([row[name] for row in rows] for name in _COLUMN_TYPES)],
        )
        inserted: int = cursor.rowcount
    return inserted
