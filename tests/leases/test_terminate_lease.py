"""Ending a lease early: its rent, its charge, its vehicle and drivers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, ReasonRequired, ValueInvalid
from leases import services
from leases.models import Lease
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from ledger.selectors import get_payable
from tests.books import assert_books_clean
from tests.factories import LeaseDriverFactory, UserFactory, VehicleFactory
from tests.leases.office import (
    WEDNESDAY,
    at,
    books_of,
    charge_rent,
    drivers_of,
    everything,
    pay,
    refused,
    rents_of,
    start_lease,
    vehicles_of,
)
from tests.ledger.proofs import earn, pay_out
from tests.loans.office import hold, lend, void
from tests.threads import count_refusals, run_together

pytestmark = pytest.mark.django_db

#: Of the lease's third week, five days are left: Sunday to Thursday. Its charge is of its Saturday.
THURSDAY, SATURDAY = date(2026, 3, 19), date(2026, 3, 21)


def terminate(lease: Lease, **changed: Any) -> Lease:
    facts: dict[str, Any] = {
        "last_on": THURSDAY,
        "reason": "The driver moves away",
        "effective_on": THURSDAY,
        "actor": None,
        **changed,
    }
    return services.terminate_lease(lease_id=lease.pk, **facts)


class TestTerminateLease:
    def test_a_termination_drops_later_rent_and_pro_rates_the_last_week(self) -> None:
        lease = start_lease()
        charge_rent(date(2026, 3, 14))
        office = UserFactory.create()
        ended_lease = terminate(lease, actor=office)
        # 500 × 5 / 7 = 357.142…
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "500.00"), ("W12", "357.14")]
        assert (ended_lease.end_on, ended_lease.status, ended_lease.status_reason) == (
            THURSDAY,
            "ENDED",
            "The driver moves away",
        )
        assert lease.history.first().history_user == office
        assert lease.installments.model.history.filter(history_type="-").get().history_user == office

    def test_a_termination_charges_the_fee_agreed_on(self) -> None:
        lease = start_lease()
        terminate(lease)
        assert books_of(lease) == [(f"LEASE-{lease.pk}-CANCEL", "250.00", "250.00", "OPEN")]
        charge = LedgerPosting.objects.get()
        assert (charge.category, charge.entry_type, charge.kind, charge.due_on, charge.driver_id) == (
            "LEASE",
            "DEBIT",
            "OBLIGATION",
            date(2026, 3, 21),  # the Saturday of its week
            lease.primary_driver_id,
        )

    @pytest.mark.parametrize(("charge", "posted"), [("0", []), ("99.50", ["99.50"])])
    def test_a_termination_charges_another_amount_or_none(self, charge: str, posted: list[str]) -> None:
        lease = start_lease()
        terminate(lease, cancellation_charge=Decimal(charge))
        assert [row[1] for row in books_of(lease)] == posted

    def test_replaces_a_last_week_that_is_charged_and_paid(self) -> None:
        lease = start_lease(cancellation_fee=Decimal("0"))
        pay(lease, "785.71", W10="285.71", W11="500.00")
        terminate(lease, last_on=date(2026, 3, 10))  # Sunday to Tuesday: 3 days
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "214.29")]
        rent = f"LEASE-{lease.pk}-2026W11"
        assert [row for row in books_of(lease) if row[0] == rent] == [
            (rent, "500.00", "0.00", "VOIDED"),
            (rent, "214.29", "0.00", "SETTLED"),
        ]
        # What was paid above the new amount is the driver's again.
        assert [row[1:] for row in books_of(lease) if row[0].startswith("PAY-")] == [("785.71", "285.71", "OPEN")]
        assert_books_clean()

    def test_voids_a_later_week_that_was_paid_ahead(self) -> None:
        lease = start_lease(cancellation_fee=Decimal("0"))
        pay(lease, "500.00", W11="500.00")
        terminate(lease, last_on=date(2026, 3, 7))
        # The charge that was voided keeps its row, so that it can be read.
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "500.00")]
        assert [row[2:] for row in books_of(lease)] == [("0.00", "VOIDED"), ("500.00", "OPEN")]
        charge_rent(date(2026, 4, 30))
        assert [row for row in books_of(lease) if row[0].endswith("W11")] == [
            (f"LEASE-{lease.pk}-2026W11", "500.00", "0.00", "VOIDED")
        ]
        assert_books_clean()

    def test_leaves_a_charge_that_was_reduced_further(self) -> None:
        lease = start_lease(cancellation_fee=Decimal("0"))
        charge_rent(SATURDAY)
        reduced = LedgerPosting.objects.get(reference_id=f"LEASE-{lease.pk}-2026W12")
        ledger.replace_obligation(
            posting_id=reduced.pk, amount=Decimal("100.00"), reason="Goodwill", effective_on=SATURDAY, actor=None
        )
        terminate(lease, effective_on=SATURDAY)
        assert [row[1] for row in books_of(lease) if row[0].endswith("W12") and row[3] == "OPEN"] == ["100.00"]
        assert_books_clean()

    def test_leaves_a_charge_that_was_voided(self) -> None:
        lease = start_lease(cancellation_fee=Decimal("0"))
        charge_rent(SATURDAY)
        rent = LedgerPosting.objects.get(reference_id=f"LEASE-{lease.pk}-2026W12")
        ledger.void_posting(posting_id=rent.pk, reason="Cab in the workshop", effective_on=SATURDAY, actor=None)
        terminate(lease, effective_on=SATURDAY)
        assert [row[1:] for row in books_of(lease) if row[0].endswith("W12")] == [("500.00", "0.00", "VOIDED")]
        assert_books_clean()

    def test_a_termination_on_a_saturday_leaves_the_week_whole(self) -> None:
        lease = start_lease()
        terminate(lease, last_on=date(2026, 3, 14))
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "500.00")]

    def test_a_termination_counts_the_last_week_at_its_rates(self) -> None:
        lease = start_lease()
        services.change_weekly_amount(
            lease_id=lease.pk, weekly_amount=Decimal("570.00"), from_on=date(2026, 3, 17), actor=None
        )
        terminate(lease)
        # Sunday and Monday at 500, Tuesday to Thursday at 570: (2 × 500 + 3 × 570) / 7 = 387.142…
        assert rents_of(lease)[-1] == ("W12", "387.14")

    def test_a_termination_frees_the_vehicle_and_the_drivers(self) -> None:
        lease = start_lease()
        cab = lease.vehicle
        LeaseDriverFactory.create(lease=lease, start_on=date(2026, 3, 10))
        LeaseDriverFactory.create(lease=lease, start_on=date(2026, 3, 22))
        later_cab = VehicleFactory.create()
        services.swap_vehicle(
            lease_id=lease.pk,
            vehicle_id=later_cab.pk,
            swapped_at=at(date(2026, 3, 21)),
            effective_on=date(2026, 3, 19),
            actor=None,
        )
        ended_lease = terminate(lease)
        assert vehicles_of(lease) == [(str(cab), at(date(2026, 3, 4)), at(date(2026, 3, 20)))]
        assert ended_lease.vehicle == cab
        assert [row[1:] for row in drivers_of(lease)] == [
            (True, date(2026, 3, 4), THURSDAY),
            (False, date(2026, 3, 10), THURSDAY),
        ]
        start_lease(vehicle=cab, start_on=date(2026, 3, 20))

    def test_a_second_termination_is_refused(self) -> None:
        lease = start_lease()
        terminate(lease)
        with refused(services.LeaseEnded):
            terminate(lease)

    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"last_on": date(2026, 3, 3)}, services.OutsideLease, "last_on"),
            ({"last_on": date(2026, 3, 24)}, services.OutsideLease, "last_on"),
            ({"reason": "  "}, ReasonRequired, "reason"),
            ({"reason": "x" * 501}, ValueInvalid, "reason"),
            ({"cancellation_charge": Decimal("-1")}, ledger.AmountInvalid, "cancellation_charge"),
            ({"cancellation_charge": Decimal("0.001")}, ledger.AmountInvalid, "cancellation_charge"),
        ],
    )
    def test_refuses_a_termination_by_name_and_writes_nothing(
        self, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        lease = start_lease()
        with refused(error, field=field):
            terminate(lease, **changed)

    def test_refuses_to_terminate_an_unknown_lease(self) -> None:
        with pytest.raises(ledger.LeaseNotFound):
            terminate(Lease(pk=10**9))

    def test_a_termination_locks_the_account_then_the_lease_before_it_writes(self) -> None:
        lease = start_lease()
        with CaptureQueriesContext(connection) as captured:
            terminate(lease)
        statements = [query["sql"] for query in captured]
        account = next(n for n, sql in enumerate(statements) if '"ledger_accounts"' in sql and "FOR UPDATE" in sql)
        row = next(n for n, sql in enumerate(statements) if '"leases_lease"' in sql and "FOR NO KEY UPDATE" in sql)
        tables = ('UPDATE "leases', 'DELETE FROM "leases', 'INSERT INTO "leases')
        first_write = next(n for n, sql in enumerate(statements) if sql.startswith(tables))
        assert account < row < first_write


class TestPayoutsAfterTheLastLease:
    def test_rent_of_the_last_days_counts_before_it_is_charged(self) -> None:
        """Held 700.00. Of the last week 357.14 is charged on Saturday only: 342.86 may leave on Friday."""
        lease = start_lease()
        charge_rent(date(2026, 3, 14))
        pay(lease, "785.71", W10="285.71", W11="500.00")
        terminate(lease, cancellation_charge=Decimal("0"))
        driver = lease.primary_driver
        earn(driver, "CURB-1", "700.00", effective_on=date(2026, 3, 14))
        friday = date(2026, 3, 20)
        with refused(ledger.ExceedsNetDue, field="amount") as refusal:
            pay_out(driver, "342.87", effective_on=friday)
        assert refusal.value.facts == {"net_due": "342.86"}
        assert "all of it counts, $357.14 of it not charged yet" in str(refusal.value)
        pay_out(driver, "342.86", effective_on=friday)
        charge_rent(SATURDAY)
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        assert not LedgerBalance.objects.open().filter(driver=driver).exists()
        assert_books_clean()

    def test_what_is_left_of_a_plan_counts_on_hold_too(self) -> None:
        """Held 400.00, a loan of 300.00 of which nothing is charged yet: 100.00 may leave, while it is on hold as well.

        What nobody will charge any more lets go of the rest: voided, 400.00.
        """
        lease = start_lease()
        driver = lease.primary_driver
        charge_rent(date(2026, 3, 14))
        pay(lease, "785.71", W10="285.71", W11="500.00")
        loan = lend(
            driver,
            principal=Decimal("300.00"),
            rate_percent=Decimal(0),
            disbursed_on=WEDNESDAY,
            starts_on=date(2026, 3, 22),
            today=SATURDAY,
        )
        terminate(lease, last_on=date(2026, 3, 14), effective_on=date(2026, 3, 14), cancellation_charge=Decimal("0"))
        earn(driver, "CURB-1", "400.00", effective_on=date(2026, 3, 14))
        assert get_payable(driver.pk, on=SATURDAY).net == Decimal("100.00")
        hold(loan)
        assert get_payable(driver.pk, on=SATURDAY).net == Decimal("100.00")
        void(loan)
        assert get_payable(driver.pk, on=SATURDAY).net == Decimal("400.00")


class TestPreview:
    def test_a_preview_says_what_a_termination_would_do_and_does_nothing(self) -> None:
        lease = start_lease()
        charge_rent(SATURDAY)
        before = everything()
        preview = services.preview_lease_act(
            lease_id=lease.pk, act=lambda: terminate(lease, effective_on=SATURDAY), today=SATURDAY
        )
        assert [(change.reference_id[-3:], change.before, change.after) for change in preview.rents] == [
            ("W12", Decimal("500.00"), Decimal("357.14")),
            ("W13", Decimal("214.29"), None),
        ]
        # The last week falls by 142.86, and the fee of 250.00 is charged.
        assert preview.money.net_position_change == Decimal("107.14")
        assert everything() == before


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_a_termination_and_the_run_that_charges_rent_charge_each_day_once(self) -> None:
        """Whichever is first, the last week is charged once, for its days, and nothing after it."""
        lease = start_lease(cancellation_fee=Decimal("0"))
        outcomes = run_together(
            lambda: terminate(lease, effective_on=date(2026, 3, 28)), lambda: charge_rent(date(2026, 3, 28))
        )
        charge_rent(date(2026, 3, 28))
        assert count_refusals(outcomes) == {}
        assert sorted(row[1] for row in books_of(lease) if row[3] == "OPEN") == ["285.71", "357.14", "500.00"]
        assert_books_clean()
