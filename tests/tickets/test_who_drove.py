"""Inside a trip, who drove is a fact; near one, a hint: the ticket's own page and the queue say which it is."""

from datetime import date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import at
from curb import services as curb
from curb.models import Trip
from leases.models import Driver, LeaseDriver
from tests.curb import trip, trip_file
from tests.factories import DriverFactory, LeaseDriverFactory
from tests.tickets.files import bring_in_tolls, leased_cab, noon, owed, ticket_of, toll, waits
from tickets import services
from tickets.models import Ticket, Wait
from tickets.selectors import TicketMatcher, list_candidates, list_candidates_of

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)


@pytest.fixture
def lease():
    """Cab 9Z90, leased to license 5000001; 5000002 is a further driver."""
    made = leased_cab(vehicle__medallion="9Z90", primary_driver__tlc_license="5000001")
    LeaseDriverFactory.create(lease=made, driver=DriverFactory.create(tlc_license="5000002"))
    return made


def ride(license_: str, start: str, end: str, **facts: str) -> Trip:
    """A trip of 9Z90 on that Monday; blank has no end."""
    number = f"N{Trip.objects.count() + 1}"
    facts = {
        "ID": number, "PERIOD": "202611", "DRIVER": license_, "START_DATE": f"11/16/2026 {start}",
        "END_DATE": f"11/16/2026 {end}" if end else "", **facts,
    }  # fmt: skip
    curb.import_trips(file_name="trips.xml", content=trip_file([trip(**facts)]))
    return Trip.objects.get(record_id=number)


def clock(text: str) -> datetime:
    return at(MONDAY, time.fromisoformat(text))


def seen(moment: datetime, latest: datetime | None = None) -> Ticket:
    return Ticket(at=moment, at_latest=latest or moment, plate="T100001C", plate_state="NY")


def license_of(ticket: Ticket) -> str:
    assert ticket.driver is not None
    return ticket.driver.tlc_license


def hints(moment: datetime) -> list[tuple[str, int | None, str]]:
    return [
        (Driver.objects.get(pk=one.driver_id).tlc_license, one.minutes, one.trip)
        for one in list_candidates(seen(moment))
    ]


class TestInsideATrip:
    def test_it_is_the_drivers_of_the_trip_and_the_ticket_says_so(self, lease):
        made = ride("5000002", "09:50:00", "10:10:00")
        bring_in_tolls(toll(1))
        ticket = ticket_of(1)
        assert (ticket.state, license_of(ticket), ticket.lease, ticket.trip) == ("CHARGED", "5000002", lease, made)
        assert owed(lease.primary_driver) == {}

    @pytest.mark.parametrize("moment", ["09:50:00", "10:10:00"])
    def test_its_first_and_its_last_second_are_inside(self, lease, moment):
        ride("5000002", "09:50:00", "10:10:00")
        assert TicketMatcher().match(seen(clock(moment))).waits_for == Wait.NOTHING

    @pytest.mark.parametrize("moment", ["09:49:59", "10:10:01"])
    def test_a_second_outside_decides_nothing(self, lease, moment):
        ride("5000002", "09:50:00", "10:10:00")
        assert TicketMatcher().match(seen(clock(moment))).waits_for == Wait.DRIVER

    def test_a_driver_who_is_on_no_lease_of_the_cab_waits_with_both_named(self, lease):
        stranger = DriverFactory.create(tlc_license="5000003")
        ride("5000003", "09:50:00", "10:10:00")
        bring_in_tolls(toll(1))
        assert waits(1) == "TRIP"
        assert hints(clock("10:00:00")) == [
            ("5000003", 0, "in a trip, 9:50 AM to 10:10 AM"),
            ("5000001", None, ""),
            ("5000002", None, ""),
        ]
        assert list_candidates(ticket_of(1))[0].lease is None
        assert owed(stranger) == {}

    def test_a_license_that_nobody_has_waits(self, lease):
        ride("7777777", "09:50:00", "10:10:00")
        assert TicketMatcher().match(seen(clock("10:00:00"))).waits_for == Wait.TRIP

    def test_a_trip_without_an_end_proves_nothing(self, lease):
        ride("5000002", "09:50:00", "")
        assert TicketMatcher().match(seen(clock("09:55:00"))).waits_for == Wait.DRIVER

    def test_without_a_time_of_day_no_trip_is_asked(self, lease):
        ride("5000002", "00:00:00", "11:59:59")
        match = TicketMatcher().match(seen(at(MONDAY), noon(16)))
        assert (match.waits_for, match.trip_id) == (Wait.DRIVER, None)

    def test_a_driver_whose_shift_began_early_had_it(self, lease):
        """The lease's hours say when rent is owed; the trip says who drove."""
        night = leased_cab("T100009C", shift="NIGHT", vehicle__medallion="8Y80", primary_driver__tlc_license="5000009")
        ride("5000009", "16:00:00", "16:30:00", CABNUMBER="8Y80")
        match = TicketMatcher().match(
            Ticket(at=noon(16, 16), at_latest=noon(16, 16), plate="T100009C", plate_state="NY")
        )
        assert (match.lease_id, match.driver_id) == (night.pk, night.primary_driver_id)


class TestNearATrip:
    def test_the_candidates_are_ranked_by_their_minutes(self, lease):
        ride("5000001", "09:00:00", "09:40:30")
        ride("5000002", "10:05:00", "10:30:00")
        assert hints(clock("10:00:00")) == [
            ("5000002", 5, "a trip began 5 min after"),
            ("5000001", 19, "a trip ended 19 min before"),
        ]

    def test_a_driver_of_no_lease_is_named_too(self, lease):
        DriverFactory.create(tlc_license="5000003")
        ride("5000003", "10:10:00", "10:30:00")
        assert hints(clock("10:00:00"))[0] == ("5000003", 10, "a trip began 10 min after")

    def test_it_decides_nothing(self, lease):
        LeaseDriver.objects.filter(driver__tlc_license="5000002").delete()
        ride("5000002", "10:00:01", "10:20:00")
        assert TicketMatcher().match(seen(clock("10:00:00"))).driver_id == lease.primary_driver_id

    def test_many_take_no_more_statements_than_one(self, lease):
        ride("5000001", "09:00:00", "09:40:00")

        def count(tickets: list[Ticket]) -> int:
            with CaptureQueriesContext(connection) as queries:
                list_candidates_of(tickets)
            return len(queries)

        assert count([seen(noon(16, hour)) for hour in range(24)]) == count([seen(clock("10:00:00"))])


class TestLateTrips:
    def test_settle_what_waits(self, lease):
        bring_in_tolls(toll(1))
        assert waits(1) == "DRIVER"
        made = ride("5000002", "09:50:00", "10:10:00")
        assert services.rematch_waiting(today=MONDAY) == 1
        assert (license_of(ticket_of(1)), ticket_of(1).trip) == ("5000002", made)

    def test_never_what_was_charged(self, lease):
        LeaseDriver.objects.filter(driver__tlc_license="5000002").update(start_on=date(2026, 11, 17))
        bring_in_tolls(toll(1))
        LeaseDriver.objects.filter(driver__tlc_license="5000002").update(start_on=lease.start_on)
        ride("5000002", "09:50:00", "10:10:00")
        assert services.rematch_waiting(today=MONDAY) == 0
        assert ticket_of(1).driver == lease.primary_driver


class TestTwoCabs:
    def test_a_medallion_and_the_plate_of_another_cab_contradict(self, lease):
        leased_cab("T100002C", vehicle__medallion="8Y80")
        told = Ticket(at=noon(16), at_latest=noon(16), medallion="9Z90", plate="T100002C", plate_state="NY")
        assert TicketMatcher().match(told).waits_for == Wait.CONTRADICTS

    def test_so_does_a_medallion_that_is_nobodys_with_a_plate_of_ours(self, lease):
        told = Ticket(at=noon(16), at_latest=noon(16), medallion="0A00", plate="T100001C", plate_state="NY")
        assert TicketMatcher().match(told).waits_for == Wait.CONTRADICTS

    def test_a_plate_that_is_nobodys_says_nothing_against_a_medallion(self, lease):
        LeaseDriver.objects.filter(driver__tlc_license="5000002").delete()
        told = Ticket(at=noon(16), at_latest=noon(16), medallion="9Z90", plate="X999999C", plate_state="NY")
        assert TicketMatcher().match(told).driver_id == lease.primary_driver_id
