"""What crossed the counter: collections by day, receipts in number order, payouts."""

from collections.abc import Mapping
from typing import Any

from core.reports import (
    DAYS,
    READ,
    READ_CONTROLS,
    WHO,
    Asked,
    Bar,
    Behind,
    Report,
    SqlRows,
    choice,
    day,
    lines_of,
    money,
    read_day,
    read_number,
    register,
    text,
    time,
)
from core.reports.links import to_list, to_page
from ledger.categories import PaymentMethod
from ledger.reports.people import DRIVER, DRIVER_NAME, STAFF_NAME
from ledger.selectors import list_words
from ledger.selectors.sums import count_payments

_GROUP = "At the counter"
_METHOD = text("method", "Method", say=lambda code: str(PaymentMethod(code).label))
_METHODS = choice("method", "Method", PaymentMethod.choices)
_TO_RECEIPT = to_page("admin:ledger_interimpayment_change", "id")
_TO_PAYOUT = to_page("admin:ledger_payout_change", "id")
_IN_DAYS = "BETWEEN %(from_on)s AND %(to_on)s"
_OF_METHOD = "(%(method)s = '' OR method = %(method)s)"


def _days(asked: Asked) -> dict[str, object]:
    return {name: asked[name] for name in ("from_on", "to_on", "method")}


#: ``PAY-000123``: a longer number is not cut.
def _name(prefix: str, number: str) -> str:
    return f"'{prefix}-' || lpad({number}::text, greatest(6, length({number}::text)), '0')"


#: A void on its own day, under whoever took the payment; a check that came back after its money had left is a recovery.
#: What a slip brought to the bank is told under who wrote the slip.
_MOVED = f"""
    SELECT 'ledger_interimpayment' AS page, id, received_on AS day, 'Received' AS words,
        {_name("PAY", "number")} AS reference_id, driver_id, received_by_id AS user_id, method, amount AS received,
        0.00 AS voided, 0.00 AS paid_out, 0.00 AS deposited
    FROM ledger_payments WHERE received_on {_IN_DAYS}
    UNION ALL
    SELECT 'ledger_ledgerposting', v.id, v.effective_on, NULL, v.reference_id, v.driver_id, payment.received_by_id,
        payment.method, 0.00, v.amount, 0.00, 0.00
    FROM ledger_postings v JOIN ledger_postings o ON o.id = v.reverses_id
        JOIN ledger_payments payment ON payment.id = o.payment_id
    WHERE v.kind = 'VOID' AND v.effective_on {_IN_DAYS} AND o.kind IN ('PAYMENT', 'DEPOSIT')
    UNION ALL
    SELECT 'ledger_ledgerposting', r.id, r.effective_on, NULL, r.reference_id, r.driver_id, payment.received_by_id,
        payment.method, 0.00, CASE WHEN r.kind = 'VOID' THEN -r.amount ELSE r.amount END, 0.00, 0.00
    FROM ledger_postings r JOIN ledger_payments payment
        ON r.reference_id = 'RETURNED-' || {_name("PAY", "payment.number")}
    WHERE r.effective_on {_IN_DAYS} AND r.category = 'RECOVERY' AND r.reference_id LIKE 'RETURNED-PAY-%%'
        AND (r.kind = 'OBLIGATION' OR r.kind = 'VOID' AND r.reverses_id = r.balance_id)
    UNION ALL
    SELECT 'ledger_payout', id, paid_on, 'Paid out', {_name("OUT", "number")}, driver_id, paid_by_id, method, 0.00,
        0.00, amount, 0.00
    FROM ledger_payouts WHERE paid_on {_IN_DAYS}
    UNION ALL
    SELECT 'ledger_ledgerposting', v.id, v.effective_on, NULL, v.reference_id, v.driver_id, payout.paid_by_id,
        payout.method, 0.00, 0.00, -v.amount, 0.00
    FROM ledger_postings v JOIN ledger_postings o ON o.id = v.reverses_id
        JOIN ledger_payouts payout ON payout.id = o.payout_id
    WHERE v.kind = 'VOID' AND v.effective_on {_IN_DAYS} AND o.kind = 'PAYOUT'
    UNION ALL
    SELECT 'ledger_transfer', id, effective_on, CASE WHEN reverses_id IS NULL THEN 'Taken to the bank'
        ELSE 'Not taken to the bank after all' END, reference_id, NULL, posted_by_id,
        CASE WHEN '1010' IN (debit, credit) THEN 'CASH' ELSE 'CHECK' END, 0.00, 0.00, 0.00,
        CASE WHEN reverses_id IS NULL THEN amount ELSE -amount END
    FROM ledger_transfers WHERE kind = 'BANK_DEPOSIT' AND effective_on {_IN_DAYS}
"""
_COLLECTIONS = f"""
    SELECT day, moved.user_id, {STAFF_NAME} AS cashier, method, sum(received) AS received, sum(voided) AS voided,
        sum(paid_out) AS paid_out, sum(received - voided - paid_out) AS net, sum(deposited) AS deposited
    FROM ({_MOVED}) AS moved LEFT JOIN auth_user u ON u.id = moved.user_id
    WHERE {_OF_METHOD}
    GROUP BY day, moved.user_id, u.id, method
"""


def _read_moved(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    """Return what crossed the counter on a day, by one person and method, and whose it was."""
    sql = f"""
        SELECT page, moved.id, day, CASE WHEN d.id IS NULL OR words IS NULL THEN words
                ELSE concat(words, ': ', d.first_name, ' ', d.last_name) END AS words,
            reference_id, received, voided, paid_out, deposited, received - voided - paid_out AS net
        FROM ({_MOVED}) AS moved LEFT JOIN leases_driver d ON d.id = moved.driver_id
        WHERE user_id IS NOT DISTINCT FROM %(user_id)s::bigint AND method = %(method)s
    """
    return lines_of(figure, sql, {"from_on": keys["day"], "to_on": keys["day"], **keys})


COLLECTIONS = register(
    Report(
        slug="collections",
        title="Collections",
        group=_GROUP,
        place=21,
        sentence="Money over the counter by day, cashier and method. What was voided or came back stands on the day "
        "of that, under who took it; net is received less that and less paid out. Deposited is what slips took to the "
        "bank, under who wrote them; it is no part of net.",
        permissions=(READ_CONTROLS, "ledger.view_interimpayment", "ledger.view_payout"),
        parameters=(*DAYS, _METHODS),
        columns=(
            day("day", "Day", link=to_list("admin:ledger_payments_of_day", on="day")),
            text("cashier", "Cashier"),
            _METHOD,
            money("received", "Received"),
            money("voided", "Voided or returned"),
            money("paid_out", "Paid out"),
            money("net", "Net"),
            money("deposited", "Deposited"),
        ),
        read=lambda asked: SqlRows(_COLLECTIONS, "day, cashier, method, user_id", _days(asked)),
        bar=(Bar("received", "received on", "day", by="day"),),
        behind=Behind(
            keys={"day": read_day, "user_id": read_number, "method": str},
            figures=("received", "voided", "paid_out", "net", "deposited"),
            read=_read_moved,
            tell=list_words,
        ),
        empty="Nothing was received or paid out in these days.",
    )
)

#: Looked up for each ``o``: voids are few, and a join read all of them again for each receipt.
_UNDONE = "SELECT * FROM ledger_postings undone WHERE undone.reverses_id = o.id OFFSET 0"

_RECEIPTS = f"""
    SELECT payment.id, payment.number, {_name("PAY", "payment.number")} AS receipt, payment.received_on,
        payment.received_at, {DRIVER_NAME}, {STAFF_NAME} AS cashier, payment.method, payment.instrument_number,
        payment.amount, CASE WHEN came_back THEN payment.amount ELSE undone.amount END AS voided,
        CASE WHEN came_back THEN 0.00 ELSE payment.deposit - undone.deposit END AS deposit,
        CASE WHEN came_back THEN 0.00 ELSE named.amount END AS allocated,
        CASE WHEN came_back THEN 0.00
            ELSE payment.amount - undone.amount - payment.deposit + undone.deposit - named.amount END AS on_account,
        coalesce(back.username, undone.username, '') AS voided_by,
        coalesce(back.reason, undone.reason, '') AS why,
        came_back OR undone.amount = payment.amount AS is_void
    FROM ledger_payments payment JOIN leases_driver d ON d.id = payment.driver_id
        LEFT JOIN auth_user u ON u.id = payment.received_by_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(v.amount), 0.00) AS amount,
                coalesce(sum(v.amount) FILTER (WHERE o.kind = 'DEPOSIT'), 0.00) AS deposit,
                max(v.reason) AS reason, max({STAFF_NAME}) FILTER (WHERE v.id IS NOT NULL) AS username
            FROM ledger_postings o CROSS JOIN LATERAL ({_UNDONE}) AS v
                LEFT JOIN auth_user u ON u.id = v.posted_by_id
            WHERE o.payment_id = payment.id AND o.kind IN ('PAYMENT', 'DEPOSIT')
        ) AS undone
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.amount), 0.00) AS amount FROM ledger_postings a
            WHERE a.payment_id = payment.id AND a.kind = 'ALLOCATION' AND a.reason = ''
                AND NOT EXISTS (SELECT FROM ledger_postings v WHERE v.reverses_id = a.id OFFSET 0)
        ) AS named
        LEFT JOIN LATERAL (
            SELECT coalesce(nullif(r.reason, ''), r.description) AS reason, {STAFF_NAME} AS username
            FROM ledger_balances b JOIN ledger_postings r ON r.id = b.posting_id
                LEFT JOIN auth_user u ON u.id = r.posted_by_id
            WHERE b.reference_id = 'RETURNED-' || {_name("PAY", "payment.number")} AND b.status <> 'VOIDED'
            LIMIT 1 -- there is no other; with it each is looked up, without it all balances were read
        ) AS back ON true
        CROSS JOIN LATERAL (SELECT back.username IS NOT NULL AS came_back) AS said
    WHERE payment.received_on {_IN_DAYS} AND {_OF_METHOD}
"""


def _tell_numbers(asked: Asked) -> list[str]:
    there, last = count_payments()
    if there == last:
        return [f"Receipts are numbered to {last:,} so far, and none is missing."]
    return [f"Receipts are numbered to {last:,} so far; {last - there:,} are missing."]


RECEIPTS = register(
    Report(
        slug="receipts",
        title="Receipts in number order",
        group=_GROUP,
        place=22,
        sentence="Every receipt of these days, voided ones too. Amount is what was received: what of it was voided or "
        "came back, what is a deposit, what the driver named it for, and what stays on account.",
        permissions=(READ, "ledger.view_interimpayment"),
        parameters=(*DAYS, _METHODS, WHO),
        columns=(
            text("receipt", "Receipt", link=_TO_RECEIPT, is_searched=True),
            day("received_on", "Day"),
            time("received_at", "Time"),
            DRIVER,
            text("cashier", "Cashier"),
            _METHOD,
            text("instrument_number", "Check or bank no.", is_searched=True),
            *(
                money(name, title, link=_TO_RECEIPT)
                for name, title in {
                    "amount": "Amount",
                    "voided": "Voided or returned",
                    "deposit": "Deposit",
                    "allocated": "Paid for",
                    "on_account": "On account",
                }.items()
            ),
            text("voided_by", "Voided by"),
            text("why", "Why"),
        ),
        read=lambda asked: SqlRows(_RECEIPTS, "number", _days(asked)),
        tell=_tell_numbers,
        bar=(Bar("amount", "in", "payment", by="id"), Bar("voided", "voided or returned of", "payment", by="id")),
        empty="No payment was received in these days.",
    )
)

_PAYOUTS = f"""
    SELECT payout.id, payout.number, {_name("OUT", "payout.number")} AS voucher, payout.paid_on, {DRIVER_NAME},
        payout.method, payout.instrument_number, payout.dtr_number, {STAFF_NAME} AS paid_by, payout.amount,
        undone.amount AS voided, payout.amount - undone.amount AS stands, undone.amount = payout.amount AS is_void
    FROM ledger_payouts payout JOIN leases_driver d ON d.id = payout.driver_id
        LEFT JOIN auth_user u ON u.id = payout.paid_by_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(v.amount), 0.00) AS amount
            FROM ledger_postings o CROSS JOIN LATERAL ({_UNDONE}) AS v
            WHERE o.payout_id = payout.id AND o.kind = 'PAYOUT'
        ) AS undone
    WHERE payout.paid_on {_IN_DAYS} AND {_OF_METHOD}
"""
PAYOUTS = register(
    Report(
        slug="payouts",
        title="Payouts",
        group=_GROUP,
        place=23,
        sentence="Money given to drivers, in number order, voided payouts too. Whether a check was cashed is not known "
        "here.",
        permissions=(READ, "ledger.view_payout"),
        parameters=(*DAYS, _METHODS, WHO),
        columns=(
            text("voucher", "Payout", link=_TO_PAYOUT, is_searched=True),
            day("paid_on", "Day"),
            DRIVER,
            _METHOD,
            text("instrument_number", "Check or bank no.", is_searched=True),
            text("dtr_number", "DTR", is_searched=True),
            text("paid_by", "Paid by"),
            money("amount", "Amount", link=_TO_PAYOUT),
            money("voided", "Voided", link=_TO_PAYOUT),
            money("stands", "Stands", link=_TO_PAYOUT),
        ),
        read=lambda asked: SqlRows(_PAYOUTS, "number", _days(asked)),
        bar=(Bar("amount", "in", "payout", by="id"), Bar("voided", "voided of", "payout", by="id")),
        empty="Nothing was paid out in these days.",
    )
)
