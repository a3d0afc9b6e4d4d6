"""The bands that cut invoices, set by the office's supervisor: from which day they count."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.installments.rules import Band
from ledger.installments.services import BandsInThePast
from repairs import services
from repairs.models import RepairBand
from tests.factories import LeaseFactory
from tests.repairs.office import THIS_SUNDAY, enter, plan_of

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 17)


def set_weekly(amount: str, on: date, today: date) -> list[RepairBand]:
    return services.set_plan_bands(effective_on=on, bands=[Band(None, Decimal(amount))], today=today, actor=None)


def test_an_invoice_follows_the_bands_of_its_own_day() -> None:
    set_weekly("50.00", TUESDAY, TUESDAY)
    lease = LeaseFactory.create()
    before = enter(lease, "100.00", invoiced_on=date(2026, 11, 16))
    since = enter(lease, "100.00", invoiced_on=TUESDAY, workshop_number="QA-2")
    assert [amount for _, _, amount, _, _ in plan_of(before)] == ["100.00"]
    assert [amount for _, _, amount, _, _ in plan_of(since)] == ["50.00", "50.00"]


def test_a_plan_laid_down_before_stays_as_it_is() -> None:
    invoice = enter(LeaseFactory.create())
    before = plan_of(invoice)
    set_weekly("1.00", THIS_SUNDAY, THIS_SUNDAY)
    assert plan_of(invoice) == before


def test_no_set_counts_from_a_day_past() -> None:
    with pytest.raises(BandsInThePast):
        set_weekly("50.00", date(2026, 11, 16), TUESDAY)
    assert RepairBand.objects.count() == 5
