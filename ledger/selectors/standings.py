"""What stood at a cut and did not at the one before: a second way to the columns of a statement, for the audits.

A posting stands from when it was posted until it is voided. Nothing is netted here: what came and went within one cut
never stood at any.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.categories import EntryType, Kind
from ledger.money import ZERO
from ledger.selectors.cuts import AccountCut, LineKey, arrays_of, fetch
from ledger.selectors.documents import MOVEMENT_COLUMNS
from ledger.selectors.effects import effects_sql

#: A line of a cut, by the cut's end.
CutLineKey = tuple[LineKey, int]

# For each cut, document and kind of posting: the sum of what came to stand and of what stopped standing. Each movement
# is told on its obligation, and as a use on its credit.
_CHANGES = """
    WITH cut AS MATERIALIZED (
        SELECT * FROM unnest(%(drivers)s::bigint[], %(after)s::bigint[], %(through)s::bigint[])
            AS given (driver_id, previous_cut, sealed_through)
    ), life AS (
        SELECT p.id, p.driver_id, p.kind, p.amount, coalesce(p.balance_id, p.id) AS balance_id, p.funding_id,
            void.id AS ended
        FROM ledger_postings p LEFT JOIN ledger_postings void ON void.reverses_id = p.id
        WHERE p.driver_id = ANY(%(drivers)s) AND p.kind <> 'VOID'
    ), change AS (
        SELECT life.*, cut.previous_cut, cut.sealed_through, life.amount AS change
        FROM life JOIN cut ON cut.driver_id = life.driver_id
            AND life.id > cut.previous_cut AND life.id <= cut.sealed_through
        WHERE life.ended IS NULL OR life.ended > cut.sealed_through
        UNION ALL
        SELECT life.*, cut.previous_cut, cut.sealed_through, -life.amount
        FROM life JOIN cut ON cut.driver_id = life.driver_id
            AND life.ended > cut.previous_cut AND life.ended <= cut.sealed_through
        WHERE life.id <= cut.previous_cut
    ), sided AS (
        SELECT change.*, balance_id AS line_id, funding_id AS other_id FROM change
        UNION ALL
        SELECT change.*, funding_id, balance_id FROM change WHERE funding_id IS NOT NULL
    )
    SELECT sided.driver_id, sided.sealed_through, line.lease_id, line.entry_type, line.category, line.reference_id,
        sided.kind, other.kind, other.reference_id, sum(sided.change),
        bool_or(line.id <= sided.previous_cut AND (sided.change < 0 OR sided.kind = 'APPLICATION'))
    FROM sided JOIN ledger_postings line ON line.id = sided.line_id
        LEFT JOIN ledger_postings other ON other.id = sided.other_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def sum_standing_changes(cuts: Sequence[AccountCut]) -> dict[CutLineKey, dict[str, Decimal]]:
    """Return the columns of each line that has any, by what stands at the end of each cut and did not before it."""
    if not cuts:
        return {}
    lines: dict[CutLineKey, dict[str, Decimal]] = {}
    for (key, _), nets in _net_documents(fetch(_CHANGES, arrays_of(cuts))).items():
        columns = lines.setdefault(key, dict.fromkeys(MOVEMENT_COLUMNS, ZERO))
        for column, amount in nets:
            columns[column] += amount
    return lines


def _net_documents(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[CutLineKey, str], list[tuple[str, Decimal]]]:
    nets: dict[tuple[CutLineKey, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    corrected: set[tuple[CutLineKey, str]] = set()
    for driver_id, through, lease_id, side, category, reference, kind, other_kind, other, change, touches_old in rows:
        document = (((driver_id, lease_id, side, category), through), reference)
        is_opening = kind not in _MOVEMENTS
        charge, credit = (reference, other) if side == EntryType.DEBIT else (other, reference)
        is_own = kind == Kind.APPLICATION and _is_own(charge, credit)
        if is_opening or is_own:
            nets[document]["OPENING"] += -change if is_own else change
            if side == EntryType.DEBIT and touches_old:
                corrected.add(document)
        elif kind == Kind.APPLICATION and other_kind == Kind.DEPOSIT:
            nets[document]["FROM_DEPOSIT"] += change
        else:
            nets[document][kind] += change
    return {
        document: [_place(document[1], aspect, net, document in corrected) for aspect, net in aspects.items()]
        for document, aspects in nets.items()
    }


_MOVEMENTS = (Kind.ALLOCATION, Kind.APPLICATION, Kind.PAYOUT, Kind.WRITE_OFF)
_COLUMNS = {
    "ALLOCATION": ("paid", "undone"),
    "APPLICATION": ("applied", "undone"),
    "FROM_DEPOSIT": ("from_deposit", "undone"),
    "WRITE_OFF": ("written_off", "write_offs_undone"),
    "PAYOUT": ("paid_out", "payouts_undone"),
}


def _place(reference: str, aspect: str, net: Decimal, is_corrected: bool) -> tuple[str, Decimal]:
    """The column of a document's net, and what it is there."""
    if aspect != "OPENING":
        done, undone = _COLUMNS[aspect]
        return (done, net) if net > 0 else (undone, -net)
    if is_corrected:
        return "corrected", net
    if net < 0:
        return "receipts_voided", -net
    return ("from_before" if reference.startswith("OPEN-") else "opened"), net


def _is_own(charge: str, credit: str) -> bool:
    """Whether the charge recovers the very credit that pays it."""
    if charge.startswith("WINBACK-"):
        return charge == f"WINBACK-{credit}"
    paper, _, number = credit.partition("-")
    return paper in ("PAY", "DEPOSIT") and charge == f"RETURNED-PAY-{number}"


@dataclass(frozen=True, slots=True)
class OwedAtCut:
    """What the obligations of a driver on a lease (or none) had left at a cut, by when they fell due, in dollars."""

    driver_id: int
    lease_id: int | None
    sealed_through: int
    due_by: date
    due: Decimal
    due_since: Decimal
    later: Decimal


def sum_owed_at_cuts(cuts: Sequence[tuple[int, int, date, date]]) -> list[OwedAtCut]:
    """Return what was owed at each cut, given as driver, last posting, Saturday and day of the seal; from postings."""
    if not cuts:
        return []
    drivers, through, due_by, sealed_on = zip(*cuts, strict=True)
    sql = f"""
        WITH cut AS MATERIALIZED (
            SELECT *
            FROM unnest(%(drivers)s::bigint[], %(through)s::bigint[], %(due_by)s::date[], %(sealed_on)s::date[])
                AS given (driver_id, sealed_through, due_by, sealed_on)
        ), state AS (
            SELECT balance_id, posting_id AS since, coalesce(lead(posting_id) OVER line, 9223372036854775807) AS until,
                sum(sum(change)) OVER line AS remaining
            FROM ({effects_sql("p.driver_id = ANY(%(drivers)s)")}) AS effect
            GROUP BY balance_id, posting_id
            WINDOW line AS (PARTITION BY balance_id ORDER BY posting_id)
        )
        SELECT owed.driver_id, owed.lease_id, cut.sealed_through, cut.due_by,
            coalesce(sum(remaining) FILTER (WHERE due_on <= cut.due_by), 0.00),
            coalesce(sum(remaining) FILTER (WHERE due_on > cut.due_by AND due_on <= cut.sealed_on), 0.00),
            coalesce(sum(remaining) FILTER (WHERE due_on > greatest(cut.due_by, cut.sealed_on)), 0.00)
        FROM state JOIN ledger_postings owed ON owed.id = state.balance_id AND owed.entry_type = 'DEBIT'
            JOIN cut ON cut.driver_id = owed.driver_id
                AND cut.sealed_through >= state.since AND cut.sealed_through < state.until
        WHERE state.remaining > 0
        GROUP BY 1, 2, 3, 4
    """
    given = {
        "drivers": list(drivers), "through": list(through), "due_by": list(due_by), "sealed_on": list(sealed_on)
    }  # fmt: skip
    return [OwedAtCut(*row) for row in fetch(sql, given)]
