"""Every read of the ledger: get_ one or raises, find_ one or None, list_ rows, sum_ money. Amounts are dollars."""

from ledger.books import Account
from ledger.selectors.again import HadPaid, find_act_instead, find_newer, find_win_back, list_what_had_paid
from ledger.selectors.aging import Aging, CategoryAging, list_aging_by_category
from ledger.selectors.balances import (
    CategoryTotal,
    find_balance_by_reference,
    find_newest_day,
    get_balance,
    list_balances,
    list_balances_by_reference,
    list_held_credits,
    list_open_balances,
    list_open_obligations,
    list_open_obligations_on_lease,
    sum_open_by_category,
)
from ledger.selectors.books import (
    ReopenedDay,
    get_booking_day,
    get_closed_through,
    list_closings,
    list_open_weeks,
    list_reopened_days,
)
from ledger.selectors.charges import ChargeAtCut, list_charges_at_cuts, read_first_amounts, sum_charged
from ledger.selectors.cuts import (
    AccountCut,
    ChangeSum,
    CutEntry,
    LineKey,
    RemainingSum,
    list_account_cuts,
    list_cut_drivers,
    list_cut_entries,
    sum_cut_changes,
    sum_remaining,
)
from ledger.selectors.debts import Debt, get_debt, get_lease_debt
from ledger.selectors.documents import MOVEMENT_COLUMNS, MovementSum, Undone, list_undone, sum_cut_movements
from ledger.selectors.doubts import Doubt, list_payment_doubts, register_expected_money
from ledger.selectors.drawers import Drawer, get_drawer
from ledger.selectors.dues import Due, Dues, get_dues, list_short_for_saturday
from ledger.selectors.installments import PayableInstallment, list_installments_payable_ahead, sum_installments_payable
from ledger.selectors.journal import JournalEntry, iter_batch, iter_journal, list_chart_rows
from ledger.selectors.leavers import list_leavers, register_leavers
from ledger.selectors.loans_out import list_loans_out, sum_principal_charged
from ledger.selectors.locks import find_driver_lock, register_locks
from ledger.selectors.on_hand import OnHand, list_on_hand
from ledger.selectors.payable import Payable, PayoutScope, get_payable, list_payables
from ledger.selectors.payers import Payer, get_payer, register_payers
from ledger.selectors.payments import (
    PaymentBreakdown,
    PaymentCredit,
    PaymentStatus,
    PaymentsTotal,
    get_payment_breakdown,
    get_standing_payment,
    list_payments,
    list_payments_by_day,
    list_returned_open,
    list_undone_payments,
    sum_collected_by_week,
    sum_payments_by_day,
)
from ledger.selectors.payouts import (
    PayoutBreakdown,
    find_payout,
    get_payout_breakdown,
    list_cash_paid_out,
    list_standing_payouts,
    sum_cash_paid_out,
)
from ledger.selectors.positions import (
    FleetStanding,
    Position,
    get_position,
    get_position_at,
    list_positions,
    sum_standing,
)
from ledger.selectors.reasons import DecisionSum, sum_decisions
from ledger.selectors.receipts import Receipt, ReceiptLine, get_receipt
from ledger.selectors.references import is_reference_of
from ledger.selectors.seals import (
    Sealing,
    find_last_seal_check,
    find_unknown_heads,
    get_seal_head,
    get_sealing,
    list_seal_checks,
    list_seals,
)
from ledger.selectors.slips import is_on_slip, list_undeposited_checks
from ledger.selectors.sources import find_wrong_sources
from ledger.selectors.standings import CutLineKey, OwedAtCut, sum_owed_at_cuts, sum_standing_changes
from ledger.selectors.statements import Statement, StatementLine, get_statement
from ledger.selectors.transfers import list_standing_transfers
from ledger.selectors.trial_balance import AccountTotal, list_trial_balance
from ledger.selectors.uses import get_posting, list_payers, list_postings, list_uses, list_voided
from ledger.selectors.waterfall import get_waterfall_order
from ledger.selectors.week_changes import WeekChange, WeekChanges, list_changes_of, list_changes_since
from ledger.selectors.words import list_words, with_corrections, with_words

__all__ = [
    "MOVEMENT_COLUMNS",
    "Account",
    "AccountCut",
    "AccountTotal",
    "Aging",
    "CategoryAging",
    "CategoryTotal",
    "ChangeSum",
    "ChargeAtCut",
    "CutEntry",
    "CutLineKey",
    "Debt",
    "DecisionSum",
    "Doubt",
    "Drawer",
    "Due",
    "Dues",
    "FleetStanding",
    "HadPaid",
    "JournalEntry",
    "LineKey",
    "MovementSum",
    "OnHand",
    "OwedAtCut",
    "Payable",
    "PayableInstallment",
    "Payer",
    "PaymentBreakdown",
    "PaymentCredit",
    "PaymentStatus",
    "PaymentsTotal",
    "PayoutBreakdown",
    "PayoutScope",
    "Position",
    "Receipt",
    "ReceiptLine",
    "RemainingSum",
    "ReopenedDay",
    "Sealing",
    "Statement",
    "StatementLine",
    "Undone",
    "WeekChange",
    "WeekChanges",
    "find_act_instead",
    "find_balance_by_reference",
    "find_driver_lock",
    "find_last_seal_check",
    "find_newer",
    "find_newest_day",
    "find_payout",
    "find_unknown_heads",
    "find_win_back",
    "find_wrong_sources",
    "get_balance",
    "get_booking_day",
    "get_closed_through",
    "get_debt",
    "get_drawer",
    "get_dues",
    "get_lease_debt",
    "get_payable",
    "get_payer",
    "get_payment_breakdown",
    "get_payout_breakdown",
    "get_position",
    "get_position_at",
    "get_posting",
    "get_receipt",
    "get_seal_head",
    "get_sealing",
    "get_standing_payment",
    "get_statement",
    "get_waterfall_order",
    "is_on_slip",
    "is_reference_of",
    "iter_batch",
    "iter_journal",
    "list_account_cuts",
    "list_aging_by_category",
    "list_balances",
    "list_balances_by_reference",
    "list_cash_paid_out",
    "list_changes_of",
    "list_changes_since",
    "list_charges_at_cuts",
    "list_chart_rows",
    "list_closings",
    "list_cut_drivers",
    "list_cut_entries",
    "list_held_credits",
    "list_installments_payable_ahead",
    "list_leavers",
    "list_loans_out",
    "list_on_hand",
    "list_open_balances",
    "list_open_obligations",
    "list_open_obligations_on_lease",
    "list_open_weeks",
    "list_payables",
    "list_payers",
    "list_payment_doubts",
    "list_payments",
    "list_payments_by_day",
    "list_positions",
    "list_postings",
    "list_reopened_days",
    "list_returned_open",
    "list_seal_checks",
    "list_seals",
    "list_short_for_saturday",
    "list_standing_payouts",
    "list_standing_transfers",
    "list_trial_balance",
    "list_undeposited_checks",
    "list_undone",
    "list_undone_payments",
    "list_uses",
    "list_voided",
    "list_what_had_paid",
    "list_words",
    "read_first_amounts",
    "register_expected_money",
    "register_leavers",
    "register_locks",
    "register_payers",
    "sum_cash_paid_out",
    "sum_charged",
    "sum_collected_by_week",
    "sum_cut_changes",
    "sum_cut_movements",
    "sum_decisions",
    "sum_installments_payable",
    "sum_open_by_category",
    "sum_owed_at_cuts",
    "sum_payments_by_day",
    "sum_principal_charged",
    "sum_remaining",
    "sum_standing",
    "sum_standing_changes",
    "with_corrections",
    "with_words",
]
