"""Reports from a streaming replica: `python -m bench.scaling.replica [DRIVERS]`.

A primary with a fleet, and its replica by pg_basebackup. Every report is opened, with its file: all are the replica's
and say so, and none tries to write. Then the replica stands still, and is late by less and by more than it may; is
killed; comes back; and is promoted, so that it is a database of its own. Each time the right one answers.
"""

import importlib
import os
import sys
import time
from typing import Any

from bench.scaling.servers import OWNER, ROLE, Cluster, WentWrong, environment, expect, redis_on, run_folder, run_python

_LAG_SECONDS = 10


def main(drivers: int) -> None:
    """Run it."""
    with run_folder() as folder, redis_on("127.0.0.1", folder) as redis_url:
        primary, copy = Cluster(folder / "primary"), Cluster(folder / "replica")
        copy.password = primary.password
        primary.create()
        primary.start()
        try:
            primary.make_product(redis_url)
            run_python("-m", "bench.scaling.week", "make", str(drivers), **primary.product(redis_url, role=OWNER))
            copy.copy_of(primary)
            copy.start()
            lag = {"REPLICA_DATABASE_URL": copy.url(ROLE), "REPLICA_LAG_SECONDS": str(_LAG_SECONDS)}
            os.environ |= environment(
                **primary.product(redis_url), **lag, FLEET_LOCAL="1", LOG_LEVEL="ERROR", DATA_DIR=str(folder / "d")
            )
            # Django reads its settings when it is imported, so only now.
            _try(primary, copy, importlib.import_module("bench.scaling.reading").Reader())
        finally:
            copy.stop("immediate")
            primary.stop("immediate")


def _try(primary: Cluster, copy: Cluster, reader: Any) -> None:
    standing = importlib.import_module("core.replica").standing
    _catch_up(primary, copy)
    said, opened = reader.count_from_copy()
    expect("pages and files that said to be the replica's", f"{said} of {opened}", f"{opened} of {opened}")

    reader.pay()
    _catch_up(primary, copy)
    expect("receipts told, and by the replica", reader.count_receipts(), (1, True))
    print(f"  a page of the replica's: {reader.time():.1f} ms", flush=True)
    reader.pay()
    _catch_up(primary, copy)
    with copy.session() as session:
        session.execute("SELECT pg_wal_replay_pause()")
    reader.pay()
    expect("a moment late: receipts as of before, and it says so", reader.count_receipts(), (2, True))
    time.sleep(_LAG_SECONDS + 0.5)
    expect(f"more than {_LAG_SECONDS} seconds late: the primary's", reader.count_receipts(), (3, False))
    print(f"  the same of the primary, the replica being asked how late it is: {reader.time():.1f} ms")
    with copy.session() as session:
        session.execute("SELECT pg_wal_replay_resume()")
    _catch_up(primary, copy)
    expect("caught up", reader.count_receipts(), (3, True))

    copy.stop("immediate")
    reader.pay()
    started = time.monotonic()
    expect("killed: the primary's", reader.count_receipts(), (4, False))
    print(f"  which took {1000 * (time.monotonic() - started):.0f} ms")
    copy.start()
    _catch_up(primary, copy)
    standing.left_alone_until = time.monotonic() + 600  # half a minute may be over by now
    expect("back, but left alone for half a minute", reader.count_receipts(), (4, False))
    standing.left_alone_until = 0.0
    expect("and then read from", reader.count_receipts(), (4, True))

    copy.run("pg_ctl", "promote", "--wait")
    reader.pay()
    expect("promoted: the primary's", reader.count_receipts(), (5, False))
    said, opened = reader.count_from_copy()
    expect("pages and files that said to be the replica's", f"{said} of {opened}", f"0 of {opened}")


def _catch_up(primary: Cluster, copy: Cluster) -> None:
    """Wait until the replica has all that the primary has."""
    position = primary.ask("SELECT pg_current_wal_lsn()::text")
    deadline = time.monotonic() + 30
    while not copy.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position):
        if time.monotonic() > deadline:
            raise WentWrong("✗ the replica does not follow")
        time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
