"""The demo's journal in other programs: beancount and hledger find the balances that the ledger has, to the cent."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum

from dtr.models import DtrLine
from ledger import services as ledger
from ledger.categories import Category, EntryType
from ledger.models import LedgerAccount, LedgerBalance
from ledger.selectors import iter_batch, iter_journal, list_trial_balance
from tests.ledger.journal import Balances, read_in_both, sum_by_account


def key_of(entry_type: str, driver_id: int, category: str) -> str:
    if entry_type == EntryType.DEBIT:
        return f"1100:{driver_id}:{category}"
    return f"{'2020' if category == Category.DEPOSIT else '2010'}:{driver_id}:{category}"


def as_balances(rows: Iterable[tuple[str, int, str, Decimal]]) -> Balances:
    """Rows of entry type, driver, category and dollars, as the books have them: a credit below zero."""
    return {
        key_of(entry_type, driver_id, category): amount if entry_type == EntryType.DEBIT else -amount
        for entry_type, driver_id, category, amount in rows
        if amount
    }


def assert_other_programs_agree(folder: Path, *, last_week: date) -> None:
    """Take the journal of all there is, and compare it with the balances, and with the DTRs of the last week."""
    batch = ledger.take_journal_batch(actor=None)

    found = read_in_both(iter_batch(batch), folder)

    # By driver and category.
    held = LedgerBalance.objects.values_list("entry_type", "driver_id", "category").annotate(Sum("remaining"))
    controls = {account: amount for account, amount in found.items() if ":" in account}
    assert controls == as_balances(held.order_by())
    # By account.
    ours = {total.account.value: total.balance for total in list_trial_balance() if total.balance}
    assert sum_by_account(found) == ours

    # What the drivers' last DTRs carry forward is what the journal comes to at their cuts.
    cuts = dict(LedgerAccount.objects.values_list("driver_id", "sealed_through"))
    sealed = [
        entry
        for entry in iter_journal()
        if entry.source != "TRANSFER" and entry.driver_id is not None and entry.id <= cuts[entry.driver_id]
    ]
    last_lines = DtrLine.objects.filter(dtr__week=last_week)
    carried = last_lines.values_list("entry_type", "dtr__driver_id", "category").annotate(Sum("closing"))
    at_the_cut = {account: amount for account, amount in read_in_both(sealed, folder).items() if ":" in account}
    assert at_the_cut == as_balances(carried.order_by())
