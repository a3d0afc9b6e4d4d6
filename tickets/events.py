"""Facts of tickets; triggers of their tables tell them (``tickets/sql``)."""

from core.events import register_kinds

register_kinds(
    {
        "ticket_assigned": "A ticket was charged or credited to its driver",
        "ticket_corrected": "A ticket's amount was corrected",
        "ticket_dismissed": "A ticket was dismissed",
        "ticket_disputed": "A ticket was disputed, and is charged no more",
        "ticket_file_imported": "A file of tickets was imported",
        "ticket_fleet_pays": "A ticket is the fleet's to pay",
        "ticket_nothing_due": "Nothing is due on a ticket",
        "ticket_to_review": "A ticket waits for a person again",
    }
)
