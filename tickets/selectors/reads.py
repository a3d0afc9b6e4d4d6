"""Tickets, files and charges for pages and reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, QuerySet

from ledger import selectors as ledger
from ledger.categories import Status, TransferKind
from tickets.errors import ChangeNotFound, ChargeNotFound, ImportNotFound, TicketNotFound
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketChange, TicketImport
from tickets.rules import PARTS, REFUND_SUFFIX, ROWS_IN_A_LOT, FileKind


def find_import(sha256: str) -> TicketImport | None:
    """Return the file of this content, staged or imported before."""
    return TicketImport.objects.filter(sha256=sha256).first()


def get_import(import_id: int) -> TicketImport:
    """:raises ImportNotFound: no such file"""
    file = TicketImport.objects.filter(pk=import_id).first()
    if file is None:
        raise ImportNotFound(f"No file {import_id}.", import_id=import_id)
    return file


def get_ticket(ticket_id: int) -> Ticket:
    """:raises TicketNotFound: no such ticket"""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None:
        raise TicketNotFound(f"No ticket {ticket_id}.", ticket_id=ticket_id)
    return ticket


def get_change(change_id: int) -> TicketChange:
    """:raises ChangeNotFound: no such change"""
    change = TicketChange.objects.select_related("ticket").filter(pk=change_id).first()
    if change is None:
        raise ChangeNotFound(f"No change {change_id}.", change_id=change_id)
    return change


def get_charge(charge_id: int) -> MiscCharge:
    """:raises ChargeNotFound: no such charge"""
    charge = MiscCharge.objects.filter(pk=charge_id).first()
    if charge is None:
        raise ChargeNotFound(f"No charge {charge_id}.", charge_id=charge_id)
    return charge


def list_charge_types() -> QuerySet[ChargeType]:
    """Return what a miscellaneous charge may be for, and the fees that are added to tickets."""
    return ChargeType.objects.all()


def list_charges() -> QuerySet[MiscCharge]:
    """Return all miscellaneous charges."""
    return MiscCharge.objects.all()


def list_tickets() -> QuerySet[Ticket]:
    """Return all tickets, newest first, with what their lists name."""
    return Ticket.objects.select_related("driver", "vehicle", "lease").order_by("-id")


def list_decided(state: str) -> QuerySet[Ticket]:
    """Return the tickets in a state that a person's decision brings about, the oldest decision first."""
    decided = Ticket.objects.filter(state=state).select_related("driver", "vehicle")
    return decided.order_by(F("decided_at").asc(nulls_first=True), "id")


def count_by_state(*states: str) -> dict[str, int]:
    """Return how many tickets are in each of these states."""
    counted = dict(Ticket.objects.filter(state__in=states).order_by().values_list("state").annotate(count=Count("pk")))
    return {state: counted.get(state, 0) for state in states}


def list_imports() -> QuerySet[TicketImport]:
    """Return all files, whatever became of them."""
    return TicketImport.objects.all()


def list_import_rows(file_id: int, *, states: Sequence[str] = ()) -> QuerySet[ImportRow]:
    """Return a file's rows in its order, of these states if any are named."""
    rows = ImportRow.objects.filter(file_id=file_id).order_by("row")
    return rows.filter(state__in=states) if states else rows


def list_ledger_states(records: Sequence[Ticket | MiscCharge]) -> dict[str, Any]:
    """Return the ledger's last balance of each of these records by reference, in one query."""
    balances = ledger.list_balances_by_reference([record.reference_id for record in records])
    return {balance.reference_id: balance for balance in balances}


def list_borne(tickets: Sequence[Ticket]) -> list[Any]:
    """Return the transfers that stand in the books and have one of these tickets as borne by the fleet."""
    references = [ticket.reference_id for ticket in tickets]
    return list(ledger.list_standing_transfers(kind=TransferKind.BORNE, reference_ids=references))


def is_live(balance: Any) -> bool:
    return balance is not None and balance.status != Status.VOIDED


def list_received_imports() -> list[int]:
    """Return the ids of files that are kept and not read yet."""
    files = TicketImport.objects.filter(state=TicketImport.State.RECEIVED)
    return list(files.order_by("pk").values_list("pk", flat=True))


def list_unfinished_imports() -> list[int]:
    """Return the ids of confirmed files of which something is left to import."""
    unfinished = TicketImport.objects.filter(state=TicketImport.State.IMPORTING)
    return list(unfinished.order_by("pk").values_list("pk", flat=True))


def count_parts(file: TicketImport) -> int:
    """Return by how many parts a file goes in: one, where one lot holds it."""
    return PARTS if file.new_count > ROWS_IN_A_LOT else 1


def count_waiting() -> int:
    """Return how many tickets wait in review."""
    return Ticket.objects.waiting().count()


def find_ticket_by_reference(reference_id: str) -> Ticket | None:
    """Return the ticket that a reference of the ledger stands for."""
    kind, _, number = reference_id.removesuffix(REFUND_SUFFIX).partition("-")
    return Ticket.objects.filter(kind=kind, number=number).first()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in of a kind of file: when one was confirmed last, and to which moment their rows reach."""

    kind: FileKind
    confirmed_at: datetime | None = None
    reaches_to: datetime | None = None


def list_arrivals() -> list[Arrivals]:
    """Return each kind of file with what came in of it; it reads the files alone, and none of their rows."""
    confirmed = TicketImport.objects.order_by().exclude(kind="").exclude(confirmed_at=None)
    rows = confirmed.values_list("kind").annotate(last=Max("confirmed_at"), reaches_to=Max("reaches_to"))
    told = {kind: Arrivals(FileKind(kind), last, reaches_to) for kind, last, reaches_to in rows}
    return [told.get(kind.value) or Arrivals(kind) for kind in FileKind]
