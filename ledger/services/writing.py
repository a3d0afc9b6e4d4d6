"""The one INSERT of postings that are made one by one: any number of them, in order, by one statement."""

from collections.abc import Iterable
from operator import attrgetter

from core.columns import as_column, split_column
from core.statements import bound_cursor
from ledger.models import LedgerPosting

#: Column → how PostgreSQL reads it; ids and the clock are the database's own.
_COLUMNS = {
    "kind": "text",
    "entry_type": "text",
    "category": "text",
    "amount": "numeric",
    "reference_id": "text",
    "driver_id": "bigint",
    "lease_id": "bigint",
    "vehicle_id": "bigint",
    "balance_id": "bigint",
    "funding_id": "bigint",
    "reverses_id": "bigint",
    "payment_id": "bigint",
    "payout_id": "bigint",
    "due_on": "date",
    "effective_on": "date",
    "reason": "text",
    "description": "text",
    "income": "numeric",
    "posted_by_id": "integer",
}
_NEVER_NULL = ("reason", "description")
_read = attrgetter(*_COLUMNS)
# The order of the rows is that of the ids: they are inserted, and returned, as they come out of the arrays.
_INSERT = f"""
    INSERT INTO ledger_postings ({", ".join(_COLUMNS)})
    SELECT {", ".join(f"coalesce({name}, '')" if name in _NEVER_NULL else name for name in _COLUMNS)}
    FROM unnest({", ".join(split_column(kind) for kind in _COLUMNS.values())}) AS row ({", ".join(_COLUMNS)})
    RETURNING id, posted_at
"""


def write_postings(postings: Iterable[LedgerPosting]) -> list[LedgerPosting]:
    """Insert postings that are not saved yet, in their order, and return them with their ids and the time of posting.

    Inside a money transaction that holds their drivers' accounts.

    :raises IntegrityError: the database refuses one of them; none is written
    """
    written = list(postings)
    if not written:
        return written
    with bound_cursor() as cursor:
        cursor.execute(_INSERT, [as_column(column) for column in zip(*map(_read, written), strict=True)])
        for posting, (pk, posted_at) in zip(written, cursor.fetchall(), strict=True):
            posting.pk, posting.posted_at = pk, posted_at
            posting._state.adding, posting._state.db = False, "default"
    return written
