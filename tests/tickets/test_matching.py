"""Whose a ticket is: never a guess."""

from datetime import date, time
from typing import Any

import pytest

from core.clock import at
from leases.models import LeaseVehicle
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, VehiclePlateFactory, VehicleTagFactory
from tests.tickets.files import (
    PVB_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    held,
    leased_cab,
    noon,
    owed,
    plated_cab,
    text,
    toll,
    violation,
)
from tickets import selectors, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def waits(number="1"):
    ticket = Ticket.objects.get(number=number)
    assert ticket.state == "WAITING", ticket.state
    assert ticket.driver_id is None
    return ticket.waits_for


class TestMatch:
    def test_a_foreign_plate_stays_unmatched(self):
        leased_cab()
        bring_in_tolls(toll(1, "NJ T100001C"), toll(2, "NY ZZZ9999"), toll(3, "T100001C"))
        assert [waits("1"), waits("2"), waits("3")] == ["VEHICLE"] * 3

    def test_a_cab_that_nobody_leased_waits_with_its_cab(self):
        cab = plated_cab()
        bring_in_tolls(toll(1))
        assert (waits(), Ticket.objects.get().vehicle) == ("LEASE", cab)

    def test_the_shift_tells_the_driver(self):
        day = leased_cab(shift="DAY")
        night = LeaseFactory.create(vehicle=day.vehicle, shift="NIGHT")
        bring_in_tolls(
            toll(1, at="04:59:59 PM"), toll(2, at="05:00:00 PM"), toll(3, at="04:59:59 AM"), toll(4, at="05:00:00 AM")
        )
        assert set(owed(day.primary_driver)) == {"EZPASS-1", "EZPASS-4"}
        assert set(owed(night.primary_driver)) == {"EZPASS-2", "EZPASS-3"}

    def test_outside_the_only_shift_it_is_nobodys(self):
        leased_cab(shift="DAY")
        bring_in_tolls(toll(1, at="11:00:00 PM"))
        assert waits() == "LEASE"

    def test_two_drivers_of_a_lease_are_candidates(self):
        lease = leased_cab()
        other = LeaseDriverFactory.create(lease=lease).driver
        bring_in_tolls(toll(1))
        assert waits() == "DRIVER"
        candidates = selectors.list_candidates(Ticket.objects.get())
        assert {candidate.driver_id for candidate in candidates} == {lease.primary_driver_id, other.pk}

    def test_without_a_time_the_day_must_have_one_driver(self):
        lease = leased_cab()
        swapped = leased_cab("T100002C", shift="DAY")
        rows = [violation(1), violation(2, "T100002C")]
        bring_in(text(PVB_HEAD, [row.replace("10:00A", "") for row in rows]), "pvb")
        assert set(owed(lease.primary_driver)) == {"PVB-1"}
        assert waits("2") == "LEASE"
        assert not owed(swapped.primary_driver)

    def test_the_hour_shown_twice_must_mean_one_driver_both_times(self):
        lease = leased_cab()
        # Handed over at the second 1:00 of the autumn Sunday.
        second_one = at(date(2026, 11, 1), time(1)).replace(fold=1)
        LeaseVehicle.objects.filter(lease=lease).update(until_at=second_one)
        LeaseFactory.create(vehicle=lease.vehicle, start_on=date(2026, 11, 2))
        bring_in_tolls(toll(1, on="11/01/2026", at="01:30:00 AM"), toll(2, on="11/01/2026", at="12:30:00 AM"))
        assert waits("1") == "LEASE"
        assert set(owed(lease.primary_driver)) == {"EZPASS-2"}

    def test_new_york_times_are_new_yorks(self):
        leased = leased_cab(end_on=date(2026, 11, 16))
        bring_in_tolls(toll(1, at="11:59:59 PM"), toll(2, on="11/17/2026", at="12:00:00 AM"))
        assert set(owed(leased.primary_driver)) == {"EZPASS-1"}
        assert waits("2") == "LEASE"

    def test_a_license_names_the_driver(self):
        lease = leased_cab()
        row = f"FN123,Directive,11/16/2026,10:00,{lease.primary_driver.tlc_license},,,,100.00,12/15/2026,"
        unknown = "FN124,Directive,11/16/2026,,999999,,,,100.00,,"
        head = "Summons Number,Type,Issue Date,Issue Time,TLC License,Medallion,Plate,State,Amount,Due Date,Note"
        bring_in(text(head, [row, unknown]), "tlc")
        ticket = Ticket.objects.get(number="FN123")
        assert (ticket.driver, ticket.lease, str(ticket.due_on)) == (lease.primary_driver, lease, "2026-12-15")
        assert waits("FN124") == "LICENSE"


class TestRematchWaiting:
    def test_a_tag_bound_later_charges_what_waited(self):
        lease = leased_cab()
        bring_in_tolls(toll(1, "99900000111"), toll(2, "99900000111", amount="$9.11"))
        assert waits("1") == "VEHICLE"
        assert services.rematch_waiting(today=TODAY) == 0

        VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111", from_at=noon(1))
        assert services.rematch_waiting(today=TODAY) == 2
        assert owed(lease.primary_driver).keys() == {"EZPASS-1"}
        assert held(lease.primary_driver).keys() == {"EZPASS-2-REFUND"}
        assert services.rematch_waiting(today=TODAY) == 0
        assert [row.state for row in Ticket.objects.get(number="1").history.order_by("history_id")] == [
            "WAITING",
            "CHARGED",
        ]
        assert_books_clean()

    def test_a_plate_bound_for_another_time_does_not(self):
        lease = LeaseFactory.create()
        bring_in_tolls(toll(1))
        VehiclePlateFactory.create(vehicle=lease.vehicle, plate="T100001C", from_at=noon(17))
        assert services.rematch_waiting(today=TODAY) == 0
        assert waits() == "VEHICLE"


class TestEnterSummons:
    def enter(self, **facts):
        base: dict[str, Any] = {
            "number": "fn200",
            "violation": "Failure to inspect",
            "issued_on": date(2026, 11, 16),
            "amount": "75.00",
            "today": TODAY,
            "actor": None,
        }
        return services.enter_summons(**{**base, **facts})

    def test_charges_the_driver_of_the_medallion(self):
        lease = leased_cab()
        ticket = self.enter(medallion=lease.vehicle.medallion)
        assert (ticket.number, ticket.state) == ("FN200", "CHARGED")
        assert owed(lease.primary_driver).keys() == {"TLC-FN200"}

    def test_refuses_a_second_and_a_nameless_one(self):
        driver = DriverFactory.create()
        self.enter(license=driver.tlc_license)
        with pytest.raises(services.TicketKnown):
            self.enter(license=driver.tlc_license)
        with pytest.raises(services.TicketInvalid):
            self.enter(number="FN201")
        assert Ticket.objects.count() == 1
