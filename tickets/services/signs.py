"""A row of a statement that may be a charge or a refund, since its sign does not tell: a person does."""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import save_as
from ledger import services as ledger
from ledger.locks import lock_accounts
from tickets.errors import NotWaiting, TicketNotFound
from tickets.models import Ticket, Wait
from tickets.selectors import TicketMatcher
from tickets.services import acts
from tickets.services.posting import credit_refunds, decide, find_refunded, post_charges

#: What waits for this may be turned into the other.
SIGNS = (Wait.SIGN, Wait.REFUND)


@ledger.money_transaction
def settle_sign(*, ticket_id: int, is_charge: bool, reason: str, today: date, actor: User | None) -> Ticket:
    """Say of a ticket in review that it is a charge, or a refund; and charge, or credit, whoever is known for sure.

    A charge that is nobody's for sure waits as any other; a refund waits for its toll.

    :raises TicketNotFound, ReasonRequired: an argument is not what it should be
    :raises NotWaiting: it is not in review for its sign, or is known as a refund already
    """
    reason = check_reason(reason)
    seen = Ticket.objects.filter(pk=ticket_id).first()
    if seen is None:
        raise TicketNotFound(f"No ticket {ticket_id}.", ticket_id=ticket_id)
    _turn(seen, is_charge)
    match = TicketMatcher().match(seen)
    drivers = {match.driver_id} if is_charge and match.driver_id is not None else set()
    if not is_charge:
        seen.waits_for = Wait.NOTHING
        drivers = {toll.driver_id for toll in find_refunded([seen]).values()}
    lock_accounts(drivers)
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    _refuse_known(ticket, is_charge)
    _turn(ticket, is_charge)
    ticket.waits_for = Wait.NOTHING
    decide(ticket, match)
    acts.note_decision(ticket, reason)
    if not is_charge:
        credit_refunds([ticket], drivers, charged_on=today, actor=actor)
    save_as(ticket, actor, reason=reason)
    if is_charge:
        post_charges([ticket], charged_on=today, actor=actor)
    return ticket


def _turn(ticket: Ticket, is_charge: bool) -> None:
    amount = abs(ticket.amount)
    ticket.amount = amount if is_charge else -amount


def _refuse_known(ticket: Ticket, is_charge: bool) -> None:
    """:raises NotWaiting: it is not in review for its sign, or is known as what it is said to be"""
    if ticket.state != Ticket.State.WAITING or ticket.waits_for not in SIGNS:
        raise NotWaiting(f"{ticket} is not in review for its sign.")
    if not is_charge and ticket.waits_for == Wait.REFUND:
        raise NotWaiting(f"{ticket} is known as a refund already.")
