"""What the model of the ledger is made of: postings, documents, planned installments, and its refusal."""

from dataclasses import dataclass
from datetime import date

ORDER = ("TAXES", "EZPASS", "LEASE", "RECOVERY", "PVB", "TLC", "REPAIR", "LOAN", "MISC")
#: How what wins money back is named: it is as much as that was.
RECOVERIES = ("RETURNED-PAY-", "WINBACK-")


class Refused(Exception):
    """The service answers with the error of this name, and writes nothing."""


@dataclass(frozen=True)
class Line:
    """A posting."""

    kind: str
    entry_type: str
    category: str
    amount: int
    reference_id: str
    driver_id: int
    effective_on: date
    lease_id: int | None = None
    vehicle_id: int | None = None
    due_on: date | None = None
    balance: int | None = None
    funding: int | None = None
    reverses: int | None = None
    payment: int | None = None
    payout: int | None = None

    def refuse_another_sum(self) -> None:
        """A recovery is what was given."""
        if self.reference_id.startswith(RECOVERIES):
            raise Refused("ChargedElsewhere")


@dataclass(frozen=True)
class Document:
    """A counter payment or a payout; ``asked`` is what an idempotency key is compared by."""

    driver_id: int
    amount: int
    key: str | None
    asked: object


@dataclass(frozen=True)
class Planned:
    """An installment of a plan."""

    reference_id: str
    driver_id: int
    lease_id: int
    vehicle_id: int
    amount: int
    due_on: date
    on_hold: bool = False
