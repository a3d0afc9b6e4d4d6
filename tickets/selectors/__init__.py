"""What pages and services ask about tickets."""

from tickets.selectors.candidates import Candidate, list_candidates, list_candidates_of
from tickets.selectors.matching import Match, Sought, TicketMatcher
from tickets.selectors.reads import (
    count_parts,
    count_waiting,
    find_import,
    find_ticket_by_reference,
    is_live,
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
    "TicketMatcher",
    "count_parts",
    "count_waiting",
    "find_import",
    "find_ticket_by_reference",
    "is_live",
    "list_candidates",
    "list_candidates_of",
    "list_import_rows",
    "list_ledger_states",
    "list_tickets",
    "list_unfinished_imports",
    "list_waiting",
]
