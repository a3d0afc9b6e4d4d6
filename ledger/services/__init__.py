"""All movement of money: the only code that writes the ledger. Every function is keyword-only and owns its transaction.

Amounts are dollars as ``Decimal`` with whole cents; dates are New York's; ``actor=None`` means the system did it.
"""

from core.services.audits import run_audits
from ledger.errors import (
    AllocationsExceedPayment,
    AlreadyVoided,
    AnotherDriversObligation,
    CreditInUse,
    CreditPaidOut,
    DriverNotFound,
    ExceedsNetDue,
    IdempotencyConflict,
    InvalidAmount,
    InvalidValue,
    LeaseNotFound,
    LedgerBusy,
    LedgerError,
    LedgerRefused,
    NotADeposit,
    NotAnObligation,
    ObligationClosed,
    OverAllocation,
    PaymentNotFound,
    PayoutNotFound,
    PostingNotFound,
    ReasonRequired,
    ReferenceConflict,
    ReferenceNotFound,
    ReferenceVoided,
    VehicleNotFound,
    VoidOfVoid,
)
from ledger.services.applications import ApplicationSummary, apply_deposit, apply_weekly_earnings
from ledger.services.credits import (
    NewCredit,
    NewEarnings,
    credit_driver,
    credit_drivers,
    post_earnings,
    post_earnings_batch,
)
from ledger.services.cuts import cut_accounts
from ledger.services.installments import post_installments, post_scheduled_installments
from ledger.services.obligations import NewObligation, create_obligation, create_obligations, replace_obligation
from ledger.services.payments import apply_interim_payment
from ledger.services.payouts import pay_out, release_deposit, void_payout
from ledger.services.posting import PostingCounts
from ledger.services.rehearsals import rehearse
from ledger.services.remaining import post_remaining_installments
from ledger.services.transactions import money_transaction
from ledger.services.voids import (
    BalanceChange,
    VoidPreview,
    preview_void,
    preview_void_payment,
    void_payment,
    void_posting,
)
from ledger.services.waterfall_orders import OrderIncomplete, OrderInThePast, set_waterfall_order
from ledger.services.write_offs import write_off_obligation

__all__ = [
    "AllocationsExceedPayment",
    "AlreadyVoided",
    "AnotherDriversObligation",
    "ApplicationSummary",
    "BalanceChange",
    "CreditInUse",
    "CreditPaidOut",
    "DriverNotFound",
    "ExceedsNetDue",
    "IdempotencyConflict",
    "InvalidAmount",
    "InvalidValue",
    "LeaseNotFound",
    "LedgerBusy",
    "LedgerError",
    "LedgerRefused",
    "NewCredit",
    "NewEarnings",
    "NewObligation",
    "NotADeposit",
    "NotAnObligation",
    "ObligationClosed",
    "OrderInThePast",
    "OrderIncomplete",
    "OverAllocation",
    "PaymentNotFound",
    "PayoutNotFound",
    "PostingCounts",
    "PostingNotFound",
    "ReasonRequired",
    "ReferenceConflict",
    "ReferenceNotFound",
    "ReferenceVoided",
    "VehicleNotFound",
    "VoidOfVoid",
    "VoidPreview",
    "apply_deposit",
    "apply_interim_payment",
    "apply_weekly_earnings",
    "create_obligation",
    "create_obligations",
    "credit_driver",
    "credit_drivers",
    "cut_accounts",
    "money_transaction",
    "pay_out",
    "post_earnings",
    "post_earnings_batch",
    "post_installments",
    "post_remaining_installments",
    "post_scheduled_installments",
    "preview_void",
    "preview_void_payment",
    "rehearse",
    "release_deposit",
    "replace_obligation",
    "run_audits",
    "set_waterfall_order",
    "void_payment",
    "void_payout",
    "void_posting",
    "write_off_obligation",
]
