"""Every read of trips and card money: get_ one or raises, find_ one or None, list_ rows, sum_ money. Dollars."""

from curb.selectors.arrivals import (
    MissingAnswers,
    WaitingSum,
    count_card_trips_by_day,
    find_card_trips_expected,
    is_curb_configured,
    list_missing_answers,
    sum_waiting_trips,
)
from curb.selectors.matching import Match, TripMatcher
from curb.selectors.queue import (
    list_alike_trips,
    list_receipts,
    list_receipts_to_send,
    list_transactions,
    list_unsettled_weeks,
    list_waiting_groups,
)
from curb.selectors.trips import (
    NO_TRIPS,
    TripTotals,
    count_waiting_trips,
    find_trip_file,
    list_trips,
    list_trips_of,
    list_uncredited_shares,
    sum_taxes_by_kind,
    sum_trips_by_share,
)
from curb.selectors.uncounted import sum_uncounted_by_driver

__all__ = [
    "NO_TRIPS",
    "Match",
    "MissingAnswers",
    "TripMatcher",
    "TripTotals",
    "WaitingSum",
    "count_card_trips_by_day",
    "count_waiting_trips",
    "find_card_trips_expected",
    "find_trip_file",
    "is_curb_configured",
    "list_alike_trips",
    "list_missing_answers",
    "list_receipts",
    "list_receipts_to_send",
    "list_transactions",
    "list_trips",
    "list_trips_of",
    "list_uncredited_shares",
    "list_unsettled_weeks",
    "list_waiting_groups",
    "sum_taxes_by_kind",
    "sum_trips_by_share",
    "sum_uncounted_by_driver",
    "sum_waiting_trips",
]
