"""Sealing what was written, and comparing it with its seals later: both off everybody's way, by tasks and by hand."""

import re
import time
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum

from core.audits import snapshot
from core.seals import SealedTable, list_tables
from core.transactions import bounded_transaction
from ledger import errors
from ledger.models import HEAD_DIGITS, Seal, SealCheck
from ledger.selectors.seal_findings import Parts, iter_findings, list_parts, says_other_head
from ledger.selectors.seals import (
    SEAL_DIGEST,
    Sealing,
    find_last_seal_check,
    find_seal_by_head,
    get_sealing,
    read_row_digest,
)
from ledger.services.settling import has_settled, read_last_drawn

#: Rows of one seal, which is what one transaction of the sealer reads.
MOST_ROWS = 10_000
#: How long the sealer waits, for all tables together, for what is being written at this moment.
WAIT_SECONDS = 10.0
#: Sentences that a verification returns, and that are kept with it; it counts all of them.
MOST_TOLD, MOST_KEPT = 1_000, 100

_HEAD = re.compile(rf"[0-9a-f]{{{HEAD_DIGITS},64}}")


def seal_rows(*, wait_seconds: float = WAIT_SECONDS) -> int:
    """Seal every row that has no seal yet, in the order of its id, and return how many.

    A table to which somebody is writing for longer than ``wait_seconds`` is left to the next run, and so is what
    somebody else is sealing just now. It may run at any time, and again.
    """
    until = time.monotonic() + wait_seconds
    count = 0
    for table in list_tables().values():
        # In this order: the last id, who may still commit one below it, what is there by then.
        last_id = read_last_drawn(table.table) if table.has_sequence else _read_last_key(table)
        if table.has_sequence and not has_settled(table.table, until=until):
            continue
        while sealed := _seal_batch(table=table, last_id=last_id):
            count += sealed
    return count


def _read_last_key(table: SealedTable) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max({table.key}), 0) FROM {table.table}")
        return int(cursor.fetchone()[0])


@bounded_transaction
def _seal_batch(*, table: SealedTable, last_id: int) -> int:
    """Seal the next rows of a table, up to an id that is settled; return how many, 0 where there is none left."""
    with connection.cursor() as cursor:
        # The database has whoever seals wait for this one, too; here nobody waits.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('ledger_seals', 0))")
        if not cursor.fetchone()[0]:
            return 0
        before = Seal.objects.order_by("-number").values_list("number", "digest").first() or (0, "")
        of_table = Seal.objects.filter(table_name=table.table).order_by("-number")
        after_id = of_table.values_list("through_id", flat=True).first() or 0
        cursor.execute(
            f"SELECT count(*), max(key) FROM (SELECT {table.key} AS key FROM {table.table} "
            f"WHERE {table.key} > %s AND {table.key} <= %s ORDER BY 1 LIMIT {MOST_ROWS}) AS next",
            [after_id, last_id],
        )
        count, last_key = cursor.fetchone()
        if count:
            cursor.execute(
                _SEAL.format(row_digest=read_row_digest(table, table.version), table=table.table, key=table.key),
                {
                    "number": before[0] + 1,
                    "table": table.table,
                    "version": table.version,
                    "after": after_id,
                    "through": last_key if count == MOST_ROWS else last_id,
                    "previous": before[1],
                },
            )
    return int(count)


_COLUMNS = "number, table_name, version, after_id, through_id, row_count, ids, digests, previous, sealed_at"
#: The statement's clock is the same wherever it is read in it.
_SEAL = f"""
    INSERT INTO ledger_seals ({_COLUMNS}, digest)
    SELECT {_COLUMNS}, {SEAL_DIGEST}
    FROM (
        SELECT %(number)s::bigint AS number, %(table)s::text AS table_name, %(version)s::smallint AS version,
            %(after)s::bigint AS after_id, %(through)s::bigint AS through_id, count(*)::integer AS row_count,
            array_agg(one.key ORDER BY one.key) AS ids, string_agg(one.digest, '' ORDER BY one.key) AS digests,
            %(previous)s::text AS previous, statement_timestamp() AS sealed_at
        FROM (
            SELECT r.{{key}} AS key, {{row_digest}} AS digest
            FROM {{table}} r WHERE r.{{key}} > %(after)s AND r.{{key}} <= %(through)s
        ) AS one
    ) AS s
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared and found: the first sentences; ``known`` is the seal with the head that was asked for."""

    check: SealCheck
    findings: list[str]
    sealing: Sealing
    known: Seal | None


def verify_seals(*, is_whole: bool, head: str = "", actor: User | None = None) -> Verification:
    """Compare seals with their chain and with their rows, and keep what was found.

    All of them; or those since the last time, those with findings then, and in turn a part of the others.
    ``head`` is one from outside, as a paper has it: the first sixteen digits or more.

    :raises SealHeadInvalid: ``head`` is none
    """
    head = check_head(head)
    started = time.perf_counter()
    told: list[str] = []
    broken: set[int] = set()
    count = 0
    # One moment of the database: what is being written meanwhile is in no part of it.
    with snapshot():
        sealing = get_sealing()
        last = find_last_seal_check()
        parts = list_parts(last, sealing.number, is_whole=is_whole)
        known = find_seal_by_head(head) if head else None
        for finding in iter_findings(parts, last, head=head if known is None else ""):
            count += 1
            if finding.number:
                broken.add(finding.number)
            if len(told) < MOST_TOLD:
                told.append(finding.sentence)
        keeps_head = last is not None and says_other_head(last)
        seals, rows = _count_compared(parts)
    check = SealCheck(
        # A head that is gone is asked for again each time.
        through_number=last.through_number if last is not None and keeps_head else sealing.number,
        head=last.head if last is not None and keeps_head else sealing.digest,
        again_through=parts.again_through,
        is_whole=is_whole,
        seals=seals,
        rows=rows,
        findings=count,
        sample=told[:MOST_KEPT],
        broken=sorted(broken),
        seconds=round(time.perf_counter() - started, 3),
        checked_by=actor,
    )
    check.save(force_insert=True)
    return Verification(check, told, sealing, known)


def check_head(head: str) -> str:
    """Return a head as it is stored, however it was typed; nothing where none was given.

    :raises SealHeadInvalid: not sixteen to 64 hexadecimal digits
    """
    digits = "".join(head.split()).lower()
    if digits and not _HEAD.fullmatch(digits):
        raise errors.SealHeadInvalid(f"A head is at least {HEAD_DIGITS} digits, of 0 to 9 and a to f.")
    return digits


def _count_compared(parts: Parts) -> tuple[int, int]:
    seals = rows = 0
    for first, last in parts.ranges:
        of_part = Seal.objects.filter(number__range=(first, last))
        seals += of_part.count()
        rows += of_part.aggregate(rows=Sum("row_count"))["rows"] or 0
    return seals, rows
