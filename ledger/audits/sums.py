"""The kept sums against what they are the sums of."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import find
from ledger.selectors.trial_balance import DECIDED_BY, POSTINGS

_UP_TO = "(SELECT coalesce(max({0}), 0) FROM (SELECT * FROM ledger_sum_runs ORDER BY number DESC LIMIT 1) AS run)"
_SPANS = "(VALUES ('DAY', day), ('MONTH', date_trunc('month', day)::date)) AS side (span, from_on)"


@audit("ledger.sums", "The kept sums of each day and month are those of the postings and transfers that are in them.")
def find_wrong_sums() -> Iterator[str]:
    """Add up all that is in them once, by day, and compare days and months with that."""
    again = "Have them made anew: manage.py keep_sums --anew"
    yield from find(
        "The sums kept of the {span} from {from_on} have {kept} for {what}, and its postings come "
        f"to {{come}}. {again}.",
        f"""
        WITH days AS (
            SELECT p.effective_on AS day, {DECIDED_BY}, sum(p.amount) AS amount, sum(p.income) AS income
            FROM {POSTINGS} WHERE p.id <= {_UP_TO.format("last_posting_id")}
            GROUP BY 1, 2, 3, 4, 5
        ), are AS (
            SELECT span::varchar, from_on, kind, category, method, is_void, sum(amount) AS amount, sum(income) AS income
            FROM days CROSS JOIN LATERAL {_SPANS} GROUP BY 1, 2, 3, 4, 5, 6
        )
        SELECT lower(span) AS span, from_on,
            concat_ws(' ', kind, category, nullif(method, ''), CASE WHEN is_void THEN 'voided' END) AS what,
            coalesce(kept.amount || coalesce(' with interest of ' || nullif(kept.income, 0), ''), 'nothing') AS kept,
            coalesce(are.amount || coalesce(' with interest of ' || nullif(are.income, 0), ''), 'nothing') AS come
        FROM ledger_posting_sums AS kept FULL JOIN are USING (span, from_on, kind, category, method, is_void)
        WHERE (kept.amount, kept.income) IS DISTINCT FROM (are.amount, are.income)
        ORDER BY from_on, span, kind, category, method
        """,
    )
    yield from find(
        f"{{kept}} payments are counted in the kept sums, and there are {{there}}. {again}.",
        f"""
        SELECT * FROM (
            SELECT run.payments AS kept,
                (SELECT count(*) FROM ledger_payments WHERE id <= {_UP_TO.format("last_payment_id")}) AS there
            FROM (SELECT * FROM ledger_sum_runs ORDER BY number DESC LIMIT 1) AS run
        ) AS counted WHERE kept <> there
        """,
    )
    yield from find(
        "The sums kept of the {span} from {from_on} have {kept} from {credit} to {debit}, and its transfers come to "
        f"{{come}}. {again}.",
        f"""
        WITH are AS (
            SELECT span::varchar, from_on, debit, credit, sum(amount) AS amount
            FROM (SELECT effective_on AS day, * FROM ledger_transfers) AS t CROSS JOIN LATERAL {_SPANS}
            WHERE t.id <= {_UP_TO.format("last_transfer_id")}
            GROUP BY 1, 2, 3, 4
        )
        SELECT lower(span) AS span, from_on, debit, credit, coalesce(kept.amount::text, 'nothing') AS kept,
            coalesce(are.amount::text, 'nothing') AS come
        FROM ledger_transfer_sums AS kept FULL JOIN are USING (span, from_on, debit, credit)
        WHERE kept.amount IS DISTINCT FROM are.amount
        ORDER BY from_on, span, debit, credit
        """,
    )
