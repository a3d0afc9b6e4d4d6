"""This run beside an older one: what got worse beyond the noise first, then what got better, then the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.measure import Row
from bench.results import Run
from bench.tables import say_figure

#: Two runs of the same code differ by so much without any reason; a noisier row by its own spread.
LEAST_NOISE = 0.05


@dataclass(frozen=True)
class Change:
    """One row of two runs. ``by`` is how much better what counts of it is now, as a part: -0.2 is a fifth worse."""

    measurement: str
    old: Row
    new: Row

    @property
    def by(self) -> float:
        # A lower figure that is better is seen as the rate that it is.
        then, now = (row.figure if row.more_is_better else 1 / row.figure for row in (self.old, self.new))
        return now / then - 1

    @property
    def noise(self) -> float:
        """What of a change says nothing: both runs scattered so far on their own."""
        return max(LEAST_NOISE, (self.old.spread + self.new.spread) / 2)

    @property
    def is_worse(self) -> bool:
        return self.by < -self.noise

    @property
    def is_better(self) -> bool:
        return self.by > self.noise


def list_changes(old: Run, new: Run) -> list[Change]:
    """Return what both runs measured in the same way, the worst first."""
    before, after = old.by_place(), new.by_place()
    changes = [
        Change(place[0], before[place], row)
        for place, row in after.items()
        if place in before and before[place].figure > 0 and row.figure > 0 and _is_alike(before[place], row)
    ]
    return sorted(changes, key=lambda change: change.by)


def say_changes(old: Run, new: Run) -> Iterator[str]:
    """Yield the lines that tell people what changed."""
    changes = list_changes(old, new)
    yield f"Beside the run of {old.taken_at} ({old.commit or 'no commit'}):"
    if old.is_full != new.is_full or old.drivers != new.drivers:
        yield "  One of the two is of another size: rows of another size are left out."
    if any(old.machine.get(fact) != new.machine.get(fact) for fact in ("processor", "cores", "memory_mb")):
        yield "  It was taken on another machine: ratios may be compared, seconds and rates not."
    parts: list[tuple[str, Sequence[Change]]] = [
        ("Worse beyond the noise", [change for change in changes if change.is_worse]),
        ("Better beyond the noise", [change for change in reversed(changes) if change.is_better]),
        ("Within the noise", [change for change in changes if not change.is_worse and not change.is_better]),
    ]
    for title, some in parts:
        yield f"\n{title}: {len(some) or 'none'}"
        yield from (_say_change(change) for change in some)
    # What only one of the two was asked for is no change.
    before = {place for place in old.by_place() if place[0] in new.rows}
    after = {place for place in new.by_place() if place[0] in old.rows}
    compared = {(change.measurement, change.new.what, change.new.beside) for change in changes}
    for title, places in (("Only then", before - compared), ("Only now", after - compared)):
        if places:
            yield f"\n{title}: {'; '.join(sorted(_name(what, beside) for _, what, beside in places))}"


def _is_alike(old: Row, new: Row) -> bool:
    """Whether they count the same: another aim may have made another figure count."""
    return (old.is_of_ratio, old.unit, old.more_is_better) == (new.is_of_ratio, new.unit, new.more_is_better)


def _say_change(change: Change) -> str:
    figures = f"{say_figure(change.old):>12} → {say_figure(change.new):<12}"
    words = f"{abs(change.by):.0%} {'better' if change.by >= 0 else 'worse'}, noise {change.noise:.0%}"
    aim = "" if change.new.is_met is not False else f"  misses {change.new.aim}"
    return f"  {figures} {words:28} {_name(change.new.what, change.new.beside)}{aim}"


def _name(what: str, beside: str) -> str:
    return f"{what} (beside {beside})" if beside else what
