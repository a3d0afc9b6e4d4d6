"""The audits of leases: silent over what the services made, and they find what somebody did past them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from leases import services
from leases.models import Lease, LeaseDriver, LeaseInstallment, LeaseVehicle
from tests.books import assert_books_clean
from tests.factories import VehicleFactory
from tests.leases.office import at, charge_rent, pay, start_lease
from tests.ledger.hostile import findings_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease() -> Lease:
    """A lease that has had two vehicles, a change of rent, and an early end."""
    started = start_lease(shift="NIGHT", lease_type="SHIFT")
    cab = VehicleFactory.create()
    services.swap_vehicle(
        lease_id=started.pk,
        vehicle_id=cab.pk,
        swapped_at=at(date(2026, 3, 10)),
        effective_on=date(2026, 3, 10),
        actor=None,
    )
    services.change_weekly_amount(
        lease_id=started.pk, weekly_amount=Decimal("400"), from_on=date(2026, 3, 8), actor=None
    )
    pay(started, "400.00", W12="400.00", on=date(2026, 3, 10))
    charge_rent(date(2026, 3, 14))
    return services.terminate_lease(
        lease_id=started.pk, last_on=date(2026, 3, 13), reason="Gone", effective_on=date(2026, 3, 14), actor=None
    )


def test_nothing_is_found_where_nothing_is_wrong(lease: Lease) -> None:
    assert_books_clean()


class TestSpans:
    def test_finds_a_gap_between_vehicles(self, lease: Lease) -> None:
        first = lease.vehicle_spans.order_by("from_at")[0]
        LeaseVehicle.objects.filter(pk=first.pk).update(until_at=F("until_at") - timedelta(hours=1))
        assert (
            findings_of("leases.spans") == [f"Lease {lease.pk} has a gap before 2026-03-10 00:00:00-04."]
            or len(findings_of("leases.spans")) == 1
        )

    def test_finds_another_vehicle_shift_or_start(self, lease: Lease) -> None:
        Lease.objects.filter(pk=lease.pk).update(vehicle=VehicleFactory.create(), start_on=date(2026, 3, 3))
        LeaseVehicle.objects.update(shift="DAY")
        assert set(findings_of("leases.spans")) == {
            f"Lease {lease.pk} has another vehicle than it held last.",
            f"Lease {lease.pk} has another shift than it holds.",
            f"Lease {lease.pk} has another start than its vehicle's.",
        }

    def test_finds_a_lease_without_a_vehicle(self, lease: Lease) -> None:
        LeaseVehicle.objects.all().delete()
        assert findings_of("leases.spans") == [f"Lease {lease.pk} has no vehicle."]


class TestDrivers:
    def test_finds_drivers_on_days_outside_the_lease(self, lease: Lease) -> None:
        LeaseDriver.objects.update(end_on=date(2026, 3, 14))
        assert findings_of("leases.drivers") == [
            f"Lease {lease.pk} and driver {lease.primary_driver_id} do not agree on their days."
        ]


class TestRent:
    def test_finds_rent_that_is_not_the_leases(self, lease: Lease) -> None:
        wrong = LeaseInstallment.objects.create(
            lease=lease,
            number=9,
            week_start=date(2026, 3, 22),
            due_on=date(2026, 3, 28),
            amount=Decimal("1.00"),
            reference_id="LEASE-X",
        )
        assert findings_of("leases.rent") == ["LEASE-X of 1.00 does not belong to its lease."]
        wrong.delete()
        LeaseInstallment.objects.filter(number=1).update(posted_at=None, amount=Decimal("500.01"))
        assert len(findings_of("leases.rent")) == 1
