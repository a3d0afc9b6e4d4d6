"""What is not as it was sealed, in sentences that name each row and each seal.

The seals are compared with their chain, and with the rows of their tables, by one statement a table and encoding, which
the database answers with the seals that differ: a ledger in order costs one reading of its rows, and no memory. Only of
those that differ the rows are looked at one by one.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.seals import SealedTable, list_tables
from ledger.models import HEAD_DIGITS, ROW_DIGEST_BYTES, Seal, SealCheck
from ledger.selectors.seals import (
    SEAL_DIGEST,
    find_unknown_heads,
    iter_unsealed_columns,
    list_newest_seals,
    read_row_digest,
)

#: In so many verifications each of the older seals is compared again.
TIMES_FOR_ALL = 30
#: Rows of one seal among which it is looked for which have changed their places.
MOST_SWAPPED = 300


@dataclass(frozen=True, slots=True)
class SealFinding:
    """What is wrong, and with which seal or its rows; 0 where it is with none."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Which seals are compared, from one to another; ``again_through`` is how far among the older ones that is."""

    ranges: list[tuple[int, int]]
    again_through: int


def list_parts(last: SealCheck | None, number: int, *, is_whole: bool, with_older: bool = True) -> Parts:
    """Return which seals of ``number`` are compared after the last verification: all; or the new ones, those in which
    something was found, the newest of each table, and, ``with_older``, the next of the others.

    What claims more than there is, so that nothing is sealed after it, is a table's newest one.
    """
    if is_whole or last is None:
        return Parts([(1, number)] if number else [], number)
    ranges = [(last.through_number + 1, number)] if number > last.through_number else []
    again_through = last.again_through
    if with_older and last.through_number:
        first = 1 if again_through >= last.through_number else again_through + 1
        again_through = min(first - 1 + -(-last.through_number // TIMES_FOR_ALL), last.through_number)
        ranges.append((first, again_through))
    for again in (*last.broken, *(newest.number for newest in list_newest_seals())):
        if not any(first <= again <= end for first, end in ranges):
            ranges.append((again, again))
    return Parts(sorted(ranges), again_through)


def iter_findings(parts: Parts, last: SealCheck | None, *, head: str = "") -> Iterator[SealFinding]:
    """Yield all that is wrong with these seals, with what the last verification knew, and with the tables themselves.

    ``head`` is one from outside that no seal has.
    """
    if head:
        said = "the rows and seals that it stood for were cut off, or made anew"
        yield SealFinding(0, f"No seal has the head {head}: {said}.")
    if last is not None and says_other_head(last):
        seen = (
            f"Seal {last.through_number}, with the head {last.head[:HEAD_DIGITS]}, was there when seals were verified"
        )
        yield SealFinding(0, f"{seen}, and is gone: rows and seals were cut off, or made anew.")
    for sentence in (*iter_unsealed_columns(), *iter_rows_below()):
        yield SealFinding(0, sentence)
    yield from iter_seals_ahead()
    for first, end in parts.ranges:
        yield from iter_broken_seals(first, end)
        yield from iter_changed_rows(first, end)


def says_other_head(last: SealCheck) -> bool:
    """Return whether the seals no longer have the head that a verification saw."""
    return bool(last.head and find_unknown_heads([last.head]))


def iter_seals_ahead() -> Iterator[SealFinding]:
    """Yield the newest seals that claim ids which were never drawn: what comes under those would never be sealed."""
    for seal in list_newest_seals():
        if seal.is_ahead:
            said = f"and {seal.table} has no id above {seal.last_drawn} yet: nothing new is sealed of it"
            yield SealFinding(seal.number, f"Seal {seal.number} is up to {seal.through_id}, {said}.")


def iter_broken_seals(first: int, last: int) -> Iterator[SealFinding]:
    """Yield what is wrong with the chain of these seals: changed, missing, or not after the one before."""
    sql = f"""
        SELECT s.number, s.table_name, s.after_id, s.through_id, {SEAL_DIGEST} = s.digest,
            coalesce((SELECT max(p.number) FROM ledger_seals p WHERE p.number < s.number), 0),
            s.previous IS NOT DISTINCT FROM coalesce(before.digest, ''),
            s.after_id = coalesce((SELECT p.through_id FROM ledger_seals p
                WHERE p.table_name = s.table_name AND p.number < s.number ORDER BY p.number DESC LIMIT 1), 0)
        FROM ledger_seals s LEFT JOIN ledger_seals before ON before.number = s.number - 1
        WHERE s.number BETWEEN %s AND %s
    """
    # As each of these is true of every seal, the database sends nothing of a chain in order.
    broken = "is_whole AND before = number - 1 AND follows AND joins"
    names = "number, table_name, after_id, through_id, is_whole, before, follows, joins"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({sql}) AS seen ({names}) WHERE NOT ({broken}) ORDER BY number LIMIT 10000", [first, last]
        )
        found = cursor.fetchall()
    for number, table, after_id, through_id, is_whole, before, follows, joins in found:
        if before != number - 1:
            yield SealFinding(number, f"{_name_seals(before + 1, number - 1)} missing.")
        elif not follows:
            yield SealFinding(number, f"Seal {number} does not follow from seal {before}: one of them is another.")
        if not is_whole:
            yield SealFinding(number, f"Seal {number} ({table} above {after_id} and up to {through_id}) was changed.")
        elif not joins and before == number - 1:
            yield SealFinding(number, f"Seal {number} does not begin where {table} was sealed before.")


def _name_seals(first: int, last: int) -> str:
    return f"Seal {first} is" if first == last else f"Seals {first} to {last} are"


def iter_changed_rows(first: int, last: int) -> Iterator[SealFinding]:
    """Yield what became of the rows of these seals: each one changed, removed, inserted, or in another's place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name, version FROM ledger_seals WHERE number BETWEEN %s AND %s ORDER BY 1, 2",
            [first, last],
        )
        sealed = cursor.fetchall()
    tables = list_tables()
    for name, version in sealed:
        table = tables.get(name)
        if table is None or version not in table.encodings:
            yield SealFinding(last, f"Nobody knows how rows of {name} were sealed by version {version}.")
            continue
        for number in _list_differing(table, version, first, last):
            yield from _compare_rows(table, Seal.objects.get(pk=number))


def _list_differing(table: SealedTable, version: int, first: int, last: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.number FROM ledger_seals s CROSS JOIN LATERAL (
                SELECT array_agg(one.key ORDER BY one.key) AS ids,
                    string_agg(one.digest, '' ORDER BY one.key) AS digests
                FROM (
                    SELECT r.{table.key} AS key, {read_row_digest(table, version)} AS digest
                    FROM {table.table} r WHERE r.{table.key} > s.after_id AND r.{table.key} <= s.through_id
                    ORDER BY r.{table.key}
                ) AS one
            ) AS now
            WHERE s.table_name = %s AND s.version = %s AND s.number BETWEEN %s AND %s
                AND (now.ids IS DISTINCT FROM s.ids OR now.digests IS DISTINCT FROM s.digests)
            ORDER BY s.number
            """,
            [table.table, version, first, last],
        )
        return [number for (number,) in cursor.fetchall()]


def _compare_rows(table: SealedTable, seal: Seal) -> Iterator[SealFinding]:
    kept = bytes(seal.digests)
    parts = (kept[start : start + ROW_DIGEST_BYTES] for start in range(0, len(kept), ROW_DIGEST_BYTES))
    sealed = dict(zip(seal.ids, parts, strict=False))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.{table.key}, {table.write_row(seal.version)} FROM {table.table} r "
            f"WHERE r.{table.key} > %s AND r.{table.key} <= %s ORDER BY r.{table.key}",
            [seal.after_id, seal.through_id],
        )
        rows: dict[int, str] = dict(cursor.fetchall())
    changed = [key for key, text in rows.items() if key in sealed and digest_row(text) != sealed[key]]
    places = _find_places(table, seal.version, {key: rows[key] for key in changed}, sealed)
    for key in sorted(rows.keys() | sealed.keys()):
        if key not in rows:
            said = "was removed after it was sealed"
        elif key not in sealed:
            said = "was inserted among rows that had been sealed"
        elif key in places:
            said = f"holds what was sealed as {places[key]}: they have changed places"
        elif key in changed:
            said = "was changed after it was sealed"
        else:
            continue
        yield SealFinding(seal.pk, f"{table.table} {key} {said} (seal {seal.pk}).")


def digest_row(text: str) -> bytes:
    """Return the digest of a row that was written down, as a seal keeps it."""
    return hashlib.sha256(text.encode()).digest()[:ROW_DIGEST_BYTES]


def _find_places(table: SealedTable, version: int, rows: dict[int, str], sealed: dict[int, bytes]) -> dict[int, int]:
    """Under which other id the content of each row was sealed, where it was; of these rows alone."""
    if len(rows) > MOST_SWAPPED:
        return {}
    place = table.list_columns(version).index(table.key)
    found = {}
    for key, text in rows.items():
        columns: list[Any] = json.loads(text)
        for other in rows:
            columns[place] = other
            if other != key and digest_row(json.dumps(columns, ensure_ascii=False)) == sealed[other]:
                found[key] = other
    return found


def iter_rows_below() -> Iterator[str]:
    """Yield the rows that stand below the first id that there is: nobody's sequence drew them, and no seal has them."""
    below = " UNION ALL ".join(
        f"SELECT '{table.table}', r.{table.key} FROM {table.table} r WHERE r.{table.key} < 1"
        for table in list_tables().values()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({below}) AS below LIMIT 1000")
        for name, key in cursor.fetchall():
            yield f"{name} {key} was inserted below all that is sealed."
