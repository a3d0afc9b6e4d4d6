"""Card transactions in: kept as received, once each. They credit nobody; trips do."""

import json
from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from curb.importers.transactions import COMPONENT_ELEMENTS, ParsedTransactions, ReceivedTransaction
from curb.importers.trips import RowError
from curb.models import TripFile
from curb.rules import DOUBTFUL_STATES, TransactionState
from curb.services.pairs import pair_rows_of
from curb.services.trips import TripImport, keep_once
from curb.services.unread import count_rows

_COLUMN_TYPES = {
    "row_id": "text",
    "raw": "text",
    "received": "jsonb",
    "license": "text",
    "cab": "text",
    "service_number": "text",
    "start_at": "timestamptz",
    "end_at": "timestamptz",
    **dict.fromkeys(COMPONENT_ELEMENTS, "numeric"),
    "amount": "numeric",
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

    A transaction is known by its ROWID and kept as first received: the same answer again changes nothing, and a row
    that comes again with other figures, or in another list, is an error of its row. ``asked_on`` is the day that CURB
    was asked about. A declined or duplicate one is paired with the card trips that are the very same ride.
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
        fresh, errors = _leave_out_known(parsed.transactions, state)
        file.imported_count = _insert(fresh, state, file)
        count_rows(file, parsed.row_count, [*parsed.errors, *errors])
        if state in DOUBTFUL_STATES:
            pair_rows_of(file)
        return file

    # The same rows in two lists are two answers.
    return keep_once(state.value.encode() + b"\n" + content, keep)


def _leave_out_known(
    transactions: Sequence[ReceivedTransaction], state: TransactionState
) -> tuple[list[ReceivedTransaction], list[RowError]]:
    """The transactions that are new, and an error for each that is known otherwise."""
    known = _read_known([transaction.row_id for transaction in transactions])
    fresh: list[ReceivedTransaction] = []
    errors: list[RowError] = []
    for transaction in transactions:
        reported = (state.value, transaction.received)
        if transaction.row_id not in known:
            known[transaction.row_id] = reported
            fresh.append(transaction)
        elif known[transaction.row_id] != reported:
            errors.append(
                RowError(
                    transaction.row,
                    "ROWID",
                    "Received before otherwise (state or figures); the first is kept.",
                    timezone.localdate(transaction.start_at),
                )
            )
    return fresh, errors


def _read_known(row_ids: list[str]) -> dict[str, tuple[str, dict[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_id, state, received::text FROM curb_card_transactions WHERE row_id = ANY(%s)", [row_ids]
        )
        return {row_id: (state, json.loads(received)) for row_id, state, received in cursor.fetchall()}


def _insert(transactions: Sequence[ReceivedTransaction], state: TransactionState, file: TripFile) -> int:
    """Insert these in one statement, and return how many; what another import added meanwhile is left to it."""
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
        }
        for transaction in transactions
    ]
    names = ", ".join(_COLUMN_TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMN_TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO curb_card_transactions ({names}, file_id, state)
            SELECT {names}, %s, %s FROM unnest({arrays}) AS given ({names})
            ON CONFLICT (row_id) DO NOTHING
            """,
            [file.pk, state.value, *([row[name] for row in rows] for name in _COLUMN_TYPES)],
        )
        inserted: int = cursor.rowcount
    return inserted
