"""Keeping sums of the books: what was written since the last time is added to them, off everybody's way."""

import time

from django.db import connection

from core.transactions import bounded_transaction
from ledger.models import SumRun
from ledger.services.settling import has_settled, read_last_drawn

#: Ids of each table that one run takes, which is what one transaction reads; the first time there are years of them.
MOST_IDS = 500_000
#: How long it waits, for both tables together, for what is being written at this moment.
WAIT_SECONDS = 10.0


def keep_sums(*, anew: bool = False, wait_seconds: float = WAIT_SECONDS) -> int:
    """Add every posting and transfer that is not in the kept sums yet, and return how many ids that were.

    ``anew`` begins with empty sums. What is being written for longer than ``wait_seconds`` is left to the next time,
    with all that came after it; so is everything when somebody else does this just now. It may run at any time, and
    again.
    """
    until = time.monotonic() + wait_seconds
    # In this order: the last ids, who may still commit one below them, what is there by then.
    postings, transfers = read_last_drawn("ledger_postings"), read_last_drawn("ledger_transfers")
    if not (has_settled("ledger_postings", until=until) and has_settled("ledger_transfers", until=until)):
        return 0
    count = 0
    while added := _add_batch(postings, transfers, anew=anew):
        count += added
        anew = False
    return count


@bounded_transaction
def _add_batch(last_posting_id: int, last_transfer_id: int, *, anew: bool) -> int:
    """Have the database add the next rows, up to ids that are settled; return how many ids, 0 where none is left."""
    with connection.cursor() as cursor:
        # The database has whoever makes a run wait for this one, too; here nobody waits.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('ledger_sum_runs', 0))")
        if not cursor.fetchone()[0]:
            return 0
    before = SumRun.objects.order_by("-number").first()
    after_posting_id = before.last_posting_id if before and not anew else 0
    after_transfer_id = before.last_transfer_id if before and not anew else 0
    run = SumRun(
        number=before.number + 1 if before else 1,
        begins_anew=anew,
        after_posting_id=after_posting_id,
        # Somebody else may have come further meanwhile.
        last_posting_id=max(after_posting_id, min(last_posting_id, after_posting_id + MOST_IDS)),
        after_transfer_id=after_transfer_id,
        last_transfer_id=max(after_transfer_id, min(last_transfer_id, after_transfer_id + MOST_IDS)),
    )
    count = run.last_posting_id - run.after_posting_id + run.last_transfer_id - run.after_transfer_id
    if count or (anew and before):
        run.save(force_insert=True)
    return count
