"""Different things done to one driver's money at once: whoever is first, the books are right and no cent is lost."""

import itertools
import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core.audits import examine, list_audits
from core.transactions import set_lock_timeout
from dtr import services as dtr
from leases.models import Driver
from ledger import locks
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from ledger.selectors import AccountCut
from tests.books import assert_books_clean
from tests.dtr import fleet
from tests.factories import DriverFactory
from tests.ledger.proofs import NEXT_SATURDAY, THURSDAY, apply, balances_of, charge, earn, pay, pay_out
from tests.threads import count_refusals, list_winners, run_together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
ZERO = Decimal(0)


def void(posting: LedgerPosting, **facts: Any) -> list[LedgerPosting]:
    return ledger.void_posting(posting_id=posting.pk, reason="Mistake", actor=None, effective_on=THURSDAY, **facts)


def void_payment(payment_id: int, **facts: Any) -> list[LedgerPosting]:
    return ledger.void_payment(payment_id=payment_id, reason="Mistake", actor=None, effective_on=THURSDAY, **facts)


def sum_open(driver: Driver, entry_type: str) -> Decimal:
    rows = LedgerBalance.objects.filter(driver=driver, entry_type=entry_type)
    return sum(rows.values_list("remaining", flat=True), start=ZERO)


def assert_ledger_clean() -> None:
    """Run the ledger's audits; those of other apps would miss the statements that belong to a bare cut."""
    audits = [found for found in list_audits() if found.name.startswith("ledger.")]
    assert [sentence for found in examine(audits) for sentence in found.findings] == []


class TestVoidAgainstPayment:
    def test_a_void_of_the_charge_being_paid(self) -> None:
        """Paid first, its money is free again; voided first, it takes no payment."""
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            posting = charge(driver, f"MISC-{number}")
            voided, paid = run_together(
                partial(void, posting), partial(pay, driver, "60.00", {f"MISC-{number}": "60.00"})
            )
            held = balances_of(driver)
            assert held.pop(f"MISC-{number}") == ("0.00", "VOIDED")
            if isinstance(paid, ledger.LedgerError):
                assert type(paid) is ledger.ObligationClosed
                assert (len(voided), held) == (1, {})
            else:
                assert (len(voided), held) == (2, {paid.reference_id: ("60.00", "OPEN")})
        assert_books_clean()

    def test_a_void_of_what_the_waterfall_is_using(self) -> None:
        """Applied first, the credit is in use; voided first, there is nothing to apply."""
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"MISC-{number}")
            payment = pay(driver, "60.00")
            voided, applied = run_together(partial(void_payment, payment.pk), partial(apply, driver_ids=[driver.pk]))
            if isinstance(voided, ledger.LedgerError):
                assert type(voided) is ledger.CreditInUse
                assert (applied.amount, balances_of(driver)[f"MISC-{number}"]) == (60, ("40.00", "OPEN"))
            else:
                assert (applied.amount, balances_of(driver)[f"MISC-{number}"]) == (0, ("100.00", "OPEN"))
        assert_books_clean()

    def test_of_what_is_being_paid_out(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            earned = earn(driver, f"CURB-{number}")
            outcomes = run_together(partial(void, earned), partial(pay_out, driver, "100.00"))
            assert len(list_winners(outcomes)) == 1
            (told,) = count_refusals(outcomes)
            assert told in (ledger.CreditPaidOut, ledger.ExceedsNetDue)
            assert sum_open(driver, "CREDIT") == 0
        assert_books_clean()

    def test_a_void_of_a_charge_being_replaced(self) -> None:
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            posting = charge(driver, f"MISC-{number}")
            replace = partial(
                ledger.replace_obligation,
                posting_id=posting.pk,
                amount=Decimal(80),
                reason="Reduced",
                actor=None,
                effective_on=THURSDAY,
            )
            outcomes = run_together(partial(void, posting), replace)
            assert len(list_winners(outcomes)) == 1
            assert count_refusals(outcomes) == {ledger.AlreadyVoided: 1}
        assert_books_clean()


class TestCloseAgainstPayments:
    def test_each_dollar_pays_once(self) -> None:
        """Earnings of 250 are applied to debts of 300 while six cashiers take 50 each for the last of them."""
        for number in range(ROUNDS):
            driver = DriverFactory.create()
            charge(driver, f"TAXES-{number}")
            charge(driver, f"LEASE-{number}")
            charge(driver, f"MISC-{number}")
            earn(driver, f"CURB-{number}", "250.00")
            cashiers = [partial(pay, driver, "50.00", {f"MISC-{number}": "50.00"})] * 6
            summary, *outcomes = run_together(partial(apply, driver_ids=[driver.pk]), *cashiers)
            received = 50 * len(list_winners(outcomes))
            assert set(count_refusals(outcomes)) <= {ledger.ObligationClosed}
            # Two payments before the close leave it 200 to pay; otherwise it pays 250, and leaves room for one.
            assert (received, summary.amount) in {(100, 200), (50, 250)}
            assert sum_open(driver, "DEBIT") == 300 - received - summary.amount
            assert sum_open(driver, "CREDIT") == 250 - summary.amount
        assert_books_clean()

    def test_of_many_drivers_by_two_sessions_at_once(self) -> None:
        drivers = DriverFactory.create_batch(12)
        for driver in drivers:
            charge(driver, f"MISC-{driver.pk}")
            earn(driver, f"CURB-{driver.pk}", "70.00")
        payments = [partial(pay, driver, "30.00", {f"MISC-{driver.pk}": "30.00"}) for driver in reversed(drivers[:6])]
        one, other, *paid = run_together(apply, apply, *payments)
        assert count_refusals(paid) == {}
        assert one.amount + other.amount == 12 * 70
        assert [sum_open(driver, "DEBIT") for driver in drivers] == [0] * 6 + [30] * 6
        assert_books_clean()


class TestCutAgainstWriters:
    def write(self, driver: Driver, till: int) -> None:
        """Something of everything, by one till."""
        for number in range(6):
            name = f"{driver.pk}-{till}-{number}"
            posting = charge(driver, f"MISC-{name}", due_on=NEXT_SATURDAY)
            charge(driver, f"TAXES-{name}", "25.00")
            payment = pay(driver, "60.00", {f"MISC-{name}": "50.00"})
            earn(driver, f"CURB-{name}", "30.00")
            if number % 3 == 0:
                void(posting)
            elif number % 3 == 1:
                apply(driver_ids=[driver.pk])
            else:
                void_payment(payment.pk, cascade=True)

    def test_misses_nothing_and_counts_nothing_twice(self) -> None:
        """What a cut covers is read in its transaction: by the end each posting was seen by exactly one of them."""
        drivers = DriverFactory.create_batch(2)
        seen: list[tuple[AccountCut, list[int]]] = []
        done = threading.Event()

        def cut() -> None:
            with transaction.atomic():
                for cut in ledger.cut_accounts(driver_ids=[driver.pk for driver in drivers]):
                    between = LedgerPosting.objects.filter(pk__gt=cut.previous_cut, pk__lte=cut.sealed_through)
                    ids = between.filter(driver_id=cut.driver_id).values_list("pk", flat=True)
                    seen.append((cut, list(ids)))

        def keep_cutting() -> None:
            while not done.is_set():
                cut()

        def write_all(driver: Driver, till: int) -> None:
            try:
                self.write(driver, till)
            finally:
                if next(finished) == len(writers) - 1:
                    done.set()

        finished = itertools.count()
        writers = [partial(write_all, driver, till) for driver in drivers for till in range(3)]
        outcomes = run_together(keep_cutting, *writers)
        assert count_refusals(outcomes) == {}
        cut()
        for driver in drivers:
            cuts = [cut for cut, _ in seen if cut.driver_id == driver.pk]
            assert [cut.previous_cut for cut in cuts] == [0, *(cut.sealed_through for cut in cuts[:-1])]
        assert len(seen) > 20
        counted = sorted(pk for _, ids in seen for pk in ids)
        assert counted == sorted(LedgerPosting.objects.values_list("pk", flat=True))
        assert_ledger_clean()

    def test_statements_sealed_meanwhile_have_each_posting_once(self) -> None:
        drivers = DriverFactory.create_batch(2)
        for driver in drivers:
            charge(driver, f"MISC-{driver.pk}", due_on=fleet.SATURDAY, effective_on=fleet.SATURDAY)
        fleet.start()
        writers: list[Callable[[], Any]] = [
            partial(self.write, driver, till) for driver in drivers for till in range(2)
        ]
        ids = [driver.pk for driver in drivers]
        seal = partial(dtr.generate_dtrs, week=fleet.WEEK, today=NEXT_SATURDAY, driver_ids=ids)
        outcomes = run_together(seal, *writers)
        assert count_refusals(outcomes) == {}
        fleet.close()
        fleet.close(fleet.NEXT_WEEK)
        assert_books_clean()


class TestReassignments:
    """A charge moves from one driver to another: a void and a new posting, in a transaction that locks both first."""

    def reassign(self, posting: LedgerPosting, driver: Driver) -> LedgerPosting:
        with transaction.atomic():
            set_lock_timeout()
            locks.lock_accounts([posting.driver_id, driver.pk])
            void(posting)
            return charge(driver, f"{posting.reference_id}-R", str(posting.amount))

    def test_cross_without_a_deadlock(self) -> None:
        one, other = DriverFactory.create_batch(2)
        for number in range(ROUNDS):
            ones = charge(one, f"MISC-A{number}", "10.00")
            others = charge(other, f"MISC-B{number}", "1.00")
            moved = run_together(partial(self.reassign, ones, other), partial(self.reassign, others, one))
            assert [posting.driver_id for posting in moved] == [other.pk, one.pk]
        assert [sum_open(one, "DEBIT"), sum_open(other, "DEBIT")] == [ROUNDS, 10 * ROUNDS]
        assert_books_clean()

    def test_cross_in_a_ring_while_the_drivers_pay(self) -> None:
        drivers = DriverFactory.create_batch(4)
        for number in range(ROUNDS):
            charged = [charge(driver, f"MISC-{number}-{driver.pk}", "10.00") for driver in drivers]
            moves = [
                partial(self.reassign, posting, following)
                for posting, following in zip(charged, [*drivers[1:], drivers[0]], strict=True)
            ]
            pays = [
                partial(pay, driver, "10.00", {posting.reference_id: "10.00"})
                for posting, driver in zip(charged, drivers, strict=True)
            ]
            outcomes = run_together(*moves, *pays)
            assert len(list_winners(outcomes[:4])) == 4
            assert set(count_refusals(outcomes[4:])) <= {ledger.ObligationClosed}
        assert [sum_open(driver, "DEBIT") for driver in drivers] == [10 * ROUNDS] * 4
        assert_books_clean()

    def test_of_one_charge_to_two_drivers_one_is_told(self) -> None:
        for number in range(ROUNDS):
            owner, one, other = DriverFactory.create_batch(3)
            posting = charge(owner, f"MISC-{number}")
            outcomes = run_together(partial(self.reassign, posting, one), partial(self.reassign, posting, other))
            assert len(list_winners(outcomes)) == 1
            assert count_refusals(outcomes) == {ledger.AlreadyVoided: 1}
            assert sum_open(one, "DEBIT") + sum_open(other, "DEBIT") == 100
        assert_books_clean()
