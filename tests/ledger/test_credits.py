"""Money the fleet owes a driver: card earnings, and credit memos."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from ledger.services import Opening
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    WEDNESDAY,
    assert_locks_first,
    balances_of,
    charge,
    count_statements,
    earn,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class TestPostEarnings:
    def test_opens_a_held_credit(self):
        lease, clerk = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        with writes(postings=1, balances=1, accounts=1):
            posting = ledger.post_earnings(
                driver_id=driver.pk,
                lease_id=lease.pk,
                vehicle_id=lease.vehicle_id,
                amount=Decimal("913.25"),
                reference_id="CURB-2026-11-21-L12",
                effective_on=SATURDAY,
                actor=clerk,
            )
        posting.refresh_from_db()
        assert (posting.kind, posting.entry_type, posting.category) == ("EARNINGS", "CREDIT", "EARNINGS")
        assert (str(posting.amount), posting.effective_on, posting.due_on) == ("913.25", SATURDAY, None)
        assert (posting.lease_id, posting.vehicle_id, posting.posted_by) == (lease.pk, lease.vehicle_id, clerk)
        assert balances_of(driver) == {"CURB-2026-11-21-L12": ("913.25", "OPEN")}
        assert_books_clean()

    def test_a_replay_returns_the_first(self):
        driver = DriverFactory.create()
        first = earn(driver)
        with writes():
            assert earn(driver) == first

    @pytest.mark.parametrize("other", [{"amount": "100.01"}, {"effective_on": SATURDAY}], ids=["amount", "date"])
    def test_refuses_a_reference_with_other_facts(self, other):
        driver = DriverFactory.create()
        earn(driver)
        with refused(ledger.ReferenceConflict, code="reference_conflict"):
            earn(driver, **other)

    def test_refuses_a_reference_that_is_owed_or_was_voided(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        with refused(ledger.ReferenceConflict):
            earn(driver, "MISC-1")
        ledger.void_posting(posting_id=earn(driver).pk, reason="Twice", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided):
            earn(driver)

    @pytest.mark.parametrize(
        ("unknown", "error"),
        [
            ({"driver_id": UNKNOWN}, ledger.DriverNotFound),
            ({"lease_id": UNKNOWN}, ledger.LeaseNotFound),
            ({"vehicle_id": UNKNOWN}, ledger.VehicleNotFound),
        ],
        ids=["driver", "lease", "vehicle"],
    )
    def test_refuses_what_does_not_exist(self, unknown, error):
        facts = {"driver_id": DriverFactory.create().pk, **unknown}
        with refused(error):
            ledger.post_earnings(amount=Decimal(1), reference_id="CURB-1", effective_on=WEDNESDAY, **facts)

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        assert_locks_first(lambda: earn(driver, "CURB-1"))
        assert_locks_first(lambda: earn(driver, "CURB-2"))


def rows(drivers, *, count=6, prefix="CURB"):
    return [
        Opening(
            amount=Decimal(number),
            reference_id=f"{prefix}-{number}",
            driver_id=drivers[number % len(drivers)].pk,
            effective_on=SATURDAY,
            category="EARNINGS",
        )
        for number in range(1, count + 1)
    ]


class TestPostEarningsBatch:
    def test_posts_every_row_once(self):
        drivers = DriverFactory.create_batch(2)
        with writes(postings=6, balances=6, accounts=2):
            counts = ledger.post_earnings_batch(rows(drivers))
        assert (counts.posted, counts.already_posted) == (6, 0)
        with writes():
            counts = ledger.post_earnings_batch(rows(drivers))
        assert (counts.posted, counts.already_posted) == (0, 6)
        assert set(LedgerPosting.objects.values_list("kind", "entry_type", "category", "effective_on")) == {
            ("EARNINGS", "CREDIT", "EARNINGS", SATURDAY)
        }
        assert_books_clean()

    def test_one_bad_row_refuses_all(self):
        drivers = DriverFactory.create_batch(2)
        bad = Opening(
            amount=Decimal("-1"),
            reference_id="CURB-9",
            driver_id=drivers[0].pk,
            effective_on=SATURDAY,
            category="EARNINGS",
        )
        with refused(ledger.AmountInvalid):
            ledger.post_earnings_batch([*rows(drivers), bad])

    def test_takes_as_many_statements_for_500_rows_as_for_5(self):
        drivers = DriverFactory.create_batch(5)
        ledger.post_earnings_batch(rows(drivers))
        few = count_statements(lambda: ledger.post_earnings_batch(rows(drivers, count=5, prefix="FEW")))
        many = count_statements(lambda: ledger.post_earnings_batch(rows(drivers, count=500, prefix="MANY")))
        assert (few, many) == (6, 6)

    def test_locks_all_drivers_first(self):
        drivers = DriverFactory.create_batch(3)
        assert_locks_first(lambda: ledger.post_earnings_batch(rows(drivers)))


def credit(driver, **facts):
    given = {
        "category": "EZPASS",
        "amount": Decimal("9.11"),
        "reference_id": "EZPASS-1-REFUND",
        "reason": "E-ZPass refunded",
        "effective_on": WEDNESDAY,
        **facts,
    }
    return ledger.credit_driver(driver_id=driver.pk, **given)


class TestCreditDriver:
    def test_opens_a_held_credit_of_the_refunded_category(self):
        lease, clerk = LeaseFactory.create(), UserFactory.create()
        driver = lease.primary_driver
        with writes(postings=1, balances=1, accounts=1):
            memo = credit(driver, lease_id=lease.pk, vehicle_id=lease.vehicle_id, actor=clerk)
        memo.refresh_from_db()
        assert (memo.kind, memo.entry_type, memo.category) == ("CREDIT_MEMO", "CREDIT", "EZPASS")
        assert (str(memo.amount), memo.reason, memo.effective_on) == ("9.11", "E-ZPass refunded", WEDNESDAY)
        assert (memo.lease_id, memo.vehicle_id, memo.posted_by) == (lease.pk, lease.vehicle_id, clerk)
        assert balances_of(driver) == {"EZPASS-1-REFUND": ("9.11", "OPEN")}
        assert_books_clean()

    def test_a_replay_returns_the_first(self):
        driver = DriverFactory.create()
        first = credit(driver)
        with writes():
            assert credit(driver, reason="Said in other words") == first
            assert credit(driver, effective_on=SATURDAY, same_on_any_day=True) == first

    @pytest.mark.parametrize(
        "other",
        [{"amount": Decimal("9.12")}, {"category": "PVB"}, {"effective_on": SATURDAY}],
        ids=lambda other: next(iter(other)),
    )
    def test_refuses_a_reference_with_other_facts(self, other):
        driver = DriverFactory.create()
        credit(driver)
        with refused(ledger.ReferenceConflict):
            credit(driver, **other)

    def test_refuses_no_reason_and_what_is_never_owed(self):
        driver = DriverFactory.create()
        with refused(ledger.ReasonRequired, field="reason"):
            credit(driver, reason=" ")
        for category in ("EARNINGS", "PAYMENT", "DEPOSIT", "TIPS", ""):
            with refused(ledger.ValueInvalid, field="category"):
                credit(driver, category=category)

    def test_refuses_a_voided_reference(self):
        driver = DriverFactory.create()
        ledger.void_posting(posting_id=credit(driver).pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided):
            credit(driver)

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        assert_locks_first(lambda: credit(driver))


def make_memo(driver, reference_id, amount, *, reason="A refund"):
    return Opening(
        category="EZPASS",
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver.pk,
        effective_on=THURSDAY,
        reason=reason,
    )


class TestCreditDrivers:
    def test_equals_the_loop_and_replays(self):
        driver, other = DriverFactory.create_batch(2)
        memos = [
            make_memo(driver, "EZPASS-1-REFUND", "9.11"),
            make_memo(other, "EZPASS-2-REFUND", "4.00"),
        ]

        assert ledger.credit_drivers(memos) == ledger.PostingCounts(2, 0)
        assert ledger.credit_drivers(memos) == ledger.PostingCounts(0, 2)
        rows = LedgerPosting.objects.order_by("pk").values_list("kind", "amount", "reference_id", "driver_id", "reason")
        assert list(rows) == [
            ("CREDIT_MEMO", Decimal("9.11"), "EZPASS-1-REFUND", driver.pk, "A refund"),
            ("CREDIT_MEMO", Decimal("4.00"), "EZPASS-2-REFUND", other.pk, "A refund"),
        ]

    def test_one_without_a_reason_refuses_all(self):
        driver = DriverFactory.create()
        with pytest.raises(ledger.ReasonRequired):
            ledger.credit_drivers([make_memo(driver, "EZPASS-1-REFUND", "9.11", reason=" ")])
        assert not LedgerPosting.objects.exists()
