"""The kept sums of the books: what is in them, so that only what was written since is read."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class KeptSums:
    """Sums of days, of all postings and transfers up to these ids; ``rows`` by what decides the accounts, as JSON.

    A row at or below these ids can neither come nor change any more, so what is read later is added to them as it is.
    """

    last_posting_id: int
    last_transfer_id: int
    postings: str
    transfers: str


#: Where no sums are kept yet, or nobody asks for them.
NOTHING_KEPT = KeptSums(0, 0, "[]", "[]")


def read_kept_sums(from_on: date | None, to_on: date | None) -> KeptSums:
    """Return what is kept of the days between the dates, both included; by one statement, so of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, _split(from_on, to_on))
        row = cursor.fetchone()
    return NOTHING_KEPT if row is None else KeptSums(row[0], row[1], *(_as_text(part) for part in row[2:]))


def count_payments() -> tuple[int, int]:
    """Return how many payments there are, and the highest number of a receipt: the same where none is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payments, last_payment_id FROM ledger_sum_runs ORDER BY number DESC LIMIT 1")
        kept, last_id = cursor.fetchone() or (0, 0)
        # As with the sums, what is kept does not change between the two; and an id that is told is looked for.
        highest = "SELECT coalesce(max(number), 0) FROM ledger_payments"
        cursor.execute(f"SELECT count(*), ({highest}) FROM ledger_payments WHERE id > %s", [last_id])
        since, last_number = cursor.fetchone()
    return kept + since, last_number


def _as_text(part: Any) -> str:
    return part if isinstance(part, str) else json.dumps(part)


def _split(from_on: date | None, to_on: date | None) -> dict[str, str]:
    """Return the whole months among the days, ``month`` up to before ``month_end``, and the days before and after."""
    first = "-infinity" if from_on is None else from_on.isoformat()
    # The day after the last of all days is no day of Python's.
    end = "infinity" if to_on is None or to_on == date.max else (to_on + timedelta(days=1)).isoformat()
    month = "-infinity" if from_on is None else _round_up(from_on)
    month_end = "infinity" if end == "infinity" else f"{end[:8]}01"
    if from_on is not None and month_end != "infinity" and month >= month_end:
        month = month_end = first
    return {"first": first, "month": month, "month_end": month_end, "end": end}


def _round_up(day: date) -> str:
    """Return the first day of a month, from this day on."""
    if day.day == 1:
        return day.isoformat()
    if (day.year, day.month) == (date.max.year, date.max.month):
        return "infinity"
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1).isoformat()


_SPANS = """
    (span = 'MONTH' AND from_on >= %(month)s::date AND from_on < %(month_end)s::date
        OR span = 'DAY' AND from_on >= %(first)s::date AND from_on < %(month)s::date
        OR span = 'DAY' AND from_on >= %(month_end)s::date AND from_on < %(end)s::date)
"""
_KEPT = f"""
    SELECT run.last_posting_id, run.last_transfer_id, (
        SELECT coalesce(json_agg(kept), '[]') FROM (
            SELECT kind, category, method, is_void, sum(amount)::text AS amount, sum(income)::text AS income
            FROM ledger_posting_sums WHERE {_SPANS} GROUP BY kind, category, method, is_void
        ) AS kept
    ), (
        SELECT coalesce(json_agg(kept), '[]') FROM (
            SELECT debit, credit, sum(amount)::text AS amount FROM ledger_transfer_sums WHERE {_SPANS}
            GROUP BY debit, credit
        ) AS kept
    )
    FROM (SELECT * FROM ledger_sum_runs ORDER BY number DESC LIMIT 1) AS run
"""
