"""Setting the bands of plans: one service for every module that has some."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.errors import DomainError
from ledger import services as ledger
from ledger.installments.models import PlanBand, list_installment_models
from ledger.installments.rules import Band
from ledger.installments.services import BandsInThePast, BandsInvalid, set_plan_bands
from loans.models import LoanBand
from repairs.models import RepairBand
from tests.factories import UserFactory
from tests.locks import assert_locks_first
from tests.refusals import refused
from tests.threads import list_winners, run_together

TODAY = date(2026, 11, 18)
TOMORROW = date(2026, 11, 19)

of_each_module = pytest.mark.parametrize("model", [RepairBand, LoanBand])


def bands_of(*weekly: str) -> list[Band]:
    """As many bands as weekly amounts: up to 100.00, up to 200.00 and so on, the last without a bound."""
    bounds = [Decimal(100 * place) for place in range(1, len(weekly))]
    return [Band(up_to, Decimal(amount)) for up_to, amount in zip([*bounds, None], weekly, strict=True)]


def set_bands(model: type[PlanBand], bands: list[Band], **facts: Any) -> list[PlanBand]:
    given: dict[str, Any] = {"effective_on": TODAY, "today": TODAY, "actor": None, **facts}
    return set_plan_bands(model=model, bands=bands, **given)


def read_bands(model: type[PlanBand], on: date) -> list[str]:
    return [str(band) for band in model._default_manager.filter(effective_on=on)]


@pytest.mark.django_db
class TestSetPlanBands:
    @of_each_module
    def test_writes_the_set_and_who_set_it(self, model: type[RepairBand | LoanBand]) -> None:
        office = UserFactory.create()
        written = set_bands(model, bands_of("40.00", "50.00"), actor=office)
        assert [str(band) for band in written] == ["up to 100.00: 40.00 a week", "above: 50.00 a week"]
        assert read_bands(model, TODAY) == [str(band) for band in written]
        assert {row.history_user for row in model.history.all()} == {office}

    @of_each_module
    def test_of_two_for_one_day_the_later_counts(self, model: type[RepairBand | LoanBand]) -> None:
        set_bands(model, bands_of("40.00", "50.00"))
        set_bands(model, bands_of("60.00"))
        assert read_bands(model, TODAY) == ["above: 60.00 a week"]
        assert [row.history_type for row in model.history.order_by("history_id")] == ["+", "+", "-", "-", "+"]

    @of_each_module
    def test_leaves_other_days_and_other_modules_as_they_are(self, model: type[RepairBand | LoanBand]) -> None:
        [other] = {RepairBand, LoanBand} - {model}
        set_bands(model, bands_of("40.00"), effective_on=TOMORROW)
        in_force = model.objects.in_force
        assert (in_force(TODAY).count(), in_force(TOMORROW).count()) == (5, 1)
        assert other.objects.count() == 5

    @pytest.mark.parametrize(
        ("bands", "facts", "error", "field"),
        [
            (bands_of("40.00"), {"effective_on": date(2026, 11, 17)}, BandsInThePast, "effective_on"),
            ([], {}, BandsInvalid, "bands"),
            ([Band(Decimal(100), None)], {}, BandsInvalid, "bands"),
            (bands_of("40.00", "0.001"), {}, ledger.AmountInvalid, "bands"),
        ],
    )
    def test_a_refusal_writes_nothing(
        self, bands: list[Band], facts: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        with refused(error, field=field):
            set_bands(RepairBand, bands, **facts)
        assert (RepairBand.objects.count(), RepairBand.history.count()) == (5, 0)

    @of_each_module
    def test_locks_the_bands_before_it_writes(self, model: type[RepairBand | LoanBand]) -> None:
        assert_locks_first(lambda: set_bands(model, bands_of("40.00")), [model._meta.db_table])


@pytest.mark.django_db(transaction=True)
def test_two_who_set_them_at_once_leave_one_set() -> None:
    sets = [bands_of("40.00", "50.00"), bands_of("60.00", "70.00", "80.00")]
    outcomes = run_together(*(partial(set_bands, RepairBand, bands) for bands in sets))
    assert len(list_winners(outcomes)) == 2
    assert read_bands(RepairBand, TODAY) in [[str(band) for band in written] for written in outcomes]


def test_every_module_that_charges_by_bands_has_them() -> None:
    """Bands are looked up by the plan's day: a module with a plan and none of its own would have no weekly amount."""
    apps = {model._meta.app_label for model in list_installment_models()} - {"leases"}
    assert {model._meta.app_label for model in PlanBand.__subclasses__()} == apps
