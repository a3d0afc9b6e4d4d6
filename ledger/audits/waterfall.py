"""Applications against the waterfall, each judged by the postings before it and the order then in force.

Only those without a reason were the waterfall's own. A reason marks an act of somebody's choice: a deposit applied, a
payment carried over with the obligation that was replaced, a returned item won back from what was left of it.
"""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.selectors.effects import effects_sql

#: The newest day on either balance of the application `a` before the run that made it, whose rows share a moment.
_NEWEST_BEFORE = """(
    SELECT max(p.effective_on) FROM ledger_postings p
    WHERE (p.id IN (a.balance_id, a.funding_id) OR p.balance_id IN (a.balance_id, a.funding_id)
            OR p.funding_id IN (a.balance_id, a.funding_id))
        AND p.id < a.id AND p.posted_at <> a.posted_at
)"""


@audit("ledger.waterfall", "No credit was applied to an obligation while one due and of higher priority was unpaid.")
def find_skipped_obligations() -> Iterator[str]:
    yield from find(
        "Application {id} paid {amount} on {reference_id} ({category}, due {due_on}) while {remaining} of {skipped} "
        "({skipped_category}, due {skipped_due_on}) was unpaid.",
        f"""
        {_STATES}
        SELECT a.id, a.amount, paid.reference_id, paid.category, paid.due_on, state.remaining,
            other.reference_id AS skipped, other.category AS skipped_category, other.due_on AS skipped_due_on
        FROM {_JUDGED}
        CROSS JOIN LATERAL (
            SELECT coalesce((
                SELECT o.categories FROM ledger_waterfall_orders o
                WHERE o.effective_on <= a.effective_on AND o.created_at <= a.posted_at
                ORDER BY o.effective_on DESC, o.id DESC LIMIT 1), %(default)s::varchar[]) AS categories
        ) AS in_force
        JOIN ledger_postings paid ON paid.id = a.balance_id
        JOIN ledger_postings used ON used.id = a.funding_id
        WHERE greatest(other.due_on, other.effective_on) <= a.effective_on
            -- A late run dates by what its balances show; then it is sure to have seen only what it paid, and before.
            AND (greatest(other.due_on, other.effective_on)
                    <= greatest(paid.due_on, paid.effective_on, used.effective_on)
                OR a.effective_on > {_NEWEST_BEFORE})
            -- Nor is it known which order it followed, where another came into force before the day it is dated on.
            AND (NOT EXISTS (
                    SELECT FROM ledger_waterfall_orders o
                    WHERE o.created_at <= a.posted_at AND o.effective_on <= a.effective_on
                        AND o.effective_on > greatest(paid.due_on, paid.effective_on, used.effective_on))
                OR a.effective_on > {_NEWEST_BEFORE})
            AND (array_position(in_force.categories, other.category), other.due_on, other.id)
                < (array_position(in_force.categories, paid.category), paid.due_on, paid.id)
        ORDER BY a.id, other.id
        """,
        {"side": "DEBIT", "default": [str(category) for category in OBLIGATION_CATEGORIES]},
    )


@audit("ledger.credits", "Credits were applied oldest first, and never a deposit or one not yet effective.")
def find_credits_used_out_of_order() -> Iterator[str]:
    yield from find(
        "Application {id} of {amount} used {reference_id} ({effective_on}) while {remaining} of {skipped} "
        "({skipped_effective_on}) was left.",
        f"""
        {_STATES}
        SELECT a.id, a.amount, used.reference_id, used.effective_on, state.remaining,
            other.reference_id AS skipped, other.effective_on AS skipped_effective_on
        FROM {_JUDGED}
        JOIN ledger_postings used ON used.id = a.funding_id
        WHERE other.kind <> 'DEPOSIT' AND (other.effective_on, other.id) < (used.effective_on, used.id)
        ORDER BY a.id, other.id
        """,
        {"side": "CREDIT"},
    )
    yield from find(
        "Application {id} of {amount}, effective {effective_on}, used {reference_id} ({category}, {used_from}), "
        "which the waterfall never uses.",
        """
        SELECT a.id, a.amount, a.effective_on, used.reference_id, used.category, used.effective_on AS used_from
        FROM ledger_postings a JOIN ledger_postings used ON used.id = a.funding_id
        WHERE a.kind = 'APPLICATION' AND a.reason = ''
            AND (used.kind = 'DEPOSIT' OR used.effective_on > a.effective_on)
        ORDER BY a.id
        """,
    )


@audit("ledger.late_days", "The waterfall dated no application before a day on which one of its balances had moved.")
def find_applications_dated_too_early() -> Iterator[str]:
    yield from find(
        "Application {id} of {amount} on {reference_id} is effective {effective_on}, and one of its balances had moved "
        "on {newest_on}.",
        f"""
        SELECT a.id, a.amount, a.reference_id, a.effective_on, newest.newest_on
        FROM ledger_postings a CROSS JOIN LATERAL (SELECT {_NEWEST_BEFORE} AS newest_on) AS newest
        WHERE a.kind = 'APPLICATION' AND a.reason = '' AND newest.newest_on > a.effective_on
        ORDER BY a.id
        """,
    )


#: What remained on each balance of one side from one posting that touched it until the next.
_STATES = f"""
    WITH state AS (
        SELECT balance_id, posting_id AS since,
            coalesce(lead(posting_id) OVER line, 9223372036854775807) AS until,
            sum(sum(change)) OVER line AS remaining
        FROM ({effects_sql()}) AS effect
        GROUP BY balance_id, posting_id
        WINDOW line AS (PARTITION BY balance_id ORDER BY posting_id)
    )
"""

#: Each application beside every balance of its driver that had something left when it was made. OFFSET 0 keeps the
#: lookup of applications a walk along the index (driver, id), one short stretch per state: as a plain join it could be
#: planned as all applications times all states of a driver.
_JUDGED = """
    state JOIN ledger_postings other ON other.id = state.balance_id AND other.entry_type = %(side)s
    CROSS JOIN LATERAL (
        SELECT p.id, p.amount, p.balance_id, p.funding_id, p.effective_on, p.posted_at FROM ledger_postings p
        WHERE p.driver_id = other.driver_id AND p.id > state.since AND p.id < state.until
            AND p.kind = 'APPLICATION' AND p.reason = '' AND state.remaining > 0
        OFFSET 0
    ) AS a
"""
