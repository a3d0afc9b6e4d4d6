"""The trial balance: every posting and every transfer in double entry, summed by account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.books import Account, list_book_entries


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """Dollars debited and credited to an account."""

    account: Account
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Above zero a debit balance, below zero a credit balance."""
        return self.debit - self.credit

    @property
    def credit_balance(self) -> Decimal:
        return self.credit - self.debit


def list_trial_balance(from_on: date | None = None, to_on: date | None = None) -> list[AccountTotal]:
    """Return, in the books' order, each account moved by what is effective between the dates, both included."""
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE, {"from_on": from_on, "to_on": to_on, **list_parameters()})
        rows: Iterable[tuple[str, Decimal, Decimal]] = cursor.fetchall()
    found = {account: (debit, credit) for account, debit, credit in rows}
    return [AccountTotal(account, *found[account.value]) for account in Account if account.value in found]


def list_parameters() -> dict[str, Any]:
    """Return the table of entries as the arrays that the statements of the books read."""
    entries = list_book_entries()
    return {
        "kinds": [entry.kind.value for entry in entries],
        "categories": [str(entry.category) for entry in entries],
        "methods": [str(entry.method) for entry in entries],
        "debits": [entry.debit.value for entry in entries],
        "credits": [entry.credit.value for entry in entries],
        "loans": Account.LOANS.value,
        "interest": Account.INTEREST_INCOME.value,
    }


#: What decides a posting's accounts: the kind and category of its money (of the funding for what a credit pays, of the
#: original for a void), and how that crossed the counter. An opening deposit crossed no counter.
DECIDED_BY = """
    coalesce(o.kind, p.kind) AS kind, coalesce(f.category, p.category) AS category,
    CASE WHEN coalesce(o.kind, p.kind) IN ('PAYMENT', 'DEPOSIT', 'PAYOUT')
        THEN coalesce(payment.method, payout.method, '') ELSE '' END AS method,
    p.kind = 'VOID' AS is_void
"""
POSTINGS = """
    ledger_postings p
        LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        LEFT JOIN ledger_postings f ON f.id = p.funding_id
        LEFT JOIN ledger_payments payment ON payment.id = p.payment_id
        LEFT JOIN ledger_payouts payout ON payout.id = p.payout_id
"""
ENTRIES = """
    unnest(%(kinds)s::text[], %(categories)s::text[], %(methods)s::text[], %(debits)s::text[], %(credits)s::text[])
        AS entry (kind, category, method, debit, credit)
"""

#: Postings are summed by what decides their accounts before they meet the table of entries. LEFT JOIN: a posting that
#: the table did not know would show as an account without a name, and the audit of the books would say so. Of a loan's
#: charge, the interest is a line of its own: the loan stands at its principal.
TRIAL_BALANCE = f"""
    WITH sums AS (
        SELECT {DECIDED_BY}, sum(p.amount) AS amount, sum(p.income) AS income
        FROM {POSTINGS}
        WHERE p.effective_on >= coalesce(%(from_on)s::date, '-infinity')
            AND p.effective_on <= coalesce(%(to_on)s::date, 'infinity')
        GROUP BY 1, 2, 3, 4
    ), booked AS (
        SELECT CASE WHEN is_void THEN entry.credit ELSE entry.debit END AS debit,
            CASE WHEN is_void THEN entry.debit ELSE entry.credit END AS credit, amount
        FROM sums LEFT JOIN {ENTRIES} USING (kind, category, method)
        UNION ALL
        SELECT CASE WHEN is_void THEN %(interest)s ELSE %(loans)s END,
            CASE WHEN is_void THEN %(loans)s ELSE %(interest)s END, income
        FROM sums WHERE income > 0
        UNION ALL
        SELECT t.debit, t.credit, sum(t.amount) FROM ledger_transfers t
        WHERE t.effective_on >= coalesce(%(from_on)s::date, '-infinity')
            AND t.effective_on <= coalesce(%(to_on)s::date, 'infinity')
        GROUP BY t.debit, t.credit
    )
    SELECT account, sum(debit), sum(credit) FROM (
        SELECT debit AS account, amount AS debit, 0.00 AS credit FROM booked
        UNION ALL
        SELECT credit, 0.00, amount FROM booked
    ) AS side
    GROUP BY account
"""
