"""Tickets and tolls of some days, each with its state."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings

from core.clock import at
from core.reports import DAYS, READ, WHO, Asked, Report, SqlRows, choice, day, money, register, text, time
from core.reports.links import to_page
from ledger.reports import CAB, DRIVER
from tickets.models import Ticket

KIND = text("kind", "Kind", say=lambda code: str(Ticket.Kind(code).label))
KINDS = choice("kind", "Kind", Ticket.Kind.choices)
TO_TICKET = to_page("admin:tickets_ticket_change", "id")
NUMBER = text("number", "Number", link=TO_TICKET, is_searched=True)
_TO_CHARGE = to_page("admin:ledger_ledgerbalance_change", "charge_id")
#: As ``find_answer_day`` says: of violations and summonses alone.
ANSWER_BY = """
    CASE WHEN t.kind IN ('PVB', 'TLC') AND t.amount > 0
        THEN (t.at AT TIME ZONE 'America/New_York')::date + %(within)s END
"""
#: The driver whose ticket it is, where there is one.
OF_DRIVER = """
    CASE WHEN d.id IS NULL THEN '' ELSE concat(d.last_name, ', ', d.first_name) END AS driver, d.id AS driver_id
"""
#: Under which the ledger knows what was charged; a refund is credited under another.
CHARGED = "LEFT JOIN ledger_balances b ON b.reference_id = t.kind || '-' || t.number AND b.status <> 'VOIDED'"

_TICKETS = f"""
    SELECT t.id, t.kind, t.number, t.plate, v.medallion AS cab, (t.at AT TIME ZONE 'America/New_York')::date AS day,
        CASE WHEN t.at_latest - t.at <= interval '2 hours' THEN t.at END AS at, {OF_DRIVER}, t.amount,
        b.posting_id AS charge_id, coalesce(b.original_amount, 0.00) AS charged, coalesce(b.remaining, 0.00) AS open,
        CASE WHEN t.state = 'DISPUTED' THEN (t.decided_at AT TIME ZONE 'America/New_York')::date END AS disputed_on,
        {ANSWER_BY} AS answer_by, t.state
    FROM tickets_tickets t LEFT JOIN leases_driver d ON d.id = t.driver_id
        LEFT JOIN leases_vehicle v ON v.id = t.vehicle_id {CHARGED}
    WHERE t.at >= %(begins)s AND t.at < %(ends)s AND (%(kind)s = '' OR t.kind = %(kind)s)
        AND (%(state)s = '' OR t.state = %(state)s)
"""


def _read(asked: Asked) -> SqlRows:
    ends: date = asked["to_on"] + timedelta(days=1)
    given: dict[str, Any] = {"begins": at(asked["from_on"]), "ends": at(ends), "within": settings.ANSWER_WITHIN_DAYS}
    return SqlRows(_TICKETS, "day, kind, number", {**given, "kind": asked["kind"], "state": asked["state"]})


register(
    Report(
        slug="tickets",
        title="Tickets",
        group="Tickets and tolls",
        place=51,
        sentence="Violations, summonses and tolls by the day on which they happened, with whose they are, what was "
        "charged and is open, and what was decided. Refunds stand with a minus.",
        permissions=(READ, "tickets.view_ticket"),
        parameters=(*DAYS, KINDS, choice("state", "State", Ticket.State.choices), WHO),
        columns=(
            KIND,
            NUMBER,
            text("plate", "Plate", is_searched=True),
            CAB,
            day("day", "Day"),
            time("at", "Time"),
            DRIVER,
            money("amount", "Amount", link=TO_TICKET),
            money("charged", "Charged", link=_TO_CHARGE),
            money("open", "Open", link=_TO_CHARGE),
            day("disputed_on", "Disputed since"),
            day("answer_by", "Answer by"),
            text("state", "State", say=lambda code: str(Ticket.State(code).label)),
        ),
        read=_read,
        empty="No ticket happened in these days.",
    )
)
