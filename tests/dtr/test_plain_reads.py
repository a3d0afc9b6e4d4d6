"""How the fleet stands is read beside all work: nobody is held by it, and nothing is written.

A preview is not among these: it is the close itself, undone, and holds its few drivers while it runs.
"""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from dtr import selectors
from tests.dtr.fleet import NEXT_WEEK, WEEK, close, drive_days
from tests.dtr.test_current_balances import WEDNESDAY, make_fleet

READS: dict[str, tuple[Callable[[], object], set[str]]] = {
    "readiness of a week": (
        lambda: selectors.read_readiness(week=NEXT_WEEK, today=NEXT_WEEK.next.start),
        {"curb_trips", "dtr_week_closes"},
    ),
    "what the close would do": (lambda: selectors.read_close_ahead(NEXT_WEEK), {"ledger_balances", "curb_trips"}),
    "current balances": (lambda: selectors.list_current_balances(WEDNESDAY), {"ledger_balances", "curb_trips"}),
}


def list_locks() -> set[tuple[str, str, str | None]]:
    """The kind of each lock that this transaction holds, its mode, and the table it is on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT locktype, mode, relname FROM pg_locks LEFT JOIN pg_class ON pg_class.oid = relation"
            " WHERE pid = pg_backend_pid() AND coalesce(relname, '') NOT LIKE 'pg\\_%'"
        )
        return set(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_readiness_and_balances_of_the_fleet_hold_nobody():
    """No row, no account and no table is locked but against its being dropped; without a number, nothing is written."""
    make_fleet(8)
    close(WEEK)
    drive_days(*NEXT_WEEK.days)
    held = {}
    for name, (read, tables) in READS.items():
        with transaction.atomic():
            assert read()
            locks = list_locks()
        assert tables <= {table for _, _, table in locks}, f"{name}: it reads {sorted(tables)}"
        held[name] = {(kind, mode) for kind, mode, _ in locks}
    plain = {("relation", "AccessShareLock"), ("virtualxid", "ExclusiveLock")}
    assert held == dict.fromkeys(READS, plain)
