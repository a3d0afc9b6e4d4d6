"""What a file tells otherwise than before: found, kept for a person, and decided by one act.

A file's rows are compared with their tickets in a fixed number of statements, however many they are. The lock order is
account, ticket, change.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from core.checks import check_reason
from core.history import save_as
from ledger import services as ledger
from tickets.errors import AlreadyDecided, ChangeActInvalid, ChangeNotFound, DriverNotKnown
from tickets.models import ImportRow, Ticket, TicketChange, TicketImport
from tickets.rules import TICKET_KINDS, FileKind
from tickets.selectors import Match, list_change_acts, match_if_due
from tickets.services import acts
from tickets.services.known import mark_late
from tickets.services.posting import decide, post_charges

Act = TicketChange.Act
State = Ticket.State

#: The rows of a file that tell a ticket which another file brought, or a person entered: each number once. Tickets and
#: changes are looked up row by row, so that no statistics of the tables, old or none, make it compare all with all.
_TOLD = """
    SELECT DISTINCT ON (again.number) again.id AS row_id, again.row, ticket.id AS ticket_id, changed.id AS change_id,
        COALESCE(ticket.told_total, ticket.amount) AS before_total, COALESCE(ticket.told_paid, 0) AS before_paid,
        COALESCE(again.total, again.amount) AS now_total, COALESCE(again.paid, 0) AS now_paid,
        changed.now_total AS found_total, changed.now_paid AS found_paid
    FROM tickets_import_rows AS again
    CROSS JOIN LATERAL (
        SELECT id, import_id, amount, told_total, told_paid FROM tickets_tickets
        WHERE kind = %(kind)s AND number = again.number LIMIT 1
    ) AS ticket
    LEFT JOIN LATERAL (
        SELECT id, now_total, now_paid FROM tickets_changes
        WHERE ticket_id = ticket.id AND decided_at IS NULL LIMIT 1
    ) AS changed ON true
    WHERE again.import_id = %(file)s AND again.state = 'KNOWN' AND ticket.import_id IS DISTINCT FROM again.import_id
    ORDER BY again.number, again.row
"""

#: What a row, ``marked``, says of where its document stands.
_STATUS = """COALESCE((SELECT left(cell.value, 120) FROM jsonb_each_text(marked.received) AS cell
    WHERE upper(replace(cell.key, ' ', '')) = 'VIOLATIONSTATUS' LIMIT 1), '')"""

_IS_AS_BEFORE = "(now_total, now_paid) = (before_total, before_paid)"
_IS_FOUND = "change_id IS NOT NULL AND (now_total, now_paid) = (found_total, found_paid)"


def mark_changes(file: TicketImport) -> int:
    """Mark the file's known rows that tell their ticket otherwise than before, in words too; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH told AS ({_TOLD}), marked AS (
                SELECT row_id, CASE
                    WHEN {_IS_AS_BEFORE} OR {_IS_FOUND} THEN ''
                    WHEN now_total <= 0 AND before_total > 0 THEN 'DISMISSED'
                    WHEN now_paid > before_paid THEN 'PAID'
                    WHEN now_total < before_total THEN 'REDUCED'
                    ELSE 'RAISED' END AS kind,
                CASE
                    WHEN {_IS_FOUND} THEN 'Told before, and waits under Changed since charged.'
                    WHEN {_IS_AS_BEFORE} THEN ''
                    ELSE 'Changed: it was ' || before_total || ' and is ' || now_total
                        || CASE WHEN now_paid = before_paid THEN '.'
                            ELSE '; paid of it were ' || before_paid || ' and are ' || now_paid || '.' END
                    END AS message
                FROM told
            )
            UPDATE tickets_import_rows AS row SET change = marked.kind, message = marked.message
            FROM marked
            WHERE row.id = marked.row_id AND (row.change, row.message) IS DISTINCT FROM (marked.kind, marked.message)
            """,
            _facts_of(file),
        )
    return ImportRow.objects.filter(file=file, state=ImportRow.State.KNOWN).exclude(change="").count()


def write_changes(file: TicketImport) -> None:
    """Keep for a person what a file that is confirmed tells otherwise; the caller holds the file's row.

    What another file brought since this one was staged is told as known, or as an error where that one told it with
    other facts. An open change that the file tells otherwise again is superseded.
    """
    mark_late(file)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id FROM tickets_tickets WHERE id IN (
                SELECT ticket_id FROM ({_TOLD}) AS told WHERE change_id IS NOT NULL OR NOT {_IS_AS_BEFORE}
            ) ORDER BY id FOR UPDATE
            """,
            _facts_of(file),
        )
        # What had changed when the file was read may be decided by now.
        if cursor.fetchone() is None and not file.changed_count:
            return
    file.changed_count = mark_changes(file)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE tickets_changes AS changed
            SET decided_at = now(), act = 'SUPERSEDED', reason = left('Told otherwise by ' || %(name)s, 500)
            FROM ({_TOLD}) AS told
            WHERE changed.id = told.change_id AND (told.now_total, told.now_paid) <> (told.found_total, told.found_paid)
            """,
            {**_facts_of(file), "name": str(file)},
        )
        cursor.execute(
            f"""
            INSERT INTO tickets_changes (ticket_id, import_id, row, kind, before_total, before_paid, now_total,
                now_paid, status)
            SELECT ticket_id, %(file)s, told.row, marked.change, before_total, before_paid, now_total, now_paid,
                {_STATUS}
            FROM ({_TOLD}) AS told JOIN tickets_import_rows AS marked ON marked.id = told.row_id
            WHERE marked.change <> ''
            ORDER BY ticket_id
            """,
            _facts_of(file),
        )
    file.save(update_fields=["changed_count"])


def _facts_of(file: TicketImport) -> dict[str, Any]:
    return {"file": file.pk, "kind": TICKET_KINDS[FileKind(file.kind)]}


@ledger.money_transaction
def decide_change(*, change_id: int, act: str, reason: str, today: date, actor: User | None) -> TicketChange:
    """Decide what becomes of a ticket that was told otherwise: one of the acts that fit it, with a reason.

    What was told then counts as told of the ticket.

    :raises ChangeNotFound, ReasonRequired: an argument is not what it should be
    :raises AlreadyDecided: somebody decided it before, or a later file told otherwise
    :raises ChangeActInvalid: the act does not fit how the ticket stands
    :raises DriverNotKnown: a driver is to be charged, and nobody is known for sure
    :raises: what correcting, dismissing and charging a ticket raise
    """
    reason = check_reason(reason)
    seen = TicketChange.objects.select_related("ticket").filter(pk=change_id).first()
    if seen is None:
        raise ChangeNotFound(f"No change {change_id}.", change_id=change_id)
    match = match_if_due(seen.ticket)
    ticket = acts.lock_ticket(seen.ticket_id, [match.driver_id] if match.driver_id is not None else [])
    change = TicketChange.objects.select_for_update().get(pk=change_id)
    if change.decided_at is not None:
        raise AlreadyDecided(f"{change} was decided before: {change.get_act_display().lower()}.")
    change.ticket = ticket
    fitting = {found.act: found.amount for found in list_change_acts(change)}
    if act not in fitting:
        raise ChangeActInvalid(f"{act[:20]!r} does not fit {ticket} any more. Look again.")
    ticket.told_total, ticket.told_paid = change.now_total, change.now_paid
    _act(ticket, match, act, fitting[act], reason=reason, today=today, actor=actor)
    change.act, change.reason, change.decided_by = act, reason, actor
    change.decided_at = acts.read_moment()
    change.save(update_fields=["act", "reason", "decided_by", "decided_at"])
    return change


def _act(
    ticket: Ticket, match: Match, act: str, amount: Decimal | None, *, reason: str, today: date, actor: User | None
) -> None:
    """Do to a ticket what was decided, and save it with what it was told."""
    how: dict[str, Any] = {"reason": reason, "today": today, "actor": actor}
    is_owed = ticket.state in (State.CHARGED, State.DISPUTED)
    if act == Act.DISMISS or amount == 0:
        acts.dismiss(ticket, **how)
    elif amount is None:
        save_as(ticket, actor, reason=reason)
    elif is_owed and amount == ticket.amount:
        if ticket.state == State.CHARGED:
            acts.get_live_charge(ticket)
        save_as(ticket, actor, reason=reason)
    elif is_owed:
        acts.correct(ticket, amount=amount, **how)
    else:
        _make_due(ticket, match, amount, **how)


def _make_due(ticket: Ticket, match: Match, amount: Decimal, *, reason: str, today: date, actor: User | None) -> None:
    """Charge what nobody owed before to its driver; what was never charged waits where nobody is known for sure."""
    acts.refuse_borne([ticket])
    was_charged = acts.read_balance(ticket) is not None
    ticket.amount = amount
    acts.note_decision(ticket, reason)
    if match.waits_for or match.driver_id is None:
        if was_charged or ticket.state == State.FLEET_PAYS or ticket.state == State.DISMISSED:
            raise DriverNotKnown(f"Nobody is known for sure to have had the cab: assign {ticket} to its driver first.")
        decide(ticket, match)
        save_as(ticket, actor, reason=reason)
        return
    if was_charged:
        acts.charge(
            ticket,
            driver_id=match.driver_id,
            lease_id=match.lease_id,
            vehicle_id=match.vehicle_id,
            reason=reason,
            today=today,
            actor=actor,
        )
        return
    decide(ticket, match)
    save_as(ticket, actor, reason=reason)
    post_charges([ticket], charged_on=today, actor=actor)
