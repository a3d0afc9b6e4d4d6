"""When a row says that it was: a column with its day, and one with its time of day."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from tickets.importers.rows import BadCellError, Cells, LookAt
from tickets.importers.values import Clock, Moment, moment_of, read_clock, read_date


class When(NamedTuple):
    """The row's moment. ``doubt`` says, for a person, where the row contradicts itself; else it is blank."""

    day: date
    moment: Moment
    doubt: str = ""

    @property
    def look_at(self) -> str:
        return LookAt.CONTRADICTS if self.doubt else ""

    def place(self, told: str) -> str:
        """Where it was, as a ticket keeps it; a doubt stands before it."""
        return (f"{self.doubt} {told}".strip() if self.doubt else told)[:120]


def read_when(
    cells: Cells,
    *,
    day: tuple[str, ...],
    clock: tuple[str, ...],
    latest_on: date,
    convert: Callable[[str], Clock] = read_clock,
) -> When:
    """Read a row's moment: all of its day where no time is told.

    A time cell that bears a day of its own must bear the row's: another one is told, and the row's day is kept.
    """
    try:
        on = read_date(cells.text(*day), latest_on=latest_on)
    except ValueError as bad:
        raise BadCellError(cells.name_of(*day), str(bad)) from None
    shown = cells.text(*clock)
    if not shown:
        return When(on, moment_of(on, None))
    try:
        told = convert(shown)
    except ValueError as bad:
        raise BadCellError(cells.name_of(*clock), str(bad)) from None
    doubt = ""
    if told.on is not None and told.on != on:
        doubt = f"{cells.name_of(*clock)} bears {told.on:%m/%d/%Y}, {cells.name_of(*day)} {on:%m/%d/%Y}."
    return When(on, moment_of(on, told.shows), doubt)
