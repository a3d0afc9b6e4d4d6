"""All movement of money: the only code that writes the ledger. Every function is keyword-only and owns its transaction.

A refusal is one of these errors, and nothing was written; what all have in common is ``core.errors.DomainError``.

Amounts are dollars as ``Decimal`` with whole cents; dates are New York's; ``actor=None`` means the system did it.
"""

from core.errors import ReasonRequired, ValueInvalid
from core.services.audits import run_audits
from ledger.errors import (
    AllocationsExceedPayment,
    AlreadyVoided,
    AmountInvalid,
    AnotherDriversObligation,
    CreditInUse,
    CreditPaidOut,
    DriverNotFound,
    ExceedsNetDue,
    IdempotencyConflict,
    LeaseNotFound,
    LeaseNotTheDrivers,
    LedgerBusy,
    LedgerError,
    LedgerRefused,
    NotADeposit,
    NotAnObligation,
    NothingToHold,
    ObligationClosed,
    OrderIncomplete,
    OrderInThePast,
    OverAllocation,
    PaymentDoubtful,
    PaymentNotFound,
    PayoutNotFound,
    PostingNotFound,
    ReferenceConflict,
    ReferenceNotFound,
    ReferenceVoided,
    VehicleNotFound,
    VoidOfVoid,
)
from ledger.services.applications import ApplicationSummary, apply_weekly_earnings
from ledger.services.credits import credit_driver, credit_drivers, post_earnings, post_earnings_batch
from ledger.services.cuts import cut_accounts
from ledger.services.deposits import apply_deposit, release_deposit
from ledger.services.installments import post_installments, post_scheduled_installments
from ledger.services.obligations import create_obligation, create_obligations, reduce_to_paid, replace_obligation
from ledger.services.payments import apply_interim_payment
from ledger.services.payouts import pay_out, void_payout
from ledger.services.posting import Opening, PostingCounts
from ledger.services.previews import BalanceChange, MoneyPreview, preview_money, preview_void, preview_void_payment
from ledger.services.remaining import post_remaining_installments
from ledger.services.transactions import money_transaction
from ledger.services.uses import use_credit
from ledger.services.voids import void_payment, void_posting
from ledger.services.waterfall_orders import set_waterfall_order
from ledger.services.write_offs import write_off_obligation

__all__ = [
    "AllocationsExceedPayment",
    "AlreadyVoided",
    "AmountInvalid",
    "AnotherDriversObligation",
    "ApplicationSummary",
    "BalanceChange",
    "CreditInUse",
    "CreditPaidOut",
    "DriverNotFound",
    "ExceedsNetDue",
    "IdempotencyConflict",
    "LeaseNotFound",
    "LeaseNotTheDrivers",
    "LedgerBusy",
    "LedgerError",
    "LedgerRefused",
    "MoneyPreview",
    "NotADeposit",
    "NotAnObligation",
    "NothingToHold",
    "ObligationClosed",
    "Opening",
    "OrderInThePast",
    "OrderIncomplete",
    "OverAllocation",
    "PaymentDoubtful",
    "PaymentNotFound",
    "PayoutNotFound",
    "PostingCounts",
    "PostingNotFound",
    "ReasonRequired",
    "ReferenceConflict",
    "ReferenceNotFound",
    "ReferenceVoided",
    "ValueInvalid",
    "VehicleNotFound",
    "VoidOfVoid",
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
    "preview_money",
    "preview_void",
    "preview_void_payment",
    "reduce_to_paid",
    "release_deposit",
    "replace_obligation",
    "run_audits",
    "set_waterfall_order",
    "use_credit",
    "void_payment",
    "void_payout",
    "void_posting",
    "write_off_obligation",
]
