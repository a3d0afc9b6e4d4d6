"""A staged file's new rows become tickets, and tickets become charges: lot by lot, each lot one transaction."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from core.transactions import bounded_transaction
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.money import ZERO
from tickets.errors import AlreadyImported, ImportNotFound
from tickets.models import FOR_A_PERSON, ImportRow, Ticket, TicketImport, Wait
from tickets.rules import TICKET_KINDS, FileKind
from tickets.selectors import Match, SoughtRow, TicketMatcher, sought_of
from tickets.services.posting import credit_refunds, decide, find_refunded, post_charges, write_history
from tickets.services.staging import ROWS_IN_A_LOT, OnProgress

_COLUMN_TYPES = {
    "number": "text",
    "state": "text",
    "waits_for": "text",
    "at": "timestamptz",
    "at_latest": "timestamptz",
    "amount": "numeric",
    "told_total": "numeric",
    "told_paid": "numeric",
    "uncharged": "numeric",
    "tag": "text",
    "plate": "text",
    "plate_state": "text",
    "medallion": "text",
    "license": "text",
    "place": "text",
    "violation": "text",
    "due_on": "date",
    "received": "jsonb",
    "vehicle_id": "bigint",
    "driver_id": "bigint",
    "lease_id": "bigint",
    "row": "integer",
}


def confirm_import(
    *, import_id: int, today: date, actor: User | None = None, on_progress: OnProgress | None = None
) -> TicketImport:
    """Import a staged file's new rows, charge what has one driver, and send the rest to review.

    ``today`` is the day on which all of it is charged. Each lot of rows is a transaction of its own: whatever stops
    the import, calling this again goes on where it stopped, and charges nothing twice.

    :raises ImportNotFound: no such file
    :raises AlreadyImported: nothing of it is left to import
    """
    file = start_import(import_id=import_id, today=today, actor=actor)
    for refunds in (False, True):
        while import_next_lot(import_id=import_id, refunds=refunds):
            if on_progress:
                file.refresh_from_db(fields=["imported_count"])
                on_progress("imported", file.imported_count)
    return finish_import(import_id=import_id)


@bounded_transaction
def start_import(*, import_id: int, today: date, actor: User | None = None) -> TicketImport:
    """Confirm a staged file, so that its lots may go in; one that is being imported already is left as it is.

    :raises ImportNotFound, AlreadyImported: as :func:`confirm_import`
    """
    file = _lock_import(import_id)
    if file.state == TicketImport.State.IMPORTED:
        raise AlreadyImported(f"{file} was imported before.", import_id=import_id)
    if file.state == TicketImport.State.STAGED:
        file.state = TicketImport.State.IMPORTING
        file.confirmed_at, file.confirmed_by, file.charged_on = Now(), actor, today
        file.save(update_fields=["state", "confirmed_at", "confirmed_by", "charged_on"])
        file.refresh_from_db(fields=["confirmed_at"])
    return file


@ledger.money_transaction
def import_next_lot(*, import_id: int, refunds: bool) -> bool:
    """Import the next rows of a confirmed file (its tolls, or its refunds), and return whether there were any."""
    rows = _read_lot(import_id, refunds)
    if not rows:
        return False
    sought = [sought_of(row) for row in rows]
    matcher = TicketMatcher(sought)
    file = TicketImport.objects.select_related("confirmed_by").get(pk=import_id)
    tickets = [_make_ticket(file, row, told, matcher.match(told)) for row, told in zip(rows, sought, strict=True)]
    drivers = {ticket.driver_id for ticket in tickets if ticket.driver_id is not None}
    if refunds:
        drivers |= {toll.driver_id for toll in find_refunded(tickets).values()}
    lock_accounts(drivers)
    file = _lock_import(import_id)
    # Whoever else imports this file at the same time has held this lock until their lot was in.
    left = set(ImportRow.objects.filter(pk__in=[row.pk for row in rows], state="NEW").values_list("row", flat=True))
    tickets = [ticket for ticket in tickets if ticket.row in left]
    assert file.charged_on is not None  # set when it was confirmed
    credited = credit_refunds(tickets, drivers, charged_on=file.charged_on, actor=file.confirmed_by) if refunds else []
    made = _insert(file, tickets)
    tickets = [ticket for ticket in tickets if ticket.number in made]
    if not refunds:
        post_charges(_with_keys(tickets, made), charged_on=file.charged_on, actor=file.confirmed_by)
    write_history(list(made.values()), actor=file.confirmed_by, reason=f"Imported from {file}")
    _note(file, rows, tickets, credited)
    return True


@bounded_transaction
def finish_import(*, import_id: int) -> TicketImport:
    """Mark a file of which nothing is left to import as imported."""
    file = _lock_import(import_id)
    if not ImportRow.objects.filter(file=file, state=ImportRow.State.NEW).exists():
        file.state = TicketImport.State.IMPORTED
        file.save(update_fields=["state"])
    return file


def _lock_import(import_id: int) -> TicketImport:
    file = TicketImport.objects.select_for_update().filter(pk=import_id).first()
    if file is None:
        raise ImportNotFound(f"No file {import_id}.", import_id=import_id)
    return file


def _read_lot(import_id: int, refunds: bool) -> list[ImportRow]:
    rows = ImportRow.objects.filter(file_id=import_id, state=ImportRow.State.NEW)
    rows = rows.filter(amount__lt=0) if refunds else rows.filter(amount__gte=0)
    return list(rows.order_by("row")[:ROWS_IN_A_LOT])


def _make_ticket(file: TicketImport, row: ImportRow, told: SoughtRow, match: Match) -> Ticket:
    ticket = Ticket(
        kind=TICKET_KINDS[FileKind(file.kind)],
        number=row.number,
        at=told.at,
        at_latest=told.at_latest,
        amount=told.amount,
        told_total=told.amount if row.total is None else row.total,
        told_paid=row.paid or ZERO,
        tag=told.tag,
        plate=told.plate,
        plate_state=told.plate_state,
        medallion=told.medallion,
        license=told.license,
        place=row.place,
        violation=row.violation,
        due_on=row.due_on,
        received=row.received,
        row=row.row,
    )
    if row.waits_for in FOR_A_PERSON:
        match = Match(Wait(row.waits_for), match.vehicle_id, holds=match.holds)
    decide(ticket, match)
    return ticket


def _insert(file: TicketImport, tickets: Sequence[Ticket]) -> dict[str, int]:
    """Insert the tickets in one statement, and return number → id of those that no other import brought meanwhile."""
    names = ", ".join(f'"{name}"' for name in _COLUMN_TYPES)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _COLUMN_TYPES.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO tickets_tickets (kind, import_id, refund_of_id, {names})
            SELECT %s, %s, refund_of_id, {names} FROM unnest(%s::bigint[], {arrays}) AS given (refund_of_id, {names})
            ON CONFLICT (kind, number) DO NOTHING
            RETURNING number, id
            """,
            [
                TICKET_KINDS[FileKind(file.kind)],
                file.pk,
                [ticket.refund_of_id for ticket in tickets],
                *([_value_of(ticket, name) for ticket in tickets] for name in _COLUMN_TYPES),
            ],
        )
        return dict(cursor.fetchall())


def _value_of(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, name)
    return json.dumps(value) if name == "received" else value


def _with_keys(tickets: list[Ticket], made: dict[str, int]) -> list[Ticket]:
    for ticket in tickets:
        ticket.pk = made[ticket.number]
    return tickets


def _note(file: TicketImport, rows: list[ImportRow], tickets: list[Ticket], credited: list[Ticket]) -> None:
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(state=ImportRow.State.SENT)
    charged = sum(ticket.state == Ticket.State.CHARGED for ticket in tickets) + len(credited)
    waiting = sum(ticket.state == Ticket.State.WAITING for ticket in tickets)
    TicketImport.objects.filter(pk=file.pk).update(
        imported_count=F("imported_count") + len(tickets),
        charged_count=F("charged_count") + charged,
        waiting_count=F("waiting_count") + waiting,
    )
