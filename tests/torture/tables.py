"""Whether a single row of any table differs, exactly and in milliseconds.

A row that was written or changed since bears the number of a later transaction than every row before it, and a row
that was deleted is missing in the count. So two equal pairs (count, newest transaction) mean that not a byte differs.
"""

from django.db import connection

State = dict[str, tuple[int, int]]

_TABLES = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""

_statement: list[str] = []


def read_state() -> State:
    """Of each table its count of rows, and the newest transaction that wrote one of them."""
    with connection.cursor() as cursor:
        # Compiling it, or starting workers for it, takes longer than reading so small tables.
        cursor.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
        if not _statement:
            cursor.execute(_TABLES)
            _statement.append(
                " UNION ALL ".join(
                    f"SELECT '{name}', count(*), coalesce(max(xmin::text::bigint), 0) FROM \"{name}\""
                    for (name,) in cursor.fetchall()
                )
            )
        cursor.execute(_statement[0])
        return {name: (count, newest) for name, count, newest in cursor.fetchall()}


def list_changed(before: State, after: State) -> list[str]:
    return [name for name in after if before.get(name) != after[name]]
