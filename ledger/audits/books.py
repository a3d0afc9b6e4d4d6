"""The books against the balances."""

from collections.abc import Iterator
from decimal import Decimal

from core.audits import audit
from ledger.audits.queries import find_rows
from ledger.books import Account
from ledger.money import ZERO
from ledger.selectors.trial_balance import list_trial_balance


@audit("ledger.books", "Every posting is booked, debits equal credits, and each control account equals its balances.")
def find_wrong_books() -> Iterator[str]:
    totals = list_trial_balance()
    books = {total.account: total.balance for total in totals}
    debits, credits_ = sum((t.debit for t in totals), ZERO), sum((t.credit for t in totals), ZERO)
    figures: dict[str, Decimal] = find_rows(
        """
        SELECT (SELECT coalesce(sum(amount), 0) FROM ledger_postings) AS postings,
            coalesce(sum(remaining) FILTER (WHERE entry_type = 'DEBIT'), 0) AS obligations,
            coalesce(sum(remaining) FILTER (WHERE entry_type = 'CREDIT' AND category <> 'DEPOSIT'), 0) AS credits,
            coalesce(sum(remaining) FILTER (WHERE entry_type = 'CREDIT' AND category = 'DEPOSIT'), 0) AS deposits
        FROM ledger_balances
        """
    )[0]
    if debits != credits_:
        yield f"The trial balance debits {debits} and credits {credits_}."
    if debits != figures["postings"]:
        yield f"Postings sum to {figures['postings']}, and only {debits} of it is booked."
    for account, expected in (
        (Account.RECEIVABLE, figures["obligations"]),
        (Account.DRIVER_CREDIT, -figures["credits"]),
        (Account.DEPOSITS_HELD, -figures["deposits"]),
    ):
        if books.get(account, ZERO) != expected:
            yield f"{account} stands at {books.get(account, ZERO)} in the books and at {expected} in the balances."
