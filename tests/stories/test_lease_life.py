"""The life of leases, told with figures worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.weeks import week_of
from dtr import services as dtr
from leases import selectors, services
from leases.models import DepositSettlement, Lease
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, VehicleFactory
from tests.leases.office import at
from tests.stories.fleet import drive, find_posting, get_dtr, hand_in, owe, read_books, table

pytestmark = pytest.mark.django_db

#: A lease that starts on a Wednesday: four days of its first week are leased.
START = date(2026, 3, 4)
FIRST_SATURDAY = date(2026, 3, 7)


def start(*, end: date = date(2026, 3, 31), rent: str = "500.00", fee: str = "0", **facts: str) -> Lease:
    return services.start_lease(
        driver_id=DriverFactory.create().pk,
        vehicle_id=VehicleFactory.create().pk,
        lease_type=facts.get("lease_type", "LONG_TERM"),
        shift="FULL",
        start_on=START,
        end_on=end,
        weekly_amount=Decimal(rent),
        deposit=Decimal("500.00"),
        cancellation_fee=Decimal(fee),
        actor=None,
    )


def close(saturday: date) -> None:
    dtr.close_week(week=week_of(saturday), today=saturday + timedelta(days=1))


def test_four_days_of_the_first_week():
    """500.00 a week for 4 days is 500 × 4 / 7 = 285.714…: 285.71. (A rounded daily rate of 71.43 would make 285.72.)"""
    lease = start()
    drive(lease, card="300.00", on=date(2026, 3, 5))
    close(FIRST_SATURDAY)
    assert sorted(row[1:] for row in read_books(lease.primary_driver)) == [
        ["285.71", "0.00", "SETTLED"],
        ["300.00", "14.29", "OPEN"],
    ]
    assert get_dtr(lease.primary_driver, FIRST_SATURDAY, lease).net_due == Decimal("14.29")
    assert_books_clean()


def test_ended_in_its_third_week():
    """The driver gives the cab back on Tuesday, 17 March; the week's rent of 500.00 they have paid on Sunday.

    Three days of the week are owed: 500 × 3 / 7 = 214.29; so 285.71 of what they paid is theirs again. The fee of
    150.00 is charged, and the week's close pays it with that money: 135.71 is left to them.
    """
    lease = start(fee="150.00")
    driver = lease.primary_driver
    for saturday, amount in ((FIRST_SATURDAY, "285.71"), (date(2026, 3, 14), "500.00")):
        ledger.post_scheduled_installments(as_of=saturday)
        reference = find_last_rent(lease).reference_id
        hand_in(driver, amount, {reference: amount}, lease=lease, on=saturday)
    hand_in(driver, "500.00", {f"LEASE-{lease.pk}-2026W12": "500.00"}, lease=lease, on=date(2026, 3, 15))

    services.terminate_lease(
        lease_id=lease.pk,
        last_on=date(2026, 3, 17),
        reason="Cab given back",
        effective_on=date(2026, 3, 17),
        actor=None,
    )
    close(date(2026, 3, 21))

    assert read_books(driver) == table(
        f"""
        LEASE-{lease.pk}-2026W10  285.71    0.00  SETTLED
        PAY-000001                285.71    0.00  SETTLED
        LEASE-{lease.pk}-2026W11  500.00    0.00  SETTLED
        PAY-000002                500.00    0.00  SETTLED
        LEASE-{lease.pk}-2026W12  500.00    0.00  VOIDED
        PAY-000003                500.00  135.71  OPEN
        LEASE-{lease.pk}-2026W12  214.29    0.00  SETTLED
        LEASE-{lease.pk}-CANCEL   150.00    0.00  SETTLED
        """
    )
    assert get_dtr(driver, date(2026, 3, 21), lease).net_due == Decimal("135.71")
    assert list(lease.installments.values_list("amount", flat=True)) == [
        Decimal("285.71"),
        Decimal("500.00"),
        Decimal("214.29"),
    ]
    assert_books_clean()


def test_another_cab_in_the_second_week():
    """The cab breaks down on Wednesday noon; the lease goes on with another. Each trip and each week know their cab."""
    lease = start()
    first_cab, second_cab = lease.vehicle, VehicleFactory.create()
    drive(lease, card="400.00", on=date(2026, 3, 10))
    services.swap_vehicle(
        lease_id=lease.pk,
        vehicle_id=second_cab.pk,
        swapped_at=at(date(2026, 3, 11), "12:00"),
        effective_on=date(2026, 3, 11),
        actor=None,
    )
    lease.refresh_from_db()
    drive(lease, card="350.00", on=date(2026, 3, 12))
    close(date(2026, 3, 14))

    assert [(trip.vehicle, trip.lease, trip.total) for trip in lease.trips.order_by("pk")] == [
        (first_cab, lease, Decimal("400.00")),
        (second_cab, lease, Decimal("350.00")),
    ]
    # Two weeks of rent are due, 285.71 and 500.00, and 750.00 of card fares pay them but for 35.71.
    assert get_dtr(lease.primary_driver, date(2026, 3, 14), lease).net_due == Decimal("-35.71")
    morning, evening = at(date(2026, 3, 11), "08:00"), at(date(2026, 3, 11), "20:00")
    assert [
        selectors.find_driver_at(first_cab.pk, morning),
        selectors.find_driver_at(first_cab.pk, evening),
        selectors.find_driver_at(second_cab.pk, morning),
        selectors.find_driver_at(second_cab.pk, evening),
    ] == [lease.primary_driver_id, None, None, lease.primary_driver_id]
    assert_books_clean()


def test_two_weeks_on_hold():
    """The cab is in the workshop for two weeks: nothing is charged meanwhile, and all of it once the lease goes on."""
    lease = start()
    services.hold_lease(lease_id=lease.pk, reason="Gearbox", actor=None)
    close(FIRST_SATURDAY)
    close(date(2026, 3, 14))
    assert read_books(lease.primary_driver) == []
    services.resume_lease(lease_id=lease.pk, actor=None)
    close(date(2026, 3, 21))
    assert [row[1] for row in read_books(lease.primary_driver)] == ["285.71", "500.00", "500.00"]
    assert_books_clean()


def test_days_without_a_cab():
    """350.00 a week. The cab is in the workshop from Monday to Wednesday, and nobody has said so before Friday.

    The week is charged and paid by then: 150.00 is the driver's again, and pays the toll of the week and, at the close,
    150.00 − 9.11 = 140.89 of the next rent. In that next week the cab is away for a day more, which nobody pays.
    """
    lease = start(rent="350.00")
    driver = lease.primary_driver
    close(FIRST_SATURDAY)
    hand_in(driver, "550.00", {f"LEASE-{lease.pk}-2026W10": "200.00", f"LEASE-{lease.pk}-2026W11": "350.00"},
            lease=lease, on=date(2026, 3, 9))  # fmt: skip
    services.record_days_away(
        lease_id=lease.pk,
        start_on=date(2026, 3, 9),
        end_on=date(2026, 3, 11),
        reason="Gearbox",
        effective_on=date(2026, 3, 13),
        actor=None,
    )
    owe(driver, "EZPASS-90000000001", "9.11", lease=lease, due=date(2026, 3, 14), on=date(2026, 3, 13))
    close(date(2026, 3, 14))
    services.record_days_away(
        lease_id=lease.pk,
        start_on=date(2026, 3, 17),
        end_on=date(2026, 3, 17),
        reason="Brakes",
        effective_on=date(2026, 3, 17),
        actor=None,
    )
    close(date(2026, 3, 21))

    assert read_books(driver) == table(
        f"""
        LEASE-{lease.pk}-2026W10    200.00    0.00  SETTLED
        LEASE-{lease.pk}-2026W11    350.00    0.00  SETTLED
        PAY-000001                  550.00    0.00  SETTLED
        HOLD-{lease.pk}-2026W11-1   150.00    0.00  SETTLED
        EZPASS-90000000001            9.11    0.00  SETTLED
        LEASE-{lease.pk}-2026W12    300.00  159.11  OPEN
        """
    )
    assert get_dtr(driver, date(2026, 3, 14), lease).net_due == Decimal("140.89")
    assert get_dtr(driver, date(2026, 3, 21), lease).net_due == Decimal("-159.11")
    assert_books_clean()


def test_a_deposit_thirty_days_after_the_end():
    """500.00 was asked and received. The lease ends on 31 March; a late ticket of 115.00 and a toll of 9.11 come in.

    On 30 April, and not a day before, they are paid from the deposit, and 375.89 goes back to the driver.
    """
    lease = start(rent="100.00")
    driver = lease.primary_driver
    ledger.apply_interim_payment(
        payment_amount=Decimal("500.00"),
        deposit=Decimal("500.00"),
        allocations={},
        driver_id=driver.pk,
        lease_id=lease.pk,
        payment_method="CASH",
        effective_on=START,
    )
    # 57.14 + 100 + 100 + 100 + 42.86 = 400.00, paid in one sum.
    ledger.post_scheduled_installments(as_of=date(2026, 4, 4))
    rents = lease.balances.filter(category="LEASE").values_list("reference_id", "remaining")
    hand_in(driver, "400.00", {name: str(amount) for name, amount in rents}, lease=lease, on=date(2026, 4, 4))
    owe(driver, "PVB-4664359196", "115.00", lease=lease, due=date(2026, 4, 18), on=date(2026, 4, 13))
    owe(driver, "EZPASS-90000000001", "9.11", lease=lease, due=date(2026, 4, 18), on=date(2026, 4, 13))

    def settle(on: date) -> DepositSettlement:
        return services.settle_deposit(lease_id=lease.pk, as_of=on, reason="Lease over", actor=None)

    with pytest.raises(services.DepositStillHeld):
        settle(date(2026, 4, 29))
    settlement = settle(date(2026, 4, 30))

    assert (settlement.posted, settlement.applied, settlement.released) == (0, Decimal("124.11"), Decimal("375.89"))
    assert [row[0] for row in read_books(driver) if row[3] == "OPEN"] == []
    assert find_posting("PAYOUT", find_deposit(lease).reference_id).amount == Decimal("375.89")
    assert_books_clean()


def find_last_rent(lease: Lease) -> LedgerPosting:
    """The rent of the lease that was charged last."""
    return LedgerPosting.objects.filter(lease=lease, kind="OBLIGATION").latest("pk")


def find_deposit(lease: Lease) -> LedgerPosting:
    """The posting by which the lease's deposit was received."""
    return LedgerPosting.objects.get(lease=lease, kind="DEPOSIT")
