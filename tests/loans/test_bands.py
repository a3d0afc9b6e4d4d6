"""The bands that cut loans: from which day they count, and who set them."""

from decimal import Decimal

import pytest

from leases.models import Driver
from ledger.installments.rules import Band
from ledger.installments.services import BandsInThePast, BandsInvalid
from loans import services
from loans.models import LoanBand
from tests.factories import UserFactory
from tests.loans.office import TODAY, TUESDAY, lend, plan_of


@pytest.mark.django_db
class TestSetPlanBands:
    def test_count_for_loans_from_their_day(self, driver: Driver) -> None:
        office = UserFactory.create()
        for weekly in ("40.00", "50.00"):  # of two for one day the later counts
            services.set_plan_bands(effective_on=TODAY, bands=[Band(None, Decimal(weekly))], today=TODAY, actor=office)
        assert [principal for _, principal, _, _ in plan_of(lend(driver, principal=Decimal(100)))] == ["100.00"]
        later = lend(driver, principal=Decimal(100), disbursed_on=TODAY)
        assert [principal for _, principal, _, _ in plan_of(later)] == ["50.00", "50.00"]
        assert [(row.history_type, row.history_user) for row in LoanBand.history.order_by("history_id")] == [
            ("+", office),
            ("-", office),
            ("+", office),
        ]

    def test_refusals(self) -> None:
        with pytest.raises(BandsInThePast):
            services.set_plan_bands(effective_on=TUESDAY, bands=[Band(None, None)], today=TODAY, actor=None)
        with pytest.raises(BandsInvalid):
            services.set_plan_bands(effective_on=TODAY, bands=[Band(Decimal(1), None)], today=TODAY, actor=None)
        assert LoanBand.objects.count() == 5
