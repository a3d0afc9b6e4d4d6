"""How an audit asks: one SELECT, and a sentence for each row that it returns."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from core.words import say_facts

#: Enough to see what is wrong; a ledger with more findings than this has one cause, not a thousand.
MAX_ROWS = 1000


def find_rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the first rows of a SELECT by column name."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS finding LIMIT {MAX_ROWS}", parameters)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def find(sentence: str, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield ``sentence``, filled with the columns of each row, its days in words."""
    for row in find_rows(sql, parameters):
        yield sentence.format(**say_facts(row))
