"""Every write of trips and card money: in from CURB, matched, counted by a close, reported back. Keyword-only."""

from curb.errors import (
    CurbError,
    CurbIncomplete,
    CurbNotConfigured,
    LeaseDoesNotFit,
    PeriodInvalid,
    TripNotWaiting,
    UnreadableTripFile,
)
from curb.services.bindings import bind_trip
from curb.services.counting import CountedShare, freeze_trips, mark_trips
from curb.services.expectations import expect_card_trips
from curb.services.imports import CurbImport, get_curb_account, import_curb_earnings
from curb.services.reconciliations import Settlement, reconcile_trips
from curb.services.trips import TripImport, import_trips, match_waiting_trips

__all__ = [
    "CountedShare",
    "CurbError",
    "CurbImport",
    "CurbIncomplete",
    "CurbNotConfigured",
    "LeaseDoesNotFit",
    "PeriodInvalid",
    "Settlement",
    "TripImport",
    "TripNotWaiting",
    "UnreadableTripFile",
    "bind_trip",
    "expect_card_trips",
    "freeze_trips",
    "get_curb_account",
    "import_curb_earnings",
    "import_trips",
    "mark_trips",
    "match_waiting_trips",
    "reconcile_trips",
]
