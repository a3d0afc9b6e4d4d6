"""What the office decides about one ticket: whose it is, what it amounts to, whether it is charged at all.

The lock order is the ledger's: the accounts of all drivers concerned, then the ticket's row.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import save_as
from leases import selectors as leases
from leases.errors import LeaseMismatch
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.money import ZERO, format_dollars, parse_amount
from tickets import rules, words
from tickets.errors import (
    AlreadyCharged,
    NotChargeable,
    NotCharged,
    RefundIsFinal,
    TicketChanged,
    TicketDismissed,
    TicketDisputed,
    TicketNotFound,
    TollRefunded,
)
from tickets.models import MiscCharge, Ticket, Wait
from tickets.selectors import TicketMatcher, is_live, list_ledger_states
from tickets.services.charges import note_void
from tickets.services.posting import add_fees, charge_again, post_credits, read_medallions

State = Ticket.State

#: Why the history says a ticket changed where its first driver was found and nobody had to say more.
ASSIGNED = "Assigned"


@ledger.money_transaction
def assign_ticket(
    *,
    ticket_id: int,
    driver_id: int,
    lease_id: int | None = None,
    reason: str = "",
    today: date,
    actor: User | None,
) -> Ticket:
    """Assign a ticket to a driver, and charge the driver (or credit, where it is a refund).

    One that is charged already is taken from its driver, who gets back what was paid of it, and charged to the new
    one; both or neither. One that was disputed, dismissed, or voided in the ledger is charged again. It is due the
    Saturday of the week of ``today``, unless its document states another day.

    :raises TicketNotFound, DriverNotFound: no such ticket or driver
    :raises ReasonRequired: it is charged to another driver, and no reason is given
    :raises ValueInvalid: the reason is longer than 500 characters, or holds what can't be seen
    :raises AlreadyCharged: to this very driver, on this lease
    :raises LeaseMismatch: the driver was not on that lease when it happened
    :raises NotChargeable: nothing is due of it
    :raises TollRefunded: its refund has credited its driver
    :raises RefundIsFinal: it is a refund that has been credited
    """
    reason = check_reason(reason) if reason.strip() else ""
    if not Driver.objects.filter(pk=driver_id).exists():
        raise ledger.DriverNotFound(f"No driver {driver_id}.", field="driver_id")
    ticket = lock_ticket(ticket_id, [driver_id])
    if ticket.amount == 0:
        raise NotChargeable(f"Nothing is due of {ticket}.")
    _refuse_refunded(ticket)
    balance = _read_balance(ticket)
    if ticket.is_refund and (balance is not None or ticket.refund_of_id is not None):
        raise RefundIsFinal(f"{ticket} was credited before.")
    if is_live(balance):
        if (ticket.driver_id, ticket.lease_id) == (driver_id, lease_id):
            raise AlreadyCharged(f"{ticket} is already charged to this driver.")
        check_reason(reason)
    vehicle_id = _check_lease(ticket, driver_id, lease_id)
    _void(ticket, reason, today=today, actor=actor)
    ticket.driver_id, ticket.lease_id, ticket.vehicle_id = driver_id, lease_id, vehicle_id
    ticket.state, ticket.waits_for = (State.CREDITED if ticket.is_refund else State.CHARGED), Wait.NOTHING
    save_as(ticket, actor, reason=reason or ASSIGNED)
    if ticket.is_refund:
        post_credits([ticket], charged_on=today, actor=actor)
        return ticket
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
    return ticket


@ledger.money_transaction
def correct_ticket(*, ticket_id: int, amount: Decimal, reason: str, today: date, actor: User | None) -> Ticket:
    """Set what a ticket amounts to, above zero. What was paid of it stays on it; only the excess is free again.

    :raises TicketNotFound, ReasonRequired, AmountInvalid: an argument is not what it should be
    :raises NotChargeable: it is a refund
    :raises NotCharged: it was voided in the ledger; charge it again first
    :raises TicketDismissed, TollRefunded: it is not owed any more
    """
    amount = parse_amount(amount)
    reason = check_reason(reason)
    ticket = lock_ticket(ticket_id)
    if ticket.is_refund:
        raise NotChargeable(f"{ticket} is a refund.")
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed.")
    if amount == ticket.amount:
        raise ledger.AmountInvalid(f"{ticket} already amounts to {format_dollars(amount)}.", field="amount")
    _refuse_refunded(ticket)
    if ticket.state == State.CHARGED:
        balance = _read_balance(ticket)
        if balance is None or not is_live(balance):
            raise NotCharged(
                f"{ticket} was voided in the ledger: assign it to its driver first, which charges it again."
            )
        ledger.replace_obligation(
            posting_id=balance.posting_id, amount=amount, reason=reason, actor=actor, effective_on=today
        )
    elif ticket.state == State.NOTHING_DUE:
        # Something is due of it after all: a person says of whom.
        match = TicketMatcher().match(ticket)
        ticket.state, ticket.driver_id, ticket.lease_id = State.WAITING, None, None
        ticket.waits_for = match.waits_for or Wait.DRIVER
    ticket.amount = amount
    save_as(ticket, actor, reason=reason)
    return ticket


@ledger.money_transaction
def dispute_ticket(*, ticket_id: int, reason: str, today: date, actor: User | None) -> Ticket:
    """Hold a ticket while it is disputed: it is not charged, and its driver gets back what was paid of it.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotChargeable: it is a refund, or nothing is due of it
    :raises TicketDisputed, TicketDismissed, TollRefunded: it is not charged anyway
    """
    reason = check_reason(reason)
    ticket = lock_ticket(ticket_id)
    if ticket.amount <= 0:
        raise NotChargeable(f"Nothing is owed of {ticket}.")
    if ticket.state == State.DISPUTED:
        raise TicketDisputed(f"{ticket} is disputed already.")
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed.")
    _refuse_refunded(ticket)
    _void(ticket, reason, today=today, actor=actor)
    ticket.state, ticket.waits_for = State.DISPUTED, Wait.NOTHING
    save_as(ticket, actor, reason=reason)
    return ticket


@ledger.money_transaction
def dismiss_ticket(*, ticket_id: int, reason: str, today: date, actor: User | None) -> Ticket:
    """Lay a ticket aside for good: nobody owes it, and its driver gets back what was paid of it.

    A refund's credit is taken back, unless it has paid for something; what it had taken off its toll is owed again.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises TicketDismissed, TollRefunded: it is not charged anyway
    :raises CreditInUse, CreditPaidOut: it is a refund whose money is used
    """
    reason = check_reason(reason)
    ticket = lock_ticket(ticket_id)
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed already.")
    _refuse_refunded(ticket)
    try:
        _void(ticket, reason, today=today, actor=actor)
    except ledger.CreditInUse as used:
        raise ledger.CreditInUse(
            f"{used.message} Void {ticket.reference_id} with them first, on its page in the ledger.", **used.facts
        ) from used
    if ticket.uncharged:
        charge_again(ticket, today=today, actor=actor)
        ticket.uncharged = ZERO
    ticket.state, ticket.waits_for = State.DISMISSED, Wait.NOTHING
    save_as(ticket, actor, reason=reason)
    return ticket


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


def _read_balance(ticket: Ticket) -> Any:
    """The ledger's last word about the ticket: its live balance, or the one voided last."""
    return list_ledger_states([ticket]).get(ticket.reference_id)


def _void(ticket: Ticket, reason: str, *, today: date, actor: User | None) -> None:
    """Undo the ticket's charge or credit and its fees, as far as they are live."""
    fees = list(MiscCharge.objects.filter(ticket=ticket))
    states = list_ledger_states([ticket, *fees])
    for balance in states.values():
        if is_live(balance):
            ledger.void_posting(posting_id=balance.posting_id, reason=reason, actor=actor, effective_on=today)
    for fee in fees:
        if is_live(states.get(fee.reference_id)):
            note_void(fee, reason, actor)


def _refuse_refunded(ticket: Ticket) -> None:
    refund = ticket.refunds.filter(state=State.CREDITED).first()
    if refund is not None:
        raise TollRefunded(
            f"{refund} has refunded {ticket}: a supervisor dismisses the refund first.", refund_id=refund.pk
        )


def _check_lease(ticket: Ticket, driver_id: int, lease_id: int | None) -> int | None:
    """The cab that the charge names: the ticket's, or else the lease's.

    Refuses a lease that the driver was not on at that time, and one that never had the cab.
    """
    if lease_id is None:
        return ticket.vehicle_id
    lease = Lease.objects.filter(pk=lease_id).first()
    if lease is None:
        raise LeaseMismatch(f"No lease {lease_id}.")
    if not leases.was_driver_on(lease, driver_id, from_at=ticket.at, to_at=ticket.at_latest):
        raise LeaseMismatch(f"The driver was not on lease {lease_id} when it happened.")
    if ticket.vehicle_id is None:
        return lease.vehicle_id
    if not lease.vehicle_spans.filter(vehicle_id=ticket.vehicle_id).exists():
        raise LeaseMismatch(f"Lease {lease_id} never had cab {ticket.vehicle}.")
    return ticket.vehicle_id
