"""A close posts in one order, so that which of a driver's credits pays first is always the same."""

from decimal import Decimal
from typing import Any

import pytest

from ledger import selectors as ledger
from loans import services as loans
from repairs import services as repairs
from tests.books import assert_books_clean
from tests.dtr.fleet import WEEK, card, close, drive, leased_driver
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, VehicleFactory

pytestmark = pytest.mark.django_db


def test_earnings_then_taxes_then_rents_each_by_lease_number():
    """The later lease's trips and rent are there first; a trip without a lease comes last."""
    driver = DriverFactory.create(tlc_license="5000001")
    later = LeaseFactory.create(pk=72, primary_driver=driver, vehicle__medallion="9Z92")
    first = LeaseFactory.create(pk=71, primary_driver=driver, vehicle__medallion="9Z91")
    VehicleFactory.create(medallion="9Z99")
    rents = [LeaseInstallmentFactory.create(lease=lease, number=9).reference_id for lease in (later, first)]
    drive(card(CABNUMBER="9Z99"), card(CABNUMBER="9Z92"), card(CABNUMBER="9Z91"))

    close()

    posted = ledger.list_postings().filter(driver=driver, balance=None).order_by("id")
    assert list(posted.values_list("reference_id", flat=True)) == [
        "CURB-2026-03-07-L71",
        "CURB-2026-03-07-L72",
        f"CURB-2026-03-07-D{driver.pk}",
        "TAXES-2026-03-07-L71",
        "TAXES-2026-03-07-L72",
        f"TAXES-2026-03-07-D{driver.pk}",
        *reversed(rents),
    ]
    assert_books_clean()


def test_plans_come_after_rents_each_by_lease_number():
    """The later lease's loan, repair and rent are entered first; every charge falls due on the same Saturday."""
    driver = DriverFactory.create(tlc_license="5000001")
    later = LeaseFactory.create(pk=72, primary_driver=driver, vehicle__medallion="9Z92")
    first = LeaseFactory.create(pk=71, primary_driver=driver, vehicle__medallion="9Z91")
    entered: dict[int, list[str]] = {}
    facts: dict[str, Any] = {"driver_id": driver.pk, "starts_on": WEEK.start, "today": WEEK.start, "actor": None}
    for lease in (later, first):
        loan = loans.disburse_loan(
            **facts, lease_id=lease.pk, principal=Decimal("90.00"), disbursed_on=WEEK.start, method="CASH"
        )
        invoice = repairs.create_invoice(
            **facts,
            vehicle_id=lease.vehicle_id,
            workshop="Queens Auto",
            workshop_number=f"QA-{lease.pk}",
            invoiced_on=WEEK.start,
            lines=[repairs.InvoiceItem("Brakes", Decimal("80.00"))],
            amount=Decimal("80.00"),
        )
        rent = LeaseInstallmentFactory.create(lease=lease, number=9)
        entered[lease.pk] = [rent.reference_id, f"LOAN-{loan.pk}-1", f"REPAIR-{invoice.pk}-1"]
    drive(card(CABNUMBER="9Z91"))

    close()

    posted = ledger.list_postings().filter(driver=driver, kind="OBLIGATION").exclude(category="TAXES").order_by("id")
    assert list(posted.values_list("reference_id", flat=True)) == [
        entered[lease][place] for place in range(3) for lease in (71, 72)
    ]
    assert_books_clean()


def test_a_driver_of_one_lease_is_posted_beside_others_as_alone():
    leases = [leased_driver("5000001", "9Z90"), leased_driver("5000002", "9Z91")]
    drive(card(DRIVER="5000002", CABNUMBER="9Z91"), card())
    close()
    for lease in leases:
        posted = ledger.list_postings().filter(driver=lease.primary_driver, balance=None).order_by("id")
        kinds = [reference.partition("-")[0] for reference in posted.values_list("reference_id", flat=True)]
        assert kinds == ["CURB", "TAXES"]
