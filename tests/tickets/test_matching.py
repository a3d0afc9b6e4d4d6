"""Whose a ticket is: by plate, tag, medallion or license, to the second; and never a guess."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import NEW_YORK, at
from leases.models import LeaseDriver, LeaseVehicle
from tests.factories import (
    DriverFactory,
    LeaseDriverFactory,
    LeaseFactory,
    VehiclePlateFactory,
    VehicleTagFactory,
)
from tests.tickets.files import leased_cab, noon, plated_cab
from tickets.models import Ticket, Wait
from tickets.selectors import Match, TicketMatcher, list_candidates

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
SECOND = timedelta(seconds=1)
PLATE: dict[str, Any] = {"plate": "T100001C", "plate_state": "NY"}


def ticket(moment: datetime, latest: datetime | None = None, **facts: Any) -> Ticket:
    """A ticket that nobody saved, of a New York plate unless told otherwise."""
    return Ticket(at=moment, at_latest=latest or moment, **(facts or PLATE))


def match(moment: datetime, latest: datetime | None = None, **facts: Any) -> Match:
    sought = ticket(moment, latest, **facts)
    return TicketMatcher().match(sought)


def day_of(day: date) -> tuple[datetime, datetime]:
    """All of a day: what a document without a time of day tells."""
    return at(day), at(day + timedelta(days=1)) - SECOND


class TestPlatesAndTags:
    def test_one_cab_one_lease_one_driver(self):
        lease = leased_cab()
        found = match(noon(16))
        assert (found.waits_for, found.vehicle_id, found.lease_id, found.driver_id) == (
            Wait.NOTHING,
            lease.vehicle_id,
            lease.pk,
            lease.primary_driver_id,
        )

    @pytest.mark.parametrize(
        "facts",
        [
            {"plate": "T100001C", "plate_state": "NJ"},
            {"plate": "T100001C", "plate_state": ""},
            {"plate": "T100001D", "plate_state": "NY"},
            {"tag": "99900000112"},
            {"medallion": "0Z00"},
        ],
        ids=["another state", "no state", "another plate", "another tag", "another medallion"],
    )
    def test_a_strangers_cab_is_unknown(self, facts):
        leased_cab(tag="99900000111")
        assert match(noon(16), **facts) == Match(Wait.VEHICLE)

    def test_a_tag_counts_before_a_plate(self):
        by_plate, by_tag = leased_cab(), leased_cab("T100002C", tag="99900000111")
        assert match(noon(16), tag="99900000111", **PLATE).lease_id == by_tag.pk
        assert match(noon(16), **PLATE).lease_id == by_plate.pk

    def test_a_medallion_names_the_cab_without_its_plate(self):
        lease = leased_cab()
        assert match(noon(16), medallion=lease.vehicle.medallion).driver_id == lease.primary_driver_id

    @pytest.mark.parametrize("kind", ["plate", "tag"])
    def test_counts_from_its_first_second_and_not_at_its_last(self, kind):
        lease = LeaseFactory.create()
        span = {"vehicle": lease.vehicle, "from_at": noon(16), "until_at": noon(17)}
        if kind == "plate":
            VehiclePlateFactory.create(plate="T100001C", **span)
            facts = PLATE
        else:
            VehicleTagFactory.create(tag="99900000111", **span)
            facts = {"tag": "99900000111"}
        outcomes = [
            match(moment, **facts).waits_for for moment in (noon(16) - SECOND, noon(16), noon(17) - SECOND, noon(17))
        ]
        assert outcomes == ["VEHICLE", "", "", "VEHICLE"]

    def test_a_tag_that_changed_cabs_belongs_to_each_in_its_time(self):
        first, second = LeaseFactory.create(), LeaseFactory.create()
        VehicleTagFactory.create(vehicle=first.vehicle, tag="99900000111", until_at=noon(16))
        VehicleTagFactory.create(vehicle=second.vehicle, tag="99900000111", from_at=noon(16))
        assert match(noon(16) - SECOND, tag="99900000111").lease_id == first.pk
        assert match(noon(16), tag="99900000111").lease_id == second.pk

    def test_without_a_time_a_plate_that_changed_cabs_that_day_is_unknown_and_both_are_candidates(self):
        first, second = LeaseFactory.create(), LeaseFactory.create()
        VehiclePlateFactory.create(vehicle=first.vehicle, plate="T100001C", until_at=noon(16))
        VehiclePlateFactory.create(vehicle=second.vehicle, plate="T100001C", from_at=noon(16))
        found = match(*day_of(MONDAY), **PLATE)
        assert (found.waits_for, found.vehicle_id, found.driver_id) == (Wait.VEHICLE, None, None)
        assert {hold.lease_id for hold in found.holds} == {first.pk, second.pk}

    def test_without_a_time_a_plate_given_that_day_may_not_have_been_ours_yet(self):
        lease = LeaseFactory.create()
        VehiclePlateFactory.create(vehicle=lease.vehicle, plate="T100001C", from_at=noon(16))
        assert match(*day_of(MONDAY), **PLATE).waits_for == Wait.VEHICLE
        assert match(*day_of(MONDAY + timedelta(days=1)), **PLATE).driver_id == lease.primary_driver_id


class TestLeases:
    def test_a_cab_that_nobody_leased_waits_with_its_cab(self):
        cab = plated_cab()
        assert match(noon(16)) == Match(Wait.LEASE, cab.pk)

    def test_a_lease_counts_from_its_first_midnight_to_its_last(self):
        lease = leased_cab(start_on=date(2026, 11, 15), end_on=date(2026, 11, 16))
        drivers = [
            match(moment).driver_id
            for moment in (at(date(2026, 11, 15)) - SECOND, at(date(2026, 11, 15)), at(date(2026, 11, 17)) - SECOND)
        ]
        assert drivers == [None, lease.primary_driver_id, lease.primary_driver_id]
        assert match(at(date(2026, 11, 17))).waits_for == Wait.LEASE

    def test_a_swap_counts_to_the_second(self):
        first, second = leased_cab(), LeaseFactory.create()
        LeaseVehicle.objects.filter(lease=second).delete()
        LeaseVehicle.objects.filter(lease=first).update(until_at=noon(16))
        LeaseVehicle.objects.create(
            lease=second, vehicle=first.vehicle, shift="FULL", from_at=noon(16), until_at=noon(20)
        )
        assert match(noon(16) - SECOND).lease_id == first.pk
        assert match(noon(16)).lease_id == second.pk
        assert match(noon(20)).waits_for == Wait.LEASE

    def test_without_a_time_a_swap_that_day_leaves_both(self):
        first, second = leased_cab(), LeaseFactory.create()
        LeaseVehicle.objects.filter(lease=second).delete()
        LeaseVehicle.objects.filter(lease=first).update(until_at=noon(16))
        LeaseVehicle.objects.create(
            lease=second, vehicle=first.vehicle, shift="FULL", from_at=noon(16), until_at=noon(20)
        )
        found = match(*day_of(MONDAY))
        assert (found.waits_for, found.vehicle_id) == (Wait.DRIVER, first.vehicle_id)
        assert {hold.lease_id for hold in found.holds} == {first.pk, second.pk}

    def test_without_a_time_the_day_a_lease_began_at_noon_is_not_sure(self):
        lease = leased_cab()
        LeaseVehicle.objects.filter(lease=lease).update(from_at=noon(16))
        assert match(*day_of(MONDAY)).waits_for == Wait.LEASE
        assert match(*day_of(MONDAY + timedelta(days=1))).driver_id == lease.primary_driver_id


class TestShifts:
    def test_day_and_night_change_to_the_second(self):
        day = leased_cab(shift="DAY")
        night = LeaseFactory.create(vehicle=day.vehicle, shift="NIGHT")
        clocks = [time(16, 59, 59), time(17), time(4, 59, 59), time(5)]
        assert [match(at(MONDAY, clock)).lease_id for clock in clocks] == [day.pk, night.pk, night.pk, day.pk]

    def test_outside_the_only_shift_it_is_nobodys(self):
        lease = leased_cab(shift="DAY")
        assert match(noon(16, 23)) == Match(Wait.LEASE, lease.vehicle_id)

    def test_a_night_belongs_to_the_day_on_which_it_began(self):
        night = leased_cab(shift="NIGHT")
        LeaseDriver.objects.filter(lease=night).update(end_on=MONDAY)
        successor = LeaseDriverFactory.create(lease=night, start_on=date(2026, 11, 17)).driver
        tuesday = date(2026, 11, 17)
        assert match(at(MONDAY, time(23, 59, 59))).driver_id == night.primary_driver_id
        assert match(at(tuesday, time(2))).driver_id == night.primary_driver_id
        assert match(at(tuesday, time(4, 59, 59))).driver_id == night.primary_driver_id
        assert match(at(tuesday, time(17))).driver_id == successor.pk

    def test_the_last_night_ends_the_morning_after(self):
        night = leased_cab(shift="NIGHT", start_on=date(2026, 11, 15), end_on=MONDAY)
        tuesday = date(2026, 11, 17)
        assert match(at(tuesday, time(4, 59, 59))).driver_id == night.primary_driver_id
        assert match(at(tuesday, time(5))).waits_for == Wait.LEASE
        assert match(at(tuesday, time(17))).waits_for == Wait.LEASE

    def test_hours_that_two_leases_share_are_a_persons_to_decide(self):
        day = leased_cab(shift="DAY")
        night = LeaseFactory.create(vehicle=day.vehicle, shift="NIGHT", shift_from=time(16), shift_until=time(5))
        found = match(at(MONDAY, time(16, 30)))
        assert (found.waits_for, found.driver_id) == (Wait.DRIVER, None)
        assert {hold.lease_id for hold in found.holds} == {day.pk, night.pk}

    def test_without_a_time_one_shift_alone_is_not_sure(self):
        lease = leased_cab(shift="DAY")
        found = match(*day_of(MONDAY))
        assert (found.waits_for, [hold.lease_id for hold in found.holds]) == (Wait.LEASE, [lease.pk])

    def test_without_a_time_two_shifts_are_two_candidates(self):
        day = leased_cab(shift="DAY")
        night = LeaseFactory.create(vehicle=day.vehicle, shift="NIGHT")
        found = match(*day_of(MONDAY))
        assert found.waits_for == Wait.DRIVER
        assert {hold.lease_id for hold in found.holds} == {day.pk, night.pk}


class TestDrivers:
    def test_two_drivers_of_a_lease_are_candidates(self):
        lease = leased_cab()
        LeaseDriverFactory.create(lease=lease)
        found = match(noon(16))
        assert (found.waits_for, found.driver_id, found.lease_id) == (Wait.DRIVER, None, None)

    def test_a_further_driver_counts_on_their_own_days_alone(self):
        lease = leased_cab()
        LeaseDriverFactory.create(lease=lease, start_on=MONDAY, end_on=MONDAY)
        assert match(at(MONDAY) - SECOND).driver_id == lease.primary_driver_id
        assert match(noon(16)).waits_for == Wait.DRIVER
        assert match(at(MONDAY + timedelta(days=1))).driver_id == lease.primary_driver_id

    def test_a_further_driver_may_be_the_only_one_of_a_day(self):
        lease = leased_cab()
        LeaseDriver.objects.filter(lease=lease).update(end_on=date(2026, 11, 15))
        further = LeaseDriverFactory.create(lease=lease, start_on=MONDAY).driver
        found = match(noon(16))
        assert (found.driver_id, found.lease_id) == (further.pk, lease.pk)

    def test_a_day_without_a_driver_waits(self):
        lease = leased_cab()
        LeaseDriver.objects.filter(lease=lease).update(end_on=date(2026, 11, 15))
        assert match(noon(16)).waits_for == Wait.LEASE

    def test_the_candidates_are_named_with_their_days(self):
        lease = leased_cab()
        further = LeaseDriverFactory.create(lease=lease, start_on=MONDAY, end_on=MONDAY).driver
        LeaseDriverFactory.create(lease=lease, start_on=date(2026, 11, 17))
        candidates = list_candidates(ticket(noon(16)))
        assert {(found.driver, found.days) for found in candidates} == {
            (str(lease.primary_driver), "Jan 4, 2026 to Jan 2, 2027"),
            (str(further), "Nov 16, 2026 to Nov 16, 2026"),
        }
        assert {found.lease for found in candidates} == {lease}

    def test_nobody_is_a_candidate_of_a_strangers_cab(self):
        assert list_candidates(ticket(noon(16), plate="ZZZ9999", plate_state="NY")) == []


class TestLicenses:
    def test_a_license_names_the_driver_and_the_lease_of_that_day(self):
        lease = leased_cab()
        found = match(noon(16), license=lease.primary_driver.tlc_license)
        assert (found.waits_for, found.driver_id, found.lease_id) == (Wait.NOTHING, lease.primary_driver_id, lease.pk)
        assert found.vehicle_id is None

    def test_a_driver_without_a_lease_is_charged_without_one(self):
        driver = DriverFactory.create()
        found = match(noon(16), license=driver.tlc_license)
        assert (found.driver_id, found.lease_id, found.waits_for) == (driver.pk, None, Wait.NOTHING)

    def test_a_driver_of_two_leases_is_charged_without_one(self):
        driver = DriverFactory.create()
        LeaseFactory.create(primary_driver=driver)
        LeaseFactory.create(primary_driver=driver)
        assert match(noon(16), license=driver.tlc_license).lease_id is None

    def test_a_lease_that_had_ended_is_not_named(self):
        lease = leased_cab(end_on=date(2026, 11, 15))
        found = match(noon(16), license=lease.primary_driver.tlc_license)
        assert (found.driver_id, found.lease_id) == (lease.primary_driver_id, None)

    def test_an_unknown_license_waits_with_the_cab(self):
        lease = leased_cab()
        assert match(noon(16), license="999999") == Match(Wait.LICENSE)
        assert match(noon(16), license="999999", **PLATE) == Match(Wait.LICENSE, lease.vehicle_id)

    def test_with_a_cab_the_lease_is_the_one_on_which_they_had_it(self):
        lease = leased_cab()
        further = LeaseDriverFactory.create(lease=lease).driver
        found = match(noon(16), license=further.tlc_license, **PLATE)
        assert (found.driver_id, found.lease_id, found.vehicle_id) == (further.pk, lease.pk, lease.vehicle_id)

    def test_a_license_counts_even_in_a_cab_that_another_had(self):
        lease, stranger = leased_cab(), DriverFactory.create()
        found = match(noon(16), license=stranger.tlc_license, **PLATE)
        assert (found.driver_id, found.lease_id, found.vehicle_id) == (stranger.pk, None, lease.vehicle_id)


class TestTheClockChange:
    """The autumn Sunday, 2026-11-01, on which 01:00 to 02:00 is shown twice."""

    FIRST, SECOND_TIME = (datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=fold) for fold in (0, 1))

    def test_one_driver_both_times_is_sure(self):
        lease = leased_cab()
        assert match(self.FIRST, self.SECOND_TIME).driver_id == lease.primary_driver_id

    def test_two_drivers_one_each_time_is_not(self):
        lease = leased_cab()
        handed_over = at(date(2026, 11, 1), time(1)).replace(fold=1)
        LeaseVehicle.objects.filter(lease=lease).update(until_at=handed_over)
        assert match(self.FIRST, self.SECOND_TIME).waits_for == Wait.LEASE
        assert match(self.FIRST).driver_id == lease.primary_driver_id
        assert match(self.SECOND_TIME).waits_for == Wait.LEASE

    def test_the_hour_is_not_taken_for_a_whole_day(self):
        lease = leased_cab(shift="NIGHT")
        assert match(self.FIRST, self.SECOND_TIME).driver_id == lease.primary_driver_id


def test_many_tickets_take_no_more_statements_than_one():
    leases = [leased_cab(f"T{number}C", tag=f"99900000{number}") for number in range(200, 205)]

    def count(tickets: list[Ticket]) -> int:
        with CaptureQueriesContext(connection) as queries:
            TicketMatcher().match_all(tickets)
        return len(queries)

    def of(lease_number: int) -> list[Ticket]:
        return [
            ticket(noon(16), plate=f"T{lease_number}C", plate_state="NY"),
            ticket(noon(16), tag=f"99900000{lease_number}"),
            ticket(noon(16), license=leases[0].primary_driver.tlc_license),
            ticket(noon(16), medallion=leases[0].vehicle.medallion),
        ]

    many = [one for number in range(200, 205) for one in of(number)]
    assert count(many) == count(of(200)) <= 9


def test_the_next_lot_of_the_same_cabs_asks_only_for_trips():
    lease = leased_cab()
    matcher = TicketMatcher()
    matcher.match_all([ticket(noon(16))])
    with CaptureQueriesContext(connection) as queries:
        found = matcher.match_all([ticket(noon(17)), ticket(noon(18))])
    assert {one.driver_id for one in found} == {lease.primary_driver_id}
    assert ["curb_trips" in query["sql"] for query in queries] == [True]


def test_nothing_sought_asks_nothing():
    with CaptureQueriesContext(connection) as queries:
        assert TicketMatcher().match_all([]) == []
    assert len(queries) == 0
