"""``make bench``: measure side by side, print a table, and keep the figures as a file.

``python -m bench --compare OLD --with NEW`` measures nothing and compares two files.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

import bench.ready  # noqa: F401 - before anything that needs Django
from bench import fleet
from bench.comparing import say_changes
from bench.databases import empty_database, work_in
from bench.errors import AlreadyRunning, BenchError, MeasurementFailed
from bench.measure import Row
from bench.registry import MEASUREMENTS, Asked, Measurement, choose
from bench.results import Run, describe_commit, describe_machine, describe_versions, load_run, save_run
from bench.running import run_apart
from bench.tables import say_aims, say_table
from config.embedded.folder import try_lock


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask; say in one sentence why not, and return 1."""
    given = _read(words)
    try:
        if given.list:
            _print(f"{one.name:10} {one.short:>5} s {one.full:>5} s  {one.measures}" for one in MEASUREMENTS)
            return 0
        old = load_run(given.compare) if given.compare else None
        if given.beside:
            if old is None:
                raise BenchError("--with says what an older file is compared with: give that by --compare.")
            _print(say_changes(old, load_run(given.beside)))
            return 0
        chosen = choose(given.only, is_full=given.full)
        run = _measure(chosen, is_full=given.full, drivers=_read_drivers(given.drivers))
    except BenchError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    _print(["", *say_table(run.rows), "", say_aims(run.rows), *(f"{n}: {why}" for n, why in run.missing.items())])
    print(f"\nTook {run.took_seconds:.0f} s; kept as {save_run(run, settings.DATA_DIR / 'bench')}")
    if old is not None:
        _print(["", *say_changes(old, run)])
    return 1 if any(one.name in run.missing for one in chosen) else 0


def _read(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--full", action="store_true", help="the sizes of a city, for an hour and a half")
    parser.add_argument("--only", default="", metavar="NAMES", help="some, between commas; --list tells them")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="tell what changed since that run")
    parser.add_argument("--with", type=Path, metavar="FILE", dest="beside", help="… until that one, measuring nothing")
    parser.add_argument("--drivers", default="", metavar="N", help="a fleet of another size, to try something")
    parser.add_argument("--list", action="store_true", help="what there is, and seconds of the short and full bench")
    return parser.parse_args(words)


def _read_drivers(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 100 <= int(text) <= 1_000_000:
        raise BenchError(f"DRIVERS is a number from 100 to 1000000, not {text!r}.")
    return int(text)


def _measure(chosen: Sequence[Measurement], *, is_full: bool, drivers: int | None) -> Run:
    began, taken_at = time.monotonic(), datetime.now(UTC)
    asked = Asked(is_full=is_full, drivers=drivers or fleet.DRIVERS, drivers_given=drivers is not None)
    rows: dict[str, list[Row]] = {}
    missing: dict[str, str] = {}
    machine = describe_machine()
    with _only_one():
        print("Making a database ...", flush=True)
        with empty_database():
            work_in("bench")
            versions = describe_versions()
            for number, measurement in enumerate(chosen, start=1):
                print(f"{number} of {len(chosen)}, {measurement.name}: {measurement.measures} ...", flush=True)
                start = time.monotonic()
                try:
                    rows[measurement.name] = run_apart(measurement, asked)
                except MeasurementFailed as failed:
                    missing[measurement.name] = str(failed)
                except KeyboardInterrupt:
                    missing[measurement.name] = "Stopped by hand; nothing after it was measured."
                    break
                print(f"  {time.monotonic() - start:.0f} s", flush=True)
    return Run(
        taken_at=taken_at.isoformat(timespec="seconds"),
        commit=describe_commit(),
        is_full=is_full,
        drivers=asked.drivers,
        took_seconds=round(time.monotonic() - began, 1),
        machine=machine,
        versions=versions,
        rows=rows,
        missing=missing,
    )


@contextmanager
def _only_one() -> Iterator[None]:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)  # beside servers of another's it need not be there yet
    lock = try_lock(settings.DATA_DIR / "bench.lock")
    if lock is None:
        raise AlreadyRunning("Another bench works in this data folder; wait for it, or set DATA_DIR to another.")
    with lock:
        yield


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
