"""What pages and services ask about tickets."""

from tickets.selectors.candidates import Candidate, list_candidates, list_candidates_of
from tickets.selectors.changes import (
    ChangeAct,
    count_changes,
    count_changes_by_kind,
    find_open_change,
    list_change_acts,
    list_changes,
    list_changes_of,
    match_if_due,
)
from tickets.selectors.matching import Match, Sought, TicketMatcher
from tickets.selectors.reads import (
    count_parts,
    count_waiting,
    find_import,
    find_ticket_by_reference,
    is_live,
    list_borne,
    list_import_rows,
    list_ledger_states,
    list_received_imports,
    list_tickets,
    list_unfinished_imports,
    list_waiting,
)

__all__ = [
    "Candidate",
    "ChangeAct",
    "Match",
    "Sought",
    "TicketMatcher",
    "count_changes",
    "count_changes_by_kind",
    "count_parts",
    "count_waiting",
    "find_import",
    "find_open_change",
    "find_ticket_by_reference",
    "is_live",
    "list_borne",
    "list_candidates",
    "list_candidates_of",
    "list_change_acts",
    "list_changes",
    "list_changes_of",
    "list_import_rows",
    "list_ledger_states",
    "list_received_imports",
    "list_tickets",
    "list_unfinished_imports",
    "list_waiting",
    "match_if_due",
]
