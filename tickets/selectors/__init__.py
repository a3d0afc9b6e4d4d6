"""What pages and services ask about tickets."""

from tickets.selectors.matching import Match, Sought, SoughtRow, TicketMatcher, sought_of
from tickets.selectors.reads import (
    Candidate,
    count_waiting,
    find_import,
    find_ticket_by_reference,
    is_live,
    list_candidates,
    list_import_rows,
    list_ledger_states,
    list_tickets,
    list_unfinished_imports,
    list_waiting,
)

__all__ = [
    "Candidate",
    "Match",
    "Sought",
    "SoughtRow",
    "TicketMatcher",
    "count_waiting",
    "find_import",
    "find_ticket_by_reference",
    "is_live",
    "list_candidates",
    "list_import_rows",
    "list_ledger_states",
    "list_tickets",
    "list_unfinished_imports",
    "list_waiting",
    "sought_of",
]
