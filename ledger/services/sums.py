"""Keeping sums of the books: what was written since the last time is added to them, off everybody's way."""

import time
from collections.abc import Sequence

from django.db import connection

from core.transactions import bounded_transaction
from ledger.models import SumRun
from ledger.services.settling import has_settled, read_last_drawn

TABLES = ("ledger_postings", "ledger_transfers", "ledger_payments")
#: Ids of each table that one run takes, which is what one transaction reads; the first time there are years of them.
MOST_IDS = 500_000
#: How long it waits, for all tables together, for what is being written at this moment.
WAIT_SECONDS = 10.0


def keep_sums(*, anew: bool = False, wait_seconds: float = WAIT_SECONDS) -> int:
    """Add every posting, transfer and payment that is not in the kept sums yet, and return how many ids that were.

    ``anew`` begins with empty sums. What is being written for longer than ``wait_seconds`` is left to the next time,
    with all that came after it; so is everything when somebody else does this just now. It may run at any time, and
    again.
    """
    until = time.monotonic() + wait_seconds
    # In this order: the last ids, who may still commit one below them, what is there by then.
    drawn = [read_last_drawn(table) for table in TABLES]
    if not all(has_settled(table, until=until) for table in TABLES):
        return 0
    count = 0
    while added := _add_batch(drawn, anew=anew):
        count += added
        anew = False
    return count


@bounded_transaction
def _add_batch(drawn: Sequence[int], *, anew: bool) -> int:
    """Have the database add the next rows, up to ids that are settled; return how many ids, 0 where none is left."""
    with connection.cursor() as cursor:
        # The database has whoever makes a run wait for this one, too; here nobody waits.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('ledger_sum_runs', 0))")
        if not cursor.fetchone()[0]:
            return 0
    before = SumRun.objects.order_by("-number").first()
    after = (
        (before.last_posting_id, before.last_transfer_id, before.last_payment_id) if before and not anew else (0,) * 3
    )
    # Somebody else may have come further meanwhile.
    last = [max(start, min(end, start + MOST_IDS)) for start, end in zip(after, drawn, strict=True)]
    count = sum(last) - sum(after)
    if count or (anew and before):
        SumRun(
            number=before.number + 1 if before else 1,
            begins_anew=anew,
            after_posting_id=after[0],
            last_posting_id=last[0],
            after_transfer_id=after[1],
            last_transfer_id=last[1],
            after_payment_id=after[2],
            last_payment_id=last[2],
        ).save(force_insert=True)
    return count
