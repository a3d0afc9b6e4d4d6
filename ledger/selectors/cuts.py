"""What moved between two cuts of a driver's account, for the statement that seals it.

A movement counts under the lease and category of the *balance it moves*: what an application paid is told once on its
obligation and once on the held credit that funded it, and the two may belong to different leases. Every function takes
many drivers at once and runs one statement.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.categories import EntryType, Kind
from ledger.models import LedgerAccount
from ledger.selectors.effects import effects_sql

#: (driver, lease or None, DEBIT or CREDIT, category): what a line of a statement is about.
LineKey = tuple[int, int | None, str, str]


@dataclass(frozen=True, slots=True)
class AccountCut:
    """The postings of a driver after id ``previous_cut``, up to and including id ``sealed_through``."""

    driver_id: int
    previous_cut: int
    sealed_through: int


@dataclass(frozen=True, slots=True)
class RemainingSum:
    """What remains on the open balances of one line, how much of it was due, and what fell due since, in dollars."""

    driver_id: int
    lease_id: int | None
    entry_type: str
    category: str
    remaining: Decimal
    due: Decimal
    due_since: Decimal

    @property
    def key(self) -> LineKey:
        return self.driver_id, self.lease_id, self.entry_type, self.category


@dataclass(frozen=True, slots=True)
class ChangeSum:
    """By how much the balances of one line changed within a cut, in dollars."""

    driver_id: int
    sealed_through: int
    lease_id: int | None
    entry_type: str
    category: str
    change: Decimal

    @property
    def key(self) -> LineKey:
        return self.driver_id, self.lease_id, self.entry_type, self.category


@dataclass(frozen=True, slots=True)
class CutEntry:
    """One posting as one line of a statement sees it; ``change`` is what it did to that line, in dollars."""

    driver_id: int
    sealed_through: int
    lease_id: int | None
    posting_id: int
    kind: str
    #: The kind of the posting that it voids, or None.
    voids: str | None
    entry_type: str
    category: str
    reference_id: str
    change: Decimal
    due_on: date | None
    effective_on: date
    posted_at: datetime
    reason: str
    #: The other side of an allocation or application: what paid it, or what it paid.
    other_reference_id: str | None
    other_category: str | None
    other_lease_id: int | None
    #: What the line's balance is, and the other side, in the words they were opened with; blank where there were none.
    description: str
    other_description: str | None

    @property
    def event(self) -> str:
        """The kind of what happened or was undone."""
        return self.voids or self.kind

    @property
    def is_funding(self) -> bool:
        """Whether this is the held credit's side of an allocation or application."""
        return self.entry_type == EntryType.CREDIT and self.event in (Kind.ALLOCATION, Kind.APPLICATION)


# The rows `moved`: each posting of the given cuts once for the balance it moves or opens, and once more for the held
# credit that funds it. `line` is the posting that opened the balance in question: its lease, category and side are
# the line's.
MOVED = """
    WITH cut AS MATERIALIZED (
        SELECT * FROM unnest(%(drivers)s::bigint[], %(after)s::bigint[], %(through)s::bigint[])
            AS given (driver_id, previous_cut, sealed_through)
    ), posting AS (
        SELECT p.*, cut.previous_cut, cut.sealed_through, voided.kind AS voids, coalesce(voided.kind, p.kind) AS event
        FROM cut
            JOIN ledger_postings p
                ON p.driver_id = cut.driver_id AND p.id > cut.previous_cut AND p.id <= cut.sealed_through
            LEFT JOIN ledger_postings voided ON voided.id = p.reverses_id
    ), moved AS (
        SELECT posting.*, coalesce(balance_id, id) AS line_id, funding_id AS other_id FROM posting
        UNION ALL
        SELECT posting.*, funding_id, balance_id FROM posting WHERE funding_id IS NOT NULL
    )
"""


def list_account_cuts(driver_ids: Collection[int]) -> dict[int, int]:
    """Return each driver's ``sealed_through``, the last posting a DTR has sealed; who has no account is left out."""
    return dict(LedgerAccount.objects.filter(driver_id__among=driver_ids).values_list("driver_id", "sealed_through"))


def list_cut_drivers() -> list[int]:
    """Return the drivers of whom a DTR has sealed anything, in id order."""
    return list(
        LedgerAccount.objects.filter(sealed_through__gt=0).order_by("driver_id").values_list("driver_id", flat=True)
    )


def sum_remaining(*, driver_ids: Sequence[int], due_by: date, today: date) -> list[RemainingSum]:
    """Return what remains now on open balances, summed by driver, lease, side and category.

    ``due`` is the part whose due date is not after ``due_by``; held credits have none, so all of them is. ``due_since``
    is what falls due after that, up to ``today``.
    """
    sql = """
        SELECT driver_id, lease_id, entry_type, category, sum(remaining),
            coalesce(sum(remaining) FILTER (WHERE due_on IS NULL OR due_on <= %(due_by)s), 0.00),
            coalesce(sum(remaining) FILTER (WHERE due_on > %(due_by)s AND due_on <= %(today)s), 0.00)
        FROM ledger_balances WHERE driver_id = ANY(%(drivers)s) AND status = 'OPEN'
        GROUP BY 1, 2, 3, 4
        ORDER BY 1, 2 NULLS LAST, 3, 4
    """
    return [RemainingSum(*row) for row in fetch(sql, {"drivers": list(driver_ids), "due_by": due_by, "today": today})]


def sum_cut_changes(cuts: Sequence[AccountCut]) -> list[ChangeSum]:
    """Return by how much each line's balances changed within each cut: the same facts as the movements, another path.

    Built on the one reading of the postings that the ledger's own look into the past is built on; audits compare.
    """
    sql = f"""
        WITH cut AS MATERIALIZED (
            SELECT * FROM unnest(%(drivers)s::bigint[], %(after)s::bigint[], %(through)s::bigint[])
                AS given (driver_id, previous_cut, sealed_through)
        )
        SELECT line.driver_id, cut.sealed_through, line.lease_id, line.entry_type, line.category, sum(effect.change)
        FROM ({effects_sql("p.driver_id = ANY(%(drivers)s)")}) AS effect
            JOIN ledger_postings line ON line.id = effect.balance_id
            JOIN cut ON cut.driver_id = line.driver_id
                AND effect.posting_id > cut.previous_cut AND effect.posting_id <= cut.sealed_through
        GROUP BY 1, 2, 3, 4, 5
    """
    return [ChangeSum(*row) for row in fetch(sql, arrays_of(cuts))] if cuts else []


def list_cut_entries(cuts: Sequence[AccountCut]) -> list[CutEntry]:
    """Return every posting of each cut, in the order it was posted, once for each side of a statement that it moves."""
    sql = f"""
        {MOVED}
        SELECT moved.driver_id, moved.sealed_through, line.lease_id, moved.id, moved.kind, moved.voids, line.entry_type,
            line.category, line.reference_id,
            CASE WHEN moved.id = line.id OR (moved.kind = 'VOID' AND moved.reverses_id <> line.id)
                THEN moved.amount ELSE -moved.amount END,
            line.due_on, moved.effective_on, moved.posted_at, moved.reason,
            other.reference_id, other.category, other.lease_id, line.description, other.description
        FROM moved
            JOIN ledger_postings line ON line.id = moved.line_id
            LEFT JOIN ledger_postings other ON other.id = moved.other_id
        ORDER BY moved.id, line.entry_type DESC
    """
    return [CutEntry(*row) for row in fetch(sql, arrays_of(cuts))] if cuts else []


def arrays_of(cuts: Sequence[AccountCut]) -> dict[str, list[int]]:
    return {
        "drivers": [cut.driver_id for cut in cuts],
        "after": [cut.previous_cut for cut in cuts],
        "through": [cut.sealed_through for cut in cuts],
    }


def fetch(sql: str, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return iter(cursor.fetchall())
