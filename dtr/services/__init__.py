"""Every write of the pay week: a week's close step by step, sealed DTRs out, and their payouts. Keyword-only.

Each step works on given drivers in one transaction of its own.
"""

from dtr.errors import (
    CheckNotOverrulable,
    DtrAlreadyPaid,
    DtrDoesNotBalance,
    DtrNotFound,
    DtrNotLatest,
    DtrNotPayable,
    NothingDue,
    NothingToOverrule,
    StepOutOfOrder,
    WeekAlreadyClosed,
    WeekAlreadyStarted,
    WeekError,
    WeekNotOver,
    WeekNotReady,
    WeekNotStarted,
    WeekOutOfOrder,
    WeekStillOpen,
)
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
from dtr.services.payouts import DtrPayment, PaymentOutcome, pay_dtr, pay_dtrs
from dtr.services.previews import DriverPreview, Figures, WeekPreview, preview_driver, preview_week
from dtr.services.readiness import overrule_check, refresh_audits
from dtr.services.statements import generate_dtrs

__all__ = [
    "CheckNotOverrulable",
    "DriverPreview",
    "DtrAlreadyPaid",
    "DtrDoesNotBalance",
    "DtrNotFound",
    "DtrNotLatest",
    "DtrNotPayable",
    "DtrPayment",
    "EarningsSummary",
    "Figures",
    "NothingDue",
    "NothingToOverrule",
    "PaymentOutcome",
    "StepOutOfOrder",
    "WeekAlreadyClosed",
    "WeekAlreadyStarted",
    "WeekError",
    "WeekNotOver",
    "WeekNotReady",
    "WeekNotStarted",
    "WeekOutOfOrder",
    "WeekPreview",
    "WeekStillOpen",
    "claim_batch",
    "close_week",
    "credit_earnings",
    "finish_week",
    "generate_dtrs",
    "note_failure",
    "overrule_check",
    "pay_dtr",
    "pay_dtrs",
    "preview_driver",
    "preview_week",
    "refresh_audits",
    "retry_failed_batches",
    "run_batch",
    "run_step",
    "start_week",
    "take_batches",
]
