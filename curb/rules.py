"""Which trips earn, which are taxed, and what a driver's trips of a week sum to. Pure: no Django, no clock."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PaymentType(StrEnum):
    """How the passenger paid."""

    CARD = "CARD"
    CASH = "CASH"
    PRIVATE = "PRIVATE"
    NO_CHARGE = "NO_CHARGE"
    DISPUTE = "DISPUTE"


class TransactionState(StrEnum):
    """The list in which CURB reports a card transaction."""

    APPROVED = "AP"
    DECLINED = "DC"
    DUPLICATE = "DUP"


class Question(StrEnum):
    """What CURB is asked about a day: its trip log, and each of its lists of card transactions."""

    TRIPS = "TRIPS"
    APPROVED = TransactionState.APPROVED.value
    DECLINED = TransactionState.DECLINED.value
    DUPLICATE = TransactionState.DUPLICATE.value

    @property
    def label(self) -> str:
        return "trip log" if self is Question.TRIPS else f"{self.name.lower()} card transactions"


#: The fleet received these fares and owes them to the driver, gross.
EARNING_TYPES = (PaymentType.CARD,)
#: The fleet remits the taxes of these trips, and charges them to the driver, once.
TAXED_TYPES = (PaymentType.CARD, PaymentType.CASH)
#: The columns of a trip that are taxes to remit, as the trip states them; never recomputed from a rate.
TAX_COLUMNS = ("mta_tax", "improvement", "congestion", "airport", "cbd")


@dataclass(frozen=True, slots=True)
class TripCounts:
    """How many trips a sum is of, how many of them began in an earlier week, and how many were counted back."""

    trips: int
    of_earlier_weeks: int = 0
    counted_back: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What a driver's counted trips on a lease (or no lease) sum to, in dollars; ``vehicle_id`` when it was one cab."""

    driver_id: int
    lease_id: int | None
    vehicle_id: int | None
    #: Whether it is the driver's own lease: the references of a further driver name the driver besides the lease.
    is_lease_holder: bool
    card_total: Decimal
    taxes_total: Decimal
    card_trips: TripCounts = TripCounts(0)
    taxed_trips: TripCounts = TripCounts(0)
