"""What a figure is the sum of: the lines that open under a row, each with the page of its record."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.reports.columns import Column, Row, day, text
from core.reports.links import to_page
from core.reports.rows import Rows, SqlRows
from core.sources import find_source

if TYPE_CHECKING:
    from core.reports import Asked

#: Stands between the keys of a row in an address, where they are ``of``; none of them has it.
ROW, BETWEEN = "of", "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What opens under a row of a report.

    ``keys`` names the values of a row that say which one it is, with what reads each from an address: a ``ValueError``
    refuses it; an empty one is None. ``figures`` are the columns that can be opened. ``read`` is told what the report
    is asked, the figure and the row's keys, and returns lines (``lines_of``). ``tell`` says what records are, by id,
    whose line has no words.
    """

    keys: Mapping[str, Callable[[str], Any]]
    figures: tuple[str, ...]
    read: "Callable[[Asked, str, Mapping[str, Any]], Rows]"
    tell: Callable[[Collection[int]], Mapping[int, str]] | None = None

    def name_row(self, row: Row) -> str:
        """Return the row's keys as an address says them: short, since a page has many."""
        return BETWEEN.join("" if row[key] is None else str(row[key]) for key in self.keys)

    def read_keys(self, typed: str) -> dict[str, Any]:
        """Return a row's keys, from an address.

        :raises ValueError: they can't be what they should be
        """
        values = typed.split(BETWEEN)
        if len(values) != len(self.keys) or not any(values) or "\0" in typed:
            raise ValueError("These are not the keys of a row.")
        return {key: self.keys[key](value) if value else None for key, value in zip(self.keys, values, strict=True)}

    def list_columns(self, figure: Column) -> tuple[Column, ...]:
        return (
            day("day", "Day"),
            text("words", "What", link=_find_record),
            Column("amount", figure.title, figure.kind),
            text("reference_id", "Reference"),
        )

    def say(self, rows: Collection[Row]) -> list[Row]:
        """Return lines with the words of those that have none yet; by one statement."""
        wanted = [row["id"] for row in rows if row["words"] is None]
        told = self.tell(wanted) if self.tell and wanted else {}
        return [{**row, "words": told.get(row["id"], "")} if row["words"] is None else row for row in rows]


def _find_record(row: Row) -> str:
    """Return the page of a line's record; where it has none of its own, that of what its reference stands for."""
    if row["page"]:
        return to_page(f"admin:{row['page']}_change", "id")(row)
    source = find_source(row["reference_id"])
    return source.url if source else ""


def lines_of(figure: str, sql: str, parameters: Mapping[str, Any]) -> SqlRows:
    """Return the lines of a figure, the oldest first, of a SELECT.

    It gives ``page`` (as the admin names it, ``ledger_ledgerposting``; NULL where the reference leads on), ``id``,
    ``day``, ``words`` (NULL where they are told by id), ``reference_id``, and under each figure's name what of it the
    line is.
    """
    shown = f'SELECT page, id, day, words, reference_id, "{figure}" AS amount FROM ({sql}) AS line'
    return SqlRows(f'{shown} WHERE "{figure}" <> 0', "day, page, id", parameters)


def read_number(typed: str) -> int:
    """Read a record's key.

    :raises ValueError: it is none
    """
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise ValueError(typed)
    return int(typed)


def read_day(typed: str) -> date:
    return date.fromisoformat(typed)
