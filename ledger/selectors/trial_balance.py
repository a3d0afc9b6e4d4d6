"""The trial balance: every posting and every transfer in double entry, summed by account."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.books import Account, list_book_entries
from ledger.selectors.sums import NOTHING_KEPT, read_kept_sums


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


def list_trial_balance(
    from_on: date | None = None,
    to_on: date | None = None,
    *,
    accounts: Collection[Account] | None = None,
    adds_up_all: bool = False,
) -> list[AccountTotal]:
    """Return, in the books' order, each account moved by what is effective between the dates, both included.

    With ``accounts`` only those, by reading only postings of kinds and categories that can move one of them. It reads
    what was written since the kept sums; an audit, which trusts none, has it ``adds_up_all``.
    """
    # What is kept neither grows nor changes by what is written between this statement and the next.
    kept = NOTHING_KEPT if adds_up_all else read_kept_sums(from_on, to_on)
    given = {"from_on": from_on, "to_on": to_on, **asdict(kept), **list_parameters(accounts)}
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE if accounts is None else _SOME_ACCOUNTS, given)
        rows: Iterable[tuple[str, Decimal, Decimal]] = cursor.fetchall()
    found = {account: (debit, credit) for account, debit, credit in rows}
    wanted = [account for account in Account if accounts is None or account in accounts]
    return [AccountTotal(account, *found[account.value]) for account in wanted if account.value in found]


def list_parameters(accounts: Collection[Account] | None = None) -> dict[str, Any]:
    """Return the table of entries, or its lines that move some accounts, as the arrays that the statements read."""
    moved = set(Account) if accounts is None else {*accounts}
    if moved & _OF_LOANS:
        moved |= _OF_LOANS
    entries = [entry for entry in list_book_entries() if entry.debit in moved or entry.credit in moved]
    return {
        "kinds": [entry.kind.value for entry in entries],
        "categories": [str(entry.category) for entry in entries],
        "methods": [str(entry.method) for entry in entries],
        "debits": [entry.debit.value for entry in entries],
        "credits": [entry.credit.value for entry in entries],
        "loans": Account.LOANS.value,
        "interest": Account.INTEREST_INCOME.value,
    }


#: The interest in a loan's charge moves both.
_OF_LOANS = frozenset({Account.LOANS, Account.INTEREST_INCOME})

#: What decides a posting's accounts: the kind and category of its money (of the funding for what a credit pays, of the
#: original for a void), and how that crossed the counter. An opening deposit crossed no counter.
_METHOD = """
    CASE WHEN coalesce(o.kind, p.kind) IN ('PAYMENT', 'DEPOSIT', 'PAYOUT')
        THEN coalesce(payment.method, payout.method, '') ELSE '' END
"""
DECIDED_BY = f"""
    coalesce(o.kind, p.kind) AS kind, coalesce(f.category, p.category) AS category, {_METHOD} AS method,
    p.kind = 'VOID' AS is_void
"""
_UNFUNDED_POSTINGS = """
    ledger_postings p
        LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        LEFT JOIN ledger_payments payment ON payment.id = p.payment_id
        LEFT JOIN ledger_payouts payout ON payout.id = p.payout_id
"""
POSTINGS = f"{_UNFUNDED_POSTINGS} LEFT JOIN ledger_postings f ON f.id = p.funding_id"
ENTRIES = """
    unnest(%(kinds)s::text[], %(categories)s::text[], %(methods)s::text[], %(debits)s::text[], %(credits)s::text[])
        AS entry (kind, category, method, debit, credit)
"""

_DAYS = """
    p.id > %(last_posting_id)s AND p.effective_on >= coalesce(%(from_on)s::date, '-infinity')
        AND p.effective_on <= coalesce(%(to_on)s::date, 'infinity')
"""
#: What undoes, uses or crosses the counter with nothing is decided by itself, and meets no other row.
_ALONE = "p.funding_id IS NULL AND p.reverses_id IS NULL AND p.payment_id IS NULL AND p.payout_id IS NULL"
_UNFUNDED = """
    p.funding_id IS NULL AND (p.reverses_id IS NOT NULL OR p.payment_id IS NOT NULL OR p.payout_id IS NOT NULL)
"""
#: What crossed the counter is never decided alone, and many accounts move by nothing else.
_SOME_ALONE = "AND '' = ANY(%(methods)s)"
#: A void has its original's category, and what a credit pays that of its funding.
_OF_ACCOUNTS = """
    AND (p.kind = ANY(%(kinds)s) OR p.kind = 'VOID') AND (p.category = ANY(%(categories)s) OR p.funding_id IS NOT NULL)
"""


def _write_statement(of_accounts: str) -> str:
    """Postings are summed by what decides their accounts before they meet the table of entries.

    LEFT JOIN: a posting that the table did not know would show as an account without a name, and the audit of the books
    would say so. Of a loan's charge, the interest is a line of its own: the loan stands at its principal.
    """
    return f"""
        WITH sums AS (
            SELECT p.kind, p.category, '' AS method, false AS is_void, sum(p.amount) AS amount, sum(p.income) AS income
            FROM ledger_postings p WHERE {_DAYS} AND {_ALONE} {of_accounts} {_SOME_ALONE if of_accounts else ""}
            GROUP BY 1, 2
            UNION ALL
            SELECT coalesce(o.kind, p.kind), p.category, {_METHOD}, p.kind = 'VOID', sum(p.amount), sum(p.income)
            FROM {_UNFUNDED_POSTINGS} WHERE {_DAYS} AND {_UNFUNDED} {of_accounts}
            GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT {DECIDED_BY}, sum(p.amount), sum(p.income)
            FROM {POSTINGS} WHERE {_DAYS} AND p.funding_id IS NOT NULL {of_accounts}
            GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT * FROM json_to_recordset(%(postings)s::json)
                AS kept (kind text, category text, method text, is_void boolean, amount numeric, income numeric)
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
            WHERE t.id > %(last_transfer_id)s AND t.effective_on >= coalesce(%(from_on)s::date, '-infinity')
                AND t.effective_on <= coalesce(%(to_on)s::date, 'infinity')
            GROUP BY t.debit, t.credit
            UNION ALL
            SELECT debit, credit, amount
            FROM json_to_recordset(%(transfers)s::json) AS kept (debit text, credit text, amount numeric)
        )
        SELECT account, sum(debit), sum(credit) FROM (
            SELECT debit AS account, amount AS debit, 0.00 AS credit FROM booked
            UNION ALL
            SELECT credit, 0.00, amount FROM booked
        ) AS side
        GROUP BY account
    """


TRIAL_BALANCE, _SOME_ACCOUNTS = _write_statement(""), _write_statement(_OF_ACCOUNTS)
