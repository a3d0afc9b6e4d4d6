"""The vehicle of a lease changes, and further drivers come and go."""

from datetime import date, datetime, time
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError, ValueInvalid
from leases import services
from leases.models import Lease, LeaseDriver, LeaseVehicle, Vehicle
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, LeaseVehicleFactory, UserFactory, VehicleFactory
from tests.leases.office import at, books_of, charge_rent, drivers_of, refused, start_lease, vehicles_of
from tests.threads import count_refusals, run_together

NOON = at(date(2026, 3, 11), "12:00")


def swap(lease: Lease, vehicle: Vehicle, moment: datetime = NOON, **changed: Any) -> LeaseVehicle:
    facts = {
        "vehicle_id": vehicle.pk,
        "swapped_at": moment,
        "effective_on": date(2026, 3, 11),
        "actor": None,
        **changed,
    }
    return services.swap_vehicle(lease_id=lease.pk, **facts)


@pytest.mark.django_db
class TestSwapVehicle:
    def test_a_swap_keeps_which_vehicle_it_was_when(self) -> None:
        lease = start_lease()
        old_cab, new_cab, office = lease.vehicle, VehicleFactory.create(), UserFactory.create()
        swap(lease, new_cab, actor=office)
        lease.refresh_from_db()
        assert lease.vehicle == new_cab
        assert vehicles_of(lease) == [
            (str(old_cab), at(date(2026, 3, 4)), NOON),
            (str(new_cab), NOON, at(date(2026, 3, 25))),
        ]
        assert {row.history_user for row in LeaseVehicle.history.exclude(history_user=None)} == {office}
        assert lease.history.first().history_user == office

    def test_a_swap_frees_the_old_vehicle_from_then_on(self) -> None:
        lease = start_lease()
        old_cab = lease.vehicle
        swap(lease, VehicleFactory.create())
        with pytest.raises(services.VehicleTaken):
            start_lease(vehicle=old_cab, start_on=date(2026, 3, 11))
        start_lease(vehicle=old_cab, start_on=date(2026, 3, 12))

    def test_rent_charged_after_a_swap_names_the_new_vehicle(self) -> None:
        lease = start_lease()
        old_cab, new_cab = lease.vehicle, VehicleFactory.create()
        charge_rent(date(2026, 3, 7))
        swap(lease, new_cab)
        charge_rent(date(2026, 3, 14))
        assert [row[0][-3:] for row in books_of(lease)] == ["W10", "W11"]
        assert list(lease.balances.order_by("pk").values_list("vehicle_id", flat=True)) == [old_cab.pk, new_cab.pk]

    def test_a_lease_may_swap_back_to_its_first_vehicle(self) -> None:
        lease = start_lease()
        first_cab = lease.vehicle
        swap(lease, VehicleFactory.create())
        swap(lease, first_cab, at(date(2026, 3, 18)))
        assert [row[0] for row in vehicles_of(lease)][::2] == [str(first_cab)] * 2

    def test_the_same_swap_again_is_refused(self) -> None:
        lease, cab = start_lease(), VehicleFactory.create()
        swap(lease, cab)
        with refused(services.OutsideLease):
            swap(lease, cab)
        with refused(services.SameVehicle):
            swap(lease, cab, at(date(2026, 3, 12)))

    @pytest.mark.parametrize(
        ("moment", "error"),
        [
            (at(date(2026, 3, 4)), services.OutsideLease),
            (at(date(2026, 3, 25)), services.OutsideLease),
            (datetime(2026, 3, 11, 12), services.MomentWithoutZone),  # noqa: DTZ001
            (at(date(1999, 1, 1)), ValueInvalid),
        ],
    )
    def test_refuses_the_moment_of_a_swap_by_name(self, moment: datetime, error: type[DomainError]) -> None:
        lease, cab = start_lease(), VehicleFactory.create()
        with refused(error, field="swapped_at"):
            swap(lease, cab, moment)

    def test_refuses_a_vehicle_that_is_not_to_be_had(self) -> None:
        lease = start_lease()
        held_cab, scrapped_cab = start_lease().vehicle, VehicleFactory.create(status="RETIRED")
        for vehicle, error in [
            (held_cab, services.VehicleTaken),
            (scrapped_cab, services.VehicleRetired),
            (Vehicle(pk=10**9), ledger.VehicleNotFound),
        ]:
            with refused(error, field="vehicle"):
                swap(lease, vehicle)

    def test_day_and_night_share_the_new_vehicle(self) -> None:
        by_night = start_lease(shift="NIGHT", lease_type="SHIFT")
        by_day = start_lease(shift="DAY", lease_type="SHIFT")
        swap(by_day, by_night.vehicle)
        assert by_night.vehicle.lease_spans.count() == 2

    def test_the_database_refuses_two_vehicles_or_leases_at_once_to_everybody(self) -> None:
        holder = LeaseFactory.create()
        other_lease = LeaseFactory.create()
        later_lease = LeaseFactory.create(start_on=date(2027, 1, 3), end_on=date(2027, 1, 9))
        with pytest.raises(IntegrityError, match="leases_leasevehicle_one_per_shift"), transaction.atomic():
            LeaseVehicleFactory.create(
                lease=later_lease, vehicle=holder.vehicle, from_at=NOON, until_at=at(date(2026, 3, 12))
            )
        with pytest.raises(IntegrityError, match="leases_leasevehicle_one_at_a_time"), transaction.atomic():
            LeaseVehicleFactory.create(lease=other_lease, vehicle=VehicleFactory.create())


@pytest.mark.django_db
class TestNights:
    def test_a_night_ends_the_morning_after_its_last_day(self) -> None:
        lease = start_lease(shift="NIGHT", lease_type="SHIFT")
        assert vehicles_of(lease) == [
            (str(lease.vehicle), at(date(2026, 3, 4), "17:00"), at(date(2026, 3, 25), "05:00"))
        ]
        with pytest.raises(services.VehicleTaken):
            start_lease(vehicle=lease.vehicle, start_on=date(2026, 3, 25), end_on=date(2026, 3, 31))
        start_lease(vehicle=lease.vehicle, start_on=date(2026, 3, 26), end_on=date(2026, 3, 31))

    def test_the_hours_of_a_night_may_be_agreed_on(self) -> None:
        lease = start_lease(shift="NIGHT", shift_from=time(16), shift_until=time(4))
        assert vehicles_of(lease)[0][1:] == (at(date(2026, 3, 4), "16:00"), at(date(2026, 3, 25), "04:00"))


def add(lease: Lease, **changed: Any) -> LeaseDriver:
    driver = changed.pop("driver", None) or DriverFactory.create()
    facts = {"driver_id": driver.pk, "start_on": date(2026, 3, 10), "actor": None, **changed}
    return services.add_driver(lease_id=lease.pk, **facts)


@pytest.mark.django_db
class TestAddDriver:
    def test_a_further_driver_drives_to_the_end_of_the_lease_unless_told(self) -> None:
        lease, office = start_lease(), UserFactory.create()
        to_the_end = add(lease, actor=office)
        for_a_day = add(lease, end_on=date(2026, 3, 10))
        assert drivers_of(lease) == [
            (lease.primary_driver_id, True, date(2026, 3, 4), date(2026, 3, 24)),
            (to_the_end.driver_id, False, date(2026, 3, 10), date(2026, 3, 24)),
            (for_a_day.driver_id, False, date(2026, 3, 10), date(2026, 3, 10)),
        ]
        assert to_the_end.history.get().history_user == office

    def test_a_driver_who_is_on_the_lease_is_refused(self) -> None:
        lease = start_lease()
        further = add(lease).driver
        for driver in (further, lease.primary_driver):
            with refused(services.AlreadyOnLease):
                add(lease, driver=driver)

    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"start_on": date(2026, 3, 3)}, services.OutsideLease, "start_on"),
            ({"end_on": date(2026, 3, 25)}, services.OutsideLease, "end_on"),
            ({"end_on": date(2026, 3, 9)}, services.LeaseDatesReversed, "end_on"),
            ({"driver_id": 10**9}, ledger.DriverNotFound, "driver"),
        ],
    )
    def test_refuses_a_further_driver_by_name_and_writes_nothing(
        self, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        lease = start_lease()
        with refused(error, field=field):
            add(lease, **changed)

    def test_an_inactive_driver_is_refused(self) -> None:
        lease = start_lease()
        with refused(services.DriverNotActive):
            add(lease, driver=DriverFactory.create(status="INACTIVE"))


@pytest.mark.django_db
class TestEndDriver:
    def end(self, lease: Lease, driver_id: int, last_on: date) -> LeaseDriver:
        return services.end_driver(lease_id=lease.pk, driver_id=driver_id, last_on=last_on, actor=None)

    def test_a_further_driver_leaves_after_their_last_day(self) -> None:
        lease = start_lease()
        further = add(lease)
        assert self.end(lease, further.driver_id, date(2026, 3, 12)).end_on == date(2026, 3, 12)
        add(lease, driver=further.driver, start_on=date(2026, 3, 13))

    def test_the_primary_driver_stays_and_a_stranger_cannot_leave(self) -> None:
        lease = start_lease()
        with refused(services.PrimaryDriverStays):
            self.end(lease, lease.primary_driver_id, date(2026, 3, 12))
        with refused(ledger.DriverNotFound):
            self.end(lease, DriverFactory.create().pk, date(2026, 3, 12))


@pytest.mark.django_db(transaction=True)
class TestRivalSwaps:
    def test_of_two_leases_that_want_one_vehicle_one_gets_it(self) -> None:
        leases = [start_lease(), start_lease()]
        wanted_cab = VehicleFactory.create()
        outcomes = run_together(*(partial(swap, lease, wanted_cab) for lease in leases))
        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, LeaseVehicle)]
        (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, services.VehicleTaken)]
        assert refusal.facts == {"lease": winner.lease_id}
        assert wanted_cab.lease_spans.get().lease_id == winner.lease_id

    def test_a_vehicle_is_either_retired_or_leased(self) -> None:
        cab = VehicleFactory.create()
        driver = DriverFactory.create()
        outcomes = run_together(
            lambda: start_lease(driver=driver, vehicle=cab),
            lambda: services.retire_vehicle(vehicle_id=cab.pk, retired_at=at(date(2026, 3, 1)), actor=None),
        )
        cab.refresh_from_db()
        assert count_refusals(outcomes) == (
            {services.VehicleRetired: 1} if cab.status == "RETIRED" else {services.VehicleLeased: 1}
        )
        assert Lease.objects.count() == (0 if cab.status == "RETIRED" else 1)
