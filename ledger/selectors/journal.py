"""The journal: every posting and transfer as entries of the books, one debit and one credit each, as a stream."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from django.db import connection, transaction

from ledger.selectors.trial_balance import DECIDED_BY, ENTRIES, POSTINGS, list_parameters

#: Rows fetched at a time.
CHUNK = 2000
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Dollars moved from one account to another on a day.

    ``source`` is POSTING, TRANSFER or, for the part of a loan's charge that is interest, INCOME. ``id`` is the
    posting's or the transfer's, so an INCOME entry bears the id of the POSTING entry before it. ``description`` says
    what the balance is that a posting opened or moved.
    """

    effective_on: date
    source: str
    id: int
    debit: str
    credit: str
    amount: Decimal
    driver_id: int | None
    driver: str
    category: str
    kind: str
    reference_id: str
    description: str
    reason: str


def iter_journal(
    from_on: date | None = None, to_on: date | None = None, *, account: str | None = None
) -> Generator[JournalEntry]:
    """Yield the entries effective between the dates, both included, by day, postings before transfers, each by id.

    With ``account``, only those that debit or credit the account of that code. The rows come from one snapshot and are
    fetched some thousands at a time, however many there are.
    """
    # Of its own, since a transaction may read two at once.
    name = f"journal_{next(_NUMBERS)}"
    with transaction.atomic():
        # A cursor of the server's own, in the transaction: nothing is read ahead into memory.
        with connection.cursor() as opener:
            opener.execute(
                f"DECLARE {name} NO SCROLL CURSOR FOR {JOURNAL}",
                {"from_on": from_on, "to_on": to_on, "account": account, **list_parameters()},
            )
        with connection.cursor() as cursor:
            while True:
                cursor.execute(f"FETCH {CHUNK} FROM {name}")
                rows = cursor.fetchall()
                if not rows:
                    break
                for row in rows:
                    yield JournalEntry(*row)
            cursor.execute(f"CLOSE {name}")


JOURNAL = f"""
    WITH line AS (
        SELECT p.effective_on, p.id, p.amount, p.income, p.driver_id, p.category AS own_category, p.kind AS own_kind,
            p.reference_id, coalesce(b.description, p.description) AS description, p.reason, {DECIDED_BY}
        FROM {POSTINGS} LEFT JOIN ledger_postings b ON b.id = p.balance_id
        WHERE p.effective_on >= coalesce(%(from_on)s::date, '-infinity')
            AND p.effective_on <= coalesce(%(to_on)s::date, 'infinity')
    ), booked AS (
        SELECT line.*, CASE WHEN is_void THEN entry.credit ELSE entry.debit END AS debit,
            CASE WHEN is_void THEN entry.debit ELSE entry.credit END AS credit
        FROM line LEFT JOIN {ENTRIES} USING (kind, category, method)
    ), entries AS (
        SELECT effective_on, 1 AS place, 'POSTING' AS source, id, debit, credit, amount, driver_id, own_category,
            own_kind, reference_id, description, reason
        FROM booked
        UNION ALL
        SELECT effective_on, 1, 'INCOME', id, CASE WHEN is_void THEN %(interest)s ELSE %(loans)s END,
            CASE WHEN is_void THEN %(loans)s ELSE %(interest)s END, income, driver_id, own_category, own_kind,
            reference_id, description, reason
        FROM booked WHERE income > 0
        UNION ALL
        SELECT t.effective_on, 2, 'TRANSFER', t.id, t.debit, t.credit, t.amount,
            coalesce(p.driver_id, payment.driver_id), coalesce(p.category, ''), t.kind, t.reference_id,
            coalesce(p.description, ''), t.reason
        FROM ledger_transfers t LEFT JOIN ledger_postings p ON p.id = t.posting_id
            LEFT JOIN ledger_payments payment ON payment.id = t.payment_id
        WHERE t.effective_on >= coalesce(%(from_on)s::date, '-infinity')
            AND t.effective_on <= coalesce(%(to_on)s::date, 'infinity')
    )
    SELECT e.effective_on, e.source, e.id, e.debit, e.credit, e.amount, e.driver_id,
        coalesce(nullif(concat_ws(' ', d.first_name, d.last_name), ''), ''), e.own_category, e.own_kind,
        e.reference_id, e.description, e.reason
    FROM entries e LEFT JOIN leases_driver d ON d.id = e.driver_id
    WHERE %(account)s::text IS NULL OR %(account)s::text IN (e.debit, e.credit)
    ORDER BY e.effective_on, e.place, e.id, e.source DESC
"""
