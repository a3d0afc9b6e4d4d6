"""Every read of the pay week: get_ one or raises, find_ one or None, list_ rows, sum_ money. Amounts are dollars."""

from dtr.selectors.closes import (
    CloseProgress,
    find_last_week,
    find_next_batch,
    find_week,
    list_closes,
    list_progress,
)
from dtr.selectors.matching import Match, TripMatcher
from dtr.selectors.statements import (
    DtrEntry,
    WeekSums,
    count_dtrs,
    list_drivers_with_dtr,
    list_dtr_entries,
    list_dtrs,
    list_last_closings,
    list_siblings,
    sum_week,
)
from dtr.selectors.trips import (
    TripTotals,
    count_waiting_trips,
    find_trip_file,
    list_shares_to_post,
    list_trips,
    list_trips_of,
    sum_taxes_by_kind,
    sum_trips_by_share,
)

__all__ = [
    "CloseProgress",
    "DtrEntry",
    "Match",
    "TripMatcher",
    "TripTotals",
    "WeekSums",
    "count_dtrs",
    "count_waiting_trips",
    "find_last_week",
    "find_next_batch",
    "find_trip_file",
    "find_week",
    "list_closes",
    "list_drivers_with_dtr",
    "list_dtr_entries",
    "list_dtrs",
    "list_last_closings",
    "list_progress",
    "list_shares_to_post",
    "list_siblings",
    "list_trips",
    "list_trips_of",
    "sum_taxes_by_kind",
    "sum_trips_by_share",
    "sum_week",
]
