"""What is sealed and what is not yet; and whether seals and rows are still as they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from core.seals import SealedTable, list_tables
from ledger.models import HEAD_DIGITS, ROW_DIGEST_BYTES, Seal, SealCheck

#: Rows that wait for their seal are counted up to so many of a table; who counts more learns nothing by it.
MOST_COUNTED = 100_000
#: What a seal's digest is of, from a row ``s`` of ledger_seals or of its columns: the text of a JSON array.
SEAL_TEXT = """
    jsonb_build_array(s.number, s.table_name, s.version, s.after_id, s.through_id, s.row_count, s.ids,
        encode(s.digests, 'hex'), s.previous, to_char(s.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    ::text
"""
SEAL_DIGEST = f"encode(sha256(convert_to({SEAL_TEXT}, 'UTF8')), 'hex')"


@dataclass(frozen=True, slots=True)
class Sealing:
    """How far sealing is. ``waiting`` counts rows without a seal, by table; the oldest has waited ``lag_seconds``."""

    number: int
    digest: str
    sealed_at: datetime | None
    waiting: dict[str, int]
    lag_seconds: int

    @property
    def head(self) -> str:
        return self.digest[:HEAD_DIGITS]

    @property
    def waiting_rows(self) -> int:
        return sum(self.waiting.values())


@dataclass(frozen=True, slots=True)
class NewestSeal:
    """A table's newest seal, and the last id that was drawn of the table; None where no sequence draws its keys, or
    this role may not look at it.
    """

    number: int
    table: str
    through_id: int
    last_drawn: int | None

    @property
    def is_ahead(self) -> bool:
        return self.last_drawn is not None and self.through_id > self.last_drawn


def read_row_digest(table: SealedTable, version: int) -> str:
    """Return the SQL of the digest of a row ``r`` as a seal keeps it."""
    return f"substr(sha256(convert_to({table.write_row(version)}, 'UTF8')), 1, {ROW_DIGEST_BYTES})"


def get_seal_head() -> str:
    """Return the digest of the last seal, in hex: the head of all; nothing before the first."""
    return Seal.objects.order_by("-number").values_list("digest", flat=True).first() or ""


def get_sealing() -> Sealing:
    """Return how far sealing is, and what waits for it; two statements."""
    last = Seal.objects.order_by("-number").values_list("number", "digest", "sealed_at").first()
    waiting, lag = {}, 0
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(_count_waiting(table) for table in list_tables().values()))
        for table, rows, seconds in cursor.fetchall():
            waiting[table] = rows
            lag = max(lag, int(seconds or 0))
    number, digest, sealed_at = last or (0, "", None)
    return Sealing(number, digest, sealed_at, waiting, lag)


def _count_waiting(table: SealedTable) -> str:
    above = f"""
        FROM {table.table} r WHERE r.{table.key} > coalesce((
            SELECT s.through_id FROM ledger_seals s WHERE s.table_name = '{table.table}' ORDER BY s.number DESC LIMIT 1
        ), 0)
    """
    return f"""
        SELECT '{table.table}', (SELECT count(*) FROM (SELECT {above} LIMIT {MOST_COUNTED}) AS waiting),
            (SELECT extract(epoch FROM clock_timestamp() - ({table.written_at})) {above} ORDER BY r.{table.key} LIMIT 1)
    """


def list_seals() -> QuerySet[Seal]:
    """Return the seals, newest first, without what they keep of each row."""
    return Seal.objects.defer("ids", "digests")


def list_seal_checks() -> QuerySet[SealCheck]:
    """Return the verifications of seals, newest first."""
    return SealCheck.objects.select_related("checked_by")


def find_last_seal_check() -> SealCheck | None:
    return list_seal_checks().first()


def find_seal_by_head(head: str) -> Seal | None:
    """Return the seal whose digest begins so."""
    return list_seals().filter(digest__startswith=head).first()


def list_newest_seals() -> list[NewestSeal]:
    """Return the newest seal of each table that has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.number, t.name, s.through_id, CASE WHEN has_sequence_privilege(t.drawn_by, 'SELECT')
                THEN coalesce(pg_sequence_last_value(t.drawn_by::regclass), 0) END
            FROM unnest(%s::text[], %s::text[]) AS of_key (name, key)
                CROSS JOIN LATERAL (SELECT name, pg_get_serial_sequence(name, key) AS drawn_by) AS t
                CROSS JOIN LATERAL (
                    SELECT number, through_id FROM ledger_seals WHERE table_name = t.name ORDER BY number DESC LIMIT 1
                ) AS s
            ORDER BY s.number
            """,
            [list(list_tables()), [table.key for table in list_tables().values()]],
        )
        return [NewestSeal(*row) for row in cursor.fetchall()]


def find_unknown_heads(heads: list[str]) -> list[str]:
    """Return those of the heads that are no seal's."""
    known = set(Seal.objects.filter(digest__in=heads).values_list("digest", flat=True))
    return [head for head in heads if head not in known]


def iter_unsealed_columns() -> Iterator[str]:
    """Yield a sentence for each column of a sealed table that its encoding leaves out, or names in vain."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT attrelid::regclass::text, array_agg(attname::text) FROM pg_attribute
            WHERE attrelid = ANY(%s::regclass[]) AND attnum > 0 AND NOT attisdropped GROUP BY 1
            """,
            [list(list_tables())],
        )
        there = dict(cursor.fetchall())
    for name, table in list_tables().items():
        sealed = set(table.list_columns(table.version))
        for column in sorted(sealed ^ set(there[name])):
            said = "is gone, and rows were sealed with it" if column in sealed else "is in no seal"
            yield f"The column {column} of {name} {said}."
