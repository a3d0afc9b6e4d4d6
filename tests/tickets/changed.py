"""Violations that come again with other sums, and what is decided about them."""

from typing import Any

from django.contrib.auth.models import User

from tests.tickets.files import HOW, PVB_HEAD, bring_in, summed_violation, text, ticket_of
from tickets import selectors, services
from tickets.models import TicketChange

NOT_GUILTY: dict[str, Any] = {"money": "40.00,0.00,0.00,40.00,0.00", "due": "0.00", "status": "HEARING HELD-NOT GUILTY"}
REDUCED: dict[str, Any] = {"money": "40.00,0.00,0.00,15.00,0.00", "due": "25.00"}
PENALTY: dict[str, Any] = {"money": "40.00,10.00,2.50,0.00,0.00", "due": "52.50"}
PAID: dict[str, Any] = {"money": "40.00,0.00,0.00,0.00,40.00", "due": "0.00"}
PART_PAID: dict[str, Any] = {"money": "40.00,0.00,0.00,0.00,30.00", "due": "10.00"}


def tell(number: int = 7001, plate: str = "T100001C", **facts: Any) -> None:
    """Bring in a file that tells one violation."""
    bring_in(text(PVB_HEAD, [summed_violation(number, plate, **facts)]), "pvb")


def change_of(number: int = 7001) -> TicketChange:
    change = TicketChange.objects.undecided().filter(ticket=ticket_of(number)).first()
    assert change is not None
    return change


def acts_of(number: int = 7001) -> dict[str, str | None]:
    """What is offered about the open change: the act, and the dollars owed then."""
    acts = selectors.list_change_acts(change_of(number))
    return {act.act: None if act.amount is None else str(act.amount) for act in acts}


def decide(act: str, number: int = 7001, *, reason: str = "Letter", actor: User | None = None) -> TicketChange:
    return services.decide_change(
        change_id=change_of(number).pk, act=act, reason=reason, today=HOW["today"], actor=actor
    )
