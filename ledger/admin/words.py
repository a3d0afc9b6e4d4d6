"""What a posting did, in a sentence."""

from ledger.categories import Kind
from ledger.models import LedgerPosting
from ledger.money import format_dollars


def say(posting: LedgerPosting) -> str:
    """Return the sentence; it reads the posting, its driver and its funding."""
    amount = format_dollars(posting.amount)
    match posting.kind:
        case Kind.OBLIGATION:
            return f"Charges {amount} to {posting.driver}, due {posting.due_on:%b %-d, %Y}."
        case Kind.PAYMENT:
            return f"{amount} received over the counter, held for {posting.driver} until it is used."
        case Kind.DEPOSIT:
            return f"{amount} received as a lease deposit of {posting.driver}."
        case Kind.EARNINGS:
            return f"{amount} of card fares, held for {posting.driver} until it is used."
        case Kind.CREDIT_MEMO:
            return f"{amount} credited to {posting.driver}, held until it is used."
        case Kind.ALLOCATION:
            return f"{amount} of {posting.funding} pays {posting.reference_id}, as the driver named it at the counter."
        case Kind.APPLICATION:
            return f"{amount} of {posting.funding} pays {posting.reference_id}, by the waterfall."
        case Kind.PAYOUT:
            return f"{amount} of {posting.reference_id} leaves to {posting.driver}."
        case Kind.WRITE_OFF:
            return f"{amount} of {posting.reference_id} is forgiven."
        case _:
            return f"Undoes posting {posting.reverses_id}: {amount} on {posting.reference_id}."
