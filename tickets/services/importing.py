"""A staged file's new rows become tickets, and tickets become charges: lot by lot, each lot one transaction."""

import logging
from dataclasses import replace
from datetime import date

from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.telling import tell_done, telling_refusals
from core.transactions import bounded_transaction
from ledger import services as ledger
from ledger.locks import lock_accounts
from tickets.errors import AlreadyImported, ImportNotConfirmed, ImportNotFound, ImportNotRead, TicketChanged
from tickets.models import FOR_A_PERSON, ImportRow, TicketImport, Wait
from tickets.selectors import TicketMatcher, count_parts
from tickets.services.changes import write_changes
from tickets.services.lots import NewTicket, count_lot, insert_tickets, leave_out_known, read_lot
from tickets.services.posting import credit_refunds, decide, find_refunded, post_charges, write_history
from tickets.services.staging import OnProgress

logger = logging.getLogger(__name__)


def confirm_import(
    *, import_id: int, today: date, actor: User | None = None, on_progress: OnProgress | None = None
) -> TicketImport:
    """Import a staged file's new rows, charge what has one driver, and send the rest to review.

    ``today`` is the day on which all of it is charged. Each lot of rows is a transaction of its own: whatever stops
    the import, calling this again goes on where it stopped, and charges nothing twice.

    :raises ImportNotFound: no such file
    :raises ImportNotRead: it is being read, or was refused
    :raises AlreadyImported: nothing of it is left to import
    """
    with telling_refusals(logger, "Ticket file %s", import_id):
        file = start_import(import_id=import_id, today=today, actor=actor)
    for part in range(count_parts(file)):
        import_part(import_id=import_id, part=part, on_progress=on_progress)
    return finish_import(import_id=import_id)


def import_part(*, import_id: int, part: int, on_progress: OnProgress | None = None) -> None:
    """Import what is left of a part of a confirmed file: its tolls, and then its refunds."""
    matcher = TicketMatcher()
    for refunds in (False, True):
        last = 0
        while last := import_next_lot(import_id=import_id, part=part, refunds=refunds, matcher=matcher, after=last):
            if on_progress:
                on_progress("imported", TicketImport.objects.get(pk=import_id).imported_count)


@bounded_transaction
def start_import(*, import_id: int, today: date, actor: User | None = None) -> TicketImport:
    """Confirm a staged file, so that its lots may go in; one that is being imported already is left as it is.

    :raises ImportNotFound, ImportNotRead, AlreadyImported: as :func:`confirm_import`
    """
    file = _lock_import(import_id)
    if file.state in (TicketImport.State.RECEIVED, TicketImport.State.REFUSED):
        reason = "was refused" if file.state == TicketImport.State.REFUSED else "is being read"
        raise ImportNotRead(f"{file} {reason}.", import_id=import_id)
    if file.state == TicketImport.State.IMPORTED:
        raise AlreadyImported(f"{file} was imported before.", import_id=import_id)
    if file.state == TicketImport.State.STAGED:
        file.state = TicketImport.State.IMPORTING
        file.confirmed_at, file.confirmed_by, file.charged_on = Now(), actor, today
        file.save(update_fields=["state", "confirmed_at", "confirmed_by", "charged_on"])
        file.refresh_from_db(fields=["confirmed_at"])
        who = actor or "a command"
        tell_done(logger, "Ticket file %s, confirmed by %s: %s new rows go in.", file, who, file.new_count)
    return file


@ledger.money_transaction
def import_next_lot(
    *, import_id: int, part: int, refunds: bool, matcher: TicketMatcher | None = None, after: int = 0
) -> int:
    """Import the next rows of a part of a confirmed file (its tolls, or its refunds).

    Return the number of the last of them, and 0 where there were none. ``matcher`` is that of several lots, which need
    not read the same cabs and leases again, and ``after`` what this returned of the lot before.

    :raises ImportNotConfirmed: nobody has confirmed it
    :raises TicketChanged: another file brings one of its refunds at this very moment; calling again goes on
    """
    matcher = matcher or TicketMatcher()
    file = TicketImport.objects.select_related("confirmed_by").get(pk=import_id)
    if file.charged_on is None:
        raise ImportNotConfirmed(f"{file} is not confirmed.", import_id=import_id)
    tickets = read_lot(file, part=part, refunds=refunds, after=after)
    if not tickets:
        return 0
    for ticket, match in zip(tickets, matcher.match_all(tickets), strict=True):
        decide(ticket, replace(match, waits_for=Wait(ticket.look_at)) if ticket.look_at in FOR_A_PERSON else match)
    drivers = {ticket.driver_id for ticket in tickets if ticket.driver_id is not None}
    if refunds:
        drivers |= {toll.driver_id for toll in find_refunded(tickets).values()}
    lock_accounts(drivers)
    credited: list[NewTicket] = []
    if refunds:
        # What another file brought since this one was read stays as it is; this one is not credited beside it.
        unknown = leave_out_known(tickets)
        credited = credit_refunds(unknown, drivers, charged_on=file.charged_on, actor=file.confirmed_by)
    new = insert_tickets(file, tickets)
    if any(not refund.pk for refund in credited):
        raise TicketChanged(f"Another file brings refunds of {file} just now.", import_id=import_id)
    if not refunds:
        post_charges(new, charged_on=file.charged_on, actor=file.confirmed_by)
    write_history([ticket.pk for ticket in new], actor=file.confirmed_by, reason=f"Imported from {file}")
    count_lot(file, new)
    return tickets[-1].row


@bounded_transaction
def finish_import(*, import_id: int) -> TicketImport:
    """Mark a file of which nothing is left to import as imported."""
    file = _lock_import(import_id)
    if not ImportRow.objects.filter(file=file, state=ImportRow.State.NEW).exists():
        if file.state == TicketImport.State.IMPORTING:
            write_changes(file)
        file.state = TicketImport.State.IMPORTED
        file.save(update_fields=["state"])
        tell_done(
            logger,
            "Ticket file %s is imported: %s rows, %s charged, %s sent to review, %s known before, %s with errors.",
            *(file, file.imported_count, file.charged_count, file.waiting_count, file.known_count, file.error_count),
        )
    return file


def _lock_import(import_id: int) -> TicketImport:
    file = TicketImport.objects.select_for_update().filter(pk=import_id).first()
    if file is None:
        raise ImportNotFound(f"No file {import_id}.", import_id=import_id)
    return file
