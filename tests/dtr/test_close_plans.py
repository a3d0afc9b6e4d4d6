"""No plan that a session made when there was next to nothing reads a whole table in a close.

PostgreSQL plans what a trigger or a foreign key asks once a session: made while a table had one page, a plan reads all
of it ever after, for each batch or for each row. So a session closes its first week, and another. In
between it gives up reading whole tables, which plans that it keeps do not hear of; what still does, commits included,
is one of them.
"""

from collections.abc import Iterator

import pytest
from django.db import connection

from core.weeks import Week
from curb import services as curb
from leases.models import Lease
from tests.curb import trip_file
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, close, leased_driver
from tests.owner import as_owner

#: Drivers of one batch: as many rows at once as make PostgreSQL read a table whole while it is small.
DRIVERS = 40
#: A row or two, or a row a week, however large the fleet is.
SMALL = {"core_counters", "dtr_week_closes", "ledger_books", "ledger_books_log"}


@pytest.mark.django_db(transaction=True)
def test_no_plan_of_an_empty_fleet_reads_a_whole_table() -> None:
    leases = list(lease_cabs(range(DRIVERS)))
    drive(leases, WEEK)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what nobody ever looked at is taken to be of ten pages
    connection.close()
    close(WEEK)

    drive(leases, NEXT_WEEK)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    before = count_rows_read()
    close(NEXT_WEEK)

    read = {table: rows - before[table] for table, rows in count_rows_read().items()}
    assert {table: rows for table, rows in read.items() if rows and table not in SMALL} == {}
    assert read["core_counters"] > 0  # which its own plan reads whole, so what is counted is what was read


def lease_cabs(numbers: range) -> Iterator[Lease]:
    return (leased_driver(f"50000{number:02}", f"9Z{number:02}") for number in numbers)


def drive(leases: list[Lease], week: Week) -> None:
    """Three card trips of each driver."""
    records = [
        card(
            ID=f"{lease.pk}-{day}",
            DRIVER=lease.primary_driver.tlc_license,
            CABNUMBER=lease.vehicle.medallion,
            START_DATE=f"{day:%m/%d/%Y} 10:00:00",
            END_DATE=f"{day:%m/%d/%Y} 11:00:00",
        )
        for lease in leases
        for day in week.days[:3]
    ]
    curb.import_trips(file_name=f"{week.end}.xml", content=trip_file(records))


def count_rows_read() -> dict[str, int]:
    """How many rows were read of each table since ever, where a whole table was read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute("SELECT relname, seq_tup_read FROM pg_stat_user_tables")
        return dict(cursor.fetchall())
