"""Conditions said so that PostgreSQL asks an index."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.columns import is_bigint
from core.expressions import is_of_batch
from leases.models import Driver, Lease
from tests.factories import DriverFactory, LeaseFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestAmong:
    def test_finds_these_and_no_others(self):
        first, second, _ = DriverFactory.create_batch(3)
        assert set(Driver.objects.filter(pk__among=[second.pk, first.pk, -1])) == {first, second}
        assert set(Driver.objects.exclude(pk__among={first.pk, second.pk})) & {first, second} == set()

    def test_a_row_that_is_named_is_found_through_it_too(self):
        lease, other = LeaseFactory.create_batch(2)
        assert Lease.objects.get(primary_driver__among=[lease.primary_driver_id]) == lease
        assert Lease.objects.get(primary_driver_id__among=[other.primary_driver_id]) == other
        assert Driver.objects.get(leases__vehicle__among=[other.vehicle_id]) == other.primary_driver

    @pytest.mark.parametrize("name", ["O'Hara, {Jr} %s", 'a "b" \\', "", "NULL"])
    def test_texts_may_be_of_any_signs(self, name):
        driver, _ = DriverFactory.create(last_name=name), DriverFactory.create(last_name="y")
        assert Driver.objects.get(last_name__among=["x", name]) == driver
        assert not Driver.objects.filter(last_name__among=["x\x1fy", "x"]).exists()

    def test_what_is_missing_is_no_word(self):
        DriverFactory.create(last_name="None")
        other = DriverFactory.create(last_name="y")
        assert Driver.objects.get(last_name__among=[None, "y"]) == other
        assert Driver.objects.get(pk__among=[None, other.pk]) == other

    def test_what_is_read_once_may_stand_twice(self):
        driver, _ = DriverFactory.create_batch(2)
        found = Driver.objects.filter(pk__among=(number for number in [driver.pk]))
        assert list(found) == list(found.all()) == [driver]

    def test_people_have_shorter_numbers(self):
        user, _ = UserFactory.create_batch(2)
        assert User.objects.get(pk__among=[user.pk, 2**40]) == user

    def test_all_of_them_are_one_parameter(self):
        with CaptureQueriesContext(connection) as asked:
            assert not Driver.objects.filter(pk__among=range(-500, 0)).exists()
        assert asked[0]["sql"].count("ANY(string_to_array(") == 1

    @pytest.mark.parametrize("ids", [[], [None], [2**63], [-(2**63) - 1]])
    def test_of_none_and_of_what_no_bigint_holds_nothing_is_asked(self, ids, django_assert_num_queries):
        DriverFactory.create()
        with django_assert_num_queries(0):
            assert not Driver.objects.filter(pk__among=ids).exists()

    def test_of_a_missing_text_nothing_is_asked(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert not Driver.objects.filter(last_name__among=[None]).exists()


@pytest.mark.parametrize("no_number", [None, "7", [7]])
def test_what_is_no_number_is_refused_at_once(no_number):
    with pytest.raises(TypeError):
        is_bigint(no_number)


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
