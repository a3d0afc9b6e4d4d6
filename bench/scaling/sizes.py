"""What a driver's week leaves behind, and what reading all of it takes: `python -m bench.scaling.sizes [DRIVERS]`.

A fleet closes one week. Told: bytes a row of each large table with its indexes, WAL and database a driver and week, the
seconds of the seals and of the audits that read much, and how much of the last step is done under the one lock by which
DTRs are numbered. From these `docs/scaling.md` reckons.
"""

import importlib
import os
import sys
import threading
import time
from typing import Any

from bench.scaling.servers import OWNER, Cluster, environment, expect, redis_on, run_folder, run_python

_TABLES = """
    SELECT c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.reltuples >= %s
    ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 14
"""
_LONG_AUDITS = 8


def main(drivers: int) -> None:
    """Run it."""
    with run_folder() as folder, redis_on("127.0.0.1", folder) as redis_url:
        server = Cluster(folder / "postgres")
        server.create()
        server.start(full_page_writes="on", checkpoint_timeout="1h", max_wal_size="16GB")
        try:
            server.make_product(redis_url)
            run_python("-m", "bench.scaling.week", "make", str(drivers), **server.product(redis_url, role=OWNER))
            os.environ |= environment(**server.product(redis_url), DATA_DIR=str(folder / "d"))
            _measure(server, drivers)
        finally:
            server.stop("immediate")


def _measure(server: Cluster, drivers: int) -> None:
    # Django reads its settings when it is imported, so only now.
    week = importlib.import_module("bench.scaling.week")
    audits = importlib.import_module("core.audits")
    ledger = importlib.import_module("ledger.services")
    position = _read_position(server)
    started = time.perf_counter()
    share = _close(server, week)
    print(f"{drivers:,} drivers closed in {time.perf_counter() - started:.1f} s")
    print(f"  WAL of the close: {(_read_position(server) - position) / drivers:,.0f} bytes a driver")
    print(f"  DTRs: {100 * share:.0f} % of the step's time under the lock of their numbers")
    with server.session() as session:
        session.execute("VACUUM ANALYZE")
        print(f"  {'table':28}{'rows a driver':>14}{'bytes a row':>12}{'indexes':>9}")
        for table, rows, own, indexes in session.execute(_TABLES, [drivers]):
            print(f"  {table:28}{rows / drivers:14.1f}{own / rows:12,.0f}{indexes / rows:9,.0f}")
    size = server.ask("SELECT pg_database_size(current_database())")
    print(f"  database: {size / drivers:,.0f} bytes a driver and week")
    while ledger.seal_rows():
        pass
    postings = server.ask("SELECT count(*) FROM ledger_postings")
    seals = server.ask("SELECT pg_total_relation_size('ledger_seals')")
    print(f"  seals: {seals / drivers:,.0f} bytes a driver and week")
    phases: list[Any] = []
    with week.closing._phase(phases, "audits"):
        told = sorted(audits.examine(audits.list_audits()), key=lambda one: -one.seconds)
    cpu = phases[0].cpu
    print(f"  audits: {cpu:.2f} s of CPU for {postings:,} postings; the longest, by the clock:")
    for one in told[:_LONG_AUDITS]:
        print(f"    {one.audit.name:32}{one.seconds:7.2f} s")
    expect("findings of the audits", sum(len(one.findings) for one in told), 0)


def _read_position(server: Cluster) -> int:
    """Return the position of the WAL, in bytes."""
    return int(server.ask("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"))


def _close(server: Cluster, week: Any) -> float:
    """Close the week; return the part of its last step during which the DTRs' counter was locked."""
    models = importlib.import_module("dtr.models")
    services: Any = importlib.import_module("dtr.services")
    closes: Any = importlib.import_module("dtr.services.closes")
    closes.check_ready = lambda week, today: None
    services.start_week(week=week.WEEK, today=week.closing.TODAY)
    for step in models.Step:
        stop, seen = threading.Event(), [0, 0]
        sampler = threading.Thread(target=_sample, args=(server, stop, seen))
        sampler.start()
        services.run_step(week=week.WEEK, step=step, today=week.closing.TODAY)
        stop.set()
        sampler.join()
    services.finish_week(week=week.WEEK)
    return seen[0] / max(1, seen[1])


def _sample(server: Cluster, stop: threading.Event, seen: list[int]) -> None:
    """Look each two milliseconds whether somebody draws a DTR's number."""
    with server.session() as session:
        while not stop.wait(0.002):
            free = session.execute("SELECT count(*) FROM (SELECT FROM core_counters WHERE name = 'dtr_dtrs' "
                                   "FOR UPDATE SKIP LOCKED) AS free").fetchone()  # fmt: skip
            known = session.execute("SELECT count(*) FROM core_counters WHERE name = 'dtr_dtrs'").fetchone()
            seen[0] += bool(known and known[0] and free and not free[0])
            seen[1] += 1


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
