"""What is done one by one is done in few statements, however much is there, and sees what came before its lock."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.ledger.proofs import THURSDAY, UNKNOWN, WEDNESDAY, charge, pay
from tests.threads import PATIENCE


def list_statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"].strip() for query in captured if "SAVEPOINT" not in query["sql"]]


@pytest.mark.django_db
class TestStatements:
    def test_a_charge_is_one(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        (statement,) = list_statements(partial(charge, driver, "MISC-2"))
        assert "ledger_open_unknown" in statement

    def test_a_payment_over_any_number_of_charges_is_two(self) -> None:
        driver = DriverFactory.create()
        for number in range(6):
            charge(driver, f"MISC-{number}")
        one = partial(pay, driver, "100.00", {"MISC-0": "100.00"})
        five = partial(pay, driver, "500.00", {f"MISC-{number}": "100.00" for number in range(1, 6)})
        assert [len(list_statements(payment)) for payment in (one, five)] == [2, 2]
        assert_books_clean()

    def test_a_void_is_one_and_with_whatever_had_paid_two_more(self) -> None:
        driver = DriverFactory.create()
        untouched, paid = charge(driver, "MISC-1"), charge(driver, "MISC-2")
        for _ in range(3):
            pay(driver, "10.00", {"MISC-2": "10.00"}, confirmed=["same_amount_just_taken"])
        told = [list_statements(partial(void_charge, posting.pk)) for posting in (untouched, paid)]
        assert [len(statements) for statements in told] == [1, 3]
        assert_books_clean()


@pytest.mark.django_db(transaction=True)
class TestAlone:
    """Where no transaction is open, one statement is one, and needs no BEGIN."""

    def test_a_charge_and_its_void_are_a_statement_each(self) -> None:
        driver = DriverFactory.create()
        charged = list_statements(partial(charge, driver, "MISC-1"))
        void = partial(void_charge, LedgerBalance.objects.get(reference_id="MISC-1").pk)
        voided = list_statements(void)
        assert [len(charged), len(voided)] == [1, 1]
        assert LedgerBalance.objects.get(reference_id="MISC-1").status == "VOIDED"
        assert_books_clean()

    def test_a_refusal_leaves_nothing_behind(self) -> None:
        driver = DriverFactory.create(pk=UNKNOWN - 1)
        with pytest.raises(ledger.DriverNotFound):
            charge(DriverFactory.build(pk=UNKNOWN), "MISC-1")
        with pytest.raises(ledger.LeaseNotFound):
            charge(driver, "MISC-1", lease_id=UNKNOWN)
        assert connection.get_autocommit()
        assert not LedgerBalance.objects.exists()

    def test_a_charge_of_a_reference_that_another_driver_gets_meanwhile_is_refused(self) -> None:
        """The account that is locked is another driver's, so only the index of references keeps them apart."""
        first, second = DriverFactory.create(), DriverFactory.create()
        charge(first, "MISC-0")
        charge(second, "MISC-0-2")
        outcome = do_while_locked(first.pk, partial(charge, first, "MISC-1"), then=partial(charge, second, "MISC-1"))
        assert type(outcome) is ledger.ReferenceConflict
        assert LedgerBalance.objects.get(reference_id="MISC-1").driver_id == second.pk
        assert_books_clean()


@pytest.mark.django_db
class TestVoidOfWhatNothingMoved:
    def test_returns_the_opposite_and_what_it_undid(self) -> None:
        posting = charge(DriverFactory.create(), "MISC-1", "40.00")
        (opposite,) = void_charge(posting.pk)
        assert (opposite.kind, opposite.entry_type, opposite.amount) == ("VOID", "CREDIT", Decimal("40.00"))
        assert (opposite.reverses, opposite.reason, opposite.effective_on) == (posting, "Wrong", THURSDAY)

    @pytest.mark.parametrize(
        ("prepare", "refusal"),
        [
            (lambda posting: void_charge(posting.pk), ledger.AlreadyVoided),
            (lambda posting: None, ledger.VoidBeforeOriginal),
        ],
    )
    def test_what_stands_against_it_is_said(self, prepare: Any, refusal: type[Exception]) -> None:
        posting = charge(DriverFactory.create(), "MISC-1", effective_on=THURSDAY, due_on=THURSDAY)
        prepare(posting)
        day = WEDNESDAY if refusal is ledger.VoidBeforeOriginal else THURSDAY
        with pytest.raises(refusal):
            ledger.void_posting(posting_id=posting.pk, reason="Wrong", actor=None, effective_on=day)


@pytest.mark.django_db
class TestIndexes:
    def test_references_are_found_without_reading_all_balances(self) -> None:
        """Live and voided references have an index each; a question that names no status could use neither."""
        with connection.cursor() as cursor:
            # As where there are many: no plan that is good for a few rows.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = LedgerBalance.objects.bearing(["MISC-1", "MISC-2"]).explain()
        assert "ledger_balances_live_reference" in plan
        assert "ledger_balances_voided_ref" in plan
        assert "Seq Scan" not in plan

    def test_a_payment_reads_no_table_through(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        before = count_reads()
        pay(driver, "100.00", {"MISC-1": "100.00"})
        assert count_reads() == before


def count_reads() -> dict[str, int]:
    """How often this transaction read each of these tables from its beginning to its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname IN "
            "('ledger_balances', 'ledger_postings', 'ledger_payments')"
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
class TestWhatCameBeforeTheLock:
    def test_a_reference_posted_and_voided_meanwhile_is_not_posted_anew(self) -> None:
        """A voided reference is in no unique index, so only a look that is younger than the lock finds it."""
        driver = DriverFactory.create()
        charge(driver, "MISC-0")
        outcome = do_while_locked(driver.pk, partial(charge, driver, "MISC-1"), then=partial(post_and_void, driver))
        assert type(outcome) is ledger.ReferenceVoided
        assert LedgerBalance.objects.filter(reference_id="MISC-1").count() == 1
        assert_books_clean()

    def test_a_payment_taken_meanwhile_under_the_key_is_returned(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        take = partial(pay, driver, "60.00", {"MISC-1": "60.00"}, idempotency_key="k")
        outcome = do_while_locked(driver.pk, take, then=take)
        assert outcome.pk == InterimPayment.objects.get().pk
        assert_books_clean()

    def test_what_paid_a_charge_meanwhile_is_undone_with_it(self) -> None:
        driver = DriverFactory.create()
        posting = charge(driver, "MISC-1")
        void = partial(void_charge, posting.pk)
        outcome = do_while_locked(driver.pk, void, then=partial(pay, driver, "60.00", {"MISC-1": "60.00"}))
        assert [line.kind for line in outcome] == ["VOID", "VOID"]
        assert_books_clean()

    def test_what_had_paid_a_charge_but_was_not_committed_is_undone_with_it(self) -> None:
        """The payment is stamped before the void began, so only a look that is younger than the lock finds it."""
        driver = DriverFactory.create()
        posting = charge(driver, "MISC-1")
        outcome = do_while_locked(
            driver.pk, partial(void_charge, posting.pk), first=partial(pay, driver, "60.00", {"MISC-1": "60.00"})
        )
        assert [line.kind for line in outcome] == ["VOID", "VOID"]
        assert_books_clean()


def void_charge(posting_id: int) -> list[LedgerPosting]:
    return ledger.void_posting(posting_id=posting_id, reason="Wrong", actor=None, effective_on=THURSDAY)


def post_and_void(driver: Any) -> None:
    posting = charge(driver, "MISC-1", effective_on=WEDNESDAY)
    ledger.void_posting(posting_id=posting.pk, reason="Wrong", actor=None, effective_on=WEDNESDAY)


def do_while_locked(
    driver_id: int,
    act: Callable[[], Any],
    *,
    first: Callable[[], Any] = lambda: None,
    then: Callable[[], Any] = lambda: None,
) -> Any:
    """Do ``first``, begin ``act`` in a thread while this session holds the driver's account, do ``then``, and let go.

    Returns what ``act`` returned, or how it was refused.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(act())
        except ledger.LedgerError as refusal:
            outcome.append(refusal)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [driver_id])
        first()
        thread.start()
        wait_for_a_waiter()
        then()
    thread.join(timeout=PATIENCE)
    assert not thread.is_alive()
    return outcome[0]


def wait_for_a_waiter() -> None:
    """Until some session waits for a lock."""
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")
