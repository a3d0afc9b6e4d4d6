"""Days without a cab taken back: by hand, by a swap, and by the end of the lease."""

from datetime import date
from decimal import Decimal

import pytest

from leases import selectors, services
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import VehicleFactory
from tests.leases.away import SATURDAY, TODAY, away, day, end, live_books_of, start, take_back
from tests.leases.office import at, charge_rent, pay, refused, rents_of

pytestmark = pytest.mark.django_db


class TestTakeBackDaysAway:
    def test_a_week_to_come_costs_its_days_again(self) -> None:
        lease = start()
        away(lease, 9, 11)
        take_back(lease, 9, 11)
        assert rents_of(lease)[1] == ("W11", "350.00")
        assert not selectors.list_days_away(lease.pk).exists()
        away(lease, 9, 11)
        assert_books_clean()

    def test_a_week_that_was_dropped_is_laid_down_again(self) -> None:
        lease = start()
        before = list(lease.installments.values_list("number", "week_start", "due_on", "amount", "reference_id"))
        away(lease, 8, 21)
        assert [week for week, _ in rents_of(lease)] == ["W10", "W13"]
        take_back(lease, 8, 21)
        after = lease.installments.values_list("number", "week_start", "due_on", "amount", "reference_id")
        assert list(after) == before
        assert_books_clean()

    def test_an_unpaid_week_is_owed_in_full_again_on_its_old_day(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        away(lease, 9, 11)
        take_back(lease, 9, 11)
        charge = LedgerBalance.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11", status="OPEN")
        assert (charge.remaining, charge.due_on) == (Decimal("350.00"), SATURDAY)
        assert_books_clean()

    def test_a_memo_that_nobody_used_is_voided(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        take_back(lease, 9, 11)
        assert live_books_of(lease)[1:] == [("LEASE W11", "350.00", "0.00"), ("PAY-000001", "350.00", "0.00")]
        # And again: the next memo has the next number.
        away(lease, 9, 11)
        assert live_books_of(lease)[-1] == ("HOLD W11-2", "150.00", "150.00")
        assert_books_clean()

    def test_one_day_of_three_leaves_a_memo_for_two(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        take_back(lease, 10, 10)
        assert live_books_of(lease)[-1] == ("HOLD W11-2", "100.00", "100.00")
        memo = LedgerPosting.objects.get(reference_id=f"HOLD-{lease.pk}-2026W11-2")
        assert memo.description == "No cab Mar 9, Mar 11: rent given back"
        assert [(row.start_on, row.end_on) for row in selectors.list_days_away(lease.pk)] == [
            (day(9), day(9)),
            (day(11), day(11)),
        ]
        assert_books_clean()

    def test_what_a_used_memo_gave_back_is_charged_and_due_that_saturday(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        # The memo pays 150.00 of the first week's 200.00.
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        take_back(lease, 9, 11, effective_on=date(2026, 3, 17))
        charge = LedgerBalance.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11", status="OPEN")
        assert (charge.original_amount, charge.remaining, charge.due_on) == (
            Decimal("500.00"),
            Decimal("150.00"),
            date(2026, 3, 21),
        )
        rent = selectors.list_schedule(lease.pk)[1]
        assert (rent.settled, rent.remaining, rent.given_back) == (Decimal(200), Decimal(150), Decimal(150))
        assert_books_clean()

    def test_a_week_that_was_voided_for_it_is_charged_again(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        away(lease, 8, 14)
        take_back(lease, 8, 13)
        assert live_books_of(lease)[-1] == ("LEASE W11", "300.00", "300.00")
        assert_books_clean()

    def test_charges_no_more_than_the_days_took_off(self) -> None:
        """A rent of 350.00 was lowered to 210.00 by hand; three days took 10.00 more off, which is owed again."""
        lease = start()
        charge_rent(SATURDAY)
        charge = LedgerPosting.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11")
        ledger.replace_obligation(
            posting_id=charge.pk, amount=Decimal("210.00"), reason="Agreed", effective_on=TODAY, actor=None
        )
        away(lease, 9, 11)
        assert live_books_of(lease)[-1] == ("LEASE W11", "200.00", "200.00")
        take_back(lease, 9, 11)
        assert live_books_of(lease)[-1] == ("LEASE W11", "210.00", "210.00")
        assert_books_clean()

    def test_a_memo_voided_by_hand_is_not_charged_twice(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        memo = LedgerPosting.objects.get(kind="CREDIT_MEMO")
        ledger.void_posting(posting_id=memo.pk, reason="Mistake", effective_on=TODAY, actor=None)
        take_back(lease, 9, 11)
        assert live_books_of(lease)[1:] == [("LEASE W11", "350.00", "0.00"), ("PAY-000001", "350.00", "0.00")]
        assert_books_clean()

    def test_refuses_days_with_a_cab_and_a_replay(self) -> None:
        lease = start()
        away(lease, 9, 11)
        with refused(services.NoDaysAway, field="start_on"):
            take_back(lease, 12, 14)
        take_back(lease, 9, 11)
        with refused(services.NoDaysAway):
            take_back(lease, 9, 11)


class TestOtherActs:
    def test_a_lease_that_ends_inside_days_away(self) -> None:
        """Away Monday to Friday of a paid week; the lease ends on Wednesday: Sunday alone is owed, 50.00."""
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 13)
        assert live_books_of(lease)[-1] == ("HOLD W11-1", "250.00", "250.00")
        end(lease, 11)
        assert live_books_of(lease)[1:] == [("PAY-000001", "350.00", "300.00"), ("LEASE W11", "50.00", "0.00")]
        assert [(row.start_on, row.end_on) for row in selectors.list_days_away(lease.pk)] == [(day(9), day(11))]
        assert_books_clean()

    def test_a_lease_that_ends_after_its_memo_was_used(self) -> None:
        """The memo of 250.00 is used up; of 350.00 paid for the week, 50.00 is owed, so 50.00 more comes free."""
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 13)
        ledger.pay_out(
            driver_id=lease.primary_driver_id, amount=Decimal("50.00"), method="CASH", effective_on=TODAY, actor=None
        )
        end(lease, 8)
        # Nothing but Sunday is left of the week: 50.00, and the 250.00 that were given back stay on the charge.
        assert live_books_of(lease)[1:] == [
            ("PAY-000001", "350.00", "50.00"),
            ("HOLD W11-1", "250.00", "200.00"),
            ("LEASE W11", "300.00", "0.00"),
        ]
        assert_books_clean()

    def test_a_swap_ends_days_away_from_its_day_on(self) -> None:
        lease, cab = start(), VehicleFactory.create()
        charge_rent(SATURDAY)
        away(lease, 9, 17)
        services.swap_vehicle(
            lease_id=lease.pk,
            vehicle_id=cab.pk,
            swapped_at=at(day(11), "12:00"),
            effective_on=TODAY,
            actor=None,
        )
        # Monday and Tuesday stay off: 250.00 of the charged week; the week to come costs all of its days.
        assert live_books_of(lease)[-1] == ("LEASE W11", "250.00", "250.00")
        assert rents_of(lease)[2] == ("W12", "350.00")
        assert [(row.start_on, row.end_on) for row in selectors.list_days_away(lease.pk)] == [(day(9), day(10))]
        assert_books_clean()

    def test_a_swap_before_days_away_to_come_takes_them_back(self) -> None:
        lease, cab = start(), VehicleFactory.create()
        away(lease, 16, 17)
        services.swap_vehicle(
            lease_id=lease.pk, vehicle_id=cab.pk, swapped_at=at(day(11)), effective_on=day(11), actor=None
        )
        assert not selectors.list_days_away(lease.pk).exists()
        assert rents_of(lease)[2] == ("W12", "350.00")
