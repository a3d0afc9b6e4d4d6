"""The review queue matched anew: a plate, a tag or a lease entered later may tell whose a ticket is."""

from datetime import date

from django.contrib.auth.models import User

from core.history import update_all_as
from core.lots import split
from ledger import services as ledger
from ledger.locks import lock_accounts
from tickets.models import Ticket
from tickets.selectors import TicketMatcher
from tickets.services.posting import credit_refunds, decide, find_refunded, post_charges

TICKETS_IN_A_LOT = 2_000
ROWS_IN_AN_UPDATE = 500
_CHANGED = ["state", "waits_for", "vehicle", "driver", "lease", "trip", "refund_of", "uncharged"]
_WHY = "Rematched"


def rematch_waiting(*, today: date, actor: User | None = None) -> int:
    """Rematch all that waits in review, and charge on ``today`` what has one driver now; return how many.

    What waits for a person's judgment (the congestion zone) stays. Refunds come last, since their tolls may be charged
    just now. Each lot is a transaction of its own.
    """
    settled, matcher = 0, TicketMatcher()
    for refunds in (False, True):
        last = 0
        while lot := _read_lot(last, refunds):
            settled += rematch_tickets(ticket_ids=lot, today=today, actor=actor, matcher=matcher)
            last = lot[-1]
    return settled


@ledger.money_transaction
def rematch_tickets(
    *, ticket_ids: list[int], today: date, actor: User | None = None, matcher: TicketMatcher | None = None
) -> int:
    """Rematch these of the waiting tickets, and charge what has one driver now; return how many.

    ``matcher`` is that of a round of several lots.
    """
    matcher = matcher or TicketMatcher()
    seen = list(Ticket.objects.rematchable().filter(pk__among=ticket_ids).order_by("pk"))
    matches = {ticket.pk: match for ticket, match in zip(seen, matcher.match_all(seen), strict=True)}
    drivers = {match.driver_id for match in matches.values() if match.driver_id is not None}
    drivers |= {toll.driver_id for toll in find_refunded([ticket for ticket in seen if ticket.is_refund]).values()}
    lock_accounts(drivers)
    tickets = list(Ticket.objects.rematchable().filter(pk__in=matches).order_by("pk").select_for_update())
    before = {ticket.pk: _facts_of(ticket) for ticket in tickets}
    for ticket in tickets:
        decide(ticket, matches[ticket.pk])
    refunds = [ticket for ticket in tickets if ticket.is_refund]
    credited = credit_refunds(refunds, drivers, charged_on=today, actor=actor)
    charged = post_charges(tickets, charged_on=today, actor=actor)
    changed = [ticket for ticket in tickets if before[ticket.pk] != _facts_of(ticket)]
    for lot in split(changed, ROWS_IN_AN_UPDATE):
        update_all_as(lot, _CHANGED, actor, reason=_WHY)
    return charged + len(credited)


def _facts_of(ticket: Ticket) -> tuple[str, str, int | None, int | None]:
    return ticket.state, ticket.waits_for, ticket.vehicle_id, ticket.trip_id


def _read_lot(after: int, refunds: bool) -> list[int]:
    waiting = Ticket.objects.rematchable().filter(pk__gt=after)
    waiting = waiting.filter(amount__lt=0) if refunds else waiting.filter(amount__gt=0)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:TICKETS_IN_A_LOT])
