"""What moves money one by one does the same in a session that has prepared it as in one that has not."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from core.postgresql.base import PREPARED_AFTER
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import WEDNESDAY, charge

TIMES = PREPARED_AFTER + 2
#: What stands in each statement of these, and in no other.
CALLS = ("ledger_open_unknown", "ledger_begin_payment", "ledger_take_payment", "ledger_void_untouched")


@pytest.fixture
def _in_a_session_of_our_own(transactional_db: None) -> Iterator[None]:
    """As the product's are; it ends with the test, since the tests' own prepare nothing (tests/postgresql/base.py)."""
    connection.close()
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.is_session_ours = True
    yield
    connection.close()


@pytest.mark.usefixtures("_in_a_session_of_our_own")
def test_charges_payments_and_voids_are_prepared_and_right() -> None:
    driver, cashier = DriverFactory.create(), UserFactory.create()
    for number in range(TIMES):
        kept, wrong = charge(driver, f"MISC-K{number}", "10.00"), charge(driver, f"MISC-W{number}", "7.00")
        ledger.apply_interim_payment(
            payment_amount=Decimal("4.00"),
            allocations={kept.reference_id: Decimal("4.00")},
            driver_id=driver.pk,
            payment_method="CASH",
            effective_on=WEDNESDAY,
            tells=True,
            actor=cashier,
        )
        ledger.void_posting(posting_id=wrong.pk, reason="Wrong", effective_on=WEDNESDAY, actor=cashier)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(statement, ' ') FROM pg_prepared_statements")
        (prepared,) = cursor.fetchone()
    assert [call for call in CALLS if call not in prepared] == []
    debits = LedgerBalance.objects.filter(entry_type="DEBIT")
    left = sorted((balance.reference_id, balance.remaining, balance.status) for balance in debits)
    assert left == [(f"MISC-K{number}", Decimal("6.00"), "OPEN") for number in range(TIMES)] + [
        (f"MISC-W{number}", Decimal("0.00"), "VOIDED") for number in range(TIMES)
    ]
    assert_books_clean()
