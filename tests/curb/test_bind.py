"""A person assigns a waiting trip to a driver."""

from datetime import date
from typing import Any

import pytest

from curb import services as curb
from curb.errors import LeaseDoesNotFit, TripNotWaiting
from curb.models import Trip, WaitsFor
from leases.models import Lease
from ledger import selectors as ledger
from tests.books import assert_books_clean
from tests.dtr.fleet import card, close, drive, leased_driver
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_driver()


def bind(trip: Trip, lease: Lease, **options):
    return curb.bind_trip(trip_id=trip.pk, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id, **options)


class TestBindTrip:
    def test_a_person_assigns_a_trip(self, lease):
        (mistyped,) = drive(card(DRIVER="500001X"))
        clerk = UserFactory.create()

        assert bind(mistyped, lease, actor=clerk) == 1

        mistyped.refresh_from_db()
        assert (mistyped.driver, mistyped.vehicle, mistyped.lease) == (lease.primary_driver, lease.vehicle, lease)
        assert (mistyped.waits_for, mistyped.bound_by) == (WaitsFor.NOTHING, clerk)
        assert mistyped.license == "500001X"

    def test_an_assignment_stands_when_trips_are_matched_again(self, lease):
        (mistyped,) = drive(card(DRIVER="500001X"))
        bind(mistyped, lease)
        assert curb.match_waiting_trips() == 0
        close()
        assert ledger.list_postings(kind="EARNINGS").get().driver_id == lease.primary_driver_id
        assert_books_clean()

    def test_trips_alike_are_assigned_too(self, lease):
        first, second, other_cab = drive(
            card(DRIVER="500001X"), card(DRIVER="500001X"), card(DRIVER="500001X", CABNUMBER="1A11")
        )
        assert bind(first, lease, with_alike=True) == 2
        second.refresh_from_db()
        other_cab.refresh_from_db()
        assert (second.lease, other_cab.waits_for) == (lease, WaitsFor.DRIVER)

    def test_an_unclear_lease_has_to_be_said(self):
        day = leased_driver("5000001", shift=Lease.Shift.DAY)
        night = LeaseFactory.create(vehicle=day.vehicle, shift=Lease.Shift.NIGHT)
        further = DriverFactory.create(tlc_license="5000003")
        for lease in (day, night):
            LeaseDriverFactory.create(lease=lease, driver=further)
        (unclear,) = drive(card(DRIVER="5000003"))
        whose: dict[str, Any] = {"trip_id": unclear.pk, "driver_id": further.pk, "vehicle_id": day.vehicle_id}

        with pytest.raises(LeaseDoesNotFit, match="say which it was"):
            curb.bind_trip(**whose)
        assert curb.bind_trip(**whose, lease_id=night.pk) == 1

        unclear.refresh_from_db()
        assert (unclear.driver, unclear.lease) == (further, night)

    def test_one_who_is_on_no_lease_of_the_cab_drove_for_themselves(self, lease):
        stranger = DriverFactory.create(tlc_license="5000003")
        (mistyped,) = drive(card(DRIVER="500000X"))
        curb.bind_trip(trip_id=mistyped.pk, driver_id=stranger.pk, vehicle_id=lease.vehicle_id)
        close()
        earned = ledger.list_postings(kind="EARNINGS").get()
        assert (earned.driver_id, earned.lease_id) == (stranger.pk, None)
        assert_books_clean()

    def test_anothers_lease_is_refused(self, lease):
        stranger = DriverFactory.create(tlc_license="5000003")
        (mistyped,) = drive(card(DRIVER="500000X"))
        with pytest.raises(LeaseDoesNotFit, match="not one of this driver"):
            curb.bind_trip(trip_id=mistyped.pk, driver_id=stranger.pk, vehicle_id=lease.vehicle_id, lease_id=lease.pk)

    def test_a_lease_of_another_day_or_cab_is_refused(self, lease):
        (waiting,) = drive(card(DRIVER="500001X"))
        of_another_cab = LeaseFactory.create()
        later = LeaseFactory.create(vehicle=VehicleFactory.create(), start_on=date(2026, 3, 4))
        for wrong in (of_another_cab, later):
            with pytest.raises(LeaseDoesNotFit):
                bind(waiting, lease, lease_id=wrong.pk)
        waiting.refresh_from_db()
        assert (waiting.waits_for, waiting.bound_at) == (WaitsFor.DRIVER, None)

    def test_an_assignment_can_be_corrected_until_a_close_has_counted_it(self, lease):
        other = leased_driver("5000002", "9Z91")
        (waiting,) = drive(card(DRIVER="500001X"))
        bind(waiting, other)
        bind(waiting, lease)
        close()
        waiting.refresh_from_db()
        assert waiting.lease == lease
        with pytest.raises(TripNotWaiting):
            bind(waiting, other)

    def test_a_trip_that_does_not_wait_is_refused(self, lease):
        (matched,) = drive(card())
        with pytest.raises(TripNotWaiting):
            bind(matched, lease)
        with pytest.raises(TripNotWaiting):
            curb.bind_trip(trip_id=0, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id)
