"""A request sent twice is done once: what counter payments and payouts share."""

import hashlib
import json
from datetime import date
from typing import Any, TypeVar

from core.statements import bound_cursor, list_columns, make_row
from ledger.errors import IdempotencyConflict
from ledger.models import InterimPayment, Payout

Document = TypeVar("Document", InterimPayment, Payout)


def fingerprint_of(**facts: Any) -> str:
    """A digest of what was asked, to tell a retry from another request under the same key."""
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()


def find_replayed(
    model: type[Document], idempotency_key: str | None, fingerprint: str, **dates: date | None
) -> Document | None:
    """The payment or payout already made under this key, or None; ``dates`` of it are compared where given.

    :raises IdempotencyConflict: it was made from other facts
    """
    if idempotency_key is None:
        return None
    with bound_cursor() as cursor:
        cursor.execute(
            f"SELECT {list_columns(model)} FROM {model._meta.db_table} WHERE idempotency_key = %s", [idempotency_key]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    first = make_row(model, row)
    refuse_other_facts(first, fingerprint, **dates)
    return first


def refuse_other_facts(first: InterimPayment | Payout, fingerprint: str, **dates: date | None) -> None:
    """Compare what is asked now with the first document of its key; ``dates`` where they are given.

    :raises IdempotencyConflict: it was made from other facts
    """
    if first.fingerprint != fingerprint or any(
        given is not None and given != getattr(first, name) for name, given in dates.items()
    ):
        raise IdempotencyConflict(
            f"This key was used before, for {first.reference_id}, with other facts.", first=first.reference_id
        )
