"""Tickets at the office's desk: files in, the review queue, each ticket with its acts, miscellaneous charges."""

from tickets.admin.lists import charge_types, charges, imports, tickets  # noqa: F401  (they register their pages)
