"""The migration that gives leases of before their spans, rates and hours, and vehicles their plates."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from leases.models import Lease, LeaseDriver, LeaseRate, LeaseVehicle, VehiclePlate
from tests.factories import LeaseFactory, VehicleFactory
from tests.leases.office import at, drivers_of, vehicles_of

fill = import_module("leases.migrations.0003_fill_spans").fill


@pytest.mark.django_db
class TestFill:
    def empty(self) -> None:
        for table in (LeaseVehicle, LeaseDriver, LeaseRate, VehiclePlate):
            table.objects.all().delete()

    def test_gives_every_lease_what_a_new_one_has(self) -> None:
        leases = [LeaseFactory.create(), LeaseFactory.create(shift="DAY"), LeaseFactory.create(shift="NIGHT")]
        before = [(vehicles_of(lease), drivers_of(lease), lease.shift_from, lease.shift_until) for lease in leases]
        self.empty()
        fill(apps, None)
        leases = list(Lease.objects.order_by("pk"))
        after = [(vehicles_of(lease), drivers_of(lease), lease.shift_from, lease.shift_until) for lease in leases]
        assert after == before
        assert LeaseRate.objects.count() == 3

    def test_ends_a_night_at_midnight_where_a_full_time_lease_begins(self) -> None:
        night = LeaseFactory.create(shift="NIGHT", end_on=date(2026, 3, 31))
        LeaseVehicle.objects.all().delete()
        LeaseFactory.create(vehicle=night.vehicle, start_on=date(2026, 4, 1))
        self.empty()
        fill(apps, None)
        assert vehicles_of(night)[0][2] == at(date(2026, 4, 1))

    def test_gives_a_plate_to_the_only_vehicle_that_claims_it(self) -> None:
        cab = VehicleFactory.create(plate="9Z90A")
        VehicleFactory.create_batch(2, plate="9Z91A")
        VehicleFactory.create(plate="")
        fill(apps, None)
        plate = VehiclePlate.objects.get()
        assert (plate.vehicle, plate.plate, plate.state, plate.from_at, plate.until_at) == (
            cab,
            "9Z90A",
            "NY",
            None,
            None,
        )
