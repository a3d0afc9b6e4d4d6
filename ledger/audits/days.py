"""Closed books: nothing was put into them after they were closed, but through a day that was reopened for it."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find


@audit("ledger.closed_days", "What is dated in closed books was posted before they were closed, or while reopened.")
def find_postings_in_closed_days() -> Iterator[str]:
    yield from find(
        "{what} {id} ({reference_id}) is dated {effective_on}, in books that were closed before it was posted.",
        """
        SELECT p.* FROM (
            SELECT 'Posting' AS what, id, reference_id, effective_on, posted_at FROM ledger_postings
            UNION ALL SELECT 'Transfer', id, reference_id, effective_on, posted_at FROM ledger_transfers
        ) AS p
        WHERE EXISTS (
            SELECT FROM ledger_books_log c WHERE c.kind <> 'REOPENED' AND c.day >= p.effective_on AND c.at < p.posted_at
        ) AND NOT EXISTS (
            SELECT FROM ledger_books_log r
            WHERE r.kind = 'REOPENED' AND r.day = p.effective_on AND p.posted_at BETWEEN r.at AND r.until_at
        )
        ORDER BY p.what, p.id
        """,
    )
    yield from find(
        "The books are closed through {closed_through}, and the log says {logged}.",
        """
        SELECT coalesce(to_char(b.closed_through, 'Mon FMDD, YYYY'), 'no day') AS closed_through,
            coalesce(to_char(l.day, 'Mon FMDD, YYYY'), 'no day') AS logged
        FROM (SELECT max(closed_through) AS closed_through FROM ledger_books) AS b,
            (SELECT max(day) AS day FROM ledger_books_log WHERE kind <> 'REOPENED') AS l
        WHERE b.closed_through IS DISTINCT FROM l.day
        """,
    )


@audit("ledger.reopened_days", "No closed day stands open; while a superuser has one reopened, it is named here.")
def find_reopened_days() -> Iterator[str]:
    yield from find(
        "{day} is open again until {until_at} by {username} ({reason}); dated on it since: {postings} "
        "postings, {transfers} transfers.",
        """
        SELECT r.day, r.until_at, u.username, r.reason, (
                SELECT count(*) FROM ledger_postings p WHERE p.effective_on = r.day AND p.posted_at >= r.at
            ) AS postings, (
                SELECT count(*) FROM ledger_transfers t WHERE t.effective_on = r.day AND t.posted_at >= r.at
            ) AS transfers
        FROM ledger_books_log r JOIN auth_user u ON u.id = r.by_id
        WHERE r.kind = 'REOPENED' AND r.until_at > statement_timestamp() ORDER BY r.id
        """,
    )


@audit("ledger.void_days", "A void is dated on the day of what it voids, or later.")
def find_early_voids() -> Iterator[str]:
    yield from find(
        "Void {id} is dated {effective_on}, before posting {reverses_id} of {original_on}.",
        """
        SELECT v.id, v.effective_on, v.reverses_id, o.effective_on AS original_on
        FROM ledger_postings v JOIN ledger_postings o ON o.id = v.reverses_id
        WHERE v.effective_on < o.effective_on ORDER BY v.id
        """,
    )
