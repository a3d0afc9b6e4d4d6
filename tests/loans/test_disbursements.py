"""Lending: what disbursing a loan writes, refuses and locks."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import DomainError, ValueInvalid
from core.weeks import week_of
from leases.models import Driver
from ledger import services as ledger
from ledger.installments.services import PlanStartInvalid, PlanTooLong
from ledger.models import LedgerBalance, LedgerPosting, Transfer
from loans import services
from loans.models import DriverLoan, LoanInstallment
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.loans.factories import RateLimitFactory
from tests.loans.office import (
    LOCKS,
    TODAY,
    TUESDAY,
    count_rows,
    facts_of,
    lend,
    plan_of,
    post_due,
)
from tests.locks import assert_locks_first
from tests.refusals import refused
from tests.threads import run_together

NOTHING = (0, 0, 0, 0)


@pytest.mark.django_db
class TestDisburseLoan:
    def test_records_how_the_money_left_and_lays_down_the_plan(self, driver: Driver) -> None:
        office = UserFactory.create()
        loan = lend(driver, method="CHECK", instrument_number=" 1043 ", actor=office)
        loan.refresh_from_db()
        assert (loan.principal, loan.rate_percent, loan.weekly_amount) == (
            Decimal("1200.00"),
            Decimal(10),
            Decimal(250),
        )
        assert (loan.disbursed_on, loan.method, loan.instrument_number) == (TUESDAY, "CHECK", "1043")
        assert plan_of(loan) == [
            ("2026-11-21", "250.00", "1.32", "waits"),
            ("2026-11-28", "250.00", "1.82", "waits"),
            ("2026-12-05", "250.00", "1.34", "waits"),
            ("2026-12-12", "250.00", "0.86", "waits"),
            ("2026-12-19", "200.00", "0.38", "waits"),
        ]
        assert count_rows() == (1, 5, 0, 0)
        for model in (DriverLoan, LoanInstallment):
            assert {row.history_user for row in model.history.all()} == {office}

    def test_of_a_day_in_closed_books_keeps_its_day_and_is_booked_today(self, driver: Driver) -> None:
        ledger.close_books_with_week(week=week_of(TUESDAY).previous, actor=None)
        ledger.close_books(through=TUESDAY, reason="Month end", today=TODAY, actor=None)
        loan = lend(driver)
        assert loan.disbursed_on == TUESDAY
        assert Transfer.objects.get(kind="LOAN_OUT").effective_on == TODAY
        assert_books_clean()

    def test_is_charged_when_due(self, driver: Driver) -> None:
        lease = LeaseFactory.create(primary_driver=driver)
        loan = lend(driver, lease_id=lease.pk)
        post_due(date(2026, 11, 21))
        balance = LedgerBalance.objects.get()
        assert (balance.reference_id, balance.category, balance.remaining, balance.lease_id, balance.vehicle_id) == (
            f"LOAN-{loan.pk}-1",
            "LOAN",
            Decimal("251.32"),
            lease.pk,
            None,
        )
        # 1,200.00 at 10 % for four days.
        assert str(balance.posting.income) == "1.32"
        assert_books_clean()

    def test_bears_no_interest_unless_told(self, driver: Driver) -> None:
        facts = facts_of(driver)
        del facts["rate_percent"]
        loan = services.disburse_loan(**facts)
        assert {interest for _, _, interest, _ in plan_of(loan)} == {"0.00"}

    def test_charges_all_at_once_each_with_its_own_due_date(self, driver: Driver) -> None:
        lend(driver, posts_at_once=True)
        posted = LedgerPosting.objects.order_by("pk").values_list("amount", "due_on", "effective_on")
        assert list(posted)[::4] == [
            (Decimal("251.32"), date(2026, 11, 21), TODAY),
            (Decimal("200.38"), date(2026, 12, 19), TODAY),
        ]
        assert count_rows() == (1, 5, 0, 5)
        assert_books_clean()

    def test_keeps_to_what_was_agreed_before(self, driver: Driver) -> None:
        loan = lend(driver, principal=Decimal("120.00"), rate_percent=0, weekly_amount=Decimal("50.00"))
        assert [principal for _, principal, _, _ in plan_of(loan)] == ["50.00", "50.00", "20.00"]

    def test_with_the_same_key_lends_once(self, driver: Driver) -> None:
        first = lend(driver, idempotency_key="a")
        assert lend(driver, idempotency_key="a") == first
        with pytest.raises(ledger.IdempotencyConflict) as refusal:
            lend(driver, idempotency_key="a", principal=Decimal("1300.00"))
        assert refusal.value.at_field == "idempotency_key"
        assert count_rows() == (1, 5, 0, 0)
        assert lend(driver) != lend(driver)

    def test_a_preview_says_the_plan_and_writes_nothing(self, driver: Driver) -> None:
        plan = services.preview_loan(**facts_of(driver, posts_at_once=True))
        assert [str(part.amount) for part in plan] == ["251.32", "251.82", "251.34", "250.86", "200.38"]
        assert count_rows() == NOTHING

    def test_locks_the_account_before_it_writes(self, driver: Driver, loan: DriverLoan) -> None:
        assert_locks_first(lambda: lend(driver), LOCKS[:1])


@pytest.mark.django_db
class TestDisburseLoanRefusals:
    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"principal": Decimal("0")}, ledger.AmountInvalid, "principal"),
            ({"principal": Decimal("-1")}, ledger.AmountInvalid, "principal"),
            ({"principal": Decimal("0.001")}, ledger.AmountInvalid, "principal"),
            ({"principal": Decimal("NaN")}, ledger.AmountInvalid, "principal"),
            ({"principal": Decimal("1e12")}, ledger.AmountInvalid, "principal"),
            ({"principal": Decimal("156000.01")}, PlanTooLong, "amount"),
            ({"rate_percent": Decimal("400")}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": Decimal("16.01")}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": Decimal("-1")}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": Decimal("0.001")}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": Decimal("NaN")}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": 0.1}, services.RateInvalid, "rate_percent"),
            ({"rate_percent": "ten"}, services.RateInvalid, "rate_percent"),
            ({"weekly_amount": Decimal("0")}, ledger.AmountInvalid, "weekly_amount"),
            ({"method": "BARTER"}, services.MethodInvalid, "method"),
            ({"method": "CHECK"}, services.MethodInvalid, "instrument_number"),
            ({"instrument_number": "x" * 41}, ValueInvalid, "instrument_number"),
            ({"idempotency_key": ""}, ValueInvalid, "idempotency_key"),
            ({"disbursed_on": date(2026, 11, 19)}, ValueInvalid, "disbursed_on"),
            ({"disbursed_on": date(1999, 12, 31)}, ValueInvalid, "disbursed_on"),
            ({"starts_on": date(2026, 11, 29)}, PlanStartInvalid, "starts_on"),
            ({"starts_on": TUESDAY}, PlanStartInvalid, "starts_on"),
            ({"driver_id": 10**9}, ledger.DriverNotFound, "driver"),
            ({"lease_id": 10**9}, services.LeaseNotTheDrivers, "lease"),
        ],
    )
    def test_bad_input_is_named_at_its_field(
        self, driver: Driver, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        with refused(error, field=field):
            lend(driver, **changed)
        assert count_rows() == NOTHING

    def test_another_drivers_lease(self, driver: Driver) -> None:
        with pytest.raises(services.LeaseNotTheDrivers):
            lend(driver, lease_id=LeaseFactory.create().pk)
        assert count_rows() == NOTHING

    def test_a_rate_limit_counts_from_its_day(self, driver: Driver) -> None:
        RateLimitFactory.create(effective_on=TUESDAY, highest_percent=Decimal("9.99"))
        with pytest.raises(services.RateInvalid, match=r"9\.99 % a year"):
            lend(driver)
        assert lend(driver, disbursed_on=TUESDAY - timedelta(days=1)).pk


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_one_key_at_once_lends_once(self) -> None:
        driver = DriverFactory.create()
        first, *others = run_together(*[lambda: lend(driver, idempotency_key="a")] * 3)
        assert others == [first, first]
        assert count_rows() == (1, 5, 0, 0)
