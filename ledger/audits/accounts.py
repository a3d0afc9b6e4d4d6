"""Accounts, their cuts, and the order in which postings came."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find


@audit("ledger.accounts", "Every driver with postings has an account, cut at one of their own postings or not at all.")
def find_wrong_accounts() -> Iterator[str]:
    yield from find(
        "Driver {driver_id} has postings and no account.",
        """
        SELECT DISTINCT p.driver_id FROM ledger_postings p
            LEFT JOIN ledger_accounts a ON a.driver_id = p.driver_id
        WHERE a.driver_id IS NULL ORDER BY 1
        """,
    )
    yield from find(
        "The account of driver {driver_id} is cut at {sealed_through}, which is no posting of theirs.",
        """
        SELECT a.driver_id, a.sealed_through FROM ledger_accounts a
            LEFT JOIN ledger_postings p ON p.id = a.sealed_through AND p.driver_id = a.driver_id
        WHERE a.sealed_through <> 0 AND p.id IS NULL ORDER BY 1
        """,
    )


@audit("ledger.clock", "A driver's postings bear ever later moments in the order of their ids, and none of the future.")
def find_postings_out_of_order() -> Iterator[str]:
    yield from find(
        "Posting {id} of driver {driver_id} bears {posted_at}, and {before} came before it at {posted_before}.",
        """
        SELECT * FROM (
            SELECT id, driver_id, posted_at, lag(id) OVER w AS before, lag(posted_at) OVER w AS posted_before
            FROM ledger_postings WINDOW w AS (PARTITION BY driver_id ORDER BY id)
        ) AS line WHERE posted_at < posted_before ORDER BY id
        """,
    )
    yield from find(
        "Posting {id} of driver {driver_id} bears {posted_at}, which is yet to come.",
        "SELECT id, driver_id, posted_at FROM ledger_postings WHERE posted_at > clock_timestamp() ORDER BY id",
    )
