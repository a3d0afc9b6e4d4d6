"""Tickets and tolls that turn out to be somebody else's, or less: whose money moves, and where to."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from core.clock import at
from leases import services as leases
from leases.models import Lease
from ledger import selectors
from tests.books import assert_books_clean
from tests.factories import VehicleFactory
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_SATURDAY,
    SATURDAY,
    WEDNESDAY,
    close_week,
    drive,
    hand_in,
    lease_cab,
    read_books,
    read_dtr,
    read_journal,
    table,
)
from tests.tickets.files import PVB_HEAD, bring_in, bring_in_tolls, text, toll, violation
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def on(day: date, hour: int = 0) -> datetime:
    return at(day, time(hour))


def plate(lease: Lease, number: str) -> None:
    leases.give_plate(vehicle_id=lease.vehicle_id, plate=number, from_at=on(lease.start_on), actor=None)


def test_a_cab_that_changes_hands_at_noon():
    """On Monday at noon driver 12 leaves the cab for another, and driver 13 takes it over.

    toll 1   Monday 11:59:59   driver 12
    toll 2   Monday 12:00:00   driver 13
    """
    first, second = lease_cab(lease=12), lease_cab(lease=13)
    cab = first.vehicle
    plate(first, "T100001C")
    leases.swap_vehicle(
        lease_id=first.pk,
        vehicle_id=VehicleFactory.create().pk,
        swapped_at=on(MONDAY, 12),
        effective_on=MONDAY,
        actor=None,
    )
    leases.swap_vehicle(
        lease_id=second.pk, vehicle_id=cab.pk, swapped_at=on(MONDAY, 12), effective_on=MONDAY, actor=None
    )

    bring_in_tolls(toll(1, at="11:59:59 AM"), toll(2, at="12:00:00 PM"))

    assert read_books(first.primary_driver) == table("EZPASS-1  9.11  9.11  OPEN")
    assert read_books(second.primary_driver) == table("EZPASS-2  9.11  9.11  OPEN")
    tolls = Ticket.objects.order_by("number").values_list("vehicle", "lease")
    assert list(tolls) == [(cab.pk, first.pk), (cab.pk, second.pk)]
    assert_books_clean()


def test_a_tag_moved_between_cabs():
    """The tag goes from cab to cab on Tuesday at 06:00. Nobody enters the first cab's until the statement has come.

    statement   toll 1 Monday, toll 2 Tuesday 06:00   toll 1 waits, since the tag was in no cab of ours then
    then        the tag is entered for the first cab   toll 1 finds its driver
    """
    first, second = lease_cab(lease=12), lease_cab(lease=13)
    moved_at = on(date(2026, 11, 17), 6)
    leases.give_tag(vehicle_id=second.vehicle_id, tag="99900000111", from_at=moved_at, actor=None)
    tag = " 99900000111"
    bring_in_tolls(toll(1, tag), toll(2, tag, on="11/17/2026", at="06:00:00 AM"))
    assert read_books(first.primary_driver) == []
    assert read_books(second.primary_driver) == table("EZPASS-2  9.11  9.11  OPEN")

    leases.remove_tag(vehicle_id=second.vehicle_id, until_at=on(SATURDAY), actor=None)
    assert services.rematch_waiting(today=WEDNESDAY) == 0
    first.vehicle.tags.create(tag="99900000111", from_at=on(MONDAY), until_at=moved_at)
    assert services.rematch_waiting(today=WEDNESDAY) == 1
    assert read_books(first.primary_driver) == table("EZPASS-1  9.11  9.11  OPEN")
    assert_books_clean()


def test_a_summons_reduced_after_it_was_half_paid():
    """A violation of 115.00, of which 60.00 is paid over the counter; the hearing reduces it to 50.00.

    charged     115.00
    paid         60.00   cash
    reduced      50.00   of which 50.00 stays paid, and 10.00 is free again
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    plate(lease, "T100001C")
    bring_in(text(PVB_HEAD, [violation(7001, fine="115.00")]), "pvb", today=MONDAY)
    hand_in(driver, "60.00", {"PVB-7001": "60.00"}, lease=lease)

    ticket = Ticket.objects.get()
    services.correct_ticket(ticket_id=ticket.pk, amount=Decimal("50.00"), reason="Hearing", today=WEDNESDAY, actor=None)

    assert read_books(driver) == table("""
        PVB-7001    115.00   0.00  VOIDED
        PAY-000001   60.00  10.00  OPEN
        PVB-7001     50.00   0.00  SETTLED
    """)
    close_week(SATURDAY)
    assert read_dtr(driver, SATURDAY, lease)[-1] == ["net", "due", "10.00"]
    assert_books_clean()


def test_a_reassignment_after_earnings_had_paid_it():
    """The week's fares paid a violation of 50.00; on Monday it proves to be another driver's.

    driver 12   fares 200.00 received, 50.00 on the violation; after the reassignment 200.00 is theirs again
    driver 13   owes 50.00, which the next week's fares of 80.00 pay
    """
    lease, other = lease_cab(lease=12), lease_cab(lease=13)
    driver, right = lease.primary_driver, other.primary_driver
    plate(lease, "T100001C")
    bring_in(text(PVB_HEAD, [violation(7001)]), "pvb", today=WEDNESDAY)
    drive(lease, card="200.00")
    close_week(SATURDAY)
    assert read_books(driver) == table("""
        PVB-7001               50.00    0.00  SETTLED
        CURB-2026-11-21-L12   200.00  150.00  OPEN
    """)

    ticket = Ticket.objects.get()
    services.assign_ticket(
        ticket_id=ticket.pk, driver_id=right.pk, reason="They had the cab", today=NEXT_MONDAY, actor=None
    )
    assert read_journal(driver)[-2:] == table("""
        VOID  PVB-7001  50.00  DEBIT   2026-11-23
        VOID  PVB-7001  50.00  CREDIT  2026-11-23
    """)
    assert read_books(driver)[-1] == ["CURB-2026-11-21-L12", "200.00", "200.00", "OPEN"]
    assert read_books(right) == table("PVB-7001  50.00  50.00  OPEN")

    drive(other, card="80.00", on=NEXT_MONDAY)
    close_week(NEXT_SATURDAY)
    assert selectors.get_position(right.pk, as_of=NEXT_SATURDAY).net_position == Decimal("-30.00")
    assert [row.driver for row in ticket.history.order_by("history_id")] == [driver, right]
    assert_books_clean()
