"""Balances against a rebuild from the postings."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from core.audits import audit
from core.words import say_full_day
from ledger.audits.queries import find, find_rows
from ledger.selectors.effects import effects_sql

_COLUMNS = (
    "posting_id, entry_type, category, reference_id, driver_id, lease_id, vehicle_id, due_on, effective_on, "
    "original_amount, remaining, status"
)


@audit("ledger.projection", "Every balance equals a rebuild from its postings; none is missing and none is extra.")
def find_wrong_balances() -> Iterator[str]:
    for row in find_rows(
        f"""
        WITH left_open AS (
            SELECT balance_id, sum(change) AS remaining FROM ({effects_sql()}) AS effect GROUP BY balance_id
        ), rebuilt AS (
            SELECT o.id AS posting_id, o.entry_type, o.category, o.reference_id, o.driver_id, o.lease_id, o.vehicle_id,
                o.due_on, o.effective_on, o.amount AS original_amount, left_open.remaining,
                CASE WHEN EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = o.id) THEN 'VOIDED'
                    WHEN left_open.remaining = 0 THEN 'SETTLED' ELSE 'OPEN' END::varchar AS status
            FROM ledger_postings o JOIN left_open ON left_open.balance_id = o.id
            WHERE o.balance_id IS NULL
        ), kept AS (SELECT {_COLUMNS} FROM ledger_balances)
        SELECT coalesce(rebuilt.posting_id, kept.posting_id) AS posting_id,
            to_jsonb(rebuilt) AS rebuilt, to_jsonb(kept) AS kept
        FROM rebuilt FULL JOIN kept ON kept.posting_id = rebuilt.posting_id
        WHERE rebuilt IS DISTINCT FROM kept
        ORDER BY 1
        """
    ):
        yield _describe(row["posting_id"], _read(row["rebuilt"]), _read(row["kept"]))


@audit("ledger.history", "After each single posting every balance lay between zero and what it was opened with.")
def find_balances_once_out_of_range() -> Iterator[str]:
    yield from find(
        "Posting {posting_id} left {remaining} on balance {balance_id}, which was opened with {opened}.",
        f"""
        SELECT state.posting_id, state.balance_id, state.remaining, o.amount AS opened
        FROM (
            SELECT posting_id, balance_id,
                sum(sum(change)) OVER (PARTITION BY balance_id ORDER BY posting_id) AS remaining
            FROM ({effects_sql()}) AS effect GROUP BY posting_id, balance_id
        ) AS state JOIN ledger_postings o ON o.id = state.balance_id
        WHERE remaining < 0 OR remaining > o.amount
        ORDER BY 1, 2
        """,
    )


def _read(value: Any) -> dict[str, Any] | None:
    # Django hands raw jsonb over as text.
    loaded = json.loads(value, parse_float=Decimal) if isinstance(value, str) else value
    return loaded if loaded is None else dict(loaded)


def _describe(posting_id: int, rebuilt: dict[str, Any] | None, kept: dict[str, Any] | None) -> str:
    if kept is None:
        return f"Posting {posting_id} opened a balance, and there is none."
    if rebuilt is None:
        return f"Balance {posting_id} ({kept['reference_id']}, {kept['remaining']}) was opened by no posting."
    wrong = [
        f"{column} is {_say(column, kept[column])} and should be {_say(column, value)}"
        for column, value in rebuilt.items()
        if kept[column] != value
    ]
    return f"Balance {posting_id} ({rebuilt['reference_id']}): {'; '.join(wrong)}."


def _say(column: str, value: Any) -> Any:
    return say_full_day(date.fromisoformat(value)) if value and column.endswith("_on") else value
