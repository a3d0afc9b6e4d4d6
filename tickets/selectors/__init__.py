"""What pages and services ask about tickets."""

from tickets.selectors.matching import Match, Sought, TicketMatcher
from tickets.selectors.reads import (
    Candidate,
    find_charged_balance,
    find_import,
    is_live,
    list_candidates,
    list_import_rows,
    list_ledger_states,
    list_tickets,
    list_waiting,
)

__all__ = [
    "Candidate",
    "Match",
    "Sought",
    "TicketMatcher",
    "find_charged_balance",
    "find_import",
    "is_live",
    "list_candidates",
    "list_import_rows",
    "list_ledger_states",
    "list_tickets",
    "list_waiting",
]
