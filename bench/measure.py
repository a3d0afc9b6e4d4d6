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


def seconds(work: Callable[[], object]) -> float:
    """Run ``work`` once, and return how long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(
    what: str, beside: str, rows: int, pairs: list[tuple[float, float]], *, yardstick_rows: int = 0, aim: str = ""
) -> Row:
    """Make a row of ``pairs`` of seconds (ours, yardstick); the yardstick may have moved fewer rows."""
    per_second = [(rows / ours, (yardstick_rows or rows) / theirs) for ours, theirs in pairs]
    return Row(
        what=what,
        beside=beside,
        rows=rows,
        ours=statistics.median(ours for ours, _ in per_second),
        yardstick=statistics.median(theirs for _, theirs in per_second),
        ratio=statistics.median(ours / theirs for ours, theirs in per_second),
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
