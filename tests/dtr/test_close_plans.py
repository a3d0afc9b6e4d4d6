"""No plan that a session made when there was next to nothing reads a whole table in a close.

PostgreSQL plans what a trigger or a foreign key asks once a session: made while a table had one page, a plan reads all
of it ever after, for each batch or for each row. So a session closes its first week, and another. In
between it gives up reading whole tables, which plans that it keeps do not hear of; what still does, commits included,
is one of them. And what a driver of it takes is counted in a fleet six times as large.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection

from core.weeks import Week
from curb import services as curb
from dtr.services import closes
from leases.models import Lease
from tests.curb import trip_file
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, close, leased_driver
from tests.owner import as_owner

#: Drivers of one batch: as many rows at once as make PostgreSQL read a table whole while it is small.
DRIVERS = 40
#: Of each batch, where there are several.
BATCH = 10
#: While there are fifty rows of it, PostgreSQL reads them by the index of another question.
ROW_A_BATCH = "dtr_close_batches"
#: A row or two, or a row a week, however large the fleet is.
SMALL = {"core_counters", "dtr_week_closes", "ledger_books", "ledger_books_log"}


@pytest.mark.django_db(transaction=True)
def test_no_plan_of_an_empty_fleet_reads_a_whole_table() -> None:
    leases = list(lease_cabs(range(DRIVERS)))
    drive(leases, WEEK)
    analyze()  # what nobody ever looked at is taken to be of ten pages
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
    return (leased_driver(f"{5000000 + number}", f"{9 - number // 100}Z{number % 100:02}") for number in numbers)


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


@pytest.mark.django_db(transaction=True)
def test_a_driver_takes_no_more_reading_in_a_larger_fleet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closes, "DRIVERS_IN_A_BATCH", BATCH)
    few = list(lease_cabs(range(2 * BATCH)))
    drive(few, WEEK)
    analyze()
    connection.close()
    small = read_in_close(WEEK, len(few))

    many = [*few, *lease_cabs(range(len(few), 12 * BATCH))]
    drive(many, NEXT_WEEK)
    analyze()  # but what the close itself fills was last looked at before it
    large = read_in_close(NEXT_WEEK, len(many))

    assert list_grown(small.entries, large.entries, times=2) == {}
    assert list_grown(small.pages, large.pages, times=1.5) == {}
    assert small.entries["dtr_dtrs"] > 0  # which each line asks for, so what is counted is what was read
    assert small.pages["ledger_postings"] > 1


def analyze() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass(frozen=True)
class Read:
    """What was read of each table: entries of its indexes, and pages of itself and of them, wherever they were."""

    entries: dict[str, float]
    pages: dict[str, float]


def read_in_close(week: Week, drivers: int) -> Read:
    """Close a week, and return what was read for a driver, by its statements and as they were committed."""
    before = count_read()
    close(week)
    after = count_read()
    return Read(
        *(
            {table: (now - then[table]) / drivers for table, now in told.items()}
            for then, told in zip(before, after, strict=True)
        )
    )


def count_read() -> tuple[dict[str, int], dict[str, int]]:
    """How many entries of each table's indexes, and how many of its pages, were read since ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT relname, sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname <> %s GROUP BY 1",
            [ROW_A_BATCH],
        )
        entries = dict(cursor.fetchall())
        cursor.execute(
            """
            SELECT relname, heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0)
            FROM pg_statio_user_tables WHERE relname <> %s
            """,
            [ROW_A_BATCH],
        )
        return entries, dict(cursor.fetchall())


def list_grown(small: dict[str, float], large: dict[str, float], *, times: float) -> dict[str, tuple[float, float]]:
    """Return the tables of which a driver of the larger fleet reads more than so many times as much."""
    return {table: (small[table], read) for table, read in large.items() if read > times * max(small[table], 1)}
