"""The journal: every posting and transfer as entries of the books, one debit and one credit each, as a stream."""

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import count

from django.db import connection, transaction

from ledger.models import ChartAccount, JournalBatch
from ledger.selectors.trial_balance import DECIDED_BY, ENTRIES, POSTINGS, list_parameters

#: Rows fetched at a time.
CHUNK = 2000
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Dollars moved from one account to another on a day.

    ``source`` is POSTING, TRANSFER or, for the part of a loan's charge that is interest, INCOME. ``id`` is the
    posting's or the transfer's, so an INCOME entry bears the id of the POSTING entry before it. ``category`` is the
    posting's own, ``held_category`` that of the held credit it opened, used or paid out. ``description`` says what the
    balance is that a posting opened or moved.
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
    held_category: str
    kind: str
    reference_id: str
    description: str
    reason: str


@dataclass(frozen=True, slots=True)
class JournalSpan:
    """Rows by id: above the first and up to the second, of postings and of transfers."""

    after_posting_id: int
    last_posting_id: int
    after_transfer_id: int
    last_transfer_id: int


#: Every row there is.
WHOLE_JOURNAL = JournalSpan(0, 2**63 - 1, 0, 2**63 - 1)


def iter_journal(
    from_on: date | None = None,
    to_on: date | None = None,
    *,
    account: str | None = None,
    span: JournalSpan = WHOLE_JOURNAL,
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
                {"from_on": from_on, "to_on": to_on, "account": account, **asdict(span), **list_parameters()},
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
            AND p.id > %(after_posting_id)s AND p.id <= %(last_posting_id)s
    ), booked AS (
        SELECT line.*, CASE WHEN is_void THEN entry.credit ELSE entry.debit END AS debit,
            CASE WHEN is_void THEN entry.debit ELSE entry.credit END AS credit
        FROM line LEFT JOIN {ENTRIES} USING (kind, category, method)
    ), entries AS (
        SELECT effective_on, 1 AS place, 'POSTING' AS source, id, debit, credit, amount, driver_id, own_category,
            category AS held_category, own_kind, reference_id, description, reason
        FROM booked
        UNION ALL
        SELECT effective_on, 1, 'INCOME', id, CASE WHEN is_void THEN %(interest)s ELSE %(loans)s END,
            CASE WHEN is_void THEN %(loans)s ELSE %(interest)s END, income, driver_id, own_category, category,
            own_kind, reference_id, description, reason
        FROM booked WHERE income > 0
        UNION ALL
        SELECT t.effective_on, 2, 'TRANSFER', t.id, t.debit, t.credit, t.amount,
            coalesce(p.driver_id, payment.driver_id), coalesce(p.category, ''), '', t.kind, t.reference_id,
            coalesce(p.description, ''), t.reason
        FROM ledger_transfers t LEFT JOIN ledger_postings p ON p.id = t.posting_id
            LEFT JOIN ledger_payments payment ON payment.id = t.payment_id
        WHERE t.effective_on >= coalesce(%(from_on)s::date, '-infinity')
            AND t.effective_on <= coalesce(%(to_on)s::date, 'infinity')
            AND t.id > %(after_transfer_id)s AND t.id <= %(last_transfer_id)s
    )
    SELECT e.effective_on, e.source, e.id, e.debit, e.credit, e.amount, e.driver_id,
        coalesce(nullif(concat_ws(' ', d.first_name, d.last_name), ''), '') AS driver, e.own_category, e.held_category,
        e.own_kind, e.reference_id, e.description, e.reason
    FROM entries e LEFT JOIN leases_driver d ON d.id = e.driver_id
    WHERE %(account)s::text IS NULL OR %(account)s::text IN (e.debit, e.credit)
    ORDER BY e.effective_on, e.place, e.id, e.source DESC
"""


@dataclass(frozen=True, slots=True)
class JournalSums:
    """How many entries a span has, their dollars, and their first and last day (None where empty)."""

    entries: int
    total: Decimal
    from_on: date | None
    to_on: date | None


def sum_journal(span: JournalSpan) -> JournalSums:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(amount), 0.00), min(effective_on), max(effective_on) FROM ({_ROWS}) AS row",
            asdict(span),
        )
        return JournalSums(*cursor.fetchone())


_ROWS = """
    SELECT side.amount, p.effective_on
    FROM ledger_postings p CROSS JOIN LATERAL (VALUES (p.amount), (p.income)) AS side (amount)
    WHERE p.id > %(after_posting_id)s AND p.id <= %(last_posting_id)s AND side.amount > 0
    UNION ALL
    SELECT amount, effective_on FROM ledger_transfers WHERE id > %(after_transfer_id)s AND id <= %(last_transfer_id)s
"""


def iter_batch(batch: JournalBatch) -> Iterator[JournalEntry]:
    """Yield a batch's entries, with the drivers' names as they were when it was taken."""
    names = dict(batch.drivers.values_list("driver_id", "name"))
    for entry in iter_journal(span=span_of(batch)):
        yield replace(entry, driver=names[entry.driver_id]) if entry.driver_id in names else entry


def span_of(batch: JournalBatch) -> JournalSpan:
    return JournalSpan(batch.after_posting_id, batch.last_posting_id, batch.after_transfer_id, batch.last_transfer_id)


def list_chart_rows() -> list[list[str]]:
    """Return the chart as a batch keeps it: code, name, type and outside code of each account."""
    return [
        list(row) for row in ChartAccount.objects.order_by("code").values_list("code", "name", "type", "outside_code")
    ]
