"""Every write of loans. Functions are keyword-only and own their transaction.

The lock order is the ledger's: the driver's account, then the loan's row, then its installments.
"""

from loans.errors import (
    LeaseNotTheDrivers,
    LoanDateImplausible,
    LoanEnded,
    LoanError,
    LoanNotActive,
    LoanNotFound,
    LoanNotOnHold,
    MethodRefused,
    NothingToHold,
    NothingToPayOff,
    NothingToWriteOff,
    NotPaidOff,
    PayoffDateRefused,
    PayoffPaid,
    RateRefused,
    TextRefused,
)
from loans.services.bands import set_plan_bands
from loans.services.disbursements import disburse_loan, preview_loan
from loans.services.holds import hold_loan, release_loan, void_loan
from loans.services.payoffs import pay_off_loan, restore_schedule, write_off_loan

__all__ = [
    "LeaseNotTheDrivers",
    "LoanDateImplausible",
    "LoanEnded",
    "LoanError",
    "LoanNotActive",
    "LoanNotFound",
    "LoanNotOnHold",
    "MethodRefused",
    "NotPaidOff",
    "NothingToHold",
    "NothingToPayOff",
    "NothingToWriteOff",
    "PayoffDateRefused",
    "PayoffPaid",
    "RateRefused",
    "TextRefused",
    "disburse_loan",
    "hold_loan",
    "pay_off_loan",
    "preview_loan",
    "release_loan",
    "restore_schedule",
    "set_plan_bands",
    "void_loan",
    "write_off_loan",
]
