"""Many values as one parameter."""

import pytest

from core.columns import is_among
from leases.models import Driver
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db


class TestIsAmong:
    def test_finds_these_and_no_others(self):
        first, second, _ = DriverFactory.create_batch(3)
        those = is_among("leases_driver.id", "bigint", [second.pk, first.pk, -1])
        assert set(Driver.objects.filter(those)) == {first, second}

    def test_texts_may_be_of_any_signs(self):
        driver = DriverFactory.create(last_name="O'Hara, {Jr} %s")
        assert Driver.objects.get(is_among("leases_driver.last_name", "text", ["x", driver.last_name])) == driver

    @pytest.mark.parametrize("ids", [[], [2**63], [-(2**63) - 1]])
    def test_none_and_what_no_bigint_holds_are_nobodys(self, ids):
        DriverFactory.create()
        assert not Driver.objects.filter(is_among("leases_driver.id", "bigint", ids)).exists()
