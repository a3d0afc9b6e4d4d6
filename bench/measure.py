"""How a row of the bench is measured and printed.

Seconds depend on the machine and its mood, so nothing is judged by them: ours and the yardstick run in turn, several
times, and the figure is the median of their ratios.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: rows a second of ours and of the yardstick, and ours as a part of it."""

    what: str
    beside: str
    rows: int
    ours: float
    yardstick: float
    ratio: float
    aim: str = ""


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


def compare(what: str, beside: str, rounds: list[tuple[Timing, Timing]], *, aim: str = "") -> Row:
    """Make a row of rounds, each of them ours and the yardstick measured one right after the other."""
    return Row(
        what=what,
        beside=beside,
        rows=rounds[-1][0].rows,
        ours=statistics.median(ours.per_second for ours, _ in rounds),
        yardstick=statistics.median(theirs.per_second for _, theirs in rounds),
        ratio=statistics.median(ours.per_second / theirs.per_second for ours, theirs in rounds),
        aim=aim,
    )


def print_table(rows: list[Row]) -> None:
    """Print the rows for people."""
    print(f"\n{'':44} {'beside':38} {'rows':>9} {'ours/s':>10} {'theirs/s':>10} {'ratio':>8}  aim")
    for row in rows:
        print(
            f"{row.what:44} {row.beside:38} {row.rows:>9,} {row.ours:>10,.0f} {row.yardstick:>10,.0f} "
            f"{row.ratio:>8.2f}  {row.aim}"
        )
