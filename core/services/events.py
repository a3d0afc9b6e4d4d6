"""Facts are numbered after their transactions are over, so that a reader who goes by numbers never misses one.

A row's id is drawn before its transaction commits, so a lower one may show up after a higher one was read. Here only
what is visible is numbered, by one session at a time: so numbers become visible in their order. What shows up late gets
a later number. Facts of one driver keep their order: an act holds the driver's account, or the row that it changes,
until it commits, and of what is numbered together the earlier moment comes first.

Rows are looked through from a mark on, below which none can show up any more: a row's id is drawn by a transaction that
holds the table's ROW EXCLUSIVE lock till it ends. So an id that was seen is settled, with all below it, once the
transactions that held that lock then are over. Nobody waits for that: a later run looks again.
"""

import hashlib

from django.db import connection, transaction

from core.events import Source, list_sources
from core.models import EventMark

_LOCK = int.from_bytes(hashlib.sha256(b"core.events").digest()[:8], "big", signed=True)
_WRITERS = """
    SELECT relation::regclass::text, array_agg(DISTINCT virtualtransaction)
      FROM pg_locks
     WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation = ANY(%s::regclass[])
     GROUP BY relation
"""


def number_events() -> int | None:
    """Number every fact that is visible and has no number yet; return how many, or None where somebody is at it.

    It may run at any time, and again.
    """
    with transaction.atomic():
        if not _try_lock():
            return None
        sources = list_sources()
        marks = {mark.source: mark for mark in EventMark.objects.all()}
        marks |= {s.table: EventMark(source=s.table) for s in sources if s.table not in marks}
        # In this order: the ids seen, who may still commit one below them, what is visible by then.
        seen = _read_last_ids(sources)
        writers = _list_writers(sources)
        count = _number(sources, marks)
        changed = [mark for mark in marks.values() if _move(mark, seen.get(mark.source), writers)]
        EventMark.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["source"],
            update_fields=["through", "pending", "writers"],
        )
    return count


def _try_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _read_last_ids(sources: list[Source]) -> dict[str, int]:
    lasts = " UNION ALL ".join(f"SELECT '{s.table}', coalesce(max(id), 0) FROM {s.table}" for s in sources)
    with connection.cursor() as cursor:
        cursor.execute(lasts)
        return dict(cursor.fetchall())


def _list_writers(sources: list[Source]) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [[source.table for source in sources]])
        return dict(cursor.fetchall())


def _number(sources: list[Source], marks: dict[str, EventMark]) -> int:
    found = " UNION ALL ".join(
        f"SELECT ({s.kind}) AS kind, ({s.driver_id}) AS driver_id, '{s.table}' AS source, r.id AS source_id, "
        f"({s.at}) AS at, {place} AS place FROM {s.table} r WHERE r.id > %s AND NOT EXISTS "
        f"(SELECT FROM core_events e WHERE e.source = '{s.table}' AND e.source_id = r.id)"
        for place, s in enumerate(sources)
    )
    sql = (
        "INSERT INTO core_events (kind, driver_id, source, source_id, at) "
        f"SELECT kind, driver_id, source, source_id, at FROM ({found}) AS found "
        "WHERE kind IS NOT NULL ORDER BY at, place, source_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [marks[source.table].through for source in sources])
        return int(cursor.rowcount)


def _move(mark: EventMark, last: int | None, writers: dict[str, list[str]]) -> bool:
    """Move a mark as far as is settled; return whether it did move."""
    if last is None or last <= mark.through:
        return False
    now = writers.get(mark.source, [])
    if not now:
        mark.through, mark.pending, mark.writers = last, None, []
        return True
    if mark.pending is not None and set(mark.writers) & set(now):
        return False
    mark.through = mark.through if mark.pending is None else mark.pending
    mark.pending, mark.writers = last, now
    return True
