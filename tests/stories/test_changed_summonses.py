"""Summonses that come again a week later: dismissed, with a penalty, paid. Nothing moves before a person says so."""

from decimal import Decimal

import pytest

from tests.books import assert_books_clean
from tests.factories import VehiclePlateFactory
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_WEDNESDAY,
    SATURDAY,
    close_week,
    drive,
    hand_in,
    lease_cab,
    read_books,
    table,
)
from tests.tickets.files import PVB_HEAD, bring_in, summed_violation, text, ticket_of
from tickets import services
from tickets.models import TicketChange

pytestmark = pytest.mark.django_db


def tell(rows, *, today):
    return bring_in(text(PVB_HEAD, rows), "pvb", today=today)


def decide(number, act):
    change = TicketChange.objects.undecided().get(ticket=ticket_of(number))
    services.decide_change(change_id=change.pk, act=act, reason="Letter", today=NEXT_WEDNESDAY, actor=None)


def test_two_summonses_of_which_one_is_dismissed_and_one_has_a_penalty():
    """Driver 12 has a summons of 40.00, which the week's fares pay; driver 13 one of 60.00, unpaid.

    a week later   7700000001: 40.00 → 0.00, not guilty      dismissed: 40.00 is the driver's again
                   7700000002: 60.00 → 70.00, a penalty      the rest is charged: 70.00 owed
    """
    first, second = lease_cab(lease=12), lease_cab(lease=13)
    VehiclePlateFactory.create(vehicle=first.vehicle, plate="1K73B")
    VehiclePlateFactory.create(vehicle=second.vehicle, plate="2L80C")
    sixty = {"money": "60.00,0.00,0.00,0.00,0.00", "due": "60.00"}
    tell(
        [
            summed_violation(7700000001, "1K73B", status="HEARING PENDING"),
            summed_violation(7700000002, "2L80C", **sixty),
        ],
        today=MONDAY,
    )
    drive(first, card="200.00")
    close_week(SATURDAY)
    assert read_books(first.primary_driver) == table("""
        PVB-7700000001         40.00    0.00  SETTLED
        CURB-2026-11-21-L12   200.00  160.00  OPEN
    """)

    not_guilty = {"money": "40.00,0.00,0.00,40.00,0.00", "due": "0.00", "status": "HEARING HELD-NOT GUILTY"}
    penalty = {"money": "60.00,10.00,0.00,0.00,0.00", "due": "70.00"}
    again = tell(
        [summed_violation(7700000001, "1K73B", **not_guilty), summed_violation(7700000002, "2L80C", **penalty)],
        today=NEXT_MONDAY,
    )
    assert (again.known_count, again.changed_count, again.imported_count) == (2, 2, 0)
    assert read_books(second.primary_driver) == table("PVB-7700000002  60.00  60.00  OPEN")
    assert_books_clean()

    decide(7700000001, "DISMISS")
    decide(7700000002, "CHARGE_REST")
    assert read_books(first.primary_driver) == table("""
        PVB-7700000001         40.00    0.00  VOIDED
        CURB-2026-11-21-L12   200.00  200.00  OPEN
    """)
    assert read_books(second.primary_driver) == table("""
        PVB-7700000002  60.00   0.00  VOIDED
        PVB-7700000002  70.00  70.00  OPEN
    """)
    assert not TicketChange.objects.undecided().exists()
    assert_books_clean()


def test_summonses_that_were_paid_by_the_fleet_and_by_the_driver():
    """Two summonses of 40.00 and one of 65.00 that was paid when it first came, so that nobody owed it.

    a week later   1: paid 40.00, by the fleet               the driver goes on owing 40.00
                   2: paid 40.00, by the driver, who had     nothing is owed; the 15.00 are the driver's again
                      paid 15.00 of it at the counter
                   3: 65.00 and 10.00 more, paid, by the     the driver owes 75.00
                      fleet
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    VehiclePlateFactory.create(vehicle=lease.vehicle, plate="1K73B")
    settled = {"money": "65.00,0.00,0.00,0.00,65.00", "due": "0.00"}
    tell(
        [summed_violation(1, "1K73B"), summed_violation(2, "1K73B"), summed_violation(3, "1K73B", **settled)],
        today=MONDAY,
    )
    hand_in(driver, "15.00", {"PVB-2": "15.00"}, lease=lease)

    paid = {"money": "40.00,0.00,0.00,0.00,40.00", "due": "0.00"}
    more = {"money": "65.00,10.00,0.00,0.00,75.00", "due": "0.00"}
    rows = [
        summed_violation(1, "1K73B", **paid),
        summed_violation(2, "1K73B", **paid),
        summed_violation(3, "1K73B", **more),
    ]
    assert tell(rows, today=NEXT_MONDAY).changed_count == 3
    decide(1, "FLEET_PAID")
    decide(2, "DRIVER_PAID")
    decide(3, "FLEET_PAID")
    assert read_books(driver) == table("""
        PVB-1       40.00  40.00  OPEN
        PVB-2       40.00   0.00  VOIDED
        PAY-000001  15.00  15.00  OPEN
        PVB-3       75.00  75.00  OPEN
    """)
    assert ticket_of(3).told_paid == Decimal("75.00")

    again = tell([*rows, summed_violation(4, "1K73B")], today=NEXT_WEDNESDAY)
    assert (again.known_count, again.changed_count, again.imported_count) == (3, 0, 1)
    assert_books_clean()
