"""Every write of loans. Functions are keyword-only and own their transaction; their errors are importable from here.

The lock order is the ledger's: the driver's account, then the loan's row, then its installments.
"""

from ledger.services import LeaseNotTheDrivers
from loans.errors import (
    LoanEnded,
    LoanError,
    LoanNotActive,
    LoanNotFound,
    LoanNotOnHold,
    LoanNotPaidOff,
    MethodInvalid,
    NothingToPayOff,
    NothingToWriteOff,
    PayoffDateInvalid,
    PayoffPaid,
    RateInvalid,
)
from loans.services.bands import set_plan_bands
from loans.services.disbursements import disburse_loan, preview_loan
from loans.services.holds import hold_loan, resume_loan, void_loan
from loans.services.payoffs import pay_off_loan, restore_schedule, write_off_loan

__all__ = [
    "LeaseNotTheDrivers",
    "LoanEnded",
    "LoanError",
    "LoanNotActive",
    "LoanNotFound",
    "LoanNotOnHold",
    "LoanNotPaidOff",
    "MethodInvalid",
    "NothingToPayOff",
    "NothingToWriteOff",
    "PayoffDateInvalid",
    "PayoffPaid",
    "RateInvalid",
    "disburse_loan",
    "hold_loan",
    "pay_off_loan",
    "preview_loan",
    "restore_schedule",
    "resume_loan",
    "set_plan_bands",
    "void_loan",
    "write_off_loan",
]
