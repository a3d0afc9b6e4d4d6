"""What every service of money must prove: what it wrote, that a refusal wrote nothing, that it locked before it wrote.

With these come the shortest ways to bring a driver's money into the state that a test is about.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from leases.models import Driver
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerAccount, LedgerBalance, LedgerPosting, Payout

WEDNESDAY = date(2026, 11, 18)
THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)
NEXT_SATURDAY = date(2026, 11, 28)

#: No driver, lease, vehicle, posting or document bears it.
UNKNOWN = 999_999_999

#: What bounds the transaction, locks and looks by one call (ledger/sql/singles.sql); the first of them writes as well.
_AT_ONCE = re.compile(r"FROM ledger_(open_unknown|void_untouched|lock_posting|begin_payment)\(")
_LOCK = re.compile(r'SELECT driver_id FROM "ledger_accounts" .* ORDER BY 1 ASC FOR UPDATE')
_WRITE = re.compile(
    r"^\s*(INSERT|UPDATE|DELETE|COPY)\b|\bINSERT INTO ledger_postings\b|"
    r"ledger_(open_unknown|void_untouched|take_payment)\("
)


def charge(driver: Driver, reference: str = "MISC-1", amount: str = "100.00", **facts: Any) -> LedgerPosting:
    """Charge a driver, under the category that the reference names; due and effective on Wednesday unless told."""
    given = {"category": reference.split("-")[0], "due_on": WEDNESDAY, "effective_on": WEDNESDAY, **facts}
    return ledger.create_obligation(amount=Decimal(amount), reference_id=reference, driver_id=driver.pk, **given)


def earn(driver: Driver, reference: str = "CURB-1", amount: str = "100.00", **facts: Any) -> LedgerPosting:
    """Credit a driver with card fares, effective on Wednesday unless told."""
    given = {"effective_on": WEDNESDAY, **facts}
    return ledger.post_earnings(amount=Decimal(amount), reference_id=reference, driver_id=driver.pk, **given)


def pay(
    driver: Driver, amount: str = "100.00", allocations: Mapping[str, str] | None = None, **facts: Any
) -> InterimPayment:
    """Take cash over the counter on Wednesday unless told; ``allocations`` in dollars per reference."""
    given = {"payment_method": "CASH", "effective_on": WEDNESDAY, **facts}
    named = {reference: Decimal(part) for reference, part in (allocations or {}).items()}
    return ledger.apply_interim_payment(payment_amount=Decimal(amount), allocations=named, driver_id=driver.pk, **given)


def pay_out(driver: Driver, amount: str, **facts: Any) -> Payout:
    """Pay a driver out in cash, on Thursday unless told."""
    given = {"method": "CASH", "effective_on": THURSDAY, **facts}
    return ledger.pay_out(driver_id=driver.pk, amount=Decimal(amount), **given)


def hold_deposit(driver: Driver, lease_id: int, amount: str = "500.00", **facts: Any) -> LedgerPosting:
    """Take a lease deposit over the counter; return the posting that holds it."""
    payment = pay(driver, amount, deposit=Decimal(amount), lease_id=lease_id, **facts)
    return payment.postings.get(kind="DEPOSIT")


def apply(as_of: date = SATURDAY, **which: Any) -> ledger.ApplicationSummary:
    """Run the waterfall, as of Saturday unless told."""
    return ledger.apply_weekly_earnings(as_of=as_of, **which)


def balances_of(driver: Driver) -> dict[str, tuple[str, str]]:
    """What remains under each reference of the driver, and its status; of a reference used again, the last balance."""
    rows = LedgerBalance.objects.filter(driver=driver).order_by("posting_id")
    return {row.reference_id: (str(row.remaining), row.status) for row in rows}


def lines(postings: Any) -> list[tuple[str, str, str]]:
    """Kind, reference and amount of postings, in the order they were written."""
    return [(line.kind, line.reference_id, str(line.amount)) for line in sorted(postings, key=lambda line: line.pk)]


@contextmanager
def writes(
    *, postings: int = 0, balances: int = 0, accounts: int = 0, payments: int = 0, payouts: int = 0
) -> Iterator[None]:
    """Demand that exactly so many rows are added inside."""
    before = _count_rows()
    yield
    assert [now - then for now, then in zip(_count_rows(), before, strict=True)] == [
        postings,
        balances,
        accounts,
        payments,
        payouts,
    ]


def assert_locks_first(act: Callable[[], object], *, in_batches: bool = False) -> None:
    """Demand that ``act`` is one transaction that locks accounts, in order, before it writes anything.

    Read from the SQL, since a missing lock hides from tests of behavior, and a missing transaction in the test's own.
    ``in_batches``: it looks who is concerned first, and each batch (one, in the test) is a transaction.
    """
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    statements = [query["sql"] for query in captured.captured_queries]
    if in_batches:
        begins = next(place for place, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
        assert all(sql.startswith("SELECT") for sql in statements[:begins])
        statements = statements[begins:]
    assert statements[0].startswith("SAVEPOINT")
    assert statements[-1] == statements[0].replace("SAVEPOINT", "RELEASE SAVEPOINT")
    assert "lock_timeout" in statements[1] or _AT_ONCE.search(statements[1])
    locked = [place for place, sql in enumerate(statements) if _LOCK.match(sql) or _AT_ONCE.search(sql)]
    opened = [place for place, sql in enumerate(statements) if sql.startswith('INSERT INTO "ledger_accounts"')]
    written = [place for place, sql in enumerate(statements) if _WRITE.search(sql) and place not in opened]
    assert written
    before_writing = [place for place in locked if place <= written[0]]
    assert before_writing
    # An account that was just opened is locked by another look.
    assert all(place < before_writing[-1] for place in opened)


def count_statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def _count_rows() -> list[int]:
    return [model.objects.count() for model in (LedgerPosting, LedgerBalance, LedgerAccount, InterimPayment, Payout)]
