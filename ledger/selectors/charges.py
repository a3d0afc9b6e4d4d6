"""What drivers were charged: in a cut, with what was left of each charge at its end; and in all between two days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from core.weeks import Week, week_of, weeks_between
from ledger.categories import EntryType, Kind
from ledger.models import LedgerPosting
from ledger.money import ZERO
from ledger.selectors.cuts import AccountCut, arrays_of, fetch


@dataclass(frozen=True, slots=True)
class ChargeAtCut:
    """A charge that was made in the cut, or had something left at its end; dollars."""

    driver_id: int
    sealed_through: int
    lease_id: int | None
    posting_id: int
    category: str
    reference_id: str
    due_on: date
    effective_on: date
    amount: Decimal
    left: Decimal
    is_new: bool


def list_charges_at_cuts(cuts: Sequence[AccountCut]) -> list[ChargeAtCut]:
    """Return the charges of each cut that stand at its end, by category and due day; in one statement.

    What is left is what remains now, less what was posted after the cut: so the cost does not grow with the history.
    """
    sql = """
        WITH cut AS MATERIALIZED (
            SELECT * FROM unnest(%(drivers)s::bigint[], %(after)s::bigint[], %(through)s::bigint[])
                AS given (driver_id, previous_cut, sealed_through)
        ), later AS (
            SELECT cut.driver_id, cut.sealed_through, p.balance_id,
                sum(CASE WHEN p.kind = 'VOID' AND p.reverses_id <> p.balance_id THEN p.amount ELSE -p.amount END)
                    AS change, bool_or(p.reverses_id = p.balance_id) AS is_voided
            FROM cut JOIN ledger_postings p ON p.driver_id = cut.driver_id AND p.id > cut.sealed_through
            WHERE p.balance_id IS NOT NULL
            GROUP BY 1, 2, 3
        ), known AS (
            SELECT cut.*, b.posting_id FROM cut JOIN ledger_balances b ON b.driver_id = cut.driver_id
                AND b.status = 'OPEN' AND b.posting_id <= cut.sealed_through
            UNION
            SELECT cut.*, p.id FROM cut JOIN ledger_postings p ON p.driver_id = cut.driver_id
                AND p.id > cut.previous_cut AND p.id <= cut.sealed_through AND p.kind = 'OBLIGATION'
            UNION
            SELECT cut.*, later.balance_id FROM cut JOIN later ON later.driver_id = cut.driver_id
                AND later.sealed_through = cut.sealed_through AND later.balance_id <= cut.sealed_through
        ), charge AS (
            SELECT known.driver_id, known.sealed_through, b.lease_id, b.posting_id, b.category, b.reference_id,
                b.due_on, b.effective_on, b.original_amount, b.remaining - coalesce(later.change, 0.00) AS left_over,
                b.posting_id > known.previous_cut AS is_new,
                b.status = 'VOIDED' AND later.is_voided IS NOT TRUE AS was_voided
            FROM known JOIN ledger_balances b ON b.posting_id = known.posting_id AND b.entry_type = 'DEBIT'
                LEFT JOIN later ON later.driver_id = known.driver_id AND later.sealed_through = known.sealed_through
                    AND later.balance_id = known.posting_id
        )
        SELECT driver_id, sealed_through, lease_id, posting_id, category, reference_id, due_on, effective_on,
            original_amount, left_over, is_new
        FROM charge WHERE NOT was_voided AND (is_new OR left_over > 0)
        ORDER BY driver_id, sealed_through, due_on, posting_id
    """
    return [ChargeAtCut(*row) for row in fetch(sql, arrays_of(cuts))] if cuts else []


def sum_charged(*, prefix: str, from_on: date, to_on: date) -> Decimal:
    """Return the dollars charged under references that begin so, by what takes effect between two days, both included.

    Less what credit memos under them gave back; a void counts on its own day.
    """
    openings = (Kind.OBLIGATION, Kind.CREDIT_MEMO)
    postings = LedgerPosting.objects.filter(
        Q(kind__in=openings) | Q(kind=Kind.VOID, reverses__kind__in=openings),
        reference_id__startswith=prefix,
        effective_on__range=(from_on, to_on),
    )
    sums = postings.aggregate(
        charged=Sum("amount", filter=Q(entry_type=EntryType.DEBIT)),
        given_back=Sum("amount", filter=Q(entry_type=EntryType.CREDIT)),
    )
    return Decimal((sums["charged"] or ZERO) - (sums["given_back"] or ZERO))


_CHARGED = """
    SELECT day, sum(amount) FROM (
        SELECT from_on AS day, CASE WHEN is_void THEN -amount ELSE amount END AS amount
        FROM ledger_posting_sums
        WHERE span = 'DAY' AND kind = 'OBLIGATION' AND from_on BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT p.effective_on, CASE p.kind WHEN 'VOID' THEN -p.amount ELSE p.amount END
        FROM ledger_postings p LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        WHERE p.id > coalesce((SELECT last_posting_id FROM ledger_sum_runs ORDER BY number DESC LIMIT 1), 0)
            AND coalesce(o.kind, p.kind) = 'OBLIGATION' AND p.effective_on BETWEEN %(first)s AND %(last)s
    ) AS charged GROUP BY day
"""


def sum_charged_by_week(first: Week, last: Week) -> dict[Week, Decimal]:
    """Return what drivers were charged in each of these weeks, in dollars, by the day on which it takes effect.

    A charge that was voided is taken off on the day of its void. Read from the kept sums and what came after them.
    """
    charged = dict.fromkeys(weeks_between(first.start, last.end), ZERO)
    for day, amount in fetch(_CHARGED, {"first": first.start, "last": last.end}):
        charged[week_of(day)] += amount
    return charged


def read_first_amounts(references: Collection[str]) -> dict[str, Decimal]:
    """Return the dollars that each reference was first charged with, before any correction."""
    charges = LedgerPosting.objects.filter(kind=Kind.OBLIGATION, reference_id__in=references)
    first = charges.order_by("reference_id", "pk").distinct("reference_id")
    return dict(first.values_list("reference_id", "amount"))
