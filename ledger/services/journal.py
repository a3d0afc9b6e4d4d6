"""Taking a batch of the journal: what was posted since the last one, and nothing that may still be going on."""

import time

from django.contrib.auth.models import User
from django.db import connection

from core.transactions import bounded_transaction
from ledger import errors
from ledger.models import JournalBatch
from ledger.selectors.journal import list_chart_rows, span_of, sum_journal
from ledger.services.settling import has_settled, read_last_drawn

#: How long a batch waits for postings that are being made at this moment.
WAIT_SECONDS = 10.0


def take_journal_batch(*, actor: User | None) -> JournalBatch:
    """Take all entries of ended transactions that no batch took, whatever their day, under the next number.

    What is being posted at this moment is waited for, so that no entry is passed over; nobody is held up.

    :raises JournalEmpty: there is nothing new
    :raises LedgerBusy: a transaction that was posting did not end in time
    """
    last_posting_id = _settle("ledger_postings")
    last_transfer_id = _settle("ledger_transfers")
    return _write_batch(last_posting_id, last_transfer_id, actor)


def _settle(table: str) -> int:
    """Return an id up to which the table's rows are all there: the last one drawn, once its writers have ended."""
    until = time.monotonic() + WAIT_SECONDS
    drawn = read_last_drawn(table)
    if not has_settled(table, until=until):
        raise errors.LedgerBusy("Something is still being posted. Nothing was taken; try again.")
    return drawn


@bounded_transaction
def _write_batch(last_posting_id: int, last_transfer_id: int, actor: User | None) -> JournalBatch:
    with connection.cursor() as cursor:
        # Two who take one at the same moment: the second finds the first one's spans.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.journal'))")
    before = JournalBatch.objects.order_by("-number").first()
    batch = JournalBatch(
        number=before.number + 1 if before else 1,
        after_posting_id=before.last_posting_id if before else 0,
        last_posting_id=max(last_posting_id, before.last_posting_id if before else 0),
        after_transfer_id=before.last_transfer_id if before else 0,
        last_transfer_id=max(last_transfer_id, before.last_transfer_id if before else 0),
        chart=list_chart_rows(),
        taken_by=actor,
    )
    sums = sum_journal(span_of(batch))
    if sums.from_on is None or sums.to_on is None:
        raise errors.JournalEmpty("Nothing was posted since the last batch.")
    batch.entries, batch.total, batch.from_on, batch.to_on = sums.entries, sums.total, sums.from_on, sums.to_on
    batch.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_NAMES, {"batch": batch.pk, "after": batch.after_posting_id, "last": batch.last_posting_id})
    batch.refresh_from_db(fields=["taken_at"])
    return batch


_KEEP_NAMES = """
    INSERT INTO ledger_journal_batch_drivers (batch_id, driver_id, name)
    SELECT %(batch)s, d.id, concat_ws(' ', d.first_name, d.last_name) FROM leases_driver d
    WHERE d.id IN (SELECT driver_id FROM ledger_postings WHERE id > %(after)s AND id <= %(last)s
        UNION SELECT p.driver_id FROM ledger_transfers t JOIN ledger_journal_batches b ON b.number = %(batch)s
            LEFT JOIN ledger_postings o ON o.id = t.posting_id LEFT JOIN ledger_payments y ON y.id = t.payment_id
            CROSS JOIN LATERAL (SELECT coalesce(o.driver_id, y.driver_id) AS driver_id) AS p
        WHERE t.id > b.after_transfer_id AND t.id <= b.last_transfer_id)
"""
