"""What becomes of one ticket whose driver's account and whose row are held: its charge, and its own columns."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from core.history import save_as
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.money import ZERO, format_dollars
from tickets import rules, words
from tickets.errors import (
    AlreadyBorne,
    NotChargeable,
    NotCharged,
    TicketChanged,
    TicketDismissed,
    TicketNotFound,
    TollRefunded,
)
from tickets.models import MiscCharge, Ticket, Wait
from tickets.selectors import is_live, list_borne, list_ledger_states
from tickets.selectors.matching import TicketMatcher
from tickets.services.charges import note_void
from tickets.services.posting import add_fees, charge_again, read_medallions

State = Ticket.State


def lock_ticket(ticket_id: int, driver_ids: Iterable[int] = ()) -> Ticket:
    """Lock the accounts of the ticket's driver and of these, all at once, and then the ticket's row; return it.

    :raises TicketNotFound: no such ticket
    :raises TicketChanged: it became another driver's while this waited
    """
    seen = Ticket.objects.filter(pk=ticket_id).first()
    if seen is None:
        raise TicketNotFound(f"No ticket {ticket_id}.", ticket_id=ticket_id)
    drivers = {*driver_ids, *([seen.driver_id] if seen.driver_id else [])}
    lock_accounts(drivers)
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    if ticket.driver_id is not None and ticket.driver_id not in drivers:
        raise TicketChanged(f"{ticket} was just assigned to another driver. Look again.")
    return ticket


def read_moment() -> datetime:
    """The moment at which the running transaction began, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


def note_decision(ticket: Ticket, reason: str) -> None:
    """Set on a ticket that a person has decided what becomes of it, and why; not saved."""
    ticket.decided_at, ticket.decided_reason = read_moment(), reason


def read_balance(ticket: Ticket) -> Any:
    """The ledger's last word about the ticket: its live balance, or the one voided last."""
    return list_ledger_states([ticket]).get(ticket.reference_id)


def get_live_charge(ticket: Ticket) -> Any:
    """Return the ledger's balance of a charged ticket.

    :raises NotCharged: it was voided in the ledger
    """
    balance = read_balance(ticket)
    if not is_live(balance):
        raise NotCharged(f"{ticket} was voided in the ledger: assign it to its driver first, which charges it again.")
    return balance


def refuse_refunded(ticket: Ticket) -> None:
    """:raises TollRefunded: a refund of it has credited its driver"""
    refund = ticket.refunds.filter(state=State.CREDITED).first()
    if refund is not None:
        raise TollRefunded(
            f"{refund} has refunded {ticket}: a supervisor dismisses the refund first.", refund_id=refund.pk
        )


def refuse_borne(tickets: Sequence[Ticket]) -> None:
    """:raises AlreadyBorne: the books have one of them as borne by the fleet"""
    by_reference = {ticket.reference_id: ticket for ticket in tickets}
    for transfer in list_borne(tickets):
        ticket = by_reference[transfer.reference_id]
        raise AlreadyBorne(
            f"The fleet has borne {ticket}, {format_dollars(transfer.amount)}: a supervisor reverses that transfer "
            "first.",
            transfer_id=transfer.pk,
        )


def charge(
    ticket: Ticket,
    *,
    driver_id: int,
    lease_id: int | None,
    vehicle_id: int | None,
    reason: str,
    today: date,
    actor: User | None,
) -> None:
    """Charge a driver, whose account is held, with a ticket that has no live charge; the ticket is saved."""
    balance = read_balance(ticket)
    ticket.driver_id, ticket.lease_id, ticket.vehicle_id = driver_id, lease_id, vehicle_id
    ticket.state, ticket.waits_for = State.CHARGED, Wait.NOTHING
    save_as(ticket, actor, reason=reason)
    ledger.create_obligation(
        category=ticket.kind,
        amount=ticket.amount,
        reference_id=ticket.reference_id,
        driver_id=driver_id,
        lease_id=lease_id,
        vehicle_id=vehicle_id,
        due_on=rules.due_day(today, ticket.due_on),
        effective_on=today,
        description=words.say_ticket(ticket, medallion=read_medallions([ticket]).get(vehicle_id, ""), told_on=today),
        replaces=balance.posting_id if balance else None,
        actor=actor,
    )
    add_fees([ticket], charged_on=today, actor=actor)


def correct(ticket: Ticket, *, amount: Decimal, reason: str, today: date, actor: User | None) -> None:
    """Set what a ticket amounts to, above zero: see :func:`tickets.services.correct_ticket`. The ticket is saved."""
    if ticket.is_refund:
        raise NotChargeable(f"{ticket} is a refund.")
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed.")
    if amount == ticket.amount:
        raise ledger.AmountInvalid(f"{ticket} already amounts to {format_dollars(amount)}.", field="amount")
    refuse_refunded(ticket)
    if ticket.state == State.CHARGED:
        ledger.replace_obligation(
            posting_id=get_live_charge(ticket).posting_id, amount=amount, reason=reason, actor=actor, effective_on=today
        )
    elif ticket.state == State.NOTHING_DUE:
        # Something is due of it after all: a person says of whom.
        match = TicketMatcher().match(ticket)
        ticket.state, ticket.driver_id, ticket.lease_id = State.WAITING, None, None
        ticket.waits_for = match.waits_for or Wait.DRIVER
    ticket.amount = amount
    if ticket.state != State.DISPUTED:
        # What is disputed stays so, since when it was.
        note_decision(ticket, reason)
    save_as(ticket, actor, reason=reason)


def dismiss(ticket: Ticket, *, reason: str, today: date, actor: User | None) -> None:
    """Lay a ticket aside for good: see :func:`tickets.services.dismiss_ticket`. The ticket is saved."""
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed already.")
    refuse_refunded(ticket)
    try:
        void_charge(ticket, reason, today=today, actor=actor)
    except ledger.CreditInUse as used:
        raise ledger.CreditInUse(
            f"{used.message} Void {ticket.reference_id} with them first, on its page in the ledger.", **used.facts
        ) from used
    if ticket.uncharged:
        charge_again(ticket, today=today, actor=actor)
        ticket.uncharged = ZERO
    ticket.state, ticket.waits_for = State.DISMISSED, Wait.NOTHING
    note_decision(ticket, reason)
    save_as(ticket, actor, reason=reason)


def void_charge(ticket: Ticket, reason: str, *, today: date, actor: User | None) -> None:
    """Undo the ticket's charge or credit and its fees, as far as they are live."""
    fees = list(MiscCharge.objects.filter(ticket=ticket))
    states = list_ledger_states([ticket, *fees])
    for balance in states.values():
        if is_live(balance):
            ledger.void_posting(posting_id=balance.posting_id, reason=reason, actor=actor, effective_on=today)
    for fee in fees:
        if is_live(states.get(fee.reference_id)):
            note_void(fee, reason, actor)
