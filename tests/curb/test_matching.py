"""Whose trip it was: by license, cab, moment and New York day, and never by guess."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.clock import at
from curb.models import WaitsFor
from curb.selectors import Match, TripMatcher
from leases.models import Lease, LeaseVehicle
from tests.dtr.fleet import leased_driver
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, LeaseVehicleFactory, VehicleFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 3)
NOON = at(DAY, time(12))


def match(license_: str = "5000001", cab: str = "9Z90", start_at: datetime = NOON) -> Match:
    return TripMatcher([(license_, cab, start_at)]).match(license_, cab, start_at)


@pytest.fixture
def lease():
    return leased_driver()


@pytest.fixture
def shifts():
    """A cab with a lease by day, 5:00 to 17:00, and one by night; each with a driver of its own."""
    day = leased_driver("5000001", shift=Lease.Shift.DAY)
    night = LeaseFactory.create(
        primary_driver=DriverFactory.create(tlc_license="5000002"), vehicle=day.vehicle, shift=Lease.Shift.NIGHT
    )
    return day, night


class TestWhatItWaitsFor:
    def test_a_trip_waits_for_nothing_where_license_cab_and_lease_are_known(self, lease):
        assert match() == Match(lease.primary_driver_id, lease.vehicle_id, lease.pk, WaitsFor.NOTHING)

    def test_zeros_before_a_license_do_not_make_another(self, lease):
        assert match("05000001") == match("5000001")
        DriverFactory.create(tlc_license="0654321")
        assert match("654321") == match("00654321") == match("0654321") != match("1654321")

    @pytest.mark.parametrize("license_", ["", "9999999", "5000001X"])
    def test_a_trip_waits_for_a_driver_where_nobody_has_the_license(self, lease, license_):
        assert match(license_) == Match(None, lease.vehicle_id, None, WaitsFor.DRIVER)

    @pytest.mark.parametrize("cab", ["", "1A11"])
    def test_a_trip_waits_for_a_cab_where_none_has_the_medallion(self, lease, cab):
        assert match(cab=cab) == Match(lease.primary_driver_id, None, None, WaitsFor.VEHICLE)

    def test_a_trip_waits_first_for_a_driver_where_neither_is_known(self, lease):
        assert match("9999999", "1A11") == Match(None, None, None, WaitsFor.DRIVER)

    def test_a_strangers_trip_is_the_strangers_alone_and_waits_for_nothing(self, shifts):
        """The cab has two leases that day; neither gets the money of one who is on neither."""
        stranger = DriverFactory.create(tlc_license="5000003")
        found = match("5000003")
        assert (found.driver_id, found.lease_id, found.waits_for) == (stranger.pk, None, WaitsFor.NOTHING)

    def test_a_trip_waits_for_a_lease_where_its_driver_is_on_both(self, shifts):
        day, night = shifts
        LeaseDriverFactory.create(lease=night, driver=day.primary_driver)
        assert match().waits_for == WaitsFor.LEASE

    def test_a_trip_of_a_cab_that_nobody_leases_waits_for_nothing(self):
        driver = DriverFactory.create(tlc_license="5000001")
        vehicle = VehicleFactory.create(medallion="9Z90")
        assert match() == Match(driver.pk, vehicle.pk, None, WaitsFor.NOTHING)


class TestShifts:
    @pytest.mark.parametrize("hour", [0, 4, 5, 12, 16, 17, 23])
    def test_each_driver_is_on_their_own_whatever_the_hour(self, shifts, hour):
        day, night = shifts
        moment = at(DAY, time(hour))
        assert (match("5000001", start_at=moment).lease_id, match("5000002", start_at=moment).lease_id) == (
            day.pk, night.pk,
        )  # fmt: skip

    def test_a_night_may_begin_before_it_does(self):
        """The license says who it was: at 15:00 of the first day the night's lease is not in its hours yet."""
        day = leased_driver("5000001", shift=Lease.Shift.DAY, end_on=date(2026, 3, 2))
        night = LeaseFactory.create(
            primary_driver=DriverFactory.create(tlc_license="5000002"), vehicle=day.vehicle,
            shift=Lease.Shift.NIGHT, start_on=DAY,
        )  # fmt: skip
        assert match("5000002", start_at=at(DAY, time(15))).lease_id == night.pk

    def test_after_midnight_it_is_still_the_night_of_the_day_before(self):
        """A further driver of Monday's night drives at 2:00 on Tuesday."""
        night = leased_driver("5000001", shift=Lease.Shift.NIGHT)
        day = LeaseFactory.create(vehicle=night.vehicle, shift=Lease.Shift.DAY)
        further = DriverFactory.create(tlc_license="5000003")
        LeaseDriverFactory.create(lease=night, driver=further, start_on=date(2026, 3, 2), end_on=date(2026, 3, 2))
        in_the_night = match("5000003", start_at=at(DAY, time(2)))
        assert (in_the_night.lease_id, in_the_night.waits_for) == (night.pk, WaitsFor.NOTHING)
        next_night = match("5000003", start_at=at(DAY, time(20)))
        assert (next_night.lease_id, next_night.waits_for) == (None, WaitsFor.NOTHING)
        assert day.pk != night.pk


class TestDays:
    def test_a_lease_begins_and_ends_at_midnight_in_new_york(self):
        lease = leased_driver(start_on=DAY, end_on=DAY)
        before, first, last, after = (
            match(start_at=moment)
            for moment in (
                at(DAY) - timedelta(seconds=1), at(DAY), at(DAY, time(23, 59, 59)), at(DAY + timedelta(days=1)),
            )
        )  # fmt: skip
        assert [found.lease_id for found in (before, first, last, after)] == [None, lease.pk, lease.pk, None]
        assert {found.waits_for for found in (before, first, last, after)} == {WaitsFor.NOTHING}

    def test_moments_of_any_zone_are_new_yorks_days(self):
        """3:30 in the morning of March 4 in UTC is 22:30 of March 3 in New York."""
        lease = leased_driver(end_on=DAY)
        assert match(start_at=datetime(2026, 3, 4, 3, 30, tzinfo=UTC)).lease_id == lease.pk

    def test_the_next_lease_of_a_cab_takes_over_at_midnight(self):
        first = leased_driver(end_on=DAY)
        second = LeaseFactory.create(
            primary_driver=first.primary_driver, vehicle=first.vehicle, start_on=DAY + timedelta(days=1)
        )
        assert match(start_at=at(DAY, time(23, 59, 59))).lease_id == first.pk
        assert match(start_at=at(DAY + timedelta(days=1))).lease_id == second.pk


class TestFurtherDrivers:
    def test_a_further_driver_drives_on_the_lease_of_the_cab(self, lease):
        further = DriverFactory.create(tlc_license="5000002")
        LeaseDriverFactory.create(lease=lease, driver=further)
        assert match("5000002") == Match(further.pk, lease.vehicle_id, lease.pk, WaitsFor.NOTHING)

    def test_the_leases_of_a_further_driver_differ_by_their_days(self, shifts):
        day, night = shifts
        further = DriverFactory.create(tlc_license="5000003")
        LeaseDriverFactory.create(lease=day, driver=further, end_on=DAY)
        LeaseDriverFactory.create(lease=night, driver=further, start_on=DAY + timedelta(days=2))
        assert match("5000003").lease_id == day.pk
        assert match("5000003", start_at=NOON + timedelta(days=1)).lease_id is None
        assert match("5000003", start_at=at(DAY + timedelta(days=2), time(20))).lease_id == night.pk

    def test_a_driver_in_the_cab_of_another_is_on_no_lease_there(self, lease):
        """The license names the driver; the cab's lease is another's, and their own lease has another cab."""
        other = leased_driver("5000002", "9Z91")
        assert match("5000002") == Match(other.primary_driver_id, lease.vehicle_id, None, WaitsFor.NOTHING)


class TestSwaps:
    @pytest.fixture
    def swapped(self, lease):
        """At noon the lease goes on with cab 9Z91; 9Z90 is taken over by another lease at once."""
        LeaseVehicle.objects.filter(lease=lease).update(until_at=NOON)
        second = VehicleFactory.create(medallion="9Z91")
        LeaseVehicleFactory.create(lease=lease, vehicle=second, from_at=NOON)
        heir = leased_driver("5000002", "9Z92")
        LeaseVehicle.objects.filter(lease=heir).update(vehicle=lease.vehicle, from_at=NOON)
        return lease, heir

    def test_a_cab_is_its_first_leases_until_the_moment_of_the_swap(self, swapped):
        lease, _ = swapped
        before = match(start_at=NOON - timedelta(seconds=1))
        assert (before.lease_id, before.waits_for) == (lease.pk, WaitsFor.NOTHING)

    def test_from_that_moment_on_it_is_the_next_ones(self, swapped):
        lease, heir = swapped
        assert match("5000002").lease_id == heir.pk
        assert match(cab="9Z91").lease_id == lease.pk

    def test_on_the_day_of_the_swap_the_driver_says_which_it_was(self, swapped):
        """A meter that is an hour behind: each is on the lease that they drive on."""
        lease, heir = swapped
        assert match("5000002", start_at=NOON - timedelta(hours=1)).lease_id == heir.pk
        assert match(cab="9Z91", start_at=NOON - timedelta(hours=1)).lease_id == lease.pk


class TestStatements:
    def test_matching_takes_as_many_statements_for_many_trips_as_for_one(self, django_assert_num_queries):
        leases = [leased_driver(f"500000{number}", f"9Z9{number}") for number in range(5)]
        trips = [(lease.primary_driver.tlc_license, lease.vehicle.medallion, NOON) for lease in leases]
        with django_assert_num_queries(4):
            matcher = TripMatcher(trips)
            assert [matcher.match(*one).lease_id for one in trips] == [lease.pk for lease in leases]

    def test_matching_takes_fewer_statements_where_no_cab_is_known(self, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert TripMatcher([("1", "2", NOON)]).match("1", "2", NOON).waits_for == WaitsFor.DRIVER
