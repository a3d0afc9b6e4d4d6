"""What a ticket and a file's row name is there, and stays: triggers say so, a statement at a time."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction

from leases.models import Vehicle
from ledger.services.transactions import constraint_of
from tests.factories import VehicleFactory
from tests.guards import copy_of, refusal_of
from tests.threads import run_together
from tests.tickets.files import bring_in_tolls, leased_cab, ticket_of, toll
from tickets.models import ImportRow, Ticket

NAMED = [
    ("driver", "leases_driver"),
    ("vehicle", "leases_vehicle"),
    ("lease", "leases_lease"),
    ("file", "tickets_imports"),
]
COLUMNS = {"driver": "driver_id", "vehicle": "vehicle_id", "lease": "lease_id", "file": "import_id", "trip": "trip_id"}


@pytest.mark.django_db
class TestNamed:
    @pytest.fixture(autouse=True)
    def one(self):
        leased_cab()
        bring_in_tolls(toll(1))
        return ticket_of(1)

    @pytest.mark.parametrize("named", list(COLUMNS))
    def test_is_there_when_a_ticket_comes_and_when_it_becomes_anothers(self, named):
        column = COLUMNS[named]
        insert = copy_of("tickets_tickets", number="'2'", **{column: "999999999"})
        assert refusal_of(insert) == f"tickets_tickets_names_a_{named}"
        assert refusal_of(f"UPDATE tickets_tickets SET {column} = 999999999") == f"tickets_tickets_names_a_{named}"

    @pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = 999999999"])
    @pytest.mark.parametrize(("named", "table"), NAMED)
    def test_is_not_lost(self, one, named, table, verb):
        ImportRow.objects.all().delete()  # they name the file, too
        sql = f"{verb.format(table)} WHERE id = {getattr(one, named).pk}"
        assert refusal_of(sql) == f"tickets_tickets_name_this_{named}"

    def test_nothing_is_asked_of_what_an_update_leaves_as_it_was(self, one):
        assert Ticket.objects.update(decided_reason="x") == 1
        assert Ticket.objects.filter(pk=one.pk, vehicle_id=one.vehicle_id).update(vehicle=None, lease=None) == 1

    def test_a_row_is_its_files_and_keeps_it(self, one):
        assert refusal_of(copy_of("tickets_import_rows", import_id="999999999")) == "tickets_import_rows_name_a_file"
        sql = "UPDATE tickets_import_rows SET import_id = 999999999"
        assert refusal_of(sql) == "tickets_import_rows_append_only"
        Ticket.objects.update(file=None)
        assert refusal_of("DELETE FROM tickets_imports") == "tickets_import_rows_name_this_file"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_deleted_while_a_ticket_that_names_it_is_on_its_way():
    leased_cab()
    bring_in_tolls(toll(1))
    other, is_there = VehicleFactory.create(), threading.Event()

    def name_it():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy_of("tickets_tickets", number="'2'", vehicle_id=str(other.pk)))
            is_there.set()
            time.sleep(0.5)  # in which a deletion that waits for nobody would be done

    def delete_it():
        is_there.wait(10)
        with connection.cursor() as cursor:
            try:
                cursor.execute("DELETE FROM leases_vehicle WHERE id = %s", [other.pk])
            except IntegrityError as refusal:
                return constraint_of(refusal)
        return "deleted"

    assert run_together(name_it, delete_it)[1] == "tickets_tickets_name_this_vehicle"
    assert Vehicle.objects.filter(pk=other.pk).exists()
    assert ticket_of(2).vehicle_id == other.pk


@pytest.mark.django_db(transaction=True)
def test_nothing_is_deleted_by_one_who_reads_an_older_snapshot():
    # Such a session would not see a ticket that has come since.
    other = VehicleFactory.create()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        sql = "DELETE FROM leases_vehicle WHERE id = %s"
        assert refusal_of(sql, other.pk) in {"tickets_tickets_name_this_vehicle", "curb_trips_name_this_vehicle"}
