"""Close a week of 20 trips and 3 tolls a driver, for fleets of two sizes: what a driver costs, what two workers add.

Each close is done by a process of its own in a copy of the same database, step by step, so that its memory is its own.
``python -m bench.closing DATABASE WORKERS`` is that process, ``python -m bench.closing DATABASE WHICH --work`` one of
several workers.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection

import bench.ready  # noqa: F401 - before anything that needs Django
from bench import fleet
from bench.databases import EMPTY, KEPT, RUN, copy_database, settle, turn_autovacuum_off, work_in
from bench.import_tolls import peak_megabytes
from bench.measure import Meter, Row, measured
from bench.registry import Asked
from core.weeks import week_of
from dtr import services as dtr
from dtr.models import CloseBatch, Step
from dtr.services import closes

WEEK = week_of(date(2026, 11, 7))
TODAY = date(2026, 11, 9)
TRIPS = 20
TOLLS = 3
SHORT_SIZES, FULL_SIZES = (1_000, 5_000), (2_000, 50_000)


@dataclass(frozen=True)
class Phase:
    """What a part of the close took: seconds of the clock, of the product's CPU, and of the server's."""

    name: str
    clock: float
    ours: float
    server: float

    @property
    def cpu(self) -> float:
        return self.ours + self.server


@dataclass(frozen=True)
class Closed:
    """A fleet that was closed. ``megabytes`` are those of the process that took the most."""

    drivers: int
    phases: list[Phase]
    megabytes: float

    def ms_a_driver(self, what: str) -> float:
        return 1000 * float(sum(getattr(phase, what) for phase in self.phases)) / self.drivers

    @property
    def rate(self) -> float:
        """Drivers a second, by the clock."""
        return 1000 / self.ms_a_driver("clock")

    @property
    def batches(self) -> float:
        """Seconds of the clock without the start and the end, which no worker shares."""
        return sum(phase.clock for phase in self.phases if phase.name not in ("start", "finish"))


def run(asked: Asked) -> Iterator[Row]:
    """Close a small fleet and a large one, and the large one again by two workers."""
    few, many = FULL_SIZES if asked.is_full else SHORT_SIZES
    if asked.drivers_given:
        few, many = asked.drivers // 4, asked.drivers
    closed = {}
    for drivers in (few, many):
        _keep_week(drivers, is_short=drivers <= SHORT_SIZES[1])
        closed[drivers] = close_apart(drivers, 1)
    by_two = close_apart(many, 2)  # the same week once more
    small, large = closed[few], closed[many]
    for what, words in (("clock", "time a driver"), ("cpu", "CPU a driver, product and server")):
        ours, beside = large.ms_a_driver(what), small.ms_a_driver(what)
        name = f"close of {many:,} drivers: {words}"
        yield measured(name, "ms", [ours], yardstick=[beside], beside=f"of {few:,}", aim="≤ 1.15")
    rates = [many / one.batches for one in (by_two, large)]
    yield Row(
        what=f"batches of {many:,} drivers by two workers",
        beside="by one",
        rows=many,
        ours=rates[0],
        yardstick=rates[1],
        ratio=rates[0] / rates[1],
        aim="≥ 1.7",
    )
    yield Row(f"whole close of {many:,} drivers by two workers", "by one", many, by_two.rate, large.rate,
                by_two.rate / large.rate, aim="≥ 700/s")  # fmt: skip
    most, of_few = max(large.megabytes, by_two.megabytes), small.megabytes
    yield measured(
        f"close of {many:,} drivers: most memory of a process", "MB", [most], yardstick=[of_few], beside=f"of {few:,}",
        aim="≤ 300 MB",
    )  # fmt: skip


def make_week(drivers: int) -> None:
    """Make a fleet with a week's rent that is due, tolls that are charged, and trips that nobody counted."""
    fleet.make_fleet(drivers)
    fleet.make_tolls(WEEK, a_driver=TOLLS)
    fleet.make_trips(WEEK, a_driver=TRIPS)
    fleet.make_rents(WEEK)
    settle()


def _keep_week(drivers: int, *, is_short: bool) -> None:
    copy_database(EMPTY, KEPT)
    work_in(KEPT)
    make_week(drivers)
    if is_short:
        turn_autovacuum_off()
    work_in(RUN)


def close_apart(drivers: int, workers: int) -> Closed:
    """Close the week that is kept, in a copy of it."""
    copy_database(KEPT, RUN)
    return close_in(RUN, drivers, workers)


def close_in(database: str, drivers: int, workers: int) -> Closed:
    """Close the week of that database, in a process of its own; print what each part of it took."""
    done = subprocess.run(_command(database, str(workers)), stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    closed = Closed(drivers, [Phase(**phase) for phase in told["phases"]], told["megabytes"])
    print_closed(closed, workers)
    return closed


def print_closed(closed: Closed, workers: int) -> None:
    """Print one fleet's close for people: in milliseconds a driver."""
    speed = f"{closed.rate:,.0f} drivers a second, {closed.megabytes:,.0f} MB at most"
    print(f"  {closed.drivers:,} drivers, {workers} at work: {speed}")
    print(f"    {'ms a driver':22} {'clock':>8} {'product':>8} {'server':>8}")
    for phase in closed.phases:
        figures = (1000 * took / closed.drivers for took in (phase.clock, phase.ours, phase.server))
        print(f"    {phase.name:22} " + " ".join(f"{figure:>8.3f}" for figure in figures), flush=True)


def main() -> None:
    """Close the week in a database, or do batches of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("workers", type=int)
    parser.add_argument("--work", action="store_true")
    given = parser.parse_args()
    work_in(given.database)
    if given.work:
        _work(given.workers)
        return
    phases, megabytes = _close(given.workers)
    print(json.dumps({"phases": [asdict(phase) for phase in phases], "megabytes": megabytes}))


def _close(workers: int) -> tuple[list[Phase], float]:
    phases: list[Phase] = []
    others: list[float] = []
    with _phase(phases, "start"):
        # What a fleet has not yet got ready (audits, CURB) is no part of what is measured.
        closes.check_ready = lambda week, today: None
        dtr.start_week(week=WEEK, today=TODAY)
    if workers == 1:
        for step in Step:
            with _phase(phases, step.name.lower()):
                dtr.run_step(week=WEEK, step=step, today=TODAY)
    else:
        with _workers(workers, others) as at_work, _phase(phases, f"batches by {workers}"):
            at_work()
    with _phase(phases, "finish"):
        dtr.finish_week(week=WEEK)
    return phases, max([peak_megabytes(), *others])


@contextmanager
def _workers(number: int, megabytes: list[float]) -> Iterator[Callable[[], None]]:
    """Start so many processes, and yield what has them do all batches, and returns when none is left."""
    name = str(connection.settings_dict["NAME"])
    commands = [[*_command(name, str(which)), "--work"] for which in range(number)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for command in commands]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready

    def work() -> None:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in processes:
            assert process.stdout is not None
            megabytes.append(float(process.stdout.readline() or 0))  # it has done its last batch, and goes home

    yield work
    if any([process.wait() for process in processes]):  # noqa: C419 - each is waited for
        raise SystemExit("A worker failed.")


def _work(which: int) -> None:
    """Once told, do what nobody is at, batch by batch, until none is left; tell how much memory it took at most.

    Every other worker begins at the other end, so that they ask for the same batch where they meet and not at each: the
    product's are each sent their own.
    """
    order = "-number" if which % 2 else "number"
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.read()
    while (left := CloseBatch.objects.filter(week=WEEK.end, done_at=None).order_by("step").first()) is not None:
        idle = CloseBatch.objects.filter(week=WEEK.end, step=left.step, done_at=None, attempts=0).order_by(order)
        for batch in list(idle):
            claimed = dtr.claim_batch(batch_id=batch.pk)
            if claimed is None or claimed.attempts > 1:
                break
            dtr.run_batch(batch_id=batch.pk, today=TODAY)
        else:
            time.sleep(0.01)
    print(peak_megabytes(), flush=True)


@contextmanager
def _phase(phases: list[Phase], name: str) -> Iterator[None]:
    meter = Meter()
    yield
    phases.append(Phase(name, *meter.read()))


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bench.closing", *words]


if __name__ == "__main__":
    main()
