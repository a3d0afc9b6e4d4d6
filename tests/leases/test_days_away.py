"""Days without a cab: charged less, replaced, or given back by a memo."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError, ReasonRequired
from leases import selectors, services
from leases.audits import find_broken_days_away
from leases.models import Lease, LeaseDaysAway
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory, WeeklyCapFactory
from tests.guards import refusal_of
from tests.leases.away import SATURDAY, SUNDAY, TODAY, away, day, end, live_books_of, start, take_back
from tests.leases.office import charge_rent, pay, refused, rents_of
from tests.locks import assert_locks_first
from tests.threads import count_refusals, run_together

pytestmark = pytest.mark.django_db


class TestRecordDaysAway:
    def test_a_week_to_come_is_charged_less(self) -> None:
        lease, office = start(), UserFactory.create()
        days = away(lease, 9, 11, actor=office)
        assert rents_of(lease)[1] == ("W11", "200.00")
        assert (days.start_on, days.end_on, days.reason) == (day(9), day(11), "Cab in the workshop")
        assert days.history.get().history_user == office
        assert not LedgerPosting.objects.exists()
        charge_rent(SATURDAY)
        assert live_books_of(lease) == [("LEASE W10", "200.00", "200.00"), ("LEASE W11", "200.00", "200.00")]
        assert_books_clean()

    def test_a_charged_and_unpaid_week_is_replaced(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        away(lease, 9, 11)
        assert live_books_of(lease)[-1] == ("LEASE W11", "200.00", "200.00")
        assert LedgerBalance.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11", status="OPEN").due_on == SATURDAY
        assert_books_clean()

    def test_what_was_paid_comes_back_as_a_memo(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        assert live_books_of(lease)[1:] == [
            ("LEASE W11", "350.00", "0.00"),
            ("PAY-000001", "350.00", "0.00"),
            ("HOLD W11-1", "150.00", "150.00"),
        ]
        memo = LedgerPosting.objects.get(kind="CREDIT_MEMO")
        assert (memo.category, memo.driver_id, memo.lease_id, memo.vehicle_id, memo.effective_on) == (
            "LEASE",
            lease.primary_driver_id,
            lease.pk,
            lease.vehicle_id,
            TODAY,
        )
        assert (memo.reason, memo.description) == ("Cab in the workshop", "No cab Mar 9–11: rent given back")
        # 200.00 is paid to date for the week.
        rent = selectors.list_schedule(lease.pk)[1]
        assert (rent.amount, rent.settled, rent.given_back) == (Decimal(350), Decimal(200), Decimal(150))
        assert_books_clean()

    def test_a_partly_paid_week_is_replaced_down_to_what_was_paid(self) -> None:
        """390.86 charged, 300.00 paid, relief 169.72: replaced by 300.00, memo 78.86.

        396.00 a week, from Wednesday 387.00: (3 × 396 + 4 × 387) / 7 = 390.857…; away Sunday to Tuesday: 221.14.
        """
        lease = start("396.00")
        services.change_weekly_amount(lease_id=lease.pk, weekly_amount=Decimal("387.00"), from_on=day(11), actor=None)
        charge_rent(SATURDAY)
        assert live_books_of(lease)[-1] == ("LEASE W11", "390.86", "390.86")
        pay(lease, "300.00", W11="300.00")
        away(lease, 8, 10)
        assert live_books_of(lease)[1:] == [
            ("PAY-000001", "300.00", "0.00"),
            ("LEASE W11", "300.00", "0.00"),
            ("HOLD W11-1", "78.86", "78.86"),
        ]
        assert lease.installments.get(week_start=SUNDAY).relief == Decimal("169.72")
        assert_books_clean()

    def test_days_recorded_one_at_a_time_sum_to_the_week(self) -> None:
        lease = start("500.00")
        rents = []
        for number in range(8, 15):
            away(lease, number, number)
            left = lease.installments.filter(week_start=SUNDAY).first()
            rents.append(left.amount if left else Decimal("0.00"))
        prices = [before - after for before, after in zip([Decimal("500.00"), *rents[:-1]], rents, strict=True)]
        assert [str(price) for price in prices] == ["71.43", "71.43", "71.43", "71.42", "71.43", "71.43", "71.43"]
        assert sum(prices) == Decimal("500.00")
        assert_books_clean()

    def test_each_day_has_its_rate(self) -> None:
        """Rate 350.00 → 420.00 from Wednesday, cab away Wednesday to Friday: 390.00 − 210.00 = 180.00."""
        lease = start()
        services.change_weekly_amount(lease_id=lease.pk, weekly_amount=Decimal("420.00"), from_on=day(11), actor=None)
        assert rents_of(lease)[1] == ("W11", "390.00")
        charge_rent(SATURDAY)
        pay(lease, "390.00", W11="390.00")
        away(lease, 11, 13)
        assert live_books_of(lease)[-1] == ("HOLD W11-1", "180.00", "180.00")
        assert_books_clean()

    def test_a_new_amount_counts_days_away_as_nothing(self) -> None:
        lease = start()
        away(lease, 16, 18)
        services.change_weekly_amount(lease_id=lease.pk, weekly_amount=Decimal("420.00"), from_on=day(15), actor=None)
        # Four days of 420.00 a week.
        assert rents_of(lease)[2] == ("W12", "240.00")
        assert_books_clean()

    def test_days_over_several_weeks_and_the_parts_of_the_first_and_the_last(self) -> None:
        """The lease runs Wednesday, March 4, to Tuesday, March 24; away from March 6 to March 23."""
        lease = start()
        charge_rent(date(2026, 3, 7))
        away(lease, 6, 23)
        # Two of four days of the first week; the whole second and third; one of three days of the last.
        assert rents_of(lease) == [("W10", "100.00"), ("W13", "50.00")]
        assert live_books_of(lease) == [("LEASE W10", "100.00", "100.00")]
        charge_rent(date(2026, 3, 28))
        assert live_books_of(lease)[1:] == [("LEASE W13", "50.00", "50.00")]
        assert_books_clean()

    def test_a_whole_week_charged_and_unpaid_is_voided(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        away(lease, 8, 14)
        assert live_books_of(lease) == [("LEASE W10", "200.00", "200.00")]
        assert_books_clean()

    def test_what_was_forgiven_does_not_come_back(self) -> None:
        """350.00, of which 250.00 is paid and 100.00 forgiven: the week costs 200.00, so 50.00 comes back."""
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "250.00", W11="250.00")
        charge = LedgerPosting.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11", kind="OBLIGATION")
        ledger.write_off_obligation(posting_id=charge.pk, reason="Hardship", effective_on=TODAY, actor=None)
        away(lease, 9, 11)
        assert live_books_of(lease)[1:] == [
            ("PAY-000001", "250.00", "0.00"),
            ("LEASE W11", "250.00", "0.00"),
            ("HOLD W11-1", "50.00", "50.00"),
        ]
        assert not LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None).exists()
        assert_books_clean()

    def test_a_charge_that_was_voided_or_lowered_further_stays(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        first, second = LedgerPosting.objects.filter(kind="OBLIGATION").order_by("pk")
        ledger.void_posting(posting_id=first.pk, reason="Mistake", effective_on=TODAY, actor=None)
        ledger.replace_obligation(
            posting_id=second.pk, amount=Decimal("100.00"), reason="Agreed", effective_on=TODAY, actor=None
        )
        away(lease, 6, 9)
        assert live_books_of(lease) == [("LEASE W11", "100.00", "100.00")]
        assert_books_clean()

    def test_days_of_a_lease_on_hold_and_of_one_that_ended(self) -> None:
        lease = start()
        services.hold_lease(lease_id=lease.pk, reason="Sick", actor=None)
        away(lease, 9, 11)
        assert rents_of(lease)[1] == ("W11", "200.00 on hold")
        services.resume_lease(lease_id=lease.pk, actor=None)
        end(lease, 16)
        away(lease, 15, 15)
        # Sunday and Monday were left of the last week; now Monday is.
        assert rents_of(lease)[2] == ("W12", "50.00")
        assert_books_clean()

    @pytest.mark.parametrize(
        ("first", "last", "error", "field"),
        [
            (3, 5, services.OutsideLease, "start_on"),
            (23, 25, services.OutsideLease, "end_on"),
            (11, 10, services.LeaseDatesReversed, "end_on"),
            (10, 12, services.DaysAwayTaken, "start_on"),
            (17, 18, services.DaysAwayTaken, "start_on"),
        ],
    )
    def test_refuses_days_by_name_and_writes_nothing(
        self, first: int, last: int, error: type[DomainError], field: str
    ) -> None:
        lease = start()
        away(lease, 12, 17)
        with refused(error, field=field):
            away(lease, first, last)

    def test_refuses_no_reason_and_an_unknown_lease(self) -> None:
        lease = start()
        with refused(ReasonRequired, field="reason"):
            away(lease, 9, 9, reason=" ")
        with refused(ledger.LeaseNotFound):
            away(Lease(pk=999_999_999), 9, 9)

    def test_refuses_a_week_that_another_system_charged(self) -> None:
        lease = start(rent_from=day(15))
        with refused(services.RentChargedElsewhere):
            away(lease, 13, 16)
        away(lease, 16, 16)

    def test_the_database_refuses_a_day_twice(self) -> None:
        lease = start()
        days = away(lease, 9, 11)
        with pytest.raises(IntegrityError, match="leases_leasedaysaway_once_a_day"), transaction.atomic():
            LeaseDaysAway.objects.create(lease=lease, start_on=day(11), end_on=day(12), reason="Again")
        with pytest.raises(IntegrityError, match="leases_leasedaysaway_ends_later"), transaction.atomic():
            LeaseDaysAway.objects.create(lease=lease, start_on=day(20), end_on=day(19), reason="Backwards")
        LeaseDaysAway.objects.filter(pk=days.pk).update(is_taken_back=True)
        LeaseDaysAway.objects.create(lease=lease, start_on=day(11), end_on=day(12), reason="Again")

    def test_the_database_refuses_days_without_a_reason_and_rent_below_nothing(self) -> None:
        away(start(), 9, 11)
        sql = "UPDATE leases_leasedaysaway SET reason = ''"
        assert refusal_of(sql) == "leases_leasedaysaway_reason_given"
        sql = "UPDATE leases_leaseinstallment SET relief = -0.01"
        assert refusal_of(sql) == "leases_leaseinstallment_relief_not_negative"

    def test_locks_the_drivers_account_and_the_lease_first(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        assert_locks_first(lambda: away(lease, 9, 11), ["ledger_accounts", "leases_lease"])
        assert_locks_first(lambda: take_back(lease, 9, 11), ["ledger_accounts", "leases_lease"])

    def test_a_cap_counts_the_days_that_are_left(self) -> None:
        WeeklyCapFactory.create(from_on=day(1), amount=Decimal("350.00"))
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        away(lease, 9, 11)
        assert selectors.list_weeks_above_cap(lease) == []


class TestAtTheSameTime:
    @pytest.mark.django_db(transaction=True)
    def test_the_same_days_twice_are_recorded_once(self) -> None:
        lease = start()
        charge_rent(SATURDAY)
        pay(lease, "350.00", W11="350.00")
        answers = run_together(lambda: away(lease, 9, 11), lambda: away(lease, 11, 12))
        assert count_refusals(answers) == {services.DaysAwayTaken: 1}
        assert LedgerPosting.objects.filter(kind="CREDIT_MEMO").count() == 1


def test_an_audit_tells_of_days_outside_and_of_rent_that_is_wrong() -> None:
    lease = start()
    away(lease, 9, 11)
    assert list(find_broken_days_away()) == []
    LeaseDaysAway.objects.update(end_on=day(26))
    lease.installments.filter(week_start=SUNDAY).update(amount=Decimal("199.99"))
    assert list(find_broken_days_away()) == [
        f"Lease {lease.pk} is without a cab from Mar 9, 2026 to Mar 26, 2026, not all of which is in it.",
        f"LEASE-{lease.pk}-2026W11 is 199.99 and 150.00 less; its days cost 50.00 of 350.00.",
        f"LEASE-{lease.pk}-2026W12 is 350.00 and 0.00 less; its days cost None of 350.00.",
        f"LEASE-{lease.pk}-2026W13 is 150.00 and 0.00 less; its days cost None of 150.00.",
    ]


def test_days_before_and_after_the_clocks_change_are_days() -> None:
    """March 8, 2026, has 23 hours; its rent is a seventh like any other's."""
    lease = start()
    away(lease, 8, 8)
    assert rents_of(lease)[1] == ("W11", "300.00")
    assert selectors.find_away(lease.pk) == {day(8)}
