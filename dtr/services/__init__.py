"""Every write of the pay week: trips in, a week's close step by step, sealed DTRs out. Every function is keyword-only.

A week is named by its Saturday (``week_end``). Each step works on given drivers in one transaction of its own.
"""

from dtr.importers.trips import RowError, UnreadableTripFile
from dtr.services.batches import (
    claim_batch,
    note_failure,
    retry_failed_batches,
    run_batch,
    run_step,
    take_batches,
)
from dtr.services.closes import close_week, finish_week, start_week
from dtr.services.earnings import EarningsSummary, credit_earnings
from dtr.services.errors import (
    DtrDoesNotBalance,
    NotASaturday,
    StepOutOfOrder,
    WeekAlreadyClosed,
    WeekError,
    WeekNotOver,
    WeekNotStarted,
    WeekOutOfOrder,
    WeekStillOpen,
)
from dtr.services.previews import DriverPreview, WeekPreview, preview_week
from dtr.services.statements import generate_dtrs
from dtr.services.trips import TripImport, import_trips, match_waiting_trips

__all__ = [
    "DriverPreview",
    "DtrDoesNotBalance",
    "EarningsSummary",
    "NotASaturday",
    "RowError",
    "StepOutOfOrder",
    "TripImport",
    "UnreadableTripFile",
    "WeekAlreadyClosed",
    "WeekError",
    "WeekNotOver",
    "WeekNotStarted",
    "WeekOutOfOrder",
    "WeekPreview",
    "WeekStillOpen",
    "claim_batch",
    "close_week",
    "credit_earnings",
    "finish_week",
    "generate_dtrs",
    "import_trips",
    "match_waiting_trips",
    "note_failure",
    "preview_week",
    "retry_failed_batches",
    "run_batch",
    "run_step",
    "start_week",
    "take_batches",
]
