"""Open balances in order, ages, totals, and what is still to come."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.weeks import week_of
from leases.words import say_rent
from ledger import selectors
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerPosting, WaterfallOrder
from ledger.selectors import Aging, CategoryTotal, PayableInstallment
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.hostile import SATURDAY
from tests.ledger.proofs import THURSDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def driver_id() -> int:
    return DriverFactory.create().pk


def charge(
    driver_id: int, category: str, reference_id: str, amount: str = "10.00", due_on: date = SATURDAY
) -> LedgerPosting:
    return ledger.create_obligation(
        category=category,
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver_id,
        due_on=due_on,
        effective_on=THURSDAY,
    )


def earn(driver_id: int, reference_id: str, amount: str = "10.00", effective_on: date = SATURDAY) -> LedgerPosting:
    return ledger.post_earnings(
        driver_id=driver_id, amount=Decimal(amount), reference_id=reference_id, effective_on=effective_on
    )


class TestListOpenBalances:
    def test_lists_debts_by_the_waterfall_then_credits_as_used_then_deposits(self, driver_id):
        lease = LeaseFactory.create(primary_driver_id=driver_id)
        ledger.apply_interim_payment(
            payment_amount=Decimal("7.00"),
            deposit=Decimal("7.00"),
            lease_id=lease.pk,
            driver_id=driver_id,
            payment_method="CASH",
            allocations={},
            effective_on=SATURDAY - timedelta(days=60),
        )
        earn(driver_id, "CURB-NEW")
        earn(driver_id, "CURB-OLD", effective_on=SATURDAY - timedelta(days=7))
        ledger.credit_driver(
            driver_id=driver_id,
            category="TAXES",
            amount=Decimal("1.00"),
            reference_id="REFUND",
            reason="Charged twice",
            effective_on=SATURDAY - timedelta(days=3),
        )
        charge(driver_id, "MISC", "MISC-1")
        charge(driver_id, "LEASE", "LEASE-NEW")
        charge(driver_id, "LEASE", "LEASE-OLD", due_on=SATURDAY - timedelta(days=7))
        charge(driver_id, "TAXES", "TAXES-1", due_on=SATURDAY + timedelta(days=7))
        settled = charge(driver_id, "TLC", "TLC-1")
        ledger.write_off_obligation(posting_id=settled.pk, reason="Dismissed", actor=None, effective_on=THURSDAY)
        charge(DriverFactory.create().pk, "TAXES", "TAXES-OTHER")

        debts = ["TAXES-1", "LEASE-OLD", "LEASE-NEW", "MISC-1"]
        credits_ = ["CURB-OLD", "REFUND", "CURB-NEW", "DEPOSIT-000001"]
        assert [b.reference_id for b in selectors.list_open_obligations(driver_id, on=THURSDAY)] == debts
        assert [b.reference_id for b in selectors.list_held_credits(driver_id)] == credits_
        assert [b.reference_id for b in selectors.list_open_balances(driver_id, on=THURSDAY)] == [*debts, *credits_]

    def test_follows_the_order_in_force(self, driver_id):
        charge(driver_id, "MISC", "MISC-1")
        charge(driver_id, "TAXES", "TAXES-1")
        tomorrow = timezone.localdate() + timedelta(days=1)
        WaterfallOrder.objects.create(effective_on=tomorrow, categories=list(reversed(OBLIGATION_CATEGORIES)))
        assert [b.reference_id for b in selectors.list_open_obligations(driver_id, on=THURSDAY)] == [
            "TAXES-1",
            "MISC-1",
        ]
        on_that_day = selectors.list_open_obligations(driver_id, on=tomorrow)
        assert [b.reference_id for b in on_that_day] == ["MISC-1", "TAXES-1"]
        assert [b.reference_id for b in selectors.list_open_balances(driver_id, on=tomorrow)] == ["MISC-1", "TAXES-1"]


class TestGetWaterfallOrder:
    def test_is_the_houses_own_without_a_setting(self):
        assert selectors.get_waterfall_order(SATURDAY) == tuple(str(name) for name in OBLIGATION_CATEGORIES)

    def test_takes_the_latest_date_and_of_one_date_the_latest_setting(self):
        first, second, third = ([*OBLIGATION_CATEGORIES[turn:], *OBLIGATION_CATEGORIES[:turn]] for turn in (1, 2, 3))
        WaterfallOrder.objects.create(effective_on=SATURDAY, categories=first)
        WaterfallOrder.objects.create(effective_on=SATURDAY, categories=second)
        WaterfallOrder.objects.create(effective_on=SATURDAY - timedelta(days=1), categories=third)
        assert selectors.get_waterfall_order(SATURDAY) == tuple(second)
        assert selectors.get_waterfall_order(SATURDAY - timedelta(days=1)) == tuple(third)
        assert selectors.get_waterfall_order(SATURDAY - timedelta(days=2)) == OBLIGATION_CATEGORIES


class TestFindingBalances:
    def test_finds_the_live_one_of_a_reference(self, driver_id):
        voided = charge(driver_id, "PVB", "PVB-1")
        ledger.void_posting(posting_id=voided.pk, reason="Not his", actor=None, effective_on=THURSDAY)
        assert selectors.find_balance_by_reference("PVB-1") is None
        assert [b.pk for b in selectors.list_balances_by_reference(["PVB-1", "PVB-9"])] == [voided.pk]

        again = ledger.create_obligation(
            category="PVB",
            amount=Decimal("20.00"),
            reference_id="PVB-1",
            driver_id=driver_id,
            replaces=voided.pk,
            effective_on=THURSDAY,
        )
        found = selectors.find_balance_by_reference("PVB-1")
        assert found is not None
        assert found.pk == again.pk
        assert [b.pk for b in selectors.list_balances_by_reference(["PVB-1"])] == [again.pk]

    def test_gets_by_the_opening_posting(self, driver_id):
        posting = charge(driver_id, "PVB", "PVB-1")
        assert selectors.get_balance(posting.pk).reference_id == "PVB-1"
        assert selectors.get_posting(posting.pk) == posting
        with pytest.raises(ledger.PostingNotFound):
            selectors.get_balance(posting.pk + 1000)
        with pytest.raises(ledger.PostingNotFound):
            selectors.get_posting(posting.pk + 1000)

    def test_lists_by_every_condition(self, driver_id):
        lease = LeaseFactory.create(primary_driver_id=driver_id)
        rent = ledger.create_obligation(
            category="LEASE",
            amount=Decimal("5.00"),
            reference_id="LEASE-1",
            driver_id=driver_id,
            lease_id=lease.pk,
            due_on=SATURDAY,
            effective_on=THURSDAY,
        )
        toll = charge(driver_id, "EZPASS", "EZPASS-1", due_on=SATURDAY + timedelta(days=1))
        fares = earn(driver_id, "CURB-1")
        stranger = charge(DriverFactory.create().pk, "EZPASS", "EZPASS-2")

        def pks(**conditions) -> list[int]:
            return [balance.pk for balance in selectors.list_balances(**conditions)]

        assert pks() == [stranger.pk, fares.pk, toll.pk, rent.pk]
        assert pks(driver_id=driver_id) == [fares.pk, toll.pk, rent.pk]
        assert pks(category="EZPASS") == [stranger.pk, toll.pk]
        assert pks(lease_id=lease.pk) == [rent.pk]
        assert pks(entry_type="CREDIT") == [fares.pk]
        assert pks(driver_id=driver_id, due_until=SATURDAY) == [rent.pk]
        assert pks(status="SETTLED") == []
        assert [p.pk for p in selectors.list_postings(driver_id=driver_id, kind="EARNINGS")] == [fares.pk]
        assert [p.pk for p in selectors.list_postings(reference_id="LEASE-1")] == [rent.pk]
        assert [p.pk for p in selectors.list_postings(lease_id=lease.pk, category="LEASE")] == [rent.pk]


class TestListAging:
    def test_draws_the_lines_between_the_ages(self, driver_id):
        other = DriverFactory.create().pk
        for number, days in enumerate((-1, 0, 1, 30, 31, 60, 61, 90, 91, 400)):
            charge(driver_id, "MISC", f"MISC-{days}", str(2**number), due_on=SATURDAY - timedelta(days=days))
        charge(other, "LEASE", "LEASE-1", "5.00", due_on=SATURDAY - timedelta(days=45))
        earn(other, "CURB-1", "1.00")

        ages = Aging(
            not_due=Decimal("1.00"),
            days_0_to_7=Decimal("6.00"),
            days_8_to_30=Decimal("8.00"),
            days_31_to_90=Decimal("240.00"),
            over_90_days=Decimal("768.00"),
        )
        others = Aging(days_31_to_90=Decimal("5.00"))
        assert (ages.total, ages.due) == (Decimal("1023.00"), Decimal("1022.00"))
        by_category = selectors.list_aging_by_category(as_of=SATURDAY)
        assert [(row.category, row.aging) for row in by_category] == [("LEASE", others), ("MISC", ages)]

    def test_sums_where_the_whole_fleet_stands(self, driver_id):
        other = DriverFactory.create().pk
        charge(driver_id, "MISC", "MISC-1", "40.00", due_on=SATURDAY)
        charge(other, "LEASE", "LEASE-1", "500.00", due_on=SATURDAY + timedelta(days=1))
        earn(other, "CURB-1", "120.50")

        standing = selectors.sum_standing(as_of=SATURDAY)

        assert (standing.owed, standing.due, standing.debtors) == (Decimal("540.00"), Decimal("40.00"), 2)
        assert (standing.held, standing.holders) == (Decimal("120.50"), 1)
        assert (standing.deposits, standing.deposit_leases) == (Decimal("0.00"), 0)

    def test_sums_what_is_open_by_category(self, driver_id):
        charge(driver_id, "EZPASS", "EZPASS-1", "9.00")
        charge(driver_id, "LEASE", "LEASE-1", "500.00")
        ledger.credit_driver(
            driver_id=driver_id,
            category="EZPASS",
            amount=Decimal("4.00"),
            reference_id="REFUND",
            reason="Twice",
            effective_on=THURSDAY,
        )
        earn(DriverFactory.create().pk, "CURB-1", "70.00")
        assert selectors.sum_open_by_category() == [
            CategoryTotal("EZPASS", Decimal("9.00"), Decimal("4.00")),
            CategoryTotal("LEASE", Decimal("500.00"), Decimal("0.00")),
            CategoryTotal("EARNINGS", Decimal("0.00"), Decimal("70.00")),
        ]
        assert [total.category for total in selectors.sum_open_by_category([driver_id])] == ["EZPASS", "LEASE"]


class TestListInstallmentsPayableAhead:
    def test_lists_unposted_rent_until_the_date(self, driver_id):
        lease = LeaseFactory.create(primary_driver_id=driver_id)
        posted, held, this_week, next_week, later = (
            LeaseInstallmentFactory.create(lease=lease, number=number, on_hold=number == 2) for number in range(1, 6)
        )
        ledger.post_scheduled_installments(as_of=posted.due_on)
        LeaseInstallmentFactory.create(number=3)  # another driver's

        found = selectors.list_installments_payable_ahead(driver_id, next_week.due_on)

        assert found == [
            PayableInstallment(
                rent.reference_id,
                "LEASE",
                rent.due_on,
                Decimal("500.00"),
                lease.pk,
                lease.vehicle_id,
                say_rent(week_of(rent.due_on), start_on=lease.start_on, end_on=lease.end_on, told_on=next_week.due_on),
            )
            for rent in (this_week, next_week)
        ]
        assert held.due_on < next_week.due_on < later.due_on
