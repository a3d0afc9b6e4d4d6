"""The guards among several sessions: raw SQL takes the account's lock, and an old snapshot decides nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, transaction

from tests.factories import DriverFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import Book, another_session, diagnose, post, refused, run

pytestmark = pytest.mark.django_db(transaction=True)

EARN = """
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason)
    VALUES ('EARNINGS', 'CREDIT', 'EARNINGS', 10, %s, %s, '2026-11-21', '') RETURNING id
"""
PAY_OUT = """
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
        balance_id, payout_id, effective_on, reason)
    SELECT 'PAYOUT', 'DEBIT', category, 100, reference_id, driver_id, lease_id, vehicle_id, posting_id, %s,
        '2026-11-21', '' FROM ledger_balances WHERE posting_id = %s
"""
FORGIVE = """
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
        balance_id, effective_on, reason)
    SELECT 'WRITE_OFF', 'CREDIT', category, 300, reference_id, driver_id, lease_id, vehicle_id, posting_id,
        '2026-11-21', 'hardship' FROM ledger_balances WHERE posting_id = %s
"""
DOCUMENT = """
    INSERT INTO ledger_payments (driver_id, amount, method, received_on, instrument_number, fingerprint, deposit)
    VALUES (%s, 1, 'CASH', '2026-11-21', '', '', 0) RETURNING number
"""


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


@pytest.fixture
def first() -> Iterator[psycopg.Connection]:
    with another_session() as session:
        yield session


@pytest.fixture
def second() -> Iterator[psycopg.Connection]:
    with another_session() as session:
        yield session


@pytest.fixture
def thread(first: psycopg.Connection) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor
        first.rollback()  # what waits for it in the thread can end, also when the test failed


def begin_and_block(
    thread: ThreadPoolExecutor, session: psycopg.Connection, sql: str, *params: Any
) -> Future[psycopg.Cursor]:
    """Start a statement in another thread, and return once it waits for somebody's lock."""
    running = thread.submit(session.execute, sql, params)
    for _ in range(1000):
        if run("SELECT cardinality(pg_blocking_pids(%s)) > 0", session.info.backend_pid) == [(True,)]:
            return running
        time.sleep(0.01)
    raise AssertionError("the statement never waited for a lock")


def set_snapshot(session: psycopg.Connection) -> None:
    """Begin a transaction that will see the database as it is now."""
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    session.execute("SELECT 1 FROM ledger_accounts")


class TestAccountLock:
    def test_is_taken_by_a_posting(self, book: Book, first: psycopg.Connection) -> None:
        first.execute(EARN, ["CURB-9", book.driver])
        with pytest.raises(OperationalError) as refusal, transaction.atomic():
            run("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE NOWAIT", book.driver)
        assert diagnose(refusal.value) == (rawsql.LOCK_NOT_AVAILABLE, None)

    def test_is_not_taken_of_other_drivers(self, book: Book, first: psycopg.Connection) -> None:
        post(**rawsql.obligation(book.other_driver, "MISC-1"))
        first.execute(EARN, ["CURB-9", book.driver])
        locked = "SELECT driver_id FROM ledger_accounts WHERE driver_id = %s FOR UPDATE NOWAIT"
        assert run(locked, book.other_driver) == [(book.other_driver,)]

    def test_is_waited_for_by_a_posting(self, book: Book, first: psycopg.Connection) -> None:
        first.execute("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [book.driver])
        with refused(None, sqlstate=rawsql.LOCK_NOT_AVAILABLE):
            run("SET LOCAL lock_timeout = '50ms'")
            post(**book.row("OBLIGATION"))

    def test_is_taken_in_driver_order(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        """Who waits for the first of three accounts holds neither of the other two, whatever the order of the rows."""
        drivers = sorted(driver.pk for driver in DriverFactory.create_batch(3))
        for driver in drivers:
            post(**rawsql.obligation(driver, f"MISC-{driver}"))
        first.execute("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [drivers[0]])
        columns = "kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason"
        waiting = begin_and_block(
            thread, second,
            f"INSERT INTO ledger_postings ({columns}) SELECT 'EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-' || d, d,"
            " '2026-11-21', '' FROM unnest(%s::bigint[]) d", drivers[::-1],
        )  # fmt: skip
        with transaction.atomic():
            locked = run(
                "SELECT driver_id FROM ledger_accounts WHERE driver_id = ANY(%s) FOR UPDATE NOWAIT", drivers[1:]
            )
        assert sorted(locked) == [(driver,) for driver in drivers[1:]]
        first.commit()
        assert waiting.result(timeout=30).rowcount == 3

    def test_is_held_after_waiting_for_one_who_changed_the_account(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        """A row that was updated meanwhile is judged anew before it is locked; it must still be found, and locked."""
        first.execute("UPDATE ledger_accounts SET sealed_through = sealed_through WHERE driver_id = %s", [book.driver])
        waiting = begin_and_block(thread, second, EARN, "CURB-9", book.driver)
        first.commit()
        waiting.result(timeout=30)
        with pytest.raises(OperationalError) as refusal, transaction.atomic():
            run("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE NOWAIT", book.driver)
        assert diagnose(refusal.value) == (rawsql.LOCK_NOT_AVAILABLE, None)


class TestFirstUse:
    """Two sessions post the first posting of one driver at once."""

    def test_opens_one_account(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        first.execute(EARN, ["CURB-8", book.other_driver])
        waiting = begin_and_block(thread, second, EARN, "CURB-9", book.other_driver)
        first.commit()
        waiting.result(timeout=30)
        second.commit()
        assert run("SELECT sealed_through FROM ledger_accounts WHERE driver_id = %s", book.other_driver) == [(0,)]
        assert run(
            "SELECT reference_id, remaining::text FROM ledger_balances WHERE driver_id = %s ORDER BY 1",
            book.other_driver,
        ) == [("CURB-8", "10.00"), ("CURB-9", "10.00")]

    def test_opens_one_account_when_the_first_gives_up(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        first.execute(EARN, ["CURB-8", book.other_driver])
        waiting = begin_and_block(thread, second, EARN, "CURB-9", book.other_driver)
        first.rollback()
        waiting.result(timeout=30)
        second.commit()
        assert run("SELECT sealed_through FROM ledger_accounts WHERE driver_id = %s", book.other_driver) == [(0,)]
        assert rawsql.differences_from_rebuild() == []

    def test_is_refused_to_a_snapshot_before_the_account(self, book: Book, first: psycopg.Connection) -> None:
        set_snapshot(first)
        post(**rawsql.obligation(book.other_driver, "MISC-1"))
        with pytest.raises(psycopg.errors.SerializationFailure):
            first.execute(EARN, ["CURB-9", book.other_driver])


class TestCut:
    def test_misses_nothing_that_waited(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        """The second session draws its id while the first holds the account; the first posts and cuts above it."""
        first.execute("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [book.driver])
        waiting = begin_and_block(thread, second, EARN, "CURB-9", book.driver)
        last = first.execute(EARN, ["CURB-8", book.driver]).fetchone()
        first.execute(
            "UPDATE ledger_accounts SET sealed_through = %s WHERE driver_id = %s", [*(last or ()), book.driver]
        )
        first.commit()
        with pytest.raises(psycopg.errors.SerializationFailure) as refusal:
            waiting.result(timeout=30)
        assert diagnose(refusal.value) == (rawsql.SERIALIZATION_FAILURE, "ledger_postings_above_cut")
        assert run("SELECT reference_id FROM ledger_balances WHERE reference_id ~ '^CURB-[89]$'") == [("CURB-8",)]


class TestOldSnapshots:
    """REPEATABLE READ does not see what was committed since it began; where that matters, it is refused."""

    def test_do_not_overdraw_a_balance(self, book: Book, first: psycopg.Connection) -> None:
        set_snapshot(first)
        run(FORGIVE, book.rent)
        with pytest.raises(psycopg.errors.SerializationFailure):
            first.execute(FORGIVE, [book.rent])
        assert rawsql.balance_of(book.rent) == ("140.00", "OPEN")

    def test_do_not_claim_a_payout_twice(self, book: Book, first: psycopg.Connection) -> None:
        """Each draws all of the document's 100.00 from a credit of its own."""
        set_snapshot(first)
        run(PAY_OUT, book.spare_payout, book.earnings)
        with pytest.raises(psycopg.errors.SerializationFailure):
            first.execute(PAY_OUT, [book.spare_payout, book.payment_credit])
        assert rawsql.balance_of(book.earnings) == ("200.00", "OPEN")
        assert rawsql.balance_of(book.payment_credit) == ("190.00", "OPEN")

    def test_do_not_slip_below_a_cut(self, book: Book, first: psycopg.Connection) -> None:
        set_snapshot(first)
        last = run("SELECT max(id) FROM ledger_postings")[0][0]
        run("UPDATE ledger_accounts SET sealed_through = %s WHERE driver_id = %s", last, book.driver)
        with pytest.raises(psycopg.errors.SerializationFailure):
            first.execute(EARN, ["CURB-9", book.driver])

    def test_do_not_draw_a_receipt_number_twice(self, book: Book, first: psycopg.Connection) -> None:
        set_snapshot(first)
        run(DOCUMENT, book.driver)
        with pytest.raises(psycopg.errors.SerializationFailure):
            first.execute(DOCUMENT, [book.driver])
        assert run("SELECT number FROM ledger_payments ORDER BY 1") == [(1,), (2,), (3,)]


class TestReceiptNumbers:
    def test_wait_for_the_number_before(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        assert first.execute(DOCUMENT, [book.driver]).fetchone() == (3,)
        waiting = begin_and_block(thread, second, DOCUMENT, book.other_driver)
        first.commit()
        assert waiting.result(timeout=30).fetchone() == (4,)

    def test_take_the_number_that_was_given_up(
        self, book: Book, first: psycopg.Connection, second: psycopg.Connection, thread: ThreadPoolExecutor
    ) -> None:
        assert first.execute(DOCUMENT, [book.driver]).fetchone() == (3,)
        waiting = begin_and_block(thread, second, DOCUMENT, book.other_driver)
        first.rollback()
        assert waiting.result(timeout=30).fetchone() == (3,)
