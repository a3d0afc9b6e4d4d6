"""What pages and services ask about tickets."""

from tickets.selectors.candidates import Candidate, list_candidates, list_candidates_of
from tickets.selectors.changes import (
    ChangeAct,
    count_changes,
    count_changes_by_kind,
    list_change_acts,
    list_changes,
    list_changes_of,
    match_if_due,
)
from tickets.selectors.due import count_due, find_answer_day, list_due
from tickets.selectors.matching import Match, Sought, TicketMatcher
from tickets.selectors.own_leases import find_own_lease
from tickets.selectors.queue import QueueFilter, count_waiting_by_reason, list_waiting
from tickets.selectors.reads import (
    count_by_state,
    count_parts,
    count_waiting,
    find_import,
    find_ticket_by_reference,
    is_live,
    list_borne,
    list_decided,
    list_import_rows,
    list_last_imports,
    list_ledger_states,
    list_received_imports,
    list_tickets,
    list_unfinished_imports,
)

__all__ = [
    "Candidate",
    "ChangeAct",
    "Match",
    "QueueFilter",
    "Sought",
    "TicketMatcher",
    "count_by_state",
    "count_changes",
    "count_changes_by_kind",
    "count_due",
    "count_parts",
    "count_waiting",
    "count_waiting_by_reason",
    "find_answer_day",
    "find_import",
    "find_own_lease",
    "find_ticket_by_reference",
    "is_live",
    "list_borne",
    "list_candidates",
    "list_candidates_of",
    "list_change_acts",
    "list_changes",
    "list_changes_of",
    "list_decided",
    "list_due",
    "list_import_rows",
    "list_last_imports",
    "list_ledger_states",
    "list_received_imports",
    "list_tickets",
    "list_unfinished_imports",
    "list_waiting",
    "match_if_due",
]
