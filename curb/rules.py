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


#: Lists of CURB whose rows are no money: what pairs with one is asked about before it counts.
DOUBTFUL_STATES = (TransactionState.DECLINED, TransactionState.DUPLICATE)
#: The fleet received these fares and owes them to the driver, gross.
EARNING_TYPES = (PaymentType.CARD,)
#: The fleet remits the taxes of these trips, and charges them to the driver, once.
TAXED_TYPES = (PaymentType.CARD, PaymentType.CASH)
#: The columns of a trip that are taxes to remit, as the trip states them; never recomputed from a rate.
TAX_COLUMNS = ("mta_tax", "improvement", "congestion", "airport", "cbd")


class Place(StrEnum):
    """Where an attribute that CURB added belongs: a person rules it, and names the day from which it holds."""

    FARE = "FARE"
    MTA_TAX = "MTA_TAX"
    IMPROVEMENT = "IMPROVEMENT"
    CONGESTION = "CONGESTION"
    AIRPORT = "AIRPORT"
    CBD = "CBD"
    PASSED_THROUGH = "PASSED_THROUGH"
    NOT_MONEY = "NOT_MONEY"
    #: Of a tax that records do not name: it may be left out.
    MAY_BE_MISSING = "MAY_BE_MISSING"

    @property
    def column(self) -> str:
        """The column of a trip that such an amount is added to; blank where it is none."""
        if self is Place.PASSED_THROUGH:
            return "passed_through"
        return self.lower() if self.lower() in TAX_COLUMNS else ""


def shift_columns(place: str, amount: Decimal) -> dict[str, Decimal]:
    """Return what reading an amount of a trip so adds to its columns, in dollars.

    A tax is charged besides: the total that is credited holds it. What is passed through is taken out of the total.
    """
    column = Place(place).column if place else ""
    if not column:
        return {}
    return {column: amount, **({"total": -amount} if column == "passed_through" else {})}


#: How the references begin that credit the card fares of a share, and that charge its trip taxes.
CREDITED, TAXED = "CURB-", "TAXES-"


def credited_reference_of(share: str) -> str:
    """The reference that credits the card fares of a share: ``CURB-2026-11-21-L12``."""
    return f"{CREDITED}{share}"


def taxes_reference_of(share: str) -> str:
    """The reference that charges the trip taxes of a share: ``TAXES-2026-11-21-L12``."""
    return f"{TAXED}{share}"


def find_share(reference_id: str) -> str | None:
    """The share that a reference of the ledger posts the money of; None where it is none of a week's trips."""
    prefix = next(filter(reference_id.startswith, (CREDITED, TAXED)), None)
    return (reference_id.removeprefix(prefix) or None) if prefix else None


@dataclass(frozen=True, slots=True)
class TripCounts:
    """How many trips a sum is of: counted, those of them made in an earlier week, and those counted back."""

    trips: int = 0
    of_earlier_weeks: int = 0
    counted_back: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What a week's close counted for a driver on a lease (or no lease), in dollars; below zero, counted back more.

    ``vehicle_id`` is named when it was one cab. ``name`` is what its references are named by: ``2026-11-21-L12``, with
    the driver besides where the lease is another driver's (``2026-11-21-L12-D7``), or the driver alone.
    """

    driver_id: int
    lease_id: int | None
    vehicle_id: int | None
    name: str
    card_total: Decimal
    taxes_total: Decimal
    #: The card trips, and the card and cash trips that are taxed.
    card_trips: TripCounts = TripCounts()
    taxed_trips: TripCounts = TripCounts()
