"""A deposit thirty days after the end of its lease."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import DomainError, ReasonRequired
from leases import selectors, services
from leases.models import DepositSettlement, Lease
from ledger import services as ledger
from ledger.models import LedgerBalance, Payout
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.leases.office import WEDNESDAY, books_of, charge_rent, pay, refused, start_lease

pytestmark = pytest.mark.django_db

#: The lease ends on 2026-03-24.
THIRTY_DAYS_LATER = date(2026, 4, 23)


def settle(lease: Lease, **changed: Any) -> DepositSettlement:
    facts: dict[str, Any] = {"as_of": THIRTY_DAYS_LATER, "reason": "Lease over", "actor": None, **changed}
    return services.settle_deposit(lease_id=lease.pk, **facts)


class TestSettleDeposit:
    def test_a_settlement_pays_what_is_owed_and_releases_the_rest(self) -> None:
        lease = start_lease()
        pay(lease, "1285.71", deposit="500.00", W10="285.71", W11="500.00")
        charge_rent(date(2026, 3, 21))
        # Owed: 500.00 of the third week, charged, and 214.29 of the last, which was forgotten.
        pay(lease, "400.00", W12="400.00", on=date(2026, 3, 21))
        cashier = UserFactory.create()
        settlement = settle(lease, method="CHECK", instrument_number="1001", actor=cashier)
        assert (settlement.posted, settlement.applied, settlement.released) == (
            1,
            Decimal("314.29"),
            Decimal("185.71"),
        )
        payout = Payout.objects.get()
        assert (payout.amount, payout.method, payout.instrument_number, payout.paid_by) == (
            Decimal("185.71"),
            "CHECK",
            "1001",
            cashier,
        )
        assert settlement.payout_reference == payout.reference_id
        assert not LedgerBalance.objects.filter(driver_id=lease.primary_driver_id, status="OPEN").exists()
        assert_books_clean()

    def test_releases_nothing_where_more_is_owed(self) -> None:
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        settlement = settle(lease)
        # 1,500.00 of rent was never charged.
        assert (settlement.posted, settlement.applied, settlement.released, settlement.payout_reference) == (
            4,
            Decimal("500.00"),
            Decimal("0.00"),
            "",
        )
        assert sum(Decimal(row[2]) for row in books_of(lease)) == Decimal("1000.00")

    def test_leaves_the_plans_of_another_lease_that_goes_on(self) -> None:
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        lease_that_goes_on = LeaseFactory.create(primary_driver=lease.primary_driver)
        rent = LeaseInstallmentFactory.create(lease=lease_that_goes_on, number=40)
        assert settle(lease).posted == 4
        rent.refresh_from_db()
        assert rent.posted_at is None

    def test_leaves_the_plans_of_another_lease_that_is_over(self) -> None:
        """A deposit pays nothing of another lease, so it calls in nothing of it."""
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        former_lease = LeaseFactory.create(
            primary_driver=lease.primary_driver, start_on=date(2026, 1, 4), end_on=date(2026, 2, 28)
        )
        LeaseInstallmentFactory.create(lease=former_lease)
        assert settle(lease).posted == 4

    def test_calls_in_no_installment_that_is_on_hold_and_keeps_for_it(self) -> None:
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        services.hold_lease(lease_id=lease.pk, reason="Dispute", actor=None)
        settlement = settle(lease)
        assert (settlement.posted, settlement.released, settlement.kept) == (0, Decimal("0.00"), Decimal("500.00"))

    def test_a_settlement_a_day_too_early_is_refused(self) -> None:
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        with refused(services.DepositStillHeld) as refusal:
            settle(lease, as_of=date(2026, 4, 22))
        assert refusal.value.facts == {"from": "2026-04-23"}

    def test_a_second_settlement_is_refused(self) -> None:
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        settle(lease)
        with refused(services.NoDepositHeld):
            settle(lease)

    def test_a_settlement_without_a_deposit_is_refused_and_posts_nothing(self) -> None:
        lease = start_lease()
        with refused(services.NoDepositHeld):
            settle(lease)

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"reason": ""}, ReasonRequired),
            ({"method": "GOLD"}, ledger.ValueInvalid),
            ({"method": "CHECK"}, ledger.ValueInvalid),
        ],
    )
    def test_bad_input_for_a_settlement_writes_nothing(self, changed: dict[str, str], error: type[DomainError]) -> None:
        lease = start_lease(weekly_amount=Decimal("50.00"))
        pay(lease, "500.00", deposit="500.00")
        with refused(error):
            settle(lease, **changed)


class TestGetDepositState:
    def test_says_what_of_a_deposit_is_asked_received_and_held(self) -> None:
        lease = start_lease()
        pay(lease, "300.00", deposit="300.00")
        state = selectors.get_deposit_state(lease)
        assert (state.asked, state.received, state.held, state.missing, state.settle_from) == (
            Decimal("500.00"),
            Decimal("300.00"),
            Decimal("300.00"),
            Decimal("200.00"),
            THIRTY_DAYS_LATER,
        )
        settle(lease)
        state = selectors.get_deposit_state(lease)
        assert (state.received, state.held) == (Decimal("300.00"), Decimal("0.00"))

    def test_a_deposit_that_bounced_was_never_received(self) -> None:
        lease = start_lease()
        pay(lease, "300.00", deposit="300.00")
        balance = selectors.list_deposits_held(lease.pk).get()
        ledger.void_posting(posting_id=balance.pk, reason="Bounced", effective_on=WEDNESDAY, actor=None)
        assert selectors.get_deposit_state(lease).received == Decimal("0.00")
