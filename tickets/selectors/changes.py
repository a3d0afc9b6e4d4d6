"""What documents tell otherwise than before, and what may be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet

from ledger.money import ZERO
from tickets.models import FOR_A_PERSON, ChangeKind, Ticket, TicketChange, Wait
from tickets.selectors.matching import Match, TicketMatcher

Act = TicketChange.Act
State = Ticket.State

#: States in which somebody owes the ticket, or may come to owe it.
_OWING = (State.WAITING, State.CHARGED, State.DISPUTED)


@dataclass(frozen=True, slots=True)
class ChangeAct:
    """What may be done about a change, and the dollars that the ticket amounts to then; None: as before."""

    act: str
    amount: Decimal | None = None


def list_changes(*, kind: str = "") -> QuerySet[TicketChange]:
    """Return the changes that nobody has decided, oldest first, of one kind if it is named."""
    changes = TicketChange.objects.undecided().select_related("ticket__driver", "ticket__vehicle", "file")
    return (changes.filter(kind=kind) if kind else changes).order_by("id")


def list_changes_of(ticket: Ticket) -> QuerySet[TicketChange]:
    """Return all that was ever told otherwise of a ticket, newest first."""
    return ticket.changes.select_related("file", "decided_by").order_by("-id")


def count_changes_by_kind() -> dict[str, int]:
    """Return how many changes nobody has decided, by kind; each kind is there."""
    counted = TicketChange.objects.undecided().order_by().values("kind").annotate(count=Count("pk"))
    found = {row["kind"]: row["count"] for row in counted}
    return {kind: found.get(kind, 0) for kind in ChangeKind.values}


def count_changes() -> int:
    """Return how many changes nobody has decided."""
    return TicketChange.objects.undecided().count()


def list_change_acts(change: TicketChange) -> Sequence[ChangeAct]:
    """Return what fits a change as its ticket stands now, the most fitting first; none once it is decided.

    A driver owes what is due by the document, and what the fleet has paid of it before.
    """
    ticket = change.ticket
    if change.decided_at is not None:
        return []
    leave = ChangeAct(Act.LEAVE)
    dismiss = [] if ticket.state == State.DISMISSED else [ChangeAct(Act.DISMISS)]
    if ticket.is_refund or ticket.state == State.CREDITED:
        return [*dismiss, leave]
    due = max(change.now_total - change.now_paid + _sum_fleet_paid(change), ZERO)
    owed = ticket.amount if ticket.state in _OWING else ZERO
    if change.kind == ChangeKind.PAID and change.now_total > 0:
        by_fleet = ChangeAct(Act.FLEET_PAID, change.now_total)
        by_driver = [ChangeAct(Act.DRIVER_PAID, due)] if owed else []
        return [by_fleet, *by_driver, *dismiss, leave]
    if due > owed:
        return [ChangeAct(Act.CHARGE_REST, due), *dismiss, leave]
    if 0 < due < owed:
        return [ChangeAct(Act.REDUCE, due), *dismiss, leave]
    return [*dismiss, leave] if due == 0 else [leave, *dismiss]


def match_if_due(ticket: Ticket) -> Match:
    """Return whose a ticket is if it is charged now: whoever it was charged to, or who is found for sure."""
    if ticket.driver_id is not None:
        return Match(Wait.NOTHING, ticket.vehicle_id, ticket.lease_id, ticket.driver_id, trip_id=ticket.trip_id)
    match = TicketMatcher().match(ticket)
    if ticket.state == State.WAITING and ticket.waits_for in FOR_A_PERSON:
        return Match(Wait(ticket.waits_for), match.vehicle_id, trip_id=match.trip_id)
    return match


def _sum_fleet_paid(change: TicketChange) -> Decimal:
    """What the fleet has paid of it, as a person last said."""
    last = change.ticket.changes.filter(act=Act.FLEET_PAID).order_by("-pk").first()
    return last.now_paid if last else ZERO
