"""What lies in the drawers: the balances of *Cash* and *Checks received*, by what moved them alone."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from ledger.books import HANDED_OVER, PAID_FROM, Account
from ledger.money import ZERO

#: The accounts of the counter, in the books' order.
ON_HAND = (Account.CASH, Account.CHECKS)


@dataclass(frozen=True, slots=True)
class OnHand:
    """Dollars of an account of the counter; below zero, more went than ever came."""

    account: Account
    balance: Decimal


def list_on_hand() -> list[OnHand]:
    """Return the balances that the trial balance of all days has for the counter's accounts, by one statement.

    It reads papers (payments, payouts), what undid them, and transfers: a small part of the postings. An audit holds
    each paper to what was posted of it.
    """
    parameters = {
        "accounts": [account.value for account in ON_HAND],
        "methods_in": [str(method) for method in HANDED_OVER],
        "debits": [account.value for account in HANDED_OVER.values()],
        "methods_out": [str(method) for method in PAID_FROM],
        "credits": [account.value for account in PAID_FROM.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ON_HAND, parameters)
        found = dict(cursor.fetchall())
    return [OnHand(account, found.get(account.value, ZERO)) for account in ON_HAND]


#: Summed by method before an account is looked up. What undid something has an index of its own, and is few; what a
#: payment or deposit opened moves no balance, so that of its voids no other posting of the paper is counted.
_ON_HAND = """
    WITH came AS (
        SELECT method, sum(amount) AS amount FROM ledger_payments GROUP BY method
        UNION ALL
        SELECT paper.method, -sum(void.amount)
        FROM ledger_postings void JOIN ledger_postings voided ON voided.id = void.reverses_id
            JOIN ledger_payments paper ON paper.id = void.payment_id
        WHERE void.reverses_id IS NOT NULL AND void.payment_id IS NOT NULL AND voided.balance_id IS NULL
        GROUP BY paper.method
    ), went AS (
        SELECT method, sum(amount) AS amount FROM ledger_payouts GROUP BY method
        UNION ALL
        SELECT paper.method, -sum(void.amount)
        FROM ledger_postings void JOIN ledger_payouts paper ON paper.id = void.payout_id
        WHERE void.reverses_id IS NOT NULL AND void.payout_id IS NOT NULL
        GROUP BY paper.method
    ), moved AS (
        SELECT place.account, came.amount
        FROM came JOIN unnest(%(methods_in)s::text[], %(debits)s::text[]) AS place (method, account) USING (method)
        UNION ALL
        SELECT place.account, -went.amount
        FROM went JOIN unnest(%(methods_out)s::text[], %(credits)s::text[]) AS place (method, account) USING (method)
        UNION ALL
        SELECT debit, sum(amount) FROM ledger_transfers GROUP BY debit
        UNION ALL
        SELECT credit, -sum(amount) FROM ledger_transfers GROUP BY credit
    )
    SELECT account, sum(amount) FROM moved WHERE account = ANY (%(accounts)s::text[]) GROUP BY account
"""
