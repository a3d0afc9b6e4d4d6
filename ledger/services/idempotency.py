"""A request sent twice is done once: what counter payments and payouts share."""

import hashlib
import json
from datetime import date
from typing import Any, TypeVar

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
    first = model._default_manager.filter(idempotency_key=idempotency_key).first()
    if first is not None and (
        first.fingerprint != fingerprint
        or any(given is not None and given != getattr(first, name) for name, given in dates.items())
    ):
        raise IdempotencyConflict(
            f"This key was used before, for {first.reference_id}, with other facts.", first=first.reference_id
        )
    return first
