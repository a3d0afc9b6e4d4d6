"""The number of a signed paper: kept with repair, loan and miscellaneous charge, and told with what is charged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import ValueInvalid
from ledger import services as ledger
from ledger.models import LedgerPosting
from loans import services as loans
from repairs import services as repairs
from tests.books import assert_books_clean
from tests.refusals import refused
from tests.stories.fleet import WEDNESDAY, lease_cab
from tests.tickets.files import HOW
from tickets import services as tickets
from tickets.models import ChargeType

pytestmark = pytest.mark.django_db

SUNDAY = date(2026, 11, 15)


def test_a_repair_a_loan_and_a_lost_radio():
    """Each was agreed on paper; the driver reads its number beside what it is. What has none tells none."""
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    loan_facts: dict[str, Any] = {
        "driver_id": driver.pk,
        "principal": Decimal("150.00"),
        "disbursed_on": WEDNESDAY,
        "method": "CASH",
        "starts_on": SUNDAY,
        "today": WEDNESDAY,
        "posts_at_once": True,
        "actor": None,
    }
    invoice = repairs.create_invoice(
        driver_id=driver.pk,
        vehicle_id=lease.vehicle_id,
        workshop="Queens Auto",
        workshop_number="4711",
        invoiced_on=WEDNESDAY,
        lines=[repairs.InvoiceItem("Brakes", Decimal("300.00"))],
        amount=Decimal("300.00"),
        starts_on=SUNDAY,
        today=WEDNESDAY,
        posts_at_once=True,
        paper_number=" R-88 ",
        actor=None,
    )
    loan = loans.disburse_loan(**loan_facts, paper_number="L-7")
    key = ChargeType.objects.create(name="Lost radio", is_active=True, default_amount=Decimal("40.00"))
    charge = tickets.create_misc_charge(charge_type_id=key.pk, driver_id=driver.pk, paper_number="M-1", **HOW)
    loans.disburse_loan(**loan_facts)

    assert [invoice.paper_number, loan.paper_number, charge.paper_number] == ["R-88", "L-7", "M-1"]
    told = LedgerPosting.objects.filter(driver=driver).order_by("pk").values_list("description", flat=True)
    assert list(told) == [
        "Brakes, Queens Auto invoice 4711, part 1 of 3, agreement R-88",
        "Brakes, Queens Auto invoice 4711, part 2 of 3, agreement R-88",
        "Brakes, Queens Auto invoice 4711, part 3 of 3, agreement R-88",
        "Loan of Nov 18, part 1 of 1: 150.00, agreement L-7",
        "Lost radio, agreement M-1",
        "Loan of Nov 18, part 1 of 1: 150.00",
    ]
    assert_books_clean()


def test_one_that_is_too_long_is_refused_at_its_field():
    lease = lease_cab(lease=12)
    key = ChargeType.objects.create(name="Lost radio", is_active=True, default_amount=Decimal("40.00"))
    with refused(ValueInvalid, field="paper_number"):
        tickets.create_misc_charge(
            charge_type_id=key.pk, driver_id=lease.primary_driver_id, paper_number="9" * 41, **HOW
        )


def test_another_paper_is_another_charge():
    lease = lease_cab(lease=12)
    key = ChargeType.objects.create(name="Lost radio", is_active=True, default_amount=Decimal("40.00"))
    facts: dict[str, Any] = {"charge_type_id": key.pk, "driver_id": lease.primary_driver_id, "entry_key": "once", **HOW}
    first = tickets.create_misc_charge(**facts, paper_number="M-1")
    assert tickets.create_misc_charge(**facts, paper_number="M-1") == first
    with refused(ledger.IdempotencyConflict):
        tickets.create_misc_charge(**facts, paper_number="M-2")
