"""Whom and what a trip names is there, and stays: no foreign key says so, but triggers, a statement at a time."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction

from curb.models import Trip
from leases.models import Driver
from ledger.services.transactions import constraint_of
from tests.dtr.fleet import card, drive, leased_driver
from tests.factories import DriverFactory
from tests.guards import copy_of, refusal_of, settle
from tests.threads import run_together

NAMED = [("driver", "leases_driver"), ("vehicle", "leases_vehicle"), ("lease", "leases_lease")]


@pytest.mark.django_db
class TestNamed:
    @pytest.fixture(autouse=True)
    def one(self):
        leased_driver()
        (trip,) = drive(card())
        return trip

    @pytest.mark.parametrize("named", [named for named, _ in NAMED])
    def test_is_there_when_a_trip_comes_and_when_it_is_given_to_another(self, named):
        insert = copy_of("curb_trips", record_id="'other'", **{f"{named}_id": "999999999"})
        assert refusal_of(insert) == f"curb_trips_names_a_{named}"
        assert refusal_of(f"UPDATE curb_trips SET {named}_id = 999999999") == f"curb_trips_names_a_{named}"

    @pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = 999999999"])
    @pytest.mark.parametrize(("named", "table"), NAMED)
    def test_is_not_lost(self, one, named, table, verb):
        sql = f"{verb.format(table)} WHERE id = {getattr(one, f'{named}_id')}"
        assert refusal_of(sql) == f"curb_trips_name_this_{named}"

    @pytest.mark.parametrize("table", [table for _, table in NAMED])
    def test_is_not_emptied_with_all_that_hangs_on_it(self, table):
        settle()
        assert refusal_of(f"TRUNCATE {table} CASCADE")

    def test_several_come_by_one_question_of_each_kind(self, one):
        other = leased_driver("5000002", "9Z91")
        drive(card(ID="a", DRIVER="5000002", CABNUMBER="9Z91"), card(ID="b"), card(ID="c"))
        named = Trip.objects.exclude(pk=one.pk).order_by("record_id").values_list("driver_id", "lease_id")
        assert list(named) == [(other.primary_driver_id, other.pk), *[(one.driver_id, one.lease_id)] * 2]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_deleted_while_a_trip_that_names_them_is_on_its_way():
    leased_driver()
    drive(card())
    other, is_there = DriverFactory.create(), threading.Event()

    def name_them():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy_of("curb_trips", record_id="'other'", driver_id=str(other.pk), lease_id="NULL"))
            is_there.set()
            time.sleep(0.5)  # in which a deletion that waits for nobody would be done

    def delete_them():
        is_there.wait(10)
        with connection.cursor() as cursor:
            try:
                cursor.execute("DELETE FROM leases_driver WHERE id = %s", [other.pk])
            except IntegrityError as refusal:
                return constraint_of(refusal)
        return "deleted"

    assert run_together(name_them, delete_them)[1] == "curb_trips_name_this_driver"
    assert Driver.objects.filter(pk=other.pk).exists()
    assert Trip.objects.get(record_id="other").driver_id == other.pk


@pytest.mark.django_db(transaction=True)
def test_nobody_is_deleted_by_one_who_reads_an_older_snapshot():
    # Such a session would not see a trip that has come since.
    other = DriverFactory.create()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert refusal_of("DELETE FROM leases_driver WHERE id = %s", other.pk) == "curb_trips_name_this_driver"
