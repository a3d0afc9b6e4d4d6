"""What one call reads does not grow with what there is, in a session that made its plans when there was little.

PostgreSQL keeps the plan of a function's statement for a session. So each call here is made in a new session where all
postings are one driver's, and again when most are another's: the pages that it reads and writes are counted.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from leases.models import Driver
from ledger import services as ledger
from tests.factories import DriverFactory
from tests.ledger.proofs import WEDNESDAY, charge
from tests.owner import as_owner

#: Postings of the driver, as statistics know them when plans are made; and of others, that come later.
FEW, MANY = 1_000, 6_000
#: A plan is made for the values of each call, until this many.
CALLS_UNTIL_KEPT = 7
#: A tree of an index may be a page higher, and a page may be split.
SLACK = 1.3

#: What each call asks of PostgreSQL, for a driver and a posting of theirs.
CALLS = {
    "charge": "SELECT FROM ledger_open_unknown('5s', '', 'OBLIGATION', 'DEBIT', 'MISC', 10.00, 'MISC-NEW', %(driver)s, "
    "NULL, NULL, '2026-11-18', '2026-11-18', '', 'A thing', 0, NULL)",
    "void": "SELECT FROM ledger_void_untouched('5s', '', %(posting)s, '{}', '2026-11-18', 'Wrong', NULL)",
    "look before a void": "SELECT FROM ledger_lock_posting('5s', '', %(posting)s)",
    "look before a payment": "SELECT FROM ledger_begin_payment('5s', '', %(driver)s, 'key', 10.00, 5, "
    "ARRAY['MISC-1', 'MISC-2'])",
}


@pytest.mark.django_db(transaction=True)
def test_a_call_touches_no_more_pages_where_there_is_more() -> None:
    driver, other = DriverFactory.create_batch(2)
    given = {"driver": driver.pk, "posting": charge(driver, "MISC-1").pk}
    charge_many(driver, FEW)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_postings, ledger_balances, ledger_accounts")
    connection.close()
    for _ in range(CALLS_UNTIL_KEPT):
        few = count_pages(given)
    charge_many(other, MANY)
    count_pages(given)  # which leaves hints once
    many = count_pages(given)
    assert {call: (few[call], pages) for call, pages in many.items() if pages > SLACK * few[call]} == {}


def count_pages(given: dict[str, Any]) -> dict[str, int]:
    """How many pages of tables and indexes each call touches, with all that its functions and triggers do."""
    pages = {}
    for call, statement in CALLS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", given)
            plan = cursor.fetchone()[0][0]["Plan"]
            transaction.set_rollback(True)
        pages[call] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


def charge_many(driver: Driver, number: int) -> None:
    ledger.create_obligations(
        ledger.Opening(
            category="MISC",
            amount=Decimal("10.00"),
            reference_id=f"MISC-{driver.pk}-{place}",
            driver_id=driver.pk,
            effective_on=WEDNESDAY,
        )
        for place in range(number)
    )
