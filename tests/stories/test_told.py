"""A driver's week as they read it: whatever module charges or credits, the line says what it is."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from core.clock import at
from leases import services as leases
from leases.models import Lease, Vehicle
from ledger import selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from loans import services as loans
from repairs import services as repairs
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.stories.fleet import NEXT_SATURDAY, SATURDAY, WEDNESDAY, close_week, drive, hand_in
from tests.tickets.files import EZPASS_HEAD, PVB_HEAD, stage, text, toll, violation
from tickets import services as tickets
from tickets.models import ChargeType

pytestmark = pytest.mark.django_db

SUNDAY = date(2026, 11, 15)
THURSDAY = date(2026, 11, 19)
MONDAY_AFTER = date(2026, 11, 23)


def read_words(driver_id: int, **which: Any) -> list[str]:
    """What the driver reads of the postings that meet the conditions, in the order they were written."""
    postings = LedgerPosting.objects.filter(driver=driver_id, **which).order_by("pk")
    words = selectors.list_words([posting.pk for posting in postings])
    return [words[posting.pk] for posting in postings]


def start_lease() -> Lease:
    """Lease cab 1A10 from the Wednesday on, at 500.00 a week."""
    cab: Vehicle = leases.register_vehicle(
        vin="1FTDX000000000001",
        medallion="1A10",
        make_and_model="",
        plate="T100001C",
        state="NY",
        tag="",
        from_at=at(date(2026, 1, 1)),
        actor=None,
    )
    return leases.start_lease(
        driver_id=DriverFactory.create().pk,
        vehicle_id=cab.pk,
        lease_type="LONG_TERM",
        shift="FULL",
        start_on=WEDNESDAY,
        end_on=date(2027, 6, 30),
        weekly_amount=Decimal("500.00"),
        cancellation_fee=Decimal("100.00"),
        actor=None,
    )


def import_file(content: bytes, kind: str) -> None:
    staged = stage(content, kind)
    tickets.confirm_import(import_id=staged.file.pk, today=THURSDAY, actor=None)


def enter_tickets(lease: Lease) -> None:
    import_file(text(EZPASS_HEAD, [toll(1, on="11/18/2026", at="02:35:00 PM", amount="$-6.94")]), "ezpass")
    row = violation("5091234567").replace("11/16/2026,10:00A,PHTO SCHOOL ZN SPEED VIOLATION", "11/18/2026,06:56P,X")
    import_file(text(PVB_HEAD, [row.replace(",X,", ",FAILURE TO STOP AT RED LIGHT,")]), "pvb")
    tickets.enter_summons(
        number="10123456A",
        violation="Failure to inspect",
        issued_on=WEDNESDAY,
        issued_at=time(9),
        amount=Decimal("100.00"),
        license=lease.primary_driver.tlc_license,
        today=THURSDAY,
        actor=None,
    )
    tickets.create_misc_charge(
        charge_type_id=ChargeType.objects.create(name="Spare key", is_active=True).pk,
        driver_id=lease.primary_driver_id,
        amount=Decimal("25.00"),
        lease_id=lease.pk,
        note="cab 1A10",
        today=THURSDAY,
        actor=None,
    )


def start_plans(lease: Lease) -> None:
    loans.disburse_loan(
        driver_id=lease.primary_driver_id,
        principal=Decimal("1200.00"),
        rate_percent=Decimal("10"),
        disbursed_on=date(2026, 11, 17),
        method="CASH",
        starts_on=SUNDAY,
        today=WEDNESDAY,
        actor=None,
    )
    repairs.create_invoice(
        driver_id=lease.primary_driver_id,
        vehicle_id=lease.vehicle_id,
        lease_id=lease.pk,
        workshop="Queens Auto",
        workshop_number="4711",
        invoiced_on=WEDNESDAY,
        lines=[repairs.InvoiceItem("Brakes", Decimal("900.00"))],
        amount=Decimal("900.00"),
        starts_on=SUNDAY,
        weekly_amount=Decimal("180.00"),
        today=WEDNESDAY,
        actor=None,
    )


def test_every_line_of_a_week_says_what_it_is():
    lease = start_lease()
    driver = lease.primary_driver
    enter_tickets(lease)
    start_plans(lease)
    drive(lease, card="60.00", card_taxes="3.30", cash="20.00", cash_taxes="3.30")
    drive(lease, card="40.00", card_taxes="3.30", on=THURSDAY)
    paid = hand_in(driver, "30.00", {"EZPASS-1": "6.94"}, check="555", on=THURSDAY)
    import_file(text(EZPASS_HEAD, [toll(2, on="11/18/2026", at="02:35:00 PM", amount="$6.94")]), "ezpass")
    close_week(SATURDAY)

    assert read_words(driver.pk, balance=None) == [
        "E-ZPass Nov 18 2:35 PM, RFK Bridge, cab 1A10",
        "Red light camera, Nov 18 6:56 PM, Bronx, plate T100001C, notice 5091234567",
        "TLC summons 10123456A, Nov 18, failure to inspect",
        "Spare key, cab 1A10",
        f"Your check 555 of Nov 19, receipt {paid.number:06d}",
        "Toll of Nov 18 2:35 PM given back, RFK Bridge",
        "Card trips Nov 15–21, 2 trips",
        "Trip taxes Nov 15–21, 3 trips",
        "Rent Nov 18–21, 4 of 7 days",
        "Loan of Nov 17, part 1 of 5: 250.00 and interest 1.32",
        "Brakes, Queens Auto invoice 4711, part 1 of 5",
    ]
    # 1,200.00 at 10 % for four days.
    assert str(LedgerPosting.objects.get(category="LOAN", kind="OBLIGATION").income) == "1.32"
    assert read_words(driver.pk, kind="ALLOCATION") == ["Paid by you: E-ZPass Nov 18 2:35 PM, RFK Bridge, cab 1A10"]
    applied = read_words(driver.pk, kind="APPLICATION")
    assert applied[0].endswith(": Trip taxes Nov 15–21, 3 trips")
    assert "Paid from card trips Nov 15–21, 2 trips: Rent Nov 18–21, 4 of 7 days" in applied
    assert_books_clean()


def test_what_is_corrected_and_ended_says_so():
    lease = start_lease()
    driver = lease.primary_driver
    ledger.post_scheduled_installments(as_of=SATURDAY)
    ledger.post_scheduled_installments(as_of=NEXT_SATURDAY)
    leases.terminate_lease(
        lease_id=lease.pk,
        last_on=date(2026, 11, 25),
        reason="Moved away",
        effective_on=NEXT_SATURDAY,
        actor=UserFactory.create(),
    )

    assert read_words(driver.pk) == [
        "Rent Nov 18–21, 4 of 7 days",
        "Rent Nov 22–28",
        "Taken back: Rent Nov 22–28 (Moved away)",
        "Rent Nov 22–25, 4 of 7 days, corrected from 500.00 to 285.71",
        "Ending the lease early, on Nov 25",
    ]
    assert_books_clean()


def test_a_week_at_two_rates_tells_both():
    lease = start_lease()
    leases.change_weekly_amount(
        lease_id=lease.pk, weekly_amount=Decimal("420.00"), from_on=date(2026, 11, 25), actor=None
    )
    ledger.post_scheduled_installments(as_of=NEXT_SATURDAY)

    assert read_words(lease.primary_driver_id) == [
        "Rent Nov 18–21, 4 of 7 days",
        "Rent Nov 22–28, 500.00 a week, from Nov 25 420.00",
    ]
    assert_books_clean()


def test_a_loan_paid_off_tells_principal_and_interest():
    lease = start_lease()
    start_plans(lease)
    ledger.post_scheduled_installments(as_of=SATURDAY)
    loan_id = LedgerPosting.objects.get(category="LOAN").reference_id.split("-")[1]
    loans.pay_off_loan(loan_id=int(loan_id), as_of=MONDAY_AFTER, today=MONDAY_AFTER, actor=None)

    # 950.00 at 10 % for two days: 0.5205…
    assert read_words(lease.primary_driver_id, category="LOAN") == [
        "Loan of Nov 17, part 1 of 5: 250.00 and interest 1.32",
        "Loan of Nov 17, paid off on Nov 23: 950.00 and interest 0.52",
    ]
    assert str(LedgerPosting.objects.latest("pk").income) == "0.52"
    assert_books_clean()
