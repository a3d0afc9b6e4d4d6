"""How a row of the bench is measured.

Seconds depend on the machine and its mood, so little is judged by them: ours and the yardstick run in turn, several
times, and the figure is the median of their ratios.
"""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
from django.db import connection

_AIM = re.compile(r"(≥|≤) ([\d,]+(?:\.\d+)?)( ?[^\s\d]+)?")


class AimUnreadable(ValueError):
    """An aim is not written like ``≥ 0.30`` (of the ratio), ``≥ 40/s`` or ``≤ 300 MB`` (of ours, in its unit)."""


@dataclass(frozen=True)
class Aim:
    """What a figure has to reach: the ratio, or with a unit ours itself."""

    at_least: bool
    number: float
    unit: str


def read_aim(text: str) -> Aim:
    """:raises AimUnreadable: it says no aim"""
    found = _AIM.fullmatch(text)
    if found is None:
        raise AimUnreadable(f"{text!r} is no aim: write ≥ 0.30 of the ratio, or ≥ 40/s or ≤ 300 MB of ours.")
    return Aim(found[1] == "≥", float(found[2].replace(",", "")), (found[3] or "").strip())


@dataclass(frozen=True)
class Row:
    """One line of the table: ours and the yardstick in ``unit``, and ours as a part of it.

    ``rows`` is how much one round moved. ``spread`` is the noise: how far apart the rounds' figures were, as a part of
    their median.
    """

    what: str
    beside: str
    rows: int
    ours: float
    yardstick: float | None
    ratio: float | None
    aim: str = ""
    unit: str = "/s"
    spread: float = 0.0

    def __post_init__(self) -> None:
        aim = self.read_aim()
        if aim is None:
            return
        if aim.unit and aim.unit != self.unit:
            raise AimUnreadable(f"{self.what}: an aim in {aim.unit} of a figure in {self.unit}.")
        if not aim.unit and self.ratio is None:
            raise AimUnreadable(f"{self.what}: an aim of a ratio, and nothing stands beside it.")

    def read_aim(self) -> Aim | None:
        return read_aim(self.aim) if self.aim else None

    @property
    def is_of_ratio(self) -> bool:
        """Whether the ratio is what counts of it, rather than ours alone."""
        aim = self.read_aim()
        return self.ratio is not None if aim is None else not aim.unit

    @property
    def figure(self) -> float:
        """What counts of it."""
        return self.ratio if self.is_of_ratio and self.ratio is not None else self.ours

    @property
    def more_is_better(self) -> bool:
        aim = self.read_aim()
        return self.unit == "/s" if aim is None else aim.at_least

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is reached; None without one."""
        aim = self.read_aim()
        if aim is None:
            return None
        return self.figure >= aim.number if aim.at_least else self.figure <= aim.number


@dataclass(frozen=True)
class Timing:
    """How long it took to move ``rows``."""

    rows: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds


def seconds(work: Callable[[], object]) -> float:
    """Run ``work`` once, and return how long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread_of(figures: list[float]) -> float:
    """How far apart these figures of one thing are, as a part of their median: the noise of a measurement."""
    return (max(figures) - min(figures)) / statistics.median(figures) if len(figures) > 1 else 0.0


def compare(what: str, beside: str, rounds: list[tuple[Timing, Timing]], *, aim: str = "") -> Row:
    """Make a row of rates of rounds, each of them ours and the yardstick measured one right after the other."""
    ratios = [ours.per_second / theirs.per_second for ours, theirs in rounds]
    return Row(
        what=what,
        beside=beside,
        rows=rounds[-1][0].rows,
        ours=statistics.median(ours.per_second for ours, _ in rounds),
        yardstick=statistics.median(theirs.per_second for _, theirs in rounds),
        ratio=statistics.median(ratios),
        aim=aim,
        spread=spread_of(ratios),
    )


def measured(
    what: str,
    unit: str,
    ours: list[float],
    *,
    beside: str = "",
    yardstick: list[float] | None = None,
    rows: int = 0,
    aim: str = "",
) -> Row:
    """Make a row of what is no rate, such as seconds or megabytes: of rounds of ours, and of the yardstick's if any."""
    ratios = [one / other for one, other in zip(ours, yardstick, strict=True)] if yardstick else []
    return Row(
        what=what,
        beside=beside,
        rows=rows,
        ours=statistics.median(ours),
        yardstick=statistics.median(yardstick) if yardstick else None,
        ratio=statistics.median(ratios) if ratios else None,
        aim=aim,
        unit=unit,
        spread=spread_of(ratios or ours),
    )


class Meter:
    """Seconds of the clock, of this process's CPU, and of its backend's CPU, since it was made."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        # A server on another machine has no process here: its CPU is told as 0.
        self._server = psutil.Process(pid) if psutil.pid_exists(pid) else None
        self._began = self._read()

    def read(self) -> tuple[float, float, float]:
        clock, ours, theirs = (now - then for now, then in zip(self._read(), self._began, strict=True))
        return clock, ours, theirs

    def _read(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), cpu_seconds(self._server) if self._server else 0.0


def measure(work: Callable[[], object]) -> tuple[float, float, float]:
    """Run ``work`` once; return the seconds it took by the clock, and of CPU: of this process, and of its backend."""
    meter = Meter()
    work()
    return meter.read()


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU that a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def say_cpu(rows: int, ours: float, theirs: float) -> str:
    """Say what a row took of CPU: a machine that has other work as well tells of little else."""
    return f"CPU {1e6 * ours / rows:.0f} µs a row in the product, {1e6 * theirs / rows:.0f} in the server"
