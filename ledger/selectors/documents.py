"""What a cut did to each document, netted before it is summed: the columns of a statement, and what it undid.

A document is a reference: a charge with its corrections, a payment, a week's earnings. Whatever was done to it and
undone again within one cut is in no column, so that each heading of a statement is true; :func:`list_undone` tells it
apart. Every function takes many drivers at once and runs one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.categories import EntryType
from ledger.selectors.cuts import MOVED, AccountCut, LineKey, arrays_of, fetch

#: The columns of a movement, in the order of a statement's identity; each is there on one side or on both.
MOVEMENT_COLUMNS = (
    "from_before",
    "opened",
    "corrected",
    "receipts_voided",
    "paid",
    "applied",
    "from_deposit",
    "undone",
    "written_off",
    "write_offs_undone",
    "paid_out",
    "payouts_undone",
)


@dataclass(frozen=True, slots=True)
class MovementSum:
    """What moved on the documents of one line, in dollars; the columns that do not apply are zero.

    None is below zero but ``corrected``.
    """

    driver_id: int
    sealed_through: int
    lease_id: int | None
    entry_type: str
    category: str
    #: Opened at go-live: what another system had left.
    from_before: Decimal
    #: Charged (obligations) or received (held credits).
    opened: Decimal
    #: Signed: by how much charges of earlier cuts were raised or lowered, a voided one by all of it.
    corrected: Decimal
    #: Held credits of earlier cuts that were taken back.
    receipts_voided: Decimal
    #: What a payer named.
    paid: Decimal
    #: Paid by priority: from spendable credits (obligations), or for whatever it was used (held credits).
    applied: Decimal
    #: Obligations paid from a deposit.
    from_deposit: Decimal
    #: Payments of earlier cuts that were undone: owed again, or held again.
    undone: Decimal
    written_off: Decimal
    write_offs_undone: Decimal
    paid_out: Decimal
    payouts_undone: Decimal

    @property
    def key(self) -> LineKey:
        return self.driver_id, self.lease_id, self.entry_type, self.category


@dataclass(frozen=True, slots=True)
class Undone:
    """What was done to a document and undone within one cut; ``event`` is the kind of what was undone."""

    driver_id: int
    sealed_through: int
    lease_id: int | None
    entry_type: str
    category: str
    reference_id: str
    #: The newest posting that opened the document.
    opening_id: int
    event: str
    amount: Decimal
    reason: str

    @property
    def is_obligation(self) -> bool:
        return self.entry_type == EntryType.DEBIT


# One row for each document that a cut touched, and each kind of what happened to it: `done` less `undone` is the net.
#
# An application by a returned or won-back credit on its own recovery is no payment: what never was the driver's is
# taken from the credit, and so much less is charged. It counts as an OPENING of both, below zero.
_HAPPENED = f"""
    {MOVED}, known AS (
        SELECT moved.*, line.lease_id AS line_lease_id, line.entry_type AS side, line.category AS line_category,
            line.reference_id AS document, other.kind AS other_kind, other.lease_id AS other_lease_id,
            line.id = coalesce(moved.reverses_id, moved.id) AS is_opening,
            moved.event = 'APPLICATION' AND CASE line.entry_type WHEN 'DEBIT' THEN line.reference_id
                ELSE other.reference_id END IN ('WINBACK-' || credit.reference_id,
                    'RETURNED-' || regexp_replace(credit.reference_id, '^DEPOSIT-', 'PAY-')) AS is_own
        FROM moved
            JOIN ledger_postings line ON line.id = moved.line_id
            LEFT JOIN ledger_postings other ON other.id = moved.other_id
            CROSS JOIN LATERAL (
                SELECT CASE line.entry_type WHEN 'CREDIT' THEN line.reference_id ELSE other.reference_id END
            ) AS credit (reference_id)
    ), document AS (
        SELECT driver_id, sealed_through, line_lease_id AS lease_id, side AS entry_type, line_category AS category,
            document AS reference_id,
            CASE WHEN is_opening OR is_own THEN 'OPENING' WHEN event = 'APPLICATION' AND other_kind = 'DEPOSIT'
                THEN 'FROM_DEPOSIT' ELSE event END AS aspect,
            coalesce(sum(amount) FILTER (WHERE (kind = 'VOID') = is_own), 0.00) AS done,
            coalesce(sum(amount) FILTER (WHERE (kind = 'VOID') <> is_own), 0.00) AS undone,
            coalesce(sum(amount) FILTER (WHERE is_own AND kind = 'VOID'), 0.00) AS own_done,
            coalesce(sum(amount) FILTER (WHERE is_own AND kind <> 'VOID'), 0.00) AS own_undone,
            coalesce(sum(amount) FILTER (WHERE kind = 'VOID' AND reverses_id > previous_cut), 0.00) AS short_lived,
            bool_or(line_id <= previous_cut AND (is_own OR kind = 'VOID')) AS is_correction,
            bool_or(side = 'DEBIT' OR line_lease_id IS DISTINCT FROM other_lease_id) AS is_told,
            min(event) FILTER (WHERE NOT is_own) AS event, max(line_id) AS opening_id,
            string_agg(DISTINCT reason, '; ') FILTER (WHERE (kind = 'VOID') <> is_own AND reason <> '') AS reason
        FROM known GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
"""


def sum_cut_movements(cuts: Sequence[AccountCut]) -> list[MovementSum]:
    """Return what moved within each cut, netted by document, summed by driver, lease, side and category."""
    sql = f"""
        {_HAPPENED}, netted AS (
            SELECT *, done - undone AS net, reference_id LIKE 'OPEN-%%' AS is_old,
                aspect = 'OPENING' AND entry_type = 'DEBIT' AND is_correction AS is_corrected
            FROM document
        )
        SELECT driver_id, sealed_through, lease_id, entry_type, category,
            {_sum_of("net", "aspect = 'OPENING' AND NOT is_corrected AND net > 0 AND is_old")},
            {_sum_of("net", "aspect = 'OPENING' AND NOT is_corrected AND net > 0 AND NOT is_old")},
            {_sum_of("net", "is_corrected")},
            {_sum_of("-net", "aspect = 'OPENING' AND NOT is_corrected AND net < 0")},
            {_sum_of("net", "aspect = 'ALLOCATION' AND net > 0")},
            {_sum_of("net", "aspect = 'APPLICATION' AND net > 0")},
            {_sum_of("net", "aspect = 'FROM_DEPOSIT' AND net > 0")},
            {_sum_of("-net", "aspect IN ('ALLOCATION', 'APPLICATION', 'FROM_DEPOSIT') AND net < 0")},
            {_sum_of("net", "aspect = 'WRITE_OFF' AND net > 0")},
            {_sum_of("-net", "aspect = 'WRITE_OFF' AND net < 0")},
            {_sum_of("net", "aspect = 'PAYOUT' AND net > 0")},
            {_sum_of("-net", "aspect = 'PAYOUT' AND net < 0")}
        FROM netted GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3 NULLS LAST, 4, 5
    """
    return [MovementSum(*row) for row in fetch(sql, arrays_of(cuts))] if cuts else []


def list_undone(cuts: Sequence[AccountCut]) -> list[Undone]:
    """Return what was done and undone within each cut, by document; it is in no column.

    Money that moved is told on the obligation it had paid, and on the credit too where that is of another lease. A
    payment of an earlier cut that was undone and made again is told as well, unless the charge itself was corrected.
    """
    sql = f"""
        {_HAPPENED}
        SELECT driver_id, sealed_through, lease_id, entry_type, category, reference_id, opening_id, coalesce(event, ''),
            amount,
            coalesce(reason, '')
        FROM (
            SELECT *, CASE WHEN is_replaced THEN short_lived
                -- Of a recovery, what its own credit paid was never charged.
                WHEN entry_type = 'DEBIT' THEN least(done - own_done, undone - own_undone)
                ELSE least(done, undone) END AS amount
            FROM (
                SELECT *, bool_or(entry_type = 'DEBIT' AND aspect = 'OPENING' AND is_correction)
                    OVER (PARTITION BY driver_id, sealed_through, lease_id, entry_type, category, reference_id)
                    AS is_replaced
                FROM document
            ) AS known
            WHERE is_told OR aspect IN ('OPENING', 'PAYOUT')
        ) AS listed
        WHERE amount > 0
        ORDER BY driver_id, sealed_through, lease_id NULLS LAST, entry_type DESC, category, reference_id, event
    """
    return [Undone(*row) for row in fetch(sql, arrays_of(cuts))] if cuts else []


def _sum_of(amount: str, condition: str) -> str:
    return f"coalesce(sum({amount}) FILTER (WHERE {condition}), 0.00)"
