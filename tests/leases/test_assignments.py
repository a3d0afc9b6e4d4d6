"""Who had a cab at a moment: candidates by plate time, shift and day, and never a guess."""

from datetime import date, datetime, time

import pytest

from leases import selectors, services
from tests.factories import DriverFactory, VehicleFactory
from tests.leases.office import at, start_lease

pytestmark = pytest.mark.django_db

THURSDAY = date(2026, 3, 5)


def leases_at(vehicle_id: int, moment: datetime) -> list[int]:
    return [hold.lease_id for hold in selectors.list_leases_of_vehicle_at(vehicle_id, moment)]


class TestListLeasesOfVehicleAt:
    def test_tells_day_from_night_by_the_hour(self) -> None:
        cab = VehicleFactory.create()
        by_day = start_lease(vehicle=cab, shift="DAY", lease_type="SHIFT")
        by_night = start_lease(vehicle=cab, shift="NIGHT", lease_type="SHIFT")
        found = {
            clock: leases_at(cab.pk, at(THURSDAY, clock))
            for clock in ("00:00", "04:59", "05:00", "16:59", "17:00", "23:59")
        }
        assert found == {
            "00:00": [by_night.pk],
            "04:59": [by_night.pk],
            "05:00": [by_day.pk],
            "16:59": [by_day.pk],
            "17:00": [by_night.pk],
            "23:59": [by_night.pk],
        }

    def test_a_night_reaches_into_the_morning_after_the_last_day(self) -> None:
        by_night = start_lease(shift="NIGHT", lease_type="SHIFT")
        moments = [
            at(date(2026, 3, 4), "04:00"),
            at(date(2026, 3, 4), "17:00"),
            at(date(2026, 3, 25), "04:59"),
            at(date(2026, 3, 25), "05:00"),
        ]
        found = [leases_at(by_night.vehicle_id, moment) for moment in moments]
        assert found == [[], [by_night.pk], [by_night.pk], []]

    def test_finds_last_months_cab_after_a_swap(self) -> None:
        lease = start_lease()
        old_cab, new_cab = lease.vehicle, VehicleFactory.create()
        swapped_at = at(date(2026, 3, 11), "12:00")
        services.swap_vehicle(
            lease_id=lease.pk, vehicle_id=new_cab.pk, swapped_at=swapped_at, effective_on=date(2026, 3, 10), actor=None
        )
        assert leases_at(old_cab.pk, at(date(2026, 3, 11), "11:59")) == [lease.pk]
        assert leases_at(old_cab.pk, swapped_at) == []
        assert leases_at(new_cab.pk, swapped_at) == [lease.pk]
        assert selectors.find_lease_in_force(
            on=date(2026, 3, 11), driver_id=lease.primary_driver_id, vehicle_id=old_cab.pk
        )
        assert not selectors.find_lease_in_force(
            on=date(2026, 3, 12), driver_id=lease.primary_driver_id, vehicle_id=old_cab.pk
        )

    def test_counts_the_hours_of_the_day_when_clocks_change(self) -> None:
        # 2026-03-08: there is no 02:30 in New York; 03:00 comes right after 01:59.
        by_night = start_lease(shift="NIGHT", lease_type="SHIFT")
        assert leases_at(by_night.vehicle_id, at(date(2026, 3, 8), "04:59")) == [by_night.pk]
        assert leases_at(by_night.vehicle_id, at(date(2026, 3, 8), "05:00")) == []

    def test_the_leases_of_a_vehicle_at_a_moment_take_two_queries(self, django_assert_num_queries) -> None:
        lease = start_lease()
        with django_assert_num_queries(2):
            selectors.list_leases_of_vehicle_at(lease.vehicle_id, at(THURSDAY))


class TestFindDriverAt:
    def test_finds_the_only_driver_at_a_moment(self) -> None:
        lease = start_lease()
        assert selectors.find_driver_at(lease.vehicle_id, at(THURSDAY)) == lease.primary_driver_id
        assert selectors.find_driver_at(lease.vehicle_id, at(date(2026, 3, 3))) is None

    def test_never_guesses_between_the_drivers_of_a_lease(self) -> None:
        lease = start_lease()
        further = DriverFactory.create()
        services.add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=THURSDAY, end_on=THURSDAY, actor=None)
        (hold,) = selectors.list_leases_of_vehicle_at(lease.vehicle_id, at(THURSDAY))
        assert hold.list_drivers_at(at(THURSDAY)) == [lease.primary_driver_id, further.pk]
        assert selectors.find_driver_at(lease.vehicle_id, at(THURSDAY)) is None
        assert selectors.find_driver_at(lease.vehicle_id, at(date(2026, 3, 6))) == lease.primary_driver_id

    def test_a_night_belongs_to_the_day_on_which_it_began(self) -> None:
        lease = start_lease(shift="NIGHT", lease_type="SHIFT")
        further = DriverFactory.create()
        services.add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=THURSDAY, end_on=THURSDAY, actor=None)
        assert selectors.find_driver_at(lease.vehicle_id, at(date(2026, 3, 6), "04:00")) is None
        assert selectors.find_driver_at(lease.vehicle_id, at(date(2026, 3, 6), "18:00")) == lease.primary_driver_id

    def test_never_guesses_between_shifts_whose_hours_overlap(self) -> None:
        by_day = start_lease(shift="DAY", lease_type="SHIFT")
        start_lease(vehicle=by_day.vehicle, shift="NIGHT", lease_type="SHIFT", shift_from=time(16), shift_until=time(5))
        assert len(selectors.list_leases_of_vehicle_at(by_day.vehicle_id, at(THURSDAY, "16:30"))) == 2
        assert selectors.find_driver_at(by_day.vehicle_id, at(THURSDAY, "16:30")) is None
