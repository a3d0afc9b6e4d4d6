"""Every write of the pay week: trips in, a week's close step by step, sealed DTRs out. Every function is keyword-only.

A week is named by its Saturday (``week_end``). Each step works on given drivers in one transaction of its own.
"""

from dtr.curb import CurbError, CurbNotConfigured
from dtr.importers.trips import RowError, UnreadableTripFile
from dtr.services.batches import (
    claim_batch,
    note_failure,
    retry_failed_batches,
    run_batch,
    run_step,
    take_batches,
)
from dtr.services.bindings import bind_trip
from dtr.services.closes import close_week, finish_week, start_week
from dtr.services.curb import CurbImport, import_curb_earnings
from dtr.services.earnings import EarningsSummary, credit_earnings
from dtr.services.errors import (
    CurbIncomplete,
    DtrDoesNotBalance,
    LeaseDoesNotFit,
    NotASaturday,
    PeriodInvalid,
    StepOutOfOrder,
    TripNotWaiting,
    WeekAlreadyClosed,
    WeekError,
    WeekNotOver,
    WeekNotStarted,
    WeekOutOfOrder,
    WeekStillOpen,
)
from dtr.services.payouts import (
    DtrAlreadyPaid,
    DtrNotFound,
    DtrNotLatest,
    DtrNotPayable,
    DtrPayment,
    NothingDue,
    PaymentOutcome,
    pay_dtr,
    pay_dtrs,
)
from dtr.services.previews import DriverPreview, WeekPreview, preview_week
from dtr.services.reconciliations import Settlement, reconcile_trips
from dtr.services.statements import generate_dtrs
from dtr.services.trips import TripImport, import_trips, match_waiting_trips

__all__ = [
    "CurbError",
    "CurbImport",
    "CurbIncomplete",
    "CurbNotConfigured",
    "DriverPreview",
    "DtrAlreadyPaid",
    "DtrDoesNotBalance",
    "DtrNotFound",
    "DtrNotLatest",
    "DtrNotPayable",
    "DtrPayment",
    "EarningsSummary",
    "LeaseDoesNotFit",
    "NotASaturday",
    "NothingDue",
    "PaymentOutcome",
    "PeriodInvalid",
    "RowError",
    "Settlement",
    "StepOutOfOrder",
    "TripImport",
    "TripNotWaiting",
    "UnreadableTripFile",
    "WeekAlreadyClosed",
    "WeekError",
    "WeekNotOver",
    "WeekNotStarted",
    "WeekOutOfOrder",
    "WeekPreview",
    "WeekStillOpen",
    "bind_trip",
    "claim_batch",
    "close_week",
    "credit_earnings",
    "finish_week",
    "generate_dtrs",
    "import_curb_earnings",
    "import_trips",
    "match_waiting_trips",
    "note_failure",
    "pay_dtr",
    "pay_dtrs",
    "preview_week",
    "reconcile_trips",
    "retry_failed_batches",
    "run_batch",
    "run_step",
    "start_week",
    "take_batches",
]
