"""Close a week of 20 trips and 3 tolls a driver, for fleets of several sizes: what a driver costs, step by step.

``python -m bench.closing 2000 8000`` prints for each size the milliseconds a driver of the freeze and of each step, the
same in CPU of the product and of the server, and the megabytes that the closing process took at most. ``--workers 2``
does the batches by so many processes.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")  # a line a batch is no part of it
django.setup()

import psutil  # noqa: E402 - Django must be ready first
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402

from bench import fleet  # noqa: E402
from core.weeks import week_of  # noqa: E402
from dtr import services as dtr  # noqa: E402
from dtr.models import CloseBatch, Step  # noqa: E402
from dtr.services import closes  # noqa: E402
from ledger import services as ledger  # noqa: E402
from ledger.categories import Category  # noqa: E402

WEEK = week_of(date(2026, 11, 7))
TODAY = date(2026, 11, 9)
TRIPS = 20
TOLLS = 3


@dataclass
class Phase:
    """What a part of the close took: seconds of the clock, of the product's CPU, and of the server's."""

    name: str
    clock: float = 0
    ours: float = 0
    server: float = 0


@dataclass
class Closed:
    """A fleet that was closed."""

    drivers: int
    workers: int
    phases: list[Phase] = field(default_factory=list)
    megabytes: float = 0

    @property
    def seconds(self) -> float:
        return sum(phase.clock for phase in self.phases)


def main() -> None:
    """Close a fleet of each size, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drivers", type=int, nargs="+")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--batches-of", metavar="DATABASE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.batches_of:
        _work(given.batches_of)
        return
    for drivers in given.drivers:
        print_closed(measure(drivers, given.workers))


def measure(drivers: int, workers: int = 1) -> Closed:
    """Make a fleet of so many drivers in a database of its own, close its week, and tell what it took."""
    fleet.DRIVERS = drivers
    with fleet.bench_database():
        make_week()
        return close(drivers, workers)


def make_week() -> None:
    """A fleet with a week's rent that is due, tolls that were charged, and trips that no close has counted."""
    lease_of = fleet.make_fleet()
    # A charge that no module answers for is somebody's, or an audit asks.
    actor = User.objects.create_user("bench-office")
    for start in range(0, len(lease_of), 5_000):
        tolls = (
            ledger.Opening(
                category=Category.EZPASS,
                amount=Decimal("14.06"),
                reference_id=f"TOLL-{lease}-{n}",
                driver_id=driver,
                lease_id=lease,
                due_on=WEEK.end,
                effective_on=WEEK.start,
            )
            for driver, lease in list(lease_of.items())[start : start + 5_000]
            for n in range(TOLLS)
        )
        ledger.create_obligations(tolls, actor=actor)
    fleet.make_trips(WEEK, a_driver=TRIPS)
    fleet.make_rents(WEEK)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def close(drivers: int, workers: int) -> Closed:
    """Close the week, and tell what each part of it took."""
    closed = Closed(drivers, workers)
    with _phase(closed, "start"):
        # What a fleet has not yet got ready (audits, CURB) is no part of what is measured.
        closes.check_ready = lambda week, today: None
        dtr.start_week(week=WEEK, today=TODAY)
    if workers == 1:
        for step in Step:
            with _phase(closed, step.name.lower()):
                dtr.run_step(week=WEEK, step=step, today=TODAY)
    else:
        with _workers(workers) as at_work, _phase(closed, f"batches by {workers}"):
            at_work()
    with _phase(closed, "finish"):
        dtr.finish_week(week=WEEK)
    closed.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return closed


@contextmanager
def _workers(number: int) -> Iterator[Callable[[], None]]:
    """Start so many processes, and yield what has them do all batches, and returns when none is left."""
    command = [sys.executable, "-m", "bench.closing", "0", "--batches-of", str(connection.settings_dict["NAME"])]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(number)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready

    def work() -> None:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        if any([process.wait() for process in processes]):  # noqa: C419 - each is waited for
            raise SystemExit("A worker failed.")

    yield work


def _work(database: str) -> None:
    """Once told, do what nobody is at, batch by batch, until none is left."""
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.read()
    while (left := CloseBatch.objects.filter(week=WEEK.end, done_at=None).order_by("step").first()) is not None:
        idle = CloseBatch.objects.filter(week=WEEK.end, step=left.step, done_at=None, attempts=0).order_by("number")
        for batch in list(idle):
            claimed = dtr.claim_batch(batch_id=batch.pk)
            if claimed is not None and claimed.attempts == 1:
                dtr.run_batch(batch_id=batch.pk, today=TODAY)
        time.sleep(0.01)


@contextmanager
def _phase(closed: Closed, name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])
    clock, ours, theirs = time.perf_counter(), time.process_time(), _cpu(server)
    yield
    closed.phases.append(Phase(name, time.perf_counter() - clock, time.process_time() - ours, _cpu(server) - theirs))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def print_closed(closed: Closed) -> None:
    """Print one fleet's close for people."""
    speed = f"{closed.drivers / closed.seconds:,.0f} drivers a second, {closed.megabytes:,.0f} MB at most"
    print(f"\n{closed.drivers:,} drivers, {closed.workers} at work: {speed}")
    print(f"  {'ms a driver':22} {'clock':>8} {'product':>8} {'server':>8}")
    total = Phase("all", *(sum(getattr(p, what) for p in closed.phases) for what in ("clock", "ours", "server")))
    for phase in [*closed.phases, total]:
        figures = (1000 * took / closed.drivers for took in (phase.clock, phase.ours, phase.server))
        print(f"  {phase.name:22} " + " ".join(f"{figure:>8.3f}" for figure in figures))


if __name__ == "__main__":
    main()
