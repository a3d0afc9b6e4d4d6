"""Who drove: a toll inside a trip is that trip's driver's, whatever else the leases leave open."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from core.clock import at
from curb import services as curb
from curb.models import Trip
from leases import services as leases
from leases.models import Driver, Lease
from tests.books import assert_books_clean
from tests.curb import trip, trip_file
from tests.factories import DriverFactory, LeaseDriverFactory
from tests.stories.fleet import MONDAY, NEXT_MONDAY, lease_cab
from tests.tickets.files import bring_in_tolls, owed, ticket_of, toll, waits
from tickets import selectors, services

pytestmark = pytest.mark.django_db


def on(day: date, hour: int, minute: int = 0) -> datetime:
    return at(day, time(hour, minute))


def ride(number: int, lease: Lease, driver: Driver, start: str, end: str, *, tolls: str = "0.00") -> None:
    """A card trip of Monday the 16th, as CURB tells of it: fare 20.00 and the tolls that the passenger paid."""
    record = trip(
        ID=f"W{number}", PERIOD="202611", CABNUMBER=lease.vehicle.medallion, DRIVER=driver.tlc_license,
        START_DATE=f"11/16/2026 {start}:00", END_DATE=f"11/16/2026 {end}:00",
        TRIP="20.00", TIPS="0", EXTRAS="0", TOLLS=tolls, TAX="0.50", IMPTAX="1.00", CONGFEE="0",
        TOTAL_AMOUNT=str(Decimal("21.50") + Decimal(tolls)),
    )  # fmt: skip
    curb.import_trips(file_name=f"trips-{number}.xml", content=trip_file([record]))


def share_cab(number: int, plate: str) -> tuple[Lease, Driver]:
    """A lease with a further driver, from its first day on, and its cab's plate."""
    lease = lease_cab(lease=number)
    leases.give_plate(vehicle_id=lease.vehicle_id, plate=plate, from_at=on(lease.start_on, 0), actor=None)
    second = LeaseDriverFactory.create(lease=lease, driver=DriverFactory.create()).driver
    return lease, second


def test_a_lease_with_two_drivers():
    """Lease 12 has two drivers; the second drove from 2:20 to 2:41 PM, and the passenger paid 6.94 of tolls.

    toll 1   2:35 PM   9.11   inside the second's trip                     the second driver
    toll 2   2:45 PM   9.11   between two trips: 4 minutes after the one,
                              15 before the first driver's at 3:00 PM      waits, the second named first
    """
    lease, second = share_cab(12, "T100001C")
    ride(1, lease, second, "14:20", "14:41", tolls="6.94")
    ride(2, lease, lease.primary_driver, "15:00", "15:20")

    bring_in_tolls(toll(1, at="02:35:00 PM"), toll(2, at="02:45:00 PM"))

    assert (owed(second), owed(lease.primary_driver)) == ({"EZPASS-1": Decimal("9.11")}, {})
    told = Trip.objects.get(tickets__number="1")
    assert (told.record_id, told.tolls) == ("W1", Decimal("6.94"))
    assert waits(2) == "DRIVER"
    assert [(one.driver_id, one.trip) for one in selectors.list_candidates(ticket_of(2))] == [
        (second.pk, "a trip ended 4 min before"),
        (lease.primary_driver_id, "a trip began 15 min after"),
    ]

    services.assign_ticket(
        ticket_id=ticket_of(2).pk, driver_id=second.pk, lease_id=lease.pk, today=NEXT_MONDAY, actor=None
    )
    assert owed(second) == {"EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("9.11")}
    assert_books_clean()


def test_trips_that_come_late():
    """The statement comes before the trips do: the toll waits, and the trip settles it. What was charged stays.

    toll 1   10:00 AM   waits, two drivers   the trip 9:50 to 10:10 comes: the second driver's
    """
    lease, second = share_cab(12, "T100001C")
    bring_in_tolls(toll(1))
    assert waits(1) == "DRIVER"
    assert services.rematch_waiting(today=MONDAY) == 0

    ride(1, lease, second, "09:50", "10:10")
    assert services.rematch_waiting(today=MONDAY) == 1
    assert owed(second) == {"EZPASS-1": Decimal("9.11")}

    ride(2, lease, lease.primary_driver, "09:45", "10:15")
    assert services.rematch_waiting(today=MONDAY) == 0
    assert (owed(second), owed(lease.primary_driver)) == ({"EZPASS-1": Decimal("9.11")}, {})
    assert_books_clean()


def test_two_cabs_that_swapped_a_tag():
    """On Monday at noon cabs 12 and 13 exchange their tags. Both are on a trip then, and each toll is found by its tag.

    toll 1   Monday 11:59 AM, tag of 12   driver 12
    toll 2   Monday 12:01 PM, tag of 12   driver 13, who was on a trip from 11:55 AM to 12:10 PM
    """
    first, second = lease_cab(lease=12), lease_cab(lease=13)
    leases.give_tag(vehicle_id=first.vehicle_id, tag="00470001266", from_at=on(first.start_on, 0), actor=None)
    leases.give_tag(vehicle_id=second.vehicle_id, tag="00470001477", from_at=on(second.start_on, 0), actor=None)
    for lease in (first, second):
        leases.remove_tag(vehicle_id=lease.vehicle_id, until_at=on(MONDAY, 12), actor=None)
    leases.give_tag(vehicle_id=second.vehicle_id, tag="00470001266", from_at=on(MONDAY, 12), actor=None)
    leases.give_tag(vehicle_id=first.vehicle_id, tag="00470001477", from_at=on(MONDAY, 12), actor=None)
    ride(1, first, first.primary_driver, "11:50", "12:05")
    ride(2, second, second.primary_driver, "11:55", "12:10")

    # A spreadsheet has taken the zeros off the second one.
    bring_in_tolls(toll(1, "00470001266", at="11:59:00 AM"), toll(2, "470001266", at="12:01:00 PM"))

    assert owed(first.primary_driver) == {"EZPASS-1": Decimal("9.11")}
    assert owed(second.primary_driver) == {"EZPASS-2": Decimal("9.11")}
    assert [Trip.objects.get(tickets__number=number).record_id for number in ("1", "2")] == ["W1", "W2"]
    assert_books_clean()


def test_a_stranger_at_the_wheel():
    """Lease 12 has one driver; CURB tells of a trip of the cab by somebody who is on no lease of it.

    toll 1   10:00 AM   waits with both named; the office charges whoever had the cab
    """
    lease = lease_cab(lease=12)
    leases.give_plate(vehicle_id=lease.vehicle_id, plate="T100001C", from_at=on(lease.start_on, 0), actor=None)
    stranger = DriverFactory.create()
    ride(1, lease, stranger, "09:50", "10:10")
    bring_in_tolls(toll(1))

    assert waits(1) == "TRIP"
    assert [(one.driver_id, one.lease) for one in selectors.list_candidates(ticket_of(1))] == [
        (stranger.pk, None),
        (lease.primary_driver_id, lease),
    ]
    services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=stranger.pk, today=NEXT_MONDAY, actor=None)
    assert (owed(stranger), owed(lease.primary_driver)) == ({"EZPASS-1": Decimal("9.11")}, {})
    assert_books_clean()
