"""Every read of the ledger: get_ one or raises, find_ one or None, list_ rows, sum_ money. Amounts are dollars."""

from ledger.selectors.aging import Aging, CategoryAging, DriverAging, list_aging, list_aging_by_category
from ledger.selectors.balances import (
    CategoryTotal,
    find_balance_by_reference,
    get_balance,
    list_balances,
    list_balances_by_reference,
    list_held_credits,
    list_open_balances,
    list_open_obligations,
    sum_open_by_category,
)
from ledger.selectors.installments import PayableInstallment, list_installments_payable_ahead
from ledger.selectors.payments import (
    PaymentBreakdown,
    PaymentCredit,
    PaymentStatus,
    PaymentsTotal,
    get_payment_breakdown,
    list_payments,
    list_payments_by_day,
    sum_payments_by_day,
)
from ledger.selectors.positions import Position, get_position, get_position_at, list_positions
from ledger.selectors.statements import Statement, StatementLine, get_statement
from ledger.selectors.trial_balance import AccountTotal, list_trial_balance
from ledger.selectors.uses import get_posting, list_payers, list_postings, list_uses
from ledger.selectors.waterfall import get_waterfall_order

__all__ = [
    "AccountTotal",
    "Aging",
    "CategoryAging",
    "CategoryTotal",
    "DriverAging",
    "PayableInstallment",
    "PaymentBreakdown",
    "PaymentCredit",
    "PaymentStatus",
    "PaymentsTotal",
    "Position",
    "Statement",
    "StatementLine",
    "find_balance_by_reference",
    "get_balance",
    "get_payment_breakdown",
    "get_position",
    "get_position_at",
    "get_posting",
    "get_statement",
    "get_waterfall_order",
    "list_aging",
    "list_aging_by_category",
    "list_balances",
    "list_balances_by_reference",
    "list_held_credits",
    "list_installments_payable_ahead",
    "list_open_balances",
    "list_open_obligations",
    "list_payers",
    "list_payments",
    "list_payments_by_day",
    "list_positions",
    "list_postings",
    "list_trial_balance",
    "list_uses",
    "sum_open_by_category",
    "sum_payments_by_day",
]
