"""Who held what, when."""

from datetime import date

import pytest

from leases import selectors
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, VehicleFactory


@pytest.mark.django_db
class TestFindDriverByLicense:
    def test_finds_active_and_inactive_drivers_by_license(self) -> None:
        former_driver = DriverFactory.create(tlc_license="5123456", status="INACTIVE")
        assert selectors.find_driver_by_license(" 5123456 ") == former_driver

    @pytest.mark.parametrize("unknown", ["", "512345", "51234567", "x" * 10_000])
    def test_finds_nobody_by_another_license(self, unknown: str) -> None:
        DriverFactory.create(tlc_license="5123456")
        assert selectors.find_driver_by_license(unknown) is None


@pytest.mark.django_db
class TestFindVehicleByMedallion:
    @pytest.mark.parametrize("typed", ["9Z90", "9z90", " 9z90 "])
    def test_finds_a_medallion_in_any_case_and_with_blanks(self, typed: str) -> None:
        cab = VehicleFactory.create(medallion="9Z90")
        assert selectors.find_vehicle_by_medallion(typed) == cab

    def test_finds_no_vehicle_by_part_of_a_medallion(self) -> None:
        VehicleFactory.create(medallion="9Z90")
        assert selectors.find_vehicle_by_medallion("9Z9") is None

    def test_keeps_one_medallion_however_typed(self) -> None:
        cab = VehicleFactory.create(medallion="9z90")
        cab.refresh_from_db()
        assert cab.medallion == "9Z90"


@pytest.mark.django_db
class TestFindLeaseInForce:
    @pytest.mark.parametrize(
        ("on", "is_found"),
        [(date(2026, 1, 3), False), (date(2026, 1, 4), True), (date(2027, 1, 2), True), (date(2027, 1, 3), False)],
    )
    def test_a_lease_is_in_force_on_both_its_ends(self, on: date, is_found: bool) -> None:
        lease = LeaseFactory.create()
        found = selectors.find_lease_in_force(on=on, driver_id=lease.primary_driver_id)
        assert found == (lease if is_found else None)

    def test_never_guesses_between_two_leases_of_a_driver(self) -> None:
        driver = DriverFactory.create()
        first_lease = LeaseFactory.create(primary_driver=driver)
        second_lease = LeaseFactory.create(primary_driver=driver)
        day = date(2026, 6, 1)
        assert selectors.find_lease_in_force(on=day, driver_id=driver.pk) is None
        for lease in (first_lease, second_lease):
            found = selectors.find_lease_in_force(on=day, driver_id=driver.pk, vehicle_id=lease.vehicle_id)
            assert found == lease


@pytest.mark.django_db
class TestListLeasesInForce:
    def test_lists_leases_of_that_vehicle_or_driver_in_those_days(self) -> None:
        cab = VehicleFactory.create()
        past_lease = LeaseFactory.create(vehicle=cab, start_on=date(2025, 1, 1), end_on=date(2025, 12, 31))
        present_lease = LeaseFactory.create(vehicle=cab)
        LeaseFactory.create()
        in_2026 = selectors.list_leases_in_force(start_on=date(2026, 6, 1), vehicle_id=cab.pk)
        over_new_year = selectors.list_leases_in_force(
            start_on=date(2025, 12, 31), end_on=date(2026, 1, 31), vehicle_id=cab.pk
        )
        of_its_driver = selectors.list_leases_in_force(
            start_on=date(2025, 6, 1), driver_id=past_lease.primary_driver_id
        )
        assert list(in_2026) == [present_lease]
        assert list(over_new_year) == [present_lease, past_lease]
        assert list(of_its_driver) == [past_lease]

    def test_names_drivers_and_vehicles_in_one_query(self, django_assert_num_queries) -> None:
        LeaseFactory.create_batch(3)
        with django_assert_num_queries(1):
            leases = selectors.list_leases_in_force(start_on=date(2026, 6, 1))
            assert len([f"{lease.primary_driver} {lease.vehicle}" for lease in leases]) == 3


@pytest.mark.django_db
class TestListLeasesOfDriver:
    def test_lists_leases_that_a_driver_is_or_was_on_newest_first(self) -> None:
        driver = DriverFactory.create()
        own_lease = LeaseFactory.create(primary_driver=driver)
        shared_lease = LeaseFactory.create(start_on=date(2025, 1, 5))
        LeaseDriverFactory.create(lease=shared_lease, driver=driver, end_on=date(2025, 2, 1))
        LeaseDriverFactory.create(lease=shared_lease, driver=driver, start_on=date(2025, 3, 1))
        LeaseFactory.create()
        assert list(selectors.list_leases_of_driver(driver.pk)) == [own_lease, shared_lease]
