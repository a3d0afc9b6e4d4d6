"""A lease is held and resumed, and its weekly amount changes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import DomainError, ReasonRequired
from leases import services
from leases.models import Lease
from ledger import services as ledger
from tests.factories import UserFactory
from tests.leases.office import books_of, charge_rent, refused, rents_of, start_lease

pytestmark = pytest.mark.django_db


def hold(lease: Lease, **changed: Any) -> Lease:
    return services.hold_lease(lease_id=lease.pk, **{"reason": "Cab in the workshop", "actor": None, **changed})


def change(lease: Lease, amount: str, from_on: date) -> Lease:
    return services.change_weekly_amount(lease_id=lease.pk, weekly_amount=Decimal(amount), from_on=from_on, actor=None)


class TestHoldLease:
    def test_holds_rent_that_is_not_charged_yet(self) -> None:
        lease = start_lease()
        charge_rent(date(2026, 3, 7))
        office = UserFactory.create()
        held_lease = hold(lease, actor=office)
        assert (held_lease.status, held_lease.status_reason) == ("HELD", "Cab in the workshop")
        assert rents_of(lease) == [
            ("W10", "285.71"),
            ("W11", "500.00 on hold"),
            ("W12", "500.00 on hold"),
            ("W13", "214.29 on hold"),
        ]
        assert {row.history_user for row in lease.installments.model.history.filter(on_hold=True)} == {office}
        charge_rent(date(2026, 3, 28))
        assert [row[0][-3:] for row in books_of(lease)] == ["W10"]

    def test_a_second_hold_is_refused(self) -> None:
        lease = start_lease()
        hold(lease)
        with refused(services.AlreadyHeld) as refusal:
            hold(lease)
        assert "Cab in the workshop" in str(refusal.value)

    def test_a_hold_without_a_reason_is_refused(self) -> None:
        lease = start_lease()
        with refused(ReasonRequired):
            hold(lease, reason=" ")


class TestResumeLease:
    def test_resuming_charges_what_has_come_due_meanwhile(self) -> None:
        lease = start_lease()
        hold(lease)
        charge_rent(date(2026, 3, 14))
        assert books_of(lease) == []
        resumed_lease = services.resume_lease(lease_id=lease.pk, actor=None)
        assert (resumed_lease.status, resumed_lease.status_reason) == ("ACTIVE", "")
        charge_rent(date(2026, 3, 14))
        assert [row[1] for row in books_of(lease)] == ["285.71", "500.00"]

    def test_resumes_the_rent_of_a_lease_that_was_ended_on_hold(self) -> None:
        lease = start_lease()
        hold(lease)
        services.terminate_lease(
            lease_id=lease.pk,
            last_on=date(2026, 3, 10),
            reason="Gone",
            cancellation_charge=Decimal("0"),
            effective_on=date(2026, 3, 10),
            actor=None,
        )
        assert rents_of(lease) == [("W10", "285.71 on hold"), ("W11", "214.29 on hold")]
        resumed_lease = services.resume_lease(lease_id=lease.pk, actor=None)
        assert resumed_lease.status == "ENDED"
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "214.29")]

    def test_resuming_a_lease_that_is_not_on_hold_is_refused(self) -> None:
        lease = start_lease()
        with refused(services.LeaseNotHeld):
            services.resume_lease(lease_id=lease.pk, actor=None)


class TestChangeWeeklyAmount:
    def test_a_new_amount_changes_whole_weeks_from_a_sunday_on(self) -> None:
        lease = start_lease()
        charge_rent(date(2026, 3, 14))
        changed_lease = change(lease, "560.00", date(2026, 3, 15))
        assert changed_lease.weekly_amount == Decimal("560.00")
        # The last week's three days: 560 × 3 / 7 = 240.00.
        assert rents_of(lease) == [("W10", "285.71"), ("W11", "500.00"), ("W12", "560.00"), ("W13", "240.00")]
        assert list(lease.rates.values_list("from_on", "weekly_amount")) == [
            (date(2026, 3, 4), Decimal("500.00")),
            (date(2026, 3, 15), Decimal("560.00")),
        ]

    def test_a_new_amount_counts_each_day_of_a_week_at_its_rate(self) -> None:
        lease = start_lease()
        change(lease, "570.00", date(2026, 3, 18))
        # Three days at 500 and four at 570: (1,500 + 2,280) / 7 = 540.00.
        assert rents_of(lease)[2:] == [("W12", "540.00"), ("W13", "244.29")]

    def test_a_new_amount_replaces_what_was_agreed_for_later(self) -> None:
        lease = start_lease()
        change(lease, "700.00", date(2026, 3, 22))
        change(lease, "630.00", date(2026, 3, 15))
        assert rents_of(lease)[2:] == [("W12", "630.00"), ("W13", "270.00")]
        assert lease.rates.count() == 2

    def test_a_new_amount_changes_no_week_that_is_charged(self) -> None:
        lease = start_lease()
        charge_rent(date(2026, 3, 14))
        with refused(services.RentAlreadyPosted) as refusal:
            change(lease, "560.00", date(2026, 3, 14))
        assert refusal.value.facts == {"first_possible": "2026-03-15"}
        assert refusal.value.message == (
            "Rent Mar 8–14 is charged already: 2026-03-15 is the first day that can change."
        )

    @pytest.mark.parametrize(
        ("amount", "from_on", "error", "field"),
        [
            ("0", date(2026, 3, 15), ledger.AmountInvalid, "weekly_amount"),
            ("-1", date(2026, 3, 15), ledger.AmountInvalid, "weekly_amount"),
            ("NaN", date(2026, 3, 15), ledger.AmountInvalid, "weekly_amount"),
            ("560", date(2026, 3, 3), services.OutsideLease, "from_on"),
            ("560", date(2026, 3, 25), services.OutsideLease, "from_on"),
        ],
    )
    def test_refuses_a_weekly_amount_by_name_and_writes_nothing(
        self, amount: str, from_on: date, error: type[DomainError], field: str
    ) -> None:
        lease = start_lease()
        with refused(error, field=field):
            change(lease, amount, from_on)
