"""How a report's rows stand on a page: its columns, what is left out where there are many, and their cells."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.reports import Column, Row, RowsPage, say_figure
from core.reports.behind import Behind
from core.words import lower_first

#: Columns for which a page has room whatever stands in them; of a wider report those without a figure are left out.
ALWAYS_ROOM = 12
#: Characters of a cell that are never broken.
LONGEST_WHOLE = 24
#: What stands between two that share a cell, and how many characters of them are kept on one line.
BETWEEN, NO_BREAK, SHORTEST_BROKEN = "\u00a0· ", "\u00a0", 12


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str = ""
    is_figure: bool = False
    #: The address shows what the figure is the sum of, under the row.
    opens: bool = False
    is_answer: bool = False
    is_aside: bool = False
    #: It holds several columns, and may be broken between them.
    is_shared: bool = False

    @property
    def classes(self) -> str:
        """Return the classes of its cell in the table."""
        told = {
            "num": self.is_figure,
            "is-answer": self.is_answer,
            "is-aside": self.is_aside,
            "is-shared": self.is_shared,
            "words": self.may_wrap and not self.is_shared,
        }
        return " ".join(name for name, holds in told.items() if holds)

    @property
    def may_wrap(self) -> bool:
        """Whether it is words that need more than a line; days, names and numbers stand on one."""
        return not self.is_figure and len(self.text) > LONGEST_WHOLE


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a page: one of the report's, with those that stand beside it in the same cells."""

    column: Column
    beside: tuple[Column, ...] = ()

    @property
    def head(self) -> Cell:
        told = self.column.short or self.column.title
        if self.beside:
            told = _share([told, *(lower_first(other.title) for other in self.beside)])
        return self._make_cell(told)

    def show(self, row: Row) -> Cell:
        told = self.column.show(row)
        if self.beside:
            told = _share([told, *(other.show(row) for other in self.beside)])
        return self._make_cell(told, self.column.find_link(row))

    def show_opening(self, row: Row, url: str) -> Cell:
        """Return a figure whose address opens what it is the sum of."""
        return replace(self._make_cell(self.column.show(row), url), opens=True)

    def show_sum(self, sums: Mapping[str, Any]) -> Cell:
        return self._make_cell(say_figure(sums[self.column.name]) if self.column.has_sum else "")

    def _make_cell(self, told: str, url: str = "") -> Cell:
        its = self.column
        return Cell(
            told, url, its.is_figure, is_answer=its.is_answer, is_aside=its.is_aside, is_shared=bool(self.beside)
        )


def _share(told: Iterable[str]) -> str:
    """Return what stands in one cell: on one line, or broken where the next part begins."""
    shared = BETWEEN.join(part.replace(" ", NO_BREAK) for part in told if part)
    return shared if len(shared) > SHORTEST_BROKEN else shared.replace(" ", NO_BREAK)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a page in their order, and the titles of those that are left out of it."""

    columns: Sequence[ShownColumn]
    left_out: Sequence[str] = ()

    @property
    def heads(self) -> list[Cell]:
        return [shown.head for shown in self.columns]

    @property
    def asides(self) -> list[str]:
        return [shown.column.title for shown in self.columns if shown.column.is_aside]

    def show_totals(self, found: RowsPage) -> list[Cell]:
        """Return the row of sums, or nothing where no column has one."""
        return [shown.show_sum(found.sums) for shown in self.columns] if found.sums else []

    def show_row(self, row: Row, behind: Behind | None, query: str) -> list[Cell]:
        """Return a row's cells; ``query`` asks for what is behind a figure of it."""
        if behind is None:
            return [shown.show(row) for shown in self.columns]
        return [
            # Relative to the report's own address, since a page has many of them.
            shown.show_opening(row, f"rows/{shown.column.name}/?{query}")
            if shown.column.name in behind.figures and row[shown.column.name]
            else shown.show(row)
            for shown in self.columns
        ]


def lay_out(columns: Sequence[Column], blank: Collection[str] = ()) -> Layout:
    """Return the columns of a page, on which those that are ``blank`` need not stand.

    What a row comes to is always there, with a dash: that nothing is due to anybody is an answer too.
    """
    is_wide = len(columns) > ALWAYS_ROOM
    left_out = [column for column in columns if is_wide and column.name in blank and not column.is_answer]
    shown: list[ShownColumn] = []
    for column in columns:
        if column in left_out:
            continue
        if column.beside:
            last = shown.pop()
            shown.append(ShownColumn(last.column, (*last.beside, column)))
        else:
            shown.append(ShownColumn(column))
    return Layout(shown, [column.title for column in left_out])
