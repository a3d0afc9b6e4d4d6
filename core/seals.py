"""Which tables are sealed, and how a row of theirs is written down to be sealed.

An app lists its tables in its ``seals`` module. A table that is only added to is sealed by an *encoding*: a version and
every column of the table, each with how it is written. A row is the text of a JSON array of these columns, the same
under whatever time zone or style of dates a session has, so that anybody can write it down again and take its digest.

A version is never changed: rows that were sealed under it are verified under it for good. A new column is a new version
of all columns; a sealed column is never dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.discovery import load_modules

#: How a column is written: a whole number, a text, true or false and a day (2026-03-07) as JSON has them; anything else
#: by one of these.
_FORMATS: Final = {
    "": "r.{}",
    # With its cents as they are stored: a JSON number would leave them to whoever reads it.
    "money": "r.{}::text",
    # In UTC, with microseconds: 2026-03-07T14:30:00.123456Z.
    "moment": """to_char(r.{} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    # An array of whole numbers or texts, with a blank after each comma.
    "list": "to_jsonb(r.{})",
    # A text, as PostgreSQL writes jsonb: names by length and then by letters, one blank after each comma and colon.
    "json": "r.{}::text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table that is only added to.

    ``encodings`` are its versions, each the names of all columns in order, a name by itself or as ``amount:money``; new
    rows are sealed under the highest. ``written_at`` is SQL over a row ``r``: when it was written. The rows are in the
    order of ``key``, whose numbers a sequence draws; or none, where each is one above the highest.
    """

    table: str
    encodings: Mapping[int, str]
    written_at: str
    key: str = "id"
    has_sequence: bool = True

    @property
    def version(self) -> int:
        return max(self.encodings)

    def list_columns(self, version: int) -> list[str]:
        return [column.partition(":")[0] for column in self.encodings[version].split()]

    def write_row(self, version: int) -> str:
        """Return the SQL of a row ``r`` as the text that is sealed."""
        columns = (column.partition(":") for column in self.encodings[version].split())
        return f"json_build_array({', '.join(_FORMATS[how].format(name) for name, _, how in columns)})::text"


_tables: dict[str, SealedTable] = {}


def register_table(table: SealedTable) -> None:
    """Have the rows of a table sealed.

    :raises ValueError: they are already
    """
    if table.table in _tables:
        raise ValueError(f"The rows of {table.table} are sealed already.")
    _tables[table.table] = table


def list_tables() -> dict[str, SealedTable]:
    """Return every sealed table of every installed app, by name."""
    load_modules("seals")
    return dict(sorted(_tables.items()))
