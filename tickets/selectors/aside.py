"""What was laid aside (disputed, dismissed, left to the fleet), and how it would stand if it were put back."""

from tickets.models import Ticket, Wait
from tickets.selectors.reads import list_ledger_states


def find_wait_before(ticket: Ticket) -> Wait:
    """Return what a ticket that was laid aside waited for before; a person, where it did not wait then."""
    before = ticket.history.exclude(state__in=Ticket.LAID_ASIDE).order_by("-history_date", "-history_id").first()
    waited = before is not None and before.state == Ticket.State.WAITING
    return Wait(before.waits_for) if waited else Wait.RESTORED


def is_final_refund(ticket: Ticket) -> bool:
    """Whether it is a refund that was credited once, and so never is again."""
    return ticket.is_refund and (ticket.refund_of_id is not None or bool(list_ledger_states([ticket])))


def may_be_restored(ticket: Ticket) -> bool:
    """Whether it was laid aside and something is to be decided of it again."""
    return ticket.state in Ticket.LAID_ASIDE and ticket.amount != 0 and not is_final_refund(ticket)
