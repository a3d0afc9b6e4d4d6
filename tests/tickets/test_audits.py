"""The audits of tickets find what they promise: each is tampered with once."""

from decimal import Decimal

import pytest

from core.audits import examine, list_audits
from tests.factories import DriverFactory
from tests.tickets.files import TODAY, bring_in_tolls, leased_cab, toll
from tickets import services
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket

pytestmark = pytest.mark.django_db


def findings():
    own = [audit for audit in list_audits() if audit.name.startswith("tickets.")]
    return {found.audit.name: list(found.findings) for found in examine(own) if found.findings}


def test_nothing_is_found_in_clean_books():
    leased_cab()
    bring_in_tolls(toll(1), toll(2, amount="$9.11"), toll(3, "NY ZZZ999"))
    assert findings() == {}


@pytest.mark.parametrize(
    ("change", "audit"),
    [
        ({"state": "DISPUTED"}, "tickets.charges"),
        ({"amount": Decimal("5.00")}, "tickets.charges"),
        ({"number": "77"}, "tickets.charges"),
    ],
)
def test_a_ticket_that_differs_from_the_ledger(change, audit):
    leased_cab()
    bring_in_tolls(toll(1))
    Ticket.objects.update(**change)
    assert list(findings()) == [audit]


def test_a_refund_of_another_driver():
    leased_cab()
    bring_in_tolls(toll(1), toll(2, amount="$9.11"))
    Ticket.objects.filter(number="2").update(refund_of=Ticket.objects.get(number="2"))
    assert "tickets.refunds" in findings()


def test_a_row_left_and_a_charge_that_differs():
    leased_cab()
    bring_in_tolls(toll(1))
    ImportRow.objects.update(state="NEW")
    assert list(findings()) == ["tickets.files"]
    charge_type = ChargeType.objects.create(name="X", default_amount="1.00", is_active=True)
    services.create_misc_charge(
        charge_type_id=charge_type.pk, driver_id=DriverFactory.create().pk, today=TODAY, actor=None
    )
    MiscCharge.objects.update(amount=Decimal("2.00"))
    assert "tickets.misc_charges" in findings()
