"""Who pays, as a paper names them: the cab and plate are those of the moment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.clock import at
from leases import selectors
from leases.models import LeaseVehicle, Vehicle
from ledger.selectors import Payer
from tests.factories import (
    DriverFactory,
    LeaseFactory,
    LeaseVehicleFactory,
    VehicleFactory,
    VehiclePlateFactory,
)
from tests.ledger.proofs import WEDNESDAY, hold_deposit

pytestmark = pytest.mark.django_db

NOON = at(WEDNESDAY) + timedelta(hours=12)


def test_a_driver_on_a_lease_with_its_deposit():
    lease = LeaseFactory.create(deposit=Decimal("500.00"))
    driver = lease.primary_driver
    hold_deposit(driver, lease.pk, "200.00")
    assert selectors.describe_payer(driver.pk, lease.pk, NOON) == Payer(
        name=f"{driver.first_name} {driver.last_name}",
        tlc_license=driver.tlc_license,
        lease=f"Lease {lease.pk}",
        medallion=lease.vehicle.medallion,
        plate=lease.vehicle.plate,
        deposit_asked=Decimal("500.00"),
        deposit_held=Decimal("200.00"),
    )
    # Not named, it is the one that was theirs on that day.
    assert selectors.describe_payer(driver.pk, None, NOON).lease == f"Lease {lease.pk}"


def test_a_driver_without_a_lease_or_with_two():
    driver = DriverFactory.create()
    assert selectors.describe_payer(driver.pk, None, NOON) == Payer(
        f"{driver.first_name} {driver.last_name}", driver.tlc_license
    )
    for shift in ("DAY", "NIGHT"):
        LeaseFactory.create(primary_driver=driver, shift=shift)
    assert selectors.describe_payer(driver.pk, None, NOON).lease == ""


def test_the_cab_and_plate_of_that_moment():
    lease = LeaseFactory.create()
    old, new = lease.vehicle, VehicleFactory.create()
    changed_at = NOON + timedelta(hours=1)
    VehiclePlateFactory.create(vehicle=old, plate="OLD1", from_at=NOON - timedelta(days=30), until_at=changed_at)
    VehiclePlateFactory.create(vehicle=old, plate="OLD2", from_at=changed_at)
    swapped_at = NOON + timedelta(days=1)
    LeaseVehicle.objects.filter(lease=lease).update(until_at=swapped_at)
    until_at = swapped_at + timedelta(days=30)
    LeaseVehicleFactory.create(lease=lease, vehicle=new, from_at=swapped_at, until_at=until_at)

    def cab_at(moment):
        payer = selectors.describe_payer(lease.primary_driver_id, lease.pk, moment)
        return payer.medallion, payer.plate

    assert cab_at(NOON) == (old.medallion, "OLD1")
    assert cab_at(NOON + timedelta(hours=2)) == (old.medallion, "OLD2")
    assert cab_at(swapped_at) == (new.medallion, Vehicle.objects.get(pk=new.pk).plate)
