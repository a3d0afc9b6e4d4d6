"""Seal a million postings, and verify them whole: seconds of the clock, and of the server's CPU.

``python -m bench.sealing 1000000``
"""

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psutil  # noqa: E402 - Django must be ready first
from django.db import connection  # noqa: E402

from bench import fleet  # noqa: E402
from bench.posting import EACH, make_obligations  # noqa: E402
from ledger import services as ledger  # noqa: E402

Outcome = TypeVar("Outcome")


def main(postings: int) -> None:
    """Make a fleet with so many postings, seal them, and verify them all."""
    with fleet.bench_database():
        lease_of = fleet.make_fleet()
        for _ in range(-(-postings // (EACH * len(lease_of)))):
            ledger.create_obligations(make_obligations(lease_of, EACH))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        _tell("sealed", ledger.seal_rows)
        found = _tell("verified", lambda: ledger.verify_seals(is_whole=True))
        check = found.check
        print(f"{check.rows:,} rows in {check.seals:,} seals, {check.findings} findings.")


def _tell(what: str, work: Callable[[], Outcome]) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])
    clock, before = time.perf_counter(), server.cpu_times()
    outcome = work()
    after, took = server.cpu_times(), time.perf_counter() - clock
    cpu = after.user + after.system - before.user - before.system
    print(f"{what}: {took:.1f} s, of them {cpu:.1f} of the server's CPU", flush=True)
    return outcome


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")))
