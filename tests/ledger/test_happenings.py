"""A driver's timeline says of money only what is so: what was paid from which credit, and what its lines add up to."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.dossier import Before, Event
from leases.models import Driver
from ledger.dossier import read_happenings
from tests.factories import DriverFactory
from tests.ledger.proofs import apply, charge, earn, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def driver() -> Driver:
    return DriverFactory.create()


def list_events(driver: Driver) -> list[Event]:
    before = Before(timezone.now() + timedelta(days=1), 0)
    return list(read_happenings(driver.pk, before, 20))


def test_what_two_credits_paid_at_once_is_told_of_each(driver: Driver):
    """Of 60.00 and 63.00 the check of 20.00 pays 20.00, and card trips 40.00 and 63.00: 103.00."""
    pay(driver, "20.00", payment_method="CHECK", instrument_number="4972")
    earn(driver, amount="150.00")
    charge(driver, "TAXES-1", "60.00", description="Trip taxes Nov 8–14")
    charge(driver, "TAXES-2", "63.00", description="Trip taxes Nov 15–21")
    apply()

    applied = [event for event in list_events(driver) if " paid from " in event.says]

    assert sorted((event.says.partition(" paid from ")[0], event.effect, event.owes) for event in applied) == [
        ("$103.00", Decimal("-103.00"), Decimal("0.00")),
        ("$20.00", Decimal("-20.00"), Decimal("103.00")),
    ]
    from_card, from_check = (event.says for event in applied)
    assert "check 4972" in from_check
    assert from_check.endswith("Trip taxes Nov 8–14")
    assert "check" not in from_card
    assert from_card.endswith("Trip taxes Nov 8–14, and 1 more")
