"""The same thing asked for by many at once, on real sessions: the right number win, and the rest are told why."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from core.errors import DomainError
from ledger import aio
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    apply,
    balances_of,
    charge,
    earn,
    hold_deposit,
    pay,
    pay_out,
)
from tests.ledger.rawsql import another_session
from tests.refusals import refused
from tests.threads import count_refusals, list_winners, run_together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4
CASHIERS = 8


def at_once(job: Callable[[], Any], times: int = CASHIERS) -> list[Any]:
    return run_together(*[job] * times)


#: Why, by whom and from when something is undone or forgiven here.
SAID: dict[str, Any] = {"reason": "Mistake", "actor": None, "effective_on": THURSDAY}


def void(posting: LedgerPosting, **facts: Any) -> list[LedgerPosting]:
    return ledger.void_posting(posting_id=posting.pk, **SAID, **facts)


def assert_one_wins(job: Callable[[], Any], told: type[DomainError]) -> None:
    outcomes = at_once(job)
    assert len(list_winners(outcomes)) == 1
    assert count_refusals(outcomes) == {told: CASHIERS - 1}


class TestOneBalance:
    def test_as_many_are_paid_in_full_as_fit(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}", "100.00")
            outcomes = at_once(lambda: pay(driver, "50.00", {f"MISC-{number}": "50.00"}))  # noqa: B023
            assert len(list_winners(outcomes)) == 2
            assert count_refusals(outcomes) == {ledger.ObligationClosed: 6}
            assert balances_of(driver)[f"MISC-{number}"] == ("0.00", "SETTLED")
        assert InterimPayment.objects.count() == 2 * ROUNDS
        assert_books_clean()

    def test_who_comes_too_late_is_told_what_remains(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}", "100.00")
            outcomes = at_once(lambda: pay(driver, "40.00", {f"MISC-{number}": "40.00"}))  # noqa: B023
            assert len(list_winners(outcomes)) == 2
            refusals = [outcome for outcome in outcomes if isinstance(outcome, ledger.OverAllocation)]
            assert [refusal.facts["remaining"] for refusal in refusals] == ["20.00"] * 6
            assert balances_of(driver)[f"MISC-{number}"] == ("20.00", "OPEN")
        assert InterimPayment.objects.count() == 2 * ROUNDS
        assert_books_clean()

    def test_is_forgiven_once(self) -> None:
        posting = charge(DriverFactory.create())
        forgive = partial(ledger.write_off_obligation, posting_id=posting.pk, **SAID)
        assert_one_wins(forgive, ledger.ObligationClosed)
        assert_books_clean()

    def test_forty_in_flight_by_coroutines(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "250.00")
        ten, cash = Decimal(10), {"payment_method": "CASH", "effective_on": THURSDAY}
        order: dict[str, Any] = {"payment_amount": ten, "allocations": {"MISC-1": ten}, **cash}

        async def pay_all() -> list[Any]:
            calls = [aio.apply_interim_payment(driver_id=driver.pk, **order) for _ in range(40)]
            return list(await asyncio.gather(*calls, return_exceptions=True))

        outcomes = asyncio.run(pay_all())
        assert len(list_winners(outcomes)) == 25
        assert count_refusals(outcomes) == {ledger.ObligationClosed: 15}
        assert sorted(paid.number for paid in list_winners(outcomes)) == list(range(1, 26))
        assert balances_of(driver)["MISC-1"] == ("0.00", "SETTLED")
        assert_books_clean()


class TestHeldMoney:
    def test_is_paid_out_once(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            earn(driver, f"CURB-{number}", "100.00")
            assert_one_wins(lambda: pay_out(driver, "100.00"), ledger.ExceedsNetDue)  # noqa: B023
        assert sorted(Payout.objects.values_list("number", flat=True)) == list(range(1, ROUNDS + 1))
        assert_books_clean()

    def test_a_deposit_is_released_once(self) -> None:
        lease = LeaseFactory.create()
        deposit = hold_deposit(lease.primary_driver, lease.pk)
        release = partial(ledger.release_deposit, posting_ids=[deposit.pk], method="CASH", effective_on=THURSDAY)
        assert_one_wins(release, ledger.OverAllocation)
        assert_books_clean()

    def test_is_applied_once(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}", "60.00")
            earn(driver, f"CURB-{number}", "100.00")
            summaries = at_once(lambda: apply(driver_ids=[driver.pk]), times=4)  # noqa: B023
            assert sorted(summary.applications for summary in summaries) == [0, 0, 0, 1]
            assert balances_of(driver)[f"CURB-{number}"] == ("40.00", "OPEN")
        assert_books_clean()


class TestSameVoid:
    @pytest.mark.parametrize("paid", [False, True])
    def test_a_charge_is_voided_once(self, paid: bool) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            posting = charge(driver, f"MISC-{number}")
            if paid:
                pay(driver, "30.00", {f"MISC-{number}": "30.00"})
            assert_one_wins(partial(void, posting), ledger.AlreadyVoided)
        assert LedgerPosting.objects.filter(kind="VOID").count() == ROUNDS * (1 + paid)
        assert_books_clean()

    def test_a_payment_is_voided_once(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}")
            payment = pay(driver, "30.00", {f"MISC-{number}": "30.00"})
            undo = partial(ledger.void_payment, payment_id=payment.pk, **SAID)
            assert_one_wins(undo, ledger.AlreadyVoided)
            assert balances_of(driver)[f"MISC-{number}"] == ("100.00", "OPEN")
        assert_books_clean()

    def test_a_check_is_returned_once(self) -> None:
        driver = DriverFactory.create()
        payment = pay(driver, "100.00", payment_method="CHECK", instrument_number="1001")
        pay_out(driver, "70.00")
        bounce = partial(ledger.void_payment, payment_id=payment.pk, returned_item=True, was_at_bank=True, **SAID)
        assert_one_wins(bounce, ledger.AlreadyVoided)
        assert balances_of(driver)[f"RETURNED-{payment.reference_id}"] == ("70.00", "OPEN")
        assert_books_clean()

    def test_a_payout_is_voided_once(self) -> None:
        driver = DriverFactory.create()
        earn(driver)
        payout = pay_out(driver, "60.00")
        assert_one_wins(partial(ledger.void_payout, payout_id=payout.pk, **SAID), ledger.AlreadyVoided)
        assert balances_of(driver) == {"CURB-1": ("100.00", "OPEN")}
        assert_books_clean()

    def test_a_charge_is_replaced_once(self) -> None:
        driver = DriverFactory.create()
        posting = charge(driver, "MISC-1")
        pay(driver, "30.00", {"MISC-1": "30.00"})
        correct = partial(ledger.replace_obligation, posting_id=posting.pk, amount=Decimal(80), **SAID)
        assert_one_wins(correct, ledger.AlreadyVoided)
        assert balances_of(driver)["MISC-1"] == ("50.00", "OPEN")
        assert_books_clean()


class TestSameKey:
    def test_all_get_the_one_payment(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}")
            send = partial(pay, driver, "50.00", {f"MISC-{number}": "50.00"}, idempotency_key=f"KEY-{number}")
            assert len({payment.pk for payment in at_once(send)}) == 1
            assert balances_of(driver)[f"MISC-{number}"] == ("50.00", "OPEN")
        assert InterimPayment.objects.count() == ROUNDS
        assert_books_clean()

    def test_all_get_the_one_payout(self) -> None:
        driver = DriverFactory.create()
        earn(driver)
        payouts = at_once(lambda: pay_out(driver, "30.00", idempotency_key="KEY"))
        assert len({payout.pk for payout in payouts}) == 1
        assert balances_of(driver) == {"CURB-1": ("70.00", "OPEN")}
        assert_books_clean()

    def test_with_other_facts_one_is_received(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            sends = [partial(pay, driver, f"{amount}.00", idempotency_key=f"KEY-{number}") for amount in range(1, 9)]
            outcomes = run_together(*sends)
            assert len(list_winners(outcomes)) == 1
            assert count_refusals(outcomes) == {ledger.IdempotencyConflict: 7}
        assert InterimPayment.objects.count() == ROUNDS
        assert_books_clean()

    def test_for_other_drivers_one_is_received(self) -> None:
        """Their accounts don't keep them apart: the losers meet the unique key, look again and see the first."""
        for number in range(ROUNDS):
            drivers = DriverFactory.create_batch(CASHIERS)
            outcomes = run_together(*[partial(pay, driver, idempotency_key=f"KEY-{number}") for driver in drivers])
            assert len(list_winners(outcomes)) == 1
            assert count_refusals(outcomes) == {ledger.IdempotencyConflict: 7}
        assert InterimPayment.objects.count() == ROUNDS
        assert_books_clean()


class TestSameReference:
    def test_all_get_the_one_posting(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            postings = at_once(lambda: charge(driver, f"MISC-{number}"))  # noqa: B023
            assert len({posting.pk for posting in postings}) == 1
        assert LedgerPosting.objects.count() == ROUNDS
        assert_books_clean()

    def test_for_other_drivers_one_is_charged(self) -> None:
        for number in range(ROUNDS):
            drivers = DriverFactory.create_batch(CASHIERS)
            outcomes = run_together(*[partial(charge, driver, f"MISC-{number}") for driver in drivers])
            assert len(list_winners(outcomes)) == 1
            assert count_refusals(outcomes) == {ledger.ReferenceConflict: 7}
        assert LedgerPosting.objects.count() == ROUNDS
        assert_books_clean()

    def test_batches_in_opposite_order_post_each_row_once(self) -> None:
        drivers = DriverFactory.create_batch(4)
        for number in range(ROUNDS):
            rows = [
                ledger.Opening(
                    category="MISC",
                    amount=Decimal(5),
                    reference_id=f"MISC-{number}-{row}",
                    driver_id=drivers[row % 4].pk,
                    effective_on=THURSDAY,
                )
                for row in range(40)
            ]
            counts = run_together(*[partial(ledger.create_obligations, rows[::way]) for way in (1, -1, 1, -1)])
            assert sorted((done.posted, done.already_posted) for done in counts) == [(0, 40)] * 3 + [(40, 0)]
        assert LedgerPosting.objects.count() == 40 * ROUNDS
        assert_books_clean()

    def test_batches_of_other_drivers_in_opposite_order_are_never_both_posted(self) -> None:
        """Where each waits for a reference of the other's, PostgreSQL ends one, and its sender may try again."""
        for number in range(2):
            batches = [
                [
                    ledger.Opening(
                        category="MISC",
                        amount=Decimal(5),
                        reference_id=f"MISC-{number}-{row}",
                        driver_id=driver.pk,
                        effective_on=THURSDAY,
                    )
                    for row in range(200)
                ][::way]
                for driver, way in zip(DriverFactory.create_batch(2), (1, -1), strict=True)
            ]
            outcomes = run_together(*[partial(ledger.create_obligations, batch) for batch in batches])
            (told,) = count_refusals(outcomes)
            assert told in (ledger.ReferenceConflict, ledger.LedgerBusy)
            assert [done.posted for done in list_winners(outcomes)] == [200]
        assert LedgerPosting.objects.count() == 400
        assert_books_clean()


class TestReceiptNumbers:
    def test_have_no_gaps_where_payments_fail_between(self) -> None:
        drivers = DriverFactory.create_batch(4)
        for driver in drivers:
            charge(driver, f"MISC-{driver.pk}", "50.00")

        def work(driver: Any) -> list[int]:
            numbers = []
            for _ in range(6):
                numbers.append(pay(driver, "5.00").number)
                try:
                    numbers.append(pay(driver, "20.00", {f"MISC-{driver.pk}": "20.00"}).number)
                except ledger.OverAllocation:
                    continue
            return numbers

        outcomes = run_together(*[partial(work, driver) for driver in drivers for _ in range(2)])
        drawn = sorted(number for numbers in outcomes for number in numbers)
        # Six on account from each of eight tills, and two of each driver's that fitted.
        assert drawn == list(range(1, 8 * 6 + 4 * 2 + 1))
        assert_books_clean()


class TestLedgerBusy:
    """Somebody holds a driver's account for longer than anybody waits."""

    @pytest.fixture(autouse=True)
    def short_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "50ms")

    def test_is_told_to_every_writer_and_nothing_is_written(self) -> None:
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        posting = charge(driver)
        earn(driver, "CURB-1", "500.00")
        payment = pay(driver, "10.00")
        deposit = hold_deposit(driver, lease.pk)
        payout = pay_out(driver, "1.00")
        row: dict[str, Any] = {
            "category": "MISC",
            "amount": Decimal(1),
            "reference_id": "MISC-2",
            "driver_id": driver.pk,
            "effective_on": WEDNESDAY,
        }
        earned: dict[str, Any] = {
            "amount": Decimal(1),
            "reference_id": "CURB-2",
            "driver_id": driver.pk,
            "effective_on": WEDNESDAY,
        }
        asked: list[Callable[[], Any]] = [
            partial(ledger.create_obligation, **row),
            partial(ledger.create_obligations, [ledger.Opening(**row)]),
            partial(ledger.replace_obligation, posting_id=posting.pk, amount=Decimal(1), **SAID),
            partial(ledger.write_off_obligation, posting_id=posting.pk, **SAID),
            partial(ledger.post_earnings, **earned),
            partial(ledger.post_earnings_batch, [ledger.Opening(category="EARNINGS", **earned)]),
            partial(ledger.credit_driver, **row, reason="Refund"),
            partial(pay, driver),
            partial(pay_out, driver, "1.00"),
            partial(ledger.release_deposit, posting_ids=[deposit.pk], method="CASH", effective_on=THURSDAY),
            partial(ledger.apply_deposit, posting_id=deposit.pk, as_of=SATURDAY, reason="Agreed"),
            apply,
            partial(ledger.void_posting, posting_id=posting.pk, **SAID),
            partial(ledger.preview_void, posting_id=posting.pk, effective_on=THURSDAY),
            partial(ledger.void_payment, payment_id=payment.pk, **SAID),
            partial(ledger.preview_void_payment, payment_id=payment.pk, effective_on=THURSDAY),
            partial(ledger.void_payout, payout_id=payout.pk, **SAID),
            partial(ledger.cut_accounts, driver_ids=[driver.pk]),
        ]
        with another_session() as holder:
            holder.execute("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [driver.pk])
            for act in asked:
                with refused(ledger.LedgerBusy, code="ledger_busy"):
                    act()
        assert charge(driver, "MISC-2").amount == 100
        assert_books_clean()

    def test_is_not_told_to_other_drivers(self) -> None:
        held, free = DriverFactory.create_batch(2)
        charge(held, "MISC-1")
        with another_session() as holder:
            holder.execute("SELECT 1 FROM ledger_accounts WHERE driver_id = %s FOR UPDATE", [held.pk])
            charge(free, "MISC-2")
            pay(free, "100.00", {"MISC-2": "100.00"})
        assert balances_of(free)["MISC-2"] == ("0.00", "SETTLED")
        assert_books_clean()

    def test_is_told_where_the_receipt_counter_is_held(self) -> None:
        driver, other = DriverFactory.create_batch(2)
        pay(other, "1.00")
        with another_session() as holder:
            holder.execute(
                "INSERT INTO ledger_payments (driver_id, amount, method, received_on, instrument_number, fingerprint,"
                " deposit) VALUES (%s, 1, 'CASH', '2026-11-21', '', '', 0)",
                [other.pk],
            )
            with refused(ledger.LedgerBusy):
                pay(driver, "2.00")
        assert pay(driver, "2.00").number == 2
        assert_books_clean()

    def test_leaves_the_session_as_patient_as_it_was(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            before = cursor.fetchone()
            charge(DriverFactory.create())
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == before
        assert LedgerBalance.objects.count() == 1
