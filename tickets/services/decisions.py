"""What the office decides about one ticket: whose it is, what it amounts to, whether it is charged at all.

The lock order is the ledger's: the accounts of all drivers concerned, then the ticket's row.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import save_as
from core.transactions import bounded_transaction
from leases import selectors as leases
from leases.errors import LeaseMismatch
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.money import parse_amount
from tickets.errors import (
    AlreadyCharged,
    AlreadyFleets,
    NotChargeable,
    NotLaidAside,
    NotWaiting,
    RefundIsFinal,
    TicketDismissed,
    TicketDisputed,
)
from tickets.models import Ticket, Wait
from tickets.selectors import find_wait_before, is_final_refund, is_live
from tickets.services import acts
from tickets.services.posting import post_credits

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
    :raises NotWaiting: nobody has said yet whether it is a charge or a refund
    :raises TollRefunded: its refund has credited its driver
    :raises RefundIsFinal: it is a refund that has been credited
    :raises AlreadyBorne: the books have it as borne by the fleet; that transfer is reversed first
    """
    reason = check_reason(reason) if reason.strip() else ""
    if not Driver.objects.filter(pk=driver_id).exists():
        raise ledger.DriverNotFound(f"No driver {driver_id}.", field="driver_id")
    ticket = acts.lock_ticket(ticket_id, [driver_id])
    if ticket.amount == 0:
        raise NotChargeable(f"Nothing is due of {ticket}.")
    refuse_doubtful_sign(ticket)
    acts.refuse_refunded(ticket)
    acts.refuse_borne([ticket])
    if is_final_refund(ticket):
        raise RefundIsFinal(f"{ticket} was credited before.")
    if is_live(acts.read_balance(ticket)):
        if (ticket.driver_id, ticket.lease_id) == (driver_id, lease_id):
            raise AlreadyCharged(f"{ticket} is already charged to this driver.")
        check_reason(reason)
    vehicle_id = find_cab(ticket, driver_id, lease_id)
    acts.void_charge(ticket, reason, today=today, actor=actor)
    acts.note_decision(ticket, reason or ASSIGNED)
    if not ticket.is_refund:
        acts.charge(
            ticket,
            driver_id=driver_id,
            lease_id=lease_id,
            vehicle_id=vehicle_id,
            reason=reason or ASSIGNED,
            today=today,
            actor=actor,
        )
        return ticket
    ticket.driver_id, ticket.lease_id, ticket.vehicle_id = driver_id, lease_id, vehicle_id
    ticket.state, ticket.waits_for = State.CREDITED, Wait.NOTHING
    save_as(ticket, actor, reason=reason or ASSIGNED)
    post_credits([ticket], charged_on=today, actor=actor)
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
    ticket = acts.lock_ticket(ticket_id)
    acts.correct(ticket, amount=amount, reason=reason, today=today, actor=actor)
    return ticket


@ledger.money_transaction
def dispute_ticket(*, ticket_id: int, reason: str, today: date, actor: User | None) -> Ticket:
    """Hold a ticket while it is disputed: it is not charged, and its driver gets back what was paid of it.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotChargeable: it is a refund, or nothing is due of it
    :raises TicketDisputed, TicketDismissed, AlreadyFleets, TollRefunded: it is not charged anyway
    """
    reason = check_reason(reason)
    ticket = acts.lock_ticket(ticket_id)
    if ticket.amount <= 0:
        raise NotChargeable(f"Nothing is owed of {ticket}.")
    if ticket.state == State.DISPUTED:
        raise TicketDisputed(f"{ticket} is disputed already.")
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed.")
    if ticket.state == State.FLEET_PAYS:
        raise AlreadyFleets(f"The fleet pays {ticket}: no driver is charged.")
    acts.refuse_refunded(ticket)
    acts.void_charge(ticket, reason, today=today, actor=actor)
    ticket.state, ticket.waits_for = State.DISPUTED, Wait.NOTHING
    acts.note_decision(ticket, reason)
    save_as(ticket, actor, reason=reason)
    return ticket


@ledger.money_transaction
def dismiss_ticket(
    *, ticket_id: int, reason: str, waiting_for: Collection[str] | None = None, today: date, actor: User | None
) -> Ticket:
    """Lay a ticket aside for good: nobody owes it, and its driver gets back what was paid of it.

    A refund's credit is taken back, unless it has paid for something; what it had taken off its toll is owed again.
    ``waiting_for`` is given where only what waits for one of these may be dismissed.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotWaiting: it does not wait for one of ``waiting_for``
    :raises TicketDismissed, TollRefunded: it is not charged anyway
    :raises CreditInUse, CreditPaidOut: it is a refund whose money is used
    """
    reason = check_reason(reason)
    ticket = acts.lock_ticket(ticket_id)
    refuse_other_waits(ticket, waiting_for)
    acts.dismiss(ticket, reason=reason, today=today, actor=actor)
    return ticket


@ledger.money_transaction
def let_fleet_pay(*, ticket_id: int, reason: str, today: date, actor: User | None) -> Ticket:
    """Leave a ticket to the fleet: no driver is charged, and whoever was gets back what was paid of it.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotChargeable: it is a refund, or nothing is due of it
    :raises AlreadyFleets, TicketDismissed, TollRefunded: it is not charged anyway
    """
    reason = check_reason(reason)
    ticket = acts.lock_ticket(ticket_id)
    refuse_for_fleet(ticket)
    acts.refuse_refunded(ticket)
    acts.void_charge(ticket, reason, today=today, actor=actor)
    set_fleet_pays(ticket)
    acts.note_decision(ticket, reason)
    save_as(ticket, actor, reason=reason)
    return ticket


@bounded_transaction
def restore_ticket(*, ticket_id: int, reason: str, actor: User | None) -> Ticket:
    """Put a ticket that was laid aside back in the review queue: it waits again, is nobody's, and nothing is charged.

    What waited when it was laid aside waits for the same again. What was charged waits for a person to say whose it is:
    it is not matched by itself, since somebody doubted that before.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotLaidAside: it is not disputed, dismissed or left to the fleet
    :raises NotChargeable: nothing is due of it
    :raises RefundIsFinal: it is a refund that was credited before
    :raises AlreadyBorne: the books have it as borne by the fleet; that transfer is reversed first
    """
    reason = check_reason(reason)
    ticket = acts.lock_ticket(ticket_id)
    if ticket.state not in Ticket.LAID_ASIDE:
        raise NotLaidAside(f"{ticket} was not laid aside: {ticket.get_state_display().lower()}.")
    if ticket.amount == 0:
        raise NotChargeable(f"Nothing is due of {ticket}.")
    if is_final_refund(ticket):
        raise RefundIsFinal(f"{ticket} was credited before.")
    acts.refuse_borne([ticket])
    ticket.state, ticket.waits_for = State.WAITING, find_wait_before(ticket)
    ticket.driver_id = ticket.lease_id = None
    acts.note_decision(ticket, reason)
    save_as(ticket, actor, reason=reason)
    return ticket


def refuse_doubtful_sign(ticket: Ticket) -> None:
    """:raises NotWaiting: nobody has said yet whether it is a charge or a refund"""
    if ticket.waits_for == Wait.SIGN:
        raise NotWaiting(f"{ticket} may be a charge or a refund: say on its page which it is.")


def refuse_for_fleet(ticket: Ticket) -> None:
    """:raises NotChargeable, AlreadyFleets, TicketDismissed, NotWaiting: the fleet has nothing to pay of it"""
    refuse_doubtful_sign(ticket)
    if ticket.amount <= 0:
        raise NotChargeable(f"Nothing is owed of {ticket}.")
    if ticket.state == State.FLEET_PAYS:
        raise AlreadyFleets(f"The fleet pays {ticket} already.")
    if ticket.state == State.DISMISSED:
        raise TicketDismissed(f"{ticket} is dismissed.")


def set_fleet_pays(ticket: Ticket) -> None:
    """Set on a ticket that the fleet pays it; not saved."""
    ticket.state, ticket.waits_for = State.FLEET_PAYS, Wait.NOTHING
    ticket.driver_id = ticket.lease_id = None


def refuse_other_waits(ticket: Ticket, waiting_for: Collection[str] | None) -> None:
    """:raises NotWaiting: only what waits for one of these may be acted on, and it does not"""
    if waiting_for is None:
        return
    if ticket.state != State.WAITING:
        raise NotWaiting(f"{ticket} is not in review: {ticket.get_state_display().lower()}.")
    if ticket.waits_for not in waiting_for:
        raise NotWaiting(f"{ticket} is not yours to dismiss: ask a supervisor.")


def find_cab(ticket: Ticket, driver_id: int, lease_id: int | None) -> int | None:
    """Return the cab that the charge names: the ticket's, or else the lease's.

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
