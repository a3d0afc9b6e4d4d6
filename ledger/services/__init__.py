"""All movement of money: the only code that writes the ledger. Every function is keyword-only and owns its transaction.

A refusal is one of these errors, and nothing was written; what all have in common is ``core.errors.DomainError``.

Amounts are dollars as ``Decimal`` with whole cents; dates are New York's; ``actor=None`` means the system did it.
"""

from core.errors import ReasonRequired, ValueInvalid
from core.services.audits import run_audits
from ledger.errors import (
    AllocationsExceedPayment,
    AlreadyReversed,
    AlreadyVoided,
    AlreadyWonBack,
    AmountInvalid,
    AnotherDriversObligation,
    ChargedElsewhere,
    CheckNotHeld,
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
    NotACredit,
    NotADeposit,
    NotAnObligation,
    NothingToHold,
    NotVoided,
    ObligationClosed,
    OrderIncomplete,
    OrderInThePast,
    OverAllocation,
    PaymentDoubtful,
    PaymentNotFound,
    PayoutNotFound,
    PostingNotFound,
    RecoveryNotRefunded,
    ReferenceConflict,
    ReferenceNotFound,
    ReferenceVoided,
    TransferFollowsCause,
    TransferInvalid,
    TransferNotFound,
    VehicleNotFound,
    VoidOfVoid,
)
from ledger.services.again import charge_again, win_back
from ledger.services.applications import ApplicationSummary, apply_weekly_earnings
from ledger.services.credits import credit_driver, credit_drivers, post_earnings, post_earnings_batch
from ledger.services.cuts import cut_accounts
from ledger.services.deposits import apply_deposit, release_deposit
from ledger.services.installments import post_installments, post_scheduled_installments
from ledger.services.mirrors import record_loan_out, record_negative_weeks, record_openings, reverse_loan_out
from ledger.services.obligations import create_obligation, create_obligations, reduce_to_paid, replace_obligation
from ledger.services.openings import open_account, open_deposit
from ledger.services.payments import apply_interim_payment
from ledger.services.payouts import pay_out, void_payout
from ledger.services.posting import Opening, PostingCounts
from ledger.services.previews import BalanceChange, MoneyPreview, preview_money, preview_void, preview_void_payment
from ledger.services.remaining import post_remaining_installments
from ledger.services.transactions import money_transaction
from ledger.services.transfers import (
    record_bank_deposit,
    record_curb_statement,
    record_transfer,
    reverse_transfer,
)
from ledger.services.uses import allocate_credit, use_credit
from ledger.services.voids import void_payment, void_posting
from ledger.services.waterfall_orders import set_waterfall_order
from ledger.services.write_offs import write_off_obligation

__all__ = [
    "AllocationsExceedPayment",
    "AlreadyReversed",
    "AlreadyVoided",
    "AlreadyWonBack",
    "AmountInvalid",
    "AnotherDriversObligation",
    "ApplicationSummary",
    "BalanceChange",
    "ChargedElsewhere",
    "CheckNotHeld",
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
    "NotACredit",
    "NotADeposit",
    "NotAnObligation",
    "NotVoided",
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
    "RecoveryNotRefunded",
    "ReferenceConflict",
    "ReferenceNotFound",
    "ReferenceVoided",
    "TransferFollowsCause",
    "TransferInvalid",
    "TransferNotFound",
    "ValueInvalid",
    "VehicleNotFound",
    "VoidOfVoid",
    "allocate_credit",
    "apply_deposit",
    "apply_interim_payment",
    "apply_weekly_earnings",
    "charge_again",
    "create_obligation",
    "create_obligations",
    "credit_driver",
    "credit_drivers",
    "cut_accounts",
    "money_transaction",
    "open_account",
    "open_deposit",
    "pay_out",
    "post_earnings",
    "post_earnings_batch",
    "post_installments",
    "post_remaining_installments",
    "post_scheduled_installments",
    "preview_money",
    "preview_void",
    "preview_void_payment",
    "record_bank_deposit",
    "record_curb_statement",
    "record_loan_out",
    "record_negative_weeks",
    "record_openings",
    "record_transfer",
    "reduce_to_paid",
    "release_deposit",
    "replace_obligation",
    "reverse_loan_out",
    "reverse_transfer",
    "run_audits",
    "set_waterfall_order",
    "use_credit",
    "void_payment",
    "void_payout",
    "void_posting",
    "win_back",
    "write_off_obligation",
]
