"""Postings against the records that the modules made them of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

#: More findings than this has one cause, not a thousand.
MAX_FINDINGS = 1000


def find_wrong_sources(
    prefixes: Sequence[str], records: str, parameters: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Yield a sentence for whatever opened a balance under a module's references and is not what its records say.

    ``records`` is a SELECT of what may stand there: ``reference_id``; ``shapes``, an array of kinds with categories
    (``OBLIGATION LEASE``); ``driver_id`` and ``lease_id``; ``effective_on`` and ``due_on``, null where the record does
    not decide it; ``is_gone``, whether the record is there no more: what it posted is voided then. Driver, lease and
    days are those of what is not voided, since a record may have been another driver's before.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS.format(records=records), {**(parameters or {}), "prefixes": list(prefixes)})
        for posting_id, reference_id, amount, fault in cursor.fetchall():
            yield f"Posting {posting_id} ({reference_id} of {amount}) {fault}."


def _say(column: str) -> str:
    """A day as people read it: ``Nov 15, 2026``."""
    return f"to_char({column}, 'Mon FMDD, YYYY')"


_FAULTS = f"""
    SELECT id, reference_id, amount, fault FROM (
        SELECT p.id, p.reference_id, p.amount, CASE
            WHEN r.reference_id IS NULL THEN 'has no record that it was made of'
            WHEN p.kind || ' ' || p.category <> ALL (r.shapes)
                THEN 'is ' || p.kind || ' ' || p.category || ', which its record never is'
            WHEN v.id IS NOT NULL THEN NULL
            WHEN r.is_gone THEN 'stands, and its record does not'
            WHEN p.driver_id <> r.driver_id
                THEN 'is of driver ' || p.driver_id || ', its record of driver ' || r.driver_id
            WHEN p.lease_id IS DISTINCT FROM r.lease_id
                THEN 'is of ' || coalesce('lease ' || p.lease_id, 'no lease') || ', its record of '
                    || coalesce('lease ' || r.lease_id, 'no lease')
            WHEN p.effective_on <> r.effective_on
                THEN 'is effective on ' || {_say("p.effective_on")} || ', its record on ' || {_say("r.effective_on")}
            WHEN p.due_on <> r.due_on
                THEN 'is due on ' || {_say("p.due_on")} || ', its record on ' || {_say("r.due_on")}
            END AS fault
        FROM ledger_postings p
            LEFT JOIN ({{records}}) AS r ON r.reference_id = p.reference_id
            LEFT JOIN ledger_postings v ON v.reverses_id = p.id
        WHERE p.balance_id IS NULL AND split_part(p.reference_id, '-', 1) = ANY (%(prefixes)s)
    ) AS judged WHERE fault IS NOT NULL ORDER BY id LIMIT {MAX_FINDINGS}
"""
