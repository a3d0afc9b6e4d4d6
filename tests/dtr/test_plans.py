"""What a driver costs in a close: as many rows read in a large fleet as in a small one, whatever the plans remember."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from bench.fleet import make_fleet, make_rents, make_trips
from core.weeks import Week
from dtr import services as dtr
from dtr.models import CloseBatch
from ledger import services as ledger
from ledger.categories import Category
from tests.dtr.fleet import WEEK

pytestmark = pytest.mark.django_db

SMALL, LARGE = 100, 500
#: What triggers and keys ask by plans that a session keeps. (A statement of the product is planned anew each time, and
#: may well read all of a table of a few pages.)
WATCHED = ("dtr_dtrs", "ledger_named_leases", "ledger_named_vehicles")
#: A driver's own history grows by a week from one close to the next.
SLACK = 1.5


@pytest.fixture(autouse=True)
def ready(monkeypatch):
    """What a fleet has to get ready before a close is no part of this."""
    monkeypatch.setattr("dtr.services.closes.check_ready", lambda week, today: None)


def work(week: Week, lease_of: dict[int, int]) -> None:
    """A week's trips, rent and tolls of everybody."""
    make_trips(week, a_driver=6)
    make_rents(week)
    ledger.create_obligations(
        ledger.Opening(
            category=Category.EZPASS,
            amount=Decimal("14.06"),
            reference_id=f"TOLL-{week.end}-{lease}",
            driver_id=driver,
            lease_id=lease,
            due_on=week.end,
            effective_on=week.start,
        )
        for driver, lease in lease_of.items()
    )


def read() -> dict[str, int]:
    """Rows read so far, by table: of indexes and of whole tables, by statements, triggers and keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def close(week: Week) -> dict[str, float]:
    """Close a week, with all that its commits check; return the rows that its first batches read a driver, by table."""
    today = week.end + timedelta(days=2)
    dtr.start_week(week=week, today=today)
    measured: dict[str, float] = defaultdict(float)
    for batch in CloseBatch.objects.filter(week=week.end).order_by("step", "number"):
        before = read()
        dtr.run_batch(batch_id=batch.pk, today=today)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        if batch.number == 1:
            for table, rows in read().items():
                measured[table] += (rows - before.get(table, 0)) / len(batch.driver_ids)
    dtr.finish_week(week=week)
    return measured


def test_a_driver_reads_as_much_in_a_large_fleet_as_in_a_small_one():
    """One session, from empty tables on: the plans that it keeps were made for a fleet a fifth as large."""
    lease_of = make_fleet(0, SMALL)
    for week in (WEEK, WEEK.next):
        work(week, lease_of)
        small = close(week)
    lease_of |= make_fleet(SMALL, LARGE)
    last = WEEK.next.next
    work(last, lease_of)
    large = close(last)
    grown = {
        table: (round(small[table], 1), round(large[table], 1))
        for table in WATCHED
        if large[table] > SLACK * small[table] + 0.5
    }
    assert all(small[table] for table in WATCHED)
    assert grown == {}
