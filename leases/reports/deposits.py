"""Deposits: how each stands on a day, and all that became of one lease's."""

from collections.abc import Mapping
from typing import Any

from core.reports import (
    AS_OF,
    READ,
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
    number,
    read_number,
    register,
    text,
)
from core.reports.links import to_page, to_report
from leases.rules import DEPOSIT_HELD_DAYS
from ledger import selectors as ledger
from ledger.reports import DRIVER, DRIVER_NAME, LEASE


def _move(column: str) -> str:
    return f"""
        SELECT o.lease_id, o.driver_id, p.id, p.effective_on, p.reverses_id, p.payout_id, p.balance_id,
            o.reference_id AS received_as,
            CASE WHEN p.id = o.id THEN p.amount WHEN p.reverses_id = o.id THEN -p.amount ELSE 0.00 END AS received,
            CASE WHEN p.funding_id IS DISTINCT FROM o.id THEN 0.00 WHEN p.kind = 'VOID' THEN -p.amount
                ELSE p.amount END AS applied,
            CASE WHEN p.balance_id IS DISTINCT FROM o.id OR p.reverses_id = o.id THEN 0.00
                WHEN p.kind = 'VOID' THEN -p.amount ELSE p.amount END AS released
        FROM ledger_postings o JOIN ledger_postings p ON p.{column} = o.id
        WHERE o.kind = 'DEPOSIT'
    """


#: All that ever moved a deposit, by what it did to it. By one index after the other: an OR of them could use none.
_MOVES = " UNION ".join(_move(column) for column in ("id", "balance_id", "funding_id"))

_DEPOSITS = f"""
    WITH moved AS (
        SELECT lease_id, driver_id, sum(received) AS received, sum(applied) AS applied, sum(released) AS released
        FROM ({_MOVES}) AS move WHERE effective_on <= %(as_of)s GROUP BY lease_id, driver_id
    ), whose AS (
        SELECT lease_id, driver_id FROM moved
        UNION SELECT id, primary_driver_id FROM leases_lease WHERE deposit > 0 AND start_on <= %(as_of)s
    ), stands AS (
        SELECT whose.*, coalesce(received, 0.00) AS received, coalesce(applied, 0.00) AS applied,
            coalesce(released, 0.00) AS released, coalesce(received - applied - released, 0.00) AS held
        FROM whose LEFT JOIN moved USING (lease_id, driver_id)
    )
    SELECT s.lease_id, {DRIVER_NAME}, CASE WHEN s.driver_id = l.primary_driver_id THEN l.deposit ELSE 0.00 END AS asked,
        s.received, s.applied, s.released, s.held, CASE WHEN l.end_on < %(as_of)s THEN l.end_on END AS ended_on,
        CASE WHEN l.end_on < %(as_of)s AND s.held > 0 THEN l.end_on + %(held_days)s END AS settle_on,
        least(coalesce(settled.kept, 0.00), s.held) AS kept
    FROM stands s JOIN leases_lease l ON l.id = s.lease_id JOIN leases_driver d ON d.id = s.driver_id
        LEFT JOIN LATERAL (
            SELECT kept FROM leases_deposit_settlements done
            WHERE done.lease_id = s.lease_id AND done.driver_id = s.driver_id AND done.settled_on <= %(as_of)s
            ORDER BY done.id DESC LIMIT 1
        ) AS settled ON true
    WHERE %(show)s = '' OR s.held > 0 AND (%(show)s = 'HELD' OR l.end_on + %(held_days)s <= %(as_of)s)
"""


_TO_POSTING = to_page("admin:ledger_ledgerposting_change", "id")


def _read_moves(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    """Return what moved the deposit of one driver on one lease."""
    sql = f"""
        SELECT 'ledger_ledgerposting' AS page, move.id, move.effective_on AS day, NULL AS words, p.reference_id,
            move.received, move.applied, move.released, move.received - move.applied - move.released AS held
        FROM ({_MOVES}) AS move JOIN ledger_postings p ON p.id = move.id
        WHERE move.lease_id = %(lease_id)s AND move.driver_id = %(driver_id)s AND move.effective_on <= %(as_of)s
    """
    return lines_of(figure, sql, {"as_of": asked["as_of"], **keys})


def _read_deposits(asked: Asked) -> SqlRows:
    given = {"as_of": asked["as_of"], "show": asked["show"], "held_days": DEPOSIT_HELD_DAYS}
    return SqlRows(_DEPOSITS, "lease_id, driver_id", given)


register(
    Report(
        slug="deposits",
        title="Deposits",
        group="Leases",
        place=33,
        sentence="What was asked and received as deposit on each lease, what it paid, what went back, and what is held "
        "at the end of a day. Kept back is what of the held amount the last settlement kept.",
        permissions=(READ, "leases.view_lease", "ledger.view_ledgerbalance"),
        parameters=(AS_OF, choice("show", "Show", [("HELD", "Held"), ("DUE", "To be settled by then")]), WHO),
        columns=(
            LEASE,
            DRIVER,
            money("asked", "Asked", link=to_page("admin:leases_lease_change", "lease_id")),
            money("received", "Received"),
            money("applied", "Applied"),
            money("released", "Released"),
            money("held", "Held"),
            day("ended_on", "Ended"),
            day("settle_on", "To settle on"),
            money("kept", "Kept back", link=to_report("deposit-statement", lease="lease_id")),
        ),
        read=_read_deposits,
        bar=(Bar("held", "held on", "lease", by="lease_id"),),
        behind=Behind(
            keys={"lease_id": read_number, "driver_id": read_number},
            figures=("received", "applied", "released", "held"),
            read=_read_moves,
            tell=ledger.list_words,
        ),
        empty="No deposit was asked or held on that day.",
    )
)

_STATEMENT = f"""
    SELECT move.id, move.effective_on, {DRIVER_NAME},
        CASE WHEN move.received > 0 THEN 'Received' WHEN move.received < 0 THEN 'Receipt voided'
            WHEN move.applied > 0 THEN 'Paid' WHEN move.applied < 0 THEN 'Payment undone'
            WHEN move.released > 0 THEN 'Paid back' ELSE 'Payback undone' END AS what,
        CASE WHEN move.applied = 0 THEN '' ELSE debt.description END AS words,
        CASE WHEN move.applied <> 0 THEN debt.reference_id WHEN move.released <> 0
            THEN 'OUT-' || lpad(payout.number::text, greatest(6, length(payout.number::text)), '0')
            ELSE move.received_as END AS reference_id,
        move.received, move.applied, move.released,
        sum(move.received - move.applied - move.released) OVER (ORDER BY move.effective_on, move.id) AS held
    FROM ({_MOVES}) AS move JOIN leases_driver d ON d.id = move.driver_id
        LEFT JOIN ledger_postings debt ON debt.id = move.balance_id AND move.applied <> 0
        LEFT JOIN ledger_postings undone ON undone.id = move.reverses_id
        LEFT JOIN ledger_payouts payout ON payout.id = coalesce(move.payout_id, undone.payout_id)
    WHERE move.lease_id = %(lease)s
"""
register(
    Report(
        slug="deposit-statement",
        title="Deposit statement",
        group="Leases",
        place=34,
        sentence="All that became of the deposit on one lease: what was received, each debt that it paid, in words, "
        "and what went back, with the payout's number. What was undone stands with a minus.",
        permissions=(READ, "leases.view_lease", "ledger.view_ledgerbalance"),
        parameters=(number("lease", "Lease number"),),
        columns=(
            day("effective_on", "Day"),
            DRIVER,
            text("what", "What", link=_TO_POSTING),
            text("words", "In words"),
            text("reference_id", "Reference"),
            money("received", "Received", link=_TO_POSTING),
            money("applied", "Paid from it", link=_TO_POSTING),
            money("released", "Paid back", link=_TO_POSTING),
            money("held", "Held after it", is_summed=False),
        ),
        read=lambda asked: SqlRows(_STATEMENT, "effective_on, id", {"lease": asked["lease"]}),
        empty="Give the number of a lease on which a deposit was received.",
    )
)
