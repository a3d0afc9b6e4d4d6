"""The order of the waterfall, changed from a date on."""

from datetime import timedelta

import pytest

from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import WaterfallOrder
from ledger.selectors import get_waterfall_order
from tests.ledger.proofs import SATURDAY
from tests.refusals import refused

pytestmark = pytest.mark.django_db

REVERSED = tuple(reversed(OBLIGATION_CATEGORIES))


def in_days(days):
    return SATURDAY + timedelta(days=days)


class TestSetWaterfallOrder:
    def test_is_in_force_from_its_day_on(self):
        order = ledger.set_waterfall_order(effective_on=in_days(3), categories=REVERSED, today=in_days(0))
        assert WaterfallOrder.objects.get() == order
        assert tuple(get_waterfall_order(in_days(2))) == OBLIGATION_CATEGORIES
        assert tuple(get_waterfall_order(in_days(3))) == REVERSED
        assert tuple(get_waterfall_order(in_days(300))) == REVERSED

    def test_of_two_from_one_day_the_later_counts(self):
        ledger.set_waterfall_order(effective_on=in_days(0), categories=REVERSED, today=in_days(0))
        ledger.set_waterfall_order(effective_on=in_days(0), categories=OBLIGATION_CATEGORIES, today=in_days(0))
        assert tuple(get_waterfall_order(in_days(0))) == OBLIGATION_CATEGORIES

    def test_refuses_a_day_past(self):
        with refused(ledger.OrderInThePast, code="order_in_the_past", field="effective_on"):
            ledger.set_waterfall_order(effective_on=in_days(-1), categories=REVERSED, today=in_days(0))

    @pytest.mark.parametrize(
        "categories",
        [
            [],
            REVERSED[:-1],
            [*REVERSED, "MISC"],
            [*REVERSED[:-1], "MISC"],
            [*REVERSED, "EARNINGS"],
            [*REVERSED[:-1], "taxes"],
        ],
        ids=["none", "one missing", "one twice", "one for another", "one never owed", "one misspelled"],
    )
    def test_refuses_what_is_not_each_category_once(self, categories):
        with refused(ledger.OrderIncomplete, code="order_incomplete", field="categories"):
            ledger.set_waterfall_order(effective_on=in_days(3), categories=categories, today=in_days(0))
