"""Tolls that E-ZPass gives back, rent that is paid far ahead, a lease that ends early: what comes back, and when."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.clock import at
from leases import services as leases
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import LeaseInstallmentFactory, UserFactory
from tests.refusals import refused
from tests.stories.fleet import (
    MONDAY,
    SATURDAY,
    WEDNESDAY,
    close_week,
    drive,
    find_posting,
    get_dtr,
    hand_in,
    lease_cab,
    read_books,
    rent_cab,
    table,
)
from tests.tickets.files import bring_in_tolls, toll

pytestmark = pytest.mark.django_db


def test_only_what_was_paid_of_a_toll_comes_back():
    """Three tolls of Monday are given back on their statement of Wednesday.

    toll 1   6.94, unpaid                    nothing is owed, nothing comes back
    toll 2   9.11, of which 4.00 were paid   4.00 come back
    toll 3   5.60, forgiven                  nothing comes back
    """
    lease = lease_cab(lease=7)
    driver = lease.primary_driver
    leases.give_plate(vehicle_id=lease.vehicle_id, plate="T100001C", from_at=at(lease.start_on), actor=None)
    bring_in_tolls(
        toll(1, at="10:00:00 AM", amount="$-6.94"),
        toll(2, at="11:00:00 AM", amount="$-9.11"),
        toll(3, at="12:00:00 PM", amount="$-5.60"),
    )
    hand_in(driver, "4.00", {"EZPASS-2": "4.00"})
    ledger.write_off_obligation(
        posting_id=find_posting("OBLIGATION", "EZPASS-3").pk,
        reason="Goodwill",
        effective_on=WEDNESDAY,
        actor=UserFactory.create(),
    )

    bring_in_tolls(
        toll(4, at="10:00:00 AM", amount="$6.94"),
        toll(5, at="11:00:00 AM", amount="$9.11"),
        toll(6, at="12:00:00 PM", amount="$5.60"),
    )

    open_now = [row for row in read_books(driver) if row[3] == "OPEN"]
    assert [row[1:] for row in open_now] == [["4.00", "4.00", "OPEN"]]
    assert {row[0] for row in read_books(driver) if row[3] == "VOIDED"} == {"EZPASS-1", "EZPASS-2", "EZPASS-3"}
    assert_books_clean()


def test_rent_is_paid_four_weeks_ahead_and_no_further():
    """On Monday, November 16, the rents due by December 14 can be paid: of Saturdays Nov 21, 28, Dec 5 and 12."""
    lease = rent_cab(lease=7, weeks=6)
    driver = lease.primary_driver
    with refused(ledger.ReferenceNotFound):
        hand_in(driver, "500.00", {"LEASE-7-2026W51": "500.00"}, lease=lease, on=MONDAY)

    hand_in(driver, "2000.00", {f"LEASE-7-2026W{week}": "500.00" for week in range(47, 51)}, lease=lease, on=MONDAY)
    close_week(SATURDAY)

    assert read_books(driver) == table(
        """
        LEASE-7-2026W47   500.00    0.00  SETTLED
        LEASE-7-2026W48   500.00    0.00  SETTLED
        LEASE-7-2026W49   500.00    0.00  SETTLED
        LEASE-7-2026W50   500.00    0.00  SETTLED
        PAY-000001       2000.00    0.00  SETTLED
        """
    )
    assert_books_clean()


def test_the_fee_for_ending_early_waits_for_its_saturday():
    """A lease that ends on Wednesday: 250.00 of fee, due that Saturday, and its close pays it from card fares.

    Rent of four days, Sunday to Wednesday: 500 × 4 / 7 = 285.71. Card fares 600.00, taxes 3.30: 600 − 3.30 − 285.71 −
    250 = 60.99 to the driver.
    """
    lease = rent_cab(lease=7, rent="500.00")
    LeaseInstallmentFactory.create(lease=lease, number=2)
    lease.cancellation_fee = Decimal("250.00")
    lease.save()
    driver = lease.primary_driver
    drive(lease, card="600.00", card_taxes="3.30", on=MONDAY + timedelta(days=1))
    leases.terminate_lease(
        lease_id=lease.pk, last_on=WEDNESDAY, reason="Moves away", effective_on=WEDNESDAY, actor=UserFactory.create()
    )
    fee = find_posting("OBLIGATION", "LEASE-7-CANCEL")
    assert (str(fee.amount), fee.effective_on, fee.due_on) == ("250.00", WEDNESDAY, SATURDAY)

    close_week(SATURDAY)

    assert str(get_dtr(driver, SATURDAY, lease).net_due) == "60.99"
    assert_books_clean()
