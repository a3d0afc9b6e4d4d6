"""The rows of a report: a page of them with the sums of all, or all of them as a stream."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django.db import connection, transaction

from core.reports.columns import Column, Kind, Row

#: Rows fetched at a time.
CHUNK = 2000
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Bar:
    """A sum that is told above the rows: the dollars of a column, ``words``, and of how many.

    Counted are the different values of ``by`` where the column is above zero: ``owed by 3 drivers``.
    """

    name: str
    words: str
    one: str
    by: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Some rows, and how many there are in all and what those come to, by column; the counts of the bar in order.

    ``blank`` are the columns with a sum of which no row at all has a figure.
    """

    rows: Sequence[Row]
    count: int
    sums: Mapping[str, Any]
    counts: Sequence[int] = ()
    blank: Collection[str] = ()


class Rows(Protocol):
    """``words`` are those of which each must stand somewhere in the searched columns of a row, in any order."""

    def read_page(
        self, columns: Sequence[Column], words: Sequence[str], *, start: int, limit: int, bar: Sequence[Bar] = ()
    ) -> RowsPage: ...

    def stream(self, columns: Sequence[Column], words: Sequence[str]) -> Iterator[Row]: ...


@dataclass(frozen=True, slots=True)
class SqlRows:
    """The rows of one SELECT without an order of its own, ``order`` being column names of it; dollars, days, words.

    A page with its sums is one statement, and sees one moment; the stream holds some thousands of rows at a time.
    ``keys`` is a cheaper SELECT of the same rows with their ``id``, the columns of the order and those that have a sum:
    where no words are looked for, only the rows of the page are read whole.
    """

    sql: str
    order: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keys: str = ""

    def read_page(
        self, columns: Sequence[Column], words: Sequence[str], *, start: int, limit: int, bar: Sequence[Bar] = ()
    ) -> RowsPage:
        summed = [column for column in columns if column.has_sum]
        sums = "".join(f', coalesce(sum("{column.name}"), 0) AS "_{column.name}"' for column in summed)
        sums += "".join(f', coalesce(bool_or("{it.name}" <> 0), false) AS "_has_{it.name}"' for it in summed)
        sums += "".join(
            f', count(DISTINCT "{one.by}") FILTER (WHERE "{one.name}" > 0) AS "_bar_{place}"'
            for place, one in enumerate(bar)
        )
        found, parameters = self._find(columns, words)
        page = f"SELECT * FROM found ORDER BY {self.order} LIMIT %(_limit)s OFFSET %(_start)s"
        if self.keys and not words:
            found, page = self.keys, f"SELECT * FROM ({found}) AS r WHERE id IN (SELECT id FROM ({page}) AS p)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH found AS MATERIALIZED ({found}), sums AS (SELECT count(*) AS _count{sums} FROM found)
                SELECT * FROM sums LEFT JOIN (SELECT true AS _here, p.* FROM ({page}) AS p) AS page ON true
                ORDER BY {self.order}
                """,
                {**parameters, "_limit": limit, "_start": start},
            )
            read = list(_name(cursor, cursor.fetchall()))
        first = read[0]
        totals = {
            column.name: first[f"_{column.name}"] if column.kind == Kind.MONEY else int(first[f"_{column.name}"])
            for column in summed
        }
        counts = [first[f"_bar_{place}"] for place in range(len(bar))]
        blank = {column.name for column in summed if not first[f"_has_{column.name}"]}
        return RowsPage([row for row in read if row["_here"]], first["_count"], totals, counts, blank)

    def stream(self, columns: Sequence[Column], words: Sequence[str]) -> Iterator[Row]:
        found, parameters = self._find(columns, words)
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            with connection.cursor() as settings:
                # All rows are wanted, not the first ones soon.
                settings.execute("SET LOCAL cursor_tuple_fraction = 1")
            cursor.execute(f"SELECT * FROM ({found}) AS found ORDER BY {self.order}", parameters)
            while rows := cursor.fetchmany(CHUNK):
                yield from _name(cursor, rows)

    def _find(self, columns: Sequence[Column], words: Sequence[str]) -> tuple[str, dict[str, Any]]:
        if not words:
            return f"SELECT * FROM ({self.sql}) AS r", dict(self.parameters)
        searched = ", ".join(f'r."{column.name}"' for column in columns if column.is_searched)
        named = {f"_word_{place}": word.lower() for place, word in enumerate(words)}
        found = " AND ".join(f"strpos(lower(concat_ws(' ', {searched})), %({name})s) > 0" for name in named)
        return f"SELECT * FROM ({self.sql}) AS r WHERE {found}", {**self.parameters, **named}


@dataclass(frozen=True, slots=True)
class ListedRows:
    """Rows that were worked out already, in their order."""

    rows: Sequence[Row]

    def read_page(
        self, columns: Sequence[Column], words: Sequence[str], *, start: int, limit: int, bar: Sequence[Bar] = ()
    ) -> RowsPage:
        found = list(self.stream(columns, words))
        counts = [len({row[one.by] for row in found if row[one.name] > 0}) for one in bar]
        sums = sum_rows(columns, found)
        blank = {name for name in sums if not any(row[name] for row in found)}
        return RowsPage(found[start : start + limit], len(found), sums, counts, blank)

    def stream(self, columns: Sequence[Column], words: Sequence[str]) -> Iterator[Row]:
        wanted = [word.lower() for word in words]
        for row in self.rows:
            told = " ".join(str(row[column.name] or "") for column in columns if column.is_searched).lower()
            if all(word in told for word in wanted):
                yield row


def sum_rows(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, Any]:
    return {
        column.name: sum((row[column.name] or 0 for row in rows), start=ZERO if column.kind == Kind.MONEY else 0)
        for column in columns
        if column.has_sum
    }


def _name(cursor: Any, rows: Sequence[Sequence[Any]]) -> Iterator[Row]:
    names = [column[0] for column in cursor.description]
    for row in rows:
        yield dict(zip(names, row, strict=True))
