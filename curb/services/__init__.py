"""Every write of trips and card money: in from CURB, matched, corrected, counted by a close, reported back.

Keyword-only.
"""

from curb.errors import (
    AlreadyDecided,
    AlreadyNobodys,
    AlreadyRuled,
    AlreadySeen,
    AlreadyTheirs,
    AttributeNotFound,
    CountedElsewhere,
    CurbError,
    CurbIncomplete,
    CurbNotConfigured,
    LeaseDoesNotFit,
    NotInDoubt,
    PeriodInvalid,
    PlaceInvalid,
    TripFileNotFound,
    TripNotFound,
    TripNotWaiting,
    TripSuperseded,
    TripWaits,
    UnreadableTripFile,
)
from curb.services.amounts import RulingPreview, look_at_sums, preview_ruling, rule_attribute
from curb.services.bindings import bind_trip
from curb.services.corrections import count_file_back, count_trip_back, decide_payment, move_trip
from curb.services.counting import freeze_changed_trips, freeze_new_trips
from curb.services.expectations import expect_card_trips
from curb.services.imports import CurbImport, get_curb_account, import_curb_earnings
from curb.services.previews import CorrectionPreview, preview_correction
from curb.services.reconciliations import Settlement, reconcile_trips
from curb.services.trips import TripImport, import_trips, match_waiting_trips
from curb.services.unread import mark_seen

__all__ = [
    "AlreadyDecided",
    "AlreadyNobodys",
    "AlreadyRuled",
    "AlreadySeen",
    "AlreadyTheirs",
    "AttributeNotFound",
    "CorrectionPreview",
    "CountedElsewhere",
    "CurbError",
    "CurbImport",
    "CurbIncomplete",
    "CurbNotConfigured",
    "LeaseDoesNotFit",
    "NotInDoubt",
    "PeriodInvalid",
    "PlaceInvalid",
    "RulingPreview",
    "Settlement",
    "TripFileNotFound",
    "TripImport",
    "TripNotFound",
    "TripNotWaiting",
    "TripSuperseded",
    "TripWaits",
    "UnreadableTripFile",
    "bind_trip",
    "count_file_back",
    "count_trip_back",
    "decide_payment",
    "expect_card_trips",
    "freeze_changed_trips",
    "freeze_new_trips",
    "get_curb_account",
    "import_curb_earnings",
    "import_trips",
    "look_at_sums",
    "mark_seen",
    "match_waiting_trips",
    "move_trip",
    "preview_correction",
    "preview_ruling",
    "reconcile_trips",
    "rule_attribute",
]
