"""Trips and card transactions as CURB reported them, what the closes counted, and our receipts.

Only ``curb.services`` writes them.
"""

from curb.models.amounts import AmountRemark, AttributeRuling
from curb.models.answers import CardTripsExpected, CurbAnswer
from curb.models.counts import TripCorrection, TripCount
from curb.models.receipts import CardTransaction, Reconciliation
from curb.models.trips import CountsAs, Trip, TripFile, WaitsFor
from curb.models.unread import UnreadRecord

__all__ = [
    "AmountRemark",
    "AttributeRuling",
    "CardTransaction",
    "CardTripsExpected",
    "CountsAs",
    "CurbAnswer",
    "Reconciliation",
    "Trip",
    "TripCorrection",
    "TripCount",
    "TripFile",
    "UnreadRecord",
    "WaitsFor",
]
