"""Every write of trips and card money: in from CURB, matched, counted by a close, told back. Keyword-only."""

from curb.services.bindings import bind_trip
from curb.services.counting import CountedShare, freeze_trips, mark_trips
from curb.services.imports import CurbImport, get_curb_account, import_curb_earnings
from curb.services.reconciliations import Settlement, reconcile_trips
from curb.services.trips import TripImport, import_trips, match_waiting_trips

__all__ = [
    "CountedShare",
    "CurbImport",
    "Settlement",
    "TripImport",
    "bind_trip",
    "freeze_trips",
    "get_curb_account",
    "import_curb_earnings",
    "import_trips",
    "mark_trips",
    "match_waiting_trips",
    "reconcile_trips",
]
