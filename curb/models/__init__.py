"""Trips and card transactions as CURB reported them, and our receipts. Only ``curb.services`` writes them."""

from curb.models.answers import CardTripsExpected, CurbAnswer
from curb.models.receipts import CardTransaction, Reconciliation
from curb.models.trips import Trip, TripFile, WaitsFor

__all__ = [
    "CardTransaction",
    "CardTripsExpected",
    "CurbAnswer",
    "Reconciliation",
    "Trip",
    "TripFile",
    "WaitsFor",
]
