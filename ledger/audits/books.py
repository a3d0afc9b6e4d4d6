"""The books against the balances, on every day; and what stands in them alone."""

from collections.abc import Iterator
from decimal import Decimal

from core.audits import audit
from ledger.audits.queries import find, find_rows
from ledger.books import Account
from ledger.money import ZERO
from ledger.selectors.effects import effects_sql
from ledger.selectors.trial_balance import DECIDED_BY, ENTRIES, POSTINGS, list_parameters, list_trial_balance


@audit("ledger.books", "Every posting and transfer is booked, and debits equal credits.")
def find_wrong_books() -> Iterator[str]:
    totals = list_trial_balance(adds_up_all=True)
    debits, credits_ = sum((t.debit for t in totals), ZERO), sum((t.credit for t in totals), ZERO)
    figures: dict[str, Decimal] = find_rows(
        """
        SELECT (SELECT coalesce(sum(amount + income), 0) FROM ledger_postings)
            + (SELECT coalesce(sum(amount), 0) FROM ledger_transfers) AS written
        """
    )[0]
    if debits != credits_:
        yield f"The trial balance debits {debits} and credits {credits_}."
    if debits != figures["written"]:
        yield f"Postings and transfers sum to {figures['written']}, and only {debits} of it is booked."


@audit(
    "ledger.control_accounts",
    "On every day, drivers' receivable, drivers' credit and deposits held equal what is open of the balances.",
)
def find_wrong_control_accounts() -> Iterator[str]:
    """From two sides: what the books enter on each day, and what each day's postings did to the balances."""
    parameters = {
        **list_parameters(),
        "receivable": Account.RECEIVABLE.value,
        "credit": Account.DRIVER_CREDIT.value,
        "deposits": Account.DEPOSITS_HELD.value,
    }
    yield from find(
        "At the end of {effective_on}, account {account} stands at {booked} in the books and at {open} in the "
        "balances.",
        f"""
        WITH line AS (
            SELECT p.effective_on, p.amount, {DECIDED_BY} FROM {POSTINGS}
        ), entered AS (
            SELECT line.effective_on, side.account, sum(CASE WHEN side.is_debit <> is_void THEN amount ELSE -amount END)
                AS change
            FROM line JOIN {ENTRIES} USING (kind, category, method)
                CROSS JOIN LATERAL (VALUES (entry.debit, true), (entry.credit, false)) AS side (account, is_debit)
            WHERE side.account IN (%(receivable)s, %(credit)s, %(deposits)s)
            GROUP BY 1, 2
        ), moved AS (
            SELECT p.effective_on, CASE WHEN o.entry_type = 'DEBIT' THEN %(receivable)s
                    WHEN o.category = 'DEPOSIT' THEN %(deposits)s ELSE %(credit)s END AS account,
                sum(CASE WHEN o.entry_type = 'DEBIT' THEN effect.change ELSE -effect.change END) AS change
            FROM ({effects_sql()}) AS effect JOIN ledger_postings p ON p.id = effect.posting_id
                JOIN ledger_postings o ON o.id = effect.balance_id
            GROUP BY 1, 2
        ), days AS (
            SELECT effective_on, account,
                sum(coalesce(entered.change, 0)) OVER line AS booked, sum(coalesce(moved.change, 0)) OVER line AS open
            FROM entered FULL JOIN moved USING (effective_on, account)
            WINDOW line AS (PARTITION BY account ORDER BY effective_on)
        )
        SELECT * FROM days WHERE booked <> open ORDER BY effective_on, account
        """,
        parameters,
    )
    balances: dict[str, Decimal] = {
        total.account.value: total.balance for total in list_trial_balance(adds_up_all=True)
    }
    (open_,) = find_rows(
        """
        SELECT coalesce(sum(remaining) FILTER (WHERE entry_type = 'DEBIT'), 0) AS receivable,
            -coalesce(sum(remaining) FILTER (WHERE entry_type = 'CREDIT' AND category <> 'DEPOSIT'), 0) AS credit,
            -coalesce(sum(remaining) FILTER (WHERE entry_type = 'CREDIT' AND category = 'DEPOSIT'), 0) AS deposits
        FROM ledger_balances
        """
    )
    for account, name in (
        (Account.RECEIVABLE, "receivable"),
        (Account.DRIVER_CREDIT, "credit"),
        (Account.DEPOSITS_HELD, "deposits"),
    ):
        if balances.get(account.value, ZERO) != open_[name]:
            yield (
                f"{account.label} stands at {balances.get(account.value, ZERO)} in the books and at {open_[name]} in "
                "the balances."
            )


@audit(
    "ledger.recoveries",
    "Recoveries stand at zero, but for those that nothing tells where their money is missing.",
)
def find_unexplained_recoveries() -> Iterator[str]:
    yield from find(
        "Recoveries stand at {balance}; recoveries without a transfer, and corrections, explain {explained}.",
        """
        WITH uncleared AS (
            SELECT coalesce(sum(o.amount), 0) AS amount FROM ledger_postings o
            WHERE o.kind = 'OBLIGATION' AND o.category = 'RECOVERY'
                AND NOT EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = o.id)
                AND NOT EXISTS (SELECT FROM ledger_transfers t WHERE t.posting_id = o.id AND t.reverses_id IS NULL
                    AND NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = t.id))
        ), corrected AS (
            SELECT coalesce(sum(CASE WHEN debit = %(recoveries)s THEN amount ELSE -amount END), 0) AS amount
            FROM ledger_transfers WHERE kind = 'CORRECTION' AND %(recoveries)s IN (debit, credit)
        )
        SELECT %(balance)s::numeric AS balance, corrected.amount - uncleared.amount AS explained
        FROM uncleared, corrected WHERE corrected.amount - uncleared.amount <> %(balance)s::numeric
        """,
        {
            "recoveries": Account.RECOVERIES.value,
            "balance": next(
                (
                    total.balance
                    for total in list_trial_balance(adds_up_all=True)
                    if total.account == Account.RECOVERIES
                ),
                ZERO,
            ),
        },
    )
