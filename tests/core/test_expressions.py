"""Conditions said so that PostgreSQL asks an index."""

import pytest

from core.expressions import is_of_batch
from leases.models import Driver
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db


class TestIsOfBatch:
    def test_finds_these_and_none_that_stands_between_them(self):
        first, _, third, fourth = DriverFactory.create_batch(4)
        found = Driver.objects.filter(is_of_batch("id", {third.pk, first.pk}))
        assert set(found) == {first, third}
        assert set(Driver.objects.exclude(is_of_batch("id", [first.pk, third.pk]))) & {first, third} == set()
        assert list(Driver.objects.filter(is_of_batch("id", [fourth.pk]))) == [fourth]

    def test_says_where_they_begin_and_end(self):
        sql = str(Driver.objects.filter(is_of_batch("id", [7, 3, 5])).query)
        assert '"leases_driver"."id" >= 3' in sql
        assert '"leases_driver"."id" <= 7' in sql

    def test_of_none_nothing_is_asked(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert list(Driver.objects.filter(is_of_batch("id", []))) == []
