"""How records are saved with their history."""

from django.contrib.auth.models import User

from ledger import services as ledger
from tickets.models import MiscCharge, Ticket

MAX_REASON = 500


def save(record: Ticket | MiscCharge, *, actor: User | None, reason: str = "") -> None:
    """Save a record, and note who did it and why in its history."""
    record._history_user = actor  # type: ignore[union-attr]  # read by the history that this save writes
    record._change_reason = reason  # type: ignore[union-attr]
    record.save()


def check_reason(reason: str) -> str:
    """Return the reason without its margins.

    :raises ReasonRequired: it is blank
    :raises InvalidValue: it is longer than 500 characters, or holds what can't be printed
    """
    reason = reason.strip()
    if not reason:
        raise ledger.ReasonRequired("A reason is required.", field="reason")
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise ledger.InvalidValue("A reason is one line of at most 500 characters.", field="reason")
    return reason
